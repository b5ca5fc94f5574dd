"""Which Telegram ids are a person's, and which a group's (pure).

Bots and Telegram itself have ids like people's. Some stand in for others: whoever is made an admin as
GroupAnonymousBot is every anonymous admin of every group in the world.
"""

from __future__ import annotations

from collections.abc import Iterable

LARGEST_ID = 1 << 52
"""Telegram's ids have at most 52 significant bits."""
ACCOUNTS_OF_TELEGRAM: dict[int, str] = {
    777000: "Telegram",
    1087968824: "GroupAnonymousBot",
    136817688: "Channel_Bot",
    1271266957: "replies",
    5434988373: "GroupAntiSpamBot",
}


def is_person(user_id: int) -> bool:
    """Return whether somebody of this id may have a role or be let in."""
    return 0 < user_id <= LARGEST_ID and user_id not in ACCOUNTS_OF_TELEGRAM


def is_group(chat_id: int) -> bool:
    """Return whether this can be the id of a group or a channel."""
    return -LARGEST_ID <= chat_id < 0


def strangers_of(ids: Iterable[int], *, groups: bool) -> list[str]:
    """Name those of the ids that are no person's (nor, where `groups` may be among them, a group's)."""
    wrong = [one for one in ids if not (is_person(one) or (groups and is_group(one)))]
    return [f"{one} ({ACCOUNTS_OF_TELEGRAM[one]})" if one in ACCOUNTS_OF_TELEGRAM else str(one) for one in wrong]
