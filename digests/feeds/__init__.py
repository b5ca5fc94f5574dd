"""Feeds of the web: adding and finding them, looking at them, and how they are."""
