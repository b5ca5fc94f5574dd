"""The commands and buttons of announcements."""
