"""Feeds of the web: when each is looked at, what a look brings, and how each is."""
