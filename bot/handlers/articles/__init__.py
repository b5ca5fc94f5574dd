"""What readers look up: articles by their time, their category, their words and their story."""
