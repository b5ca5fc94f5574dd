"""Feeds: found, added, looked at when they are due, and what is known of their health."""
