"""What somebody may do with the bot."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody may do: an editor drafts announcements, an admin sends them too, an owner gives roles."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
