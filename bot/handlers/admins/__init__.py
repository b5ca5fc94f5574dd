"""The commands and buttons of admins and owners."""
