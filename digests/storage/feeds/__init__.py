"""Feeds: as they are configured, as they were looked at, and as lists of them."""
