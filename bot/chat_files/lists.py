"""Lists of subscriptions in files that people send: an export of theirs, or one that they wrote (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.chat_files.fields import CategoryNames, read_category, read_list
from bot.chat_files.wishes import MOST_WISHES, WishLine, read_wishes

MOST_CATEGORIES = 1000


@dataclass(frozen=True, slots=True)
class SubscriptionList:
    """What a file asks for: categories as people write them or as the names on the way to them, and wishes."""

    categories: tuple[str | CategoryNames, ...]
    wishes: tuple[WishLine, ...]


def read_subscription_list(content: bytes) -> SubscriptionList:
    """Return what a JSON file asks for.

    It is what /export sends, of which each chat counts; an object with `categories` or `wishes`; or a list of
    categories.

    Raises:
        ValueError: It is no such file, or has something in it that can't be read.
    """
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        raise ValueError("it is not JSON") from None
    parts = list(_parts(value))
    categories = dict.fromkeys(
        read_category(category) for part in parts for category in read_list(part.get("categories", []))
    )
    wishes: dict[WishLine, None] = {}
    for part in parts:
        wishes |= dict.fromkeys(read_wishes(part.get("wishes", [])))
        if len(wishes) > MOST_WISHES:
            raise ValueError(f"it has more than {MOST_WISHES:,} wishes")
    if not categories and not wishes:
        raise ValueError("it has neither categories nor wishes")
    if len(categories) > MOST_CATEGORIES:
        raise ValueError(f"it has more than {MOST_CATEGORIES:,} categories")
    return SubscriptionList(tuple(categories), tuple(wishes))


def _parts(value: object) -> Iterable[dict[str, Any]]:
    """Yield the objects in which categories and wishes are."""
    if isinstance(value, list):
        yield {"categories": value}
    elif isinstance(value, dict):
        yield value
        chats = value.get("chats", [])
        yield from (chat for chat in chats if isinstance(chat, dict)) if isinstance(chats, list) else ()
    else:
        raise ValueError("it is neither a list nor an object")
