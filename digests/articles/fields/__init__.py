"""What the fields of a post say, apart from its date, picture and summary (pure)."""
