"""Which Telegram ids may be a person's, and which a group's (pure).

Bots and Telegram itself have ids like people's, and some of these stand for others: to make GroupAnonymousBot an admin
would make an admin of every anonymous admin of every group in the world.
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
    """Return whether this is the id of somebody who may have a role or be let in."""
    return 0 < user_id <= LARGEST_ID and user_id not in ACCOUNTS_OF_TELEGRAM


def is_group(chat_id: int) -> bool:
    """Return whether this can be the id of a group or a channel."""
    return -LARGEST_ID <= chat_id < 0


def foreign_ids(ids: Iterable[int], *, groups: bool) -> list[str]:
    """Return the ids that are not a person's (nor, if `groups` are allowed, a group's), as texts for an operator."""
    wrong = [id_ for id_ in ids if not (is_person(id_) or (groups and is_group(id_)))]
    return [f"{id_} ({ACCOUNTS_OF_TELEGRAM[id_]})" if id_ in ACCOUNTS_OF_TELEGRAM else str(id_) for id_ in wrong]
