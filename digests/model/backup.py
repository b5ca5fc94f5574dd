"""Facts about backups."""

from __future__ import annotations

LAST_BACKUP = "last backup"
"""The name of the fact that a backup was made and checked: when, and as what."""
