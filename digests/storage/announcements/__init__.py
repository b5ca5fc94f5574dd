"""Announcements as they are stored, with their rows in the ledger and the changes of their copies."""
