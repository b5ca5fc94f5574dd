"""Roles: what a person may do with the bot."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do: an editor drafts announcements, an admin sends them too, an owner also grants roles."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
