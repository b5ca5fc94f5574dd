"""Telling admins that something is wrong, and that it is over (pure)."""
