"""Chats as lines with a JSON object each, as `digestbot chats export` writes and `import` reads them (pure)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.chat_files.fields import (
    SETTINGS,
    CategoryNames,
    kind_of,
    quoted,
    read_category,
    read_kind,
    read_list,
    read_state,
    read_whole,
    text_reader,
)
from bot.chat_files.wishes import WishLine, read_wishes, wish_fields
from bot.text.moments import iso
from config.accounts import ACCOUNTS_OF_TELEGRAM, LARGEST_ID
from config.settings import Settings
from digests.errors import InvalidInput
from digests.model.category_tree import SEPARATOR, Category, CategoryTree
from digests.model.digest import DigestOrder
from digests.model.layout import Layout
from digests.model.place import EVERY_DAY, Place, PlaceKind, PlaceState, layouts_for, usable_layout
from digests.model.wish import Matter, Wish

_MOST_NAMED = 20
_LARGEST_TOPIC = 2**31
_RECENTLY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A chat as its line describes it, checked.

    `settings` are the fields of a place that the line sets. `categories` are paths, or names as people write them, and
    `topic_of` is such a category or empty. `saved` are the addresses of the articles that its person saved.
    """

    chat_id: int
    thread_id: int
    kind: PlaceKind
    state: PlaceState | None
    settings: Mapping[str, Any]
    categories: tuple[str | CategoryNames, ...]
    wishes: tuple[WishLine, ...] = ()
    topic_of: str | CategoryNames = ()
    saved: tuple[str, ...] = ()

    @property
    def named(self) -> frozenset[str | CategoryNames]:
        """All categories that the line names."""
        wished = [wish.about for wish in self.wishes if wish.matter is Matter.CATEGORY]
        return frozenset([*self.categories, *wished, *([self.topic_of] if self.topic_of else [])])


def read_lines(text: str, name: str) -> list[ChatLine]:
    """Return the chats of a file.

    Raises:
        InvalidInput: naming all lines that are wrong, and what is wrong with each.
    """
    read: dict[tuple[int, int], tuple[int, ChatLine]] = {}
    wrong: list[str] = []
    # Not `splitlines`: a text in a line may contain other characters that Unicode counts as line breaks.
    for number, raw in enumerate(text.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            line = _line(_parsed(raw))
            before, _ = read.setdefault((line.chat_id, line.thread_id), (number, line))
            if before != number:
                raise ValueError(f"is about the same chat as line {before}")
        except ValueError as error:
            wrong.append(f"  {name}, line {number}: {error}")
    if wrong:
        more = [f"  … and {len(wrong) - _MOST_NAMED:,} more"] if len(wrong) > _MOST_NAMED else []
        raise InvalidInput("\n".join(["Nothing was imported; fix these lines:", *wrong[:_MOST_NAMED], *more]))
    return [line for _, line in read.values()]


def defaults_of(settings: Settings, kind: PlaceKind) -> dict[str, Any]:
    """Return the settings of a new chat of this kind that its line does not set."""
    return {
        "language": settings.chat.language,
        "time": settings.digest.time,
        "timezone": settings.digest.timezone,
        "layout": usable_layout(Layout(settings.digest.layout), kind),
    }


def write_line(
    place: Place,
    categories: Sequence[Category],
    wishes: Sequence[Wish],
    saved: Sequence[str],
    tree: CategoryTree,
    now: datetime,
    lost_from: PlaceState | None = None,
) -> str:
    """Return a place as a line; `saved` are the addresses of what its person saved."""
    fields = place_fields(place, categories, wishes, tree, now)
    fields |= {"saved": list(saved)} if saved else {}
    fields |= {"lost_from": str(lost_from)} if lost_from is not None else {}
    return json.dumps(fields, ensure_ascii=False)


def place_fields(
    place: Place, categories: Sequence[Category], wishes: Sequence[Wish], tree: CategoryTree, now: datetime
) -> dict[str, Any]:
    """Return the fields of a place's line, without what is the same for most places."""
    topic_of = tree.get(place.topic_of) if place.topic_of is not None else None
    wished = (
        wish_fields(wish, lambda category: _shown_path(category, tree), _category_of(wish, tree)) for wish in wishes
    )
    shown = (
        ("id", place.chat_id, True),
        ("thread", place.thread_id, bool(place.thread_id)),
        ("kind", str(place.kind), place.kind is not kind_of(place.chat_id)),
        ("title", place.title, bool(place.title)),
        ("state", str(place.state), place.state is not PlaceState.ACTIVE),
        ("reason", place.state_reason, bool(place.state_reason)),
        ("resume_at", iso(place.resume_at), place.resume_at is not None),
        ("language", place.language, True),
        (
            "categories",
            [_shown_path(category, tree) for category in sorted(categories, key=lambda known: known.path)],
            True,
        ),
        ("time", place.time, True),
        ("timezone", place.timezone, True),
        ("days", [int(day) for day in place.weekdays], place.weekdays != EVERY_DAY),
        ("quiet", place.quiet, bool(place.quiet)),
        ("silent", place.silent, place.silent),
        ("min_items", place.least_items, place.least_items != 1),
        ("layout", str(place.layout), True),
        ("max_items", place.max_items, bool(place.max_items)),
        ("order", str(place.digest_order), place.digest_order is not DigestOrder.NEWEST),
        ("says_empty", place.says_empty, place.says_empty is not None),
        ("language_chosen", True, place.has_chosen_language),
        ("zone_known", False, not place.knows_zone),
        ("topic_of", _shown_path(topic_of, tree) if topic_of else "", topic_of is not None),
        ("wishes", [fields for fields in wished if fields is not None], bool(wishes)),
        ("active_at", iso(place.active_at), now - place.active_at > _RECENTLY),
    )
    return {name: value for name, value, tells in shown if tells}


def _category_of(wish: Wish, tree: CategoryTree) -> Category | None:
    return tree.get(wish.subject.category) if wish.subject.category is not None else None


def _shown_path(category: Category, tree: CategoryTree) -> str | list[str]:
    """Return a path as people write it, or as its names if the text could also mean another category."""
    name = SEPARATOR.join(category.path)
    is_plain = all(SEPARATOR not in part and part == part.strip() for part in category.path)
    return name if is_plain and [hit.id for hit in tree.find(name)] == [category.id] else list(category.path)


def _list_of_saved(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("saved must be a list of addresses")
    return value


def _parsed(raw: str) -> object:
    try:
        return json.loads(raw, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON ({error.msg} at column {error.colno})") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except _GivenTwice:
        raise
    except ValueError:
        raise ValueError("holds a number that is too long") from None


class _GivenTwice(ValueError):  # noqa: N818 - it names the finding
    """A field is given twice, so it is unclear which one is meant."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _GivenTwice(f"tells {quoted(twice)} twice")
    return found


def _line(value: object) -> ChatLine:
    if not isinstance(value, dict):
        raise ValueError('must be an object such as {"id": 1, "categories": ["news"]}')
    known = {"id", "thread", "kind", "state", "categories", "wishes", "topic_of", "saved", *SETTINGS}
    if unknown := sorted(set(value) - known):
        named = ", ".join(ascii(name)[1:-1][:40] for name in unknown[:_MOST_NAMED])
        raise ValueError(f"unknown: {named}; known are {', '.join(sorted(known))}")
    chat = read_whole(value, "id", "the number that Telegram gives a chat", -LARGEST_ID, LARGEST_ID)
    if not chat:
        raise ValueError("id must be the number that Telegram gives a chat")
    if chat in ACCOUNTS_OF_TELEGRAM:
        raise ValueError(f"id {chat} is {ACCOUNTS_OF_TELEGRAM[chat]}'s, and no reader's")
    kind = read_kind(value.get("kind", kind_of(chat)))
    settings = {column: read(value[name]) for name, (column, read) in SETTINGS.items() if name in value}
    if "layout" in settings and settings["layout"] not in layouts_for(kind):
        raise ValueError(f"layout {quoted(value['layout'])} is for private chats alone, and this is a {kind}")
    return ChatLine(
        chat_id=chat,
        thread_id=read_whole(value, "thread", "the number of a forum topic, or 0", -1, _LARGEST_TOPIC),
        kind=kind,
        state=read_state(value["state"]) if "state" in value else None,
        settings=settings,
        categories=tuple(map(read_category, read_list(value.get("categories", [])))),
        wishes=read_wishes(value.get("wishes", [])),
        topic_of=read_category(value["topic_of"]) if "topic_of" in value else (),
        saved=tuple(map(text_reader("saved"), _list_of_saved(value.get("saved", [])))),
    )
