"""Roles: what a person may do with the bot."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do: an editor drafts announcements, an admin sends them too, an owner also grants roles.

    Each may do all that those below it may.
    """

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"


def is_at_least(role: Role | None, needed: Role | None) -> bool:
    """Return whether somebody with this role may do what needs the other; None is a reader's."""
    if needed is None or role is None:
        return needed is None
    order = list(Role)
    return order.index(role) <= order.index(needed)
