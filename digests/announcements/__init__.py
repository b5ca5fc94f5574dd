"""Announcements: sent to their audience, kept going, edited and taken back."""
