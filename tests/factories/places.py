"""Places, in memory and stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from digests.model.chat_import import ImportedChat
from digests.model.ids import CategoryId, IngestNumber, PlaceId
from digests.model.place import Place, PlaceKind, PlaceState
from digests.storage.database import Database
from digests.storage.places.places import NewPlace, PlaceStore
from tests.factories.categories import ensure_categories
from tests.factories.times import DAY, HOUR, NOW


def place(number: int = 1, **changes: Any) -> Place:
    """Return an active private chat whose digest is due now."""
    default = Place(
        id=PlaceId(number),
        chat_id=1000 + number,
        thread_id=0,
        kind=PlaceKind.PRIVATE,
        title="Robin",
        language="en",
        time="08:00",
        timezone="UTC",
        state=PlaceState.ACTIVE,
        state_reason="",
        next_at=NOW,
        window_from=IngestNumber(0),
        window_from_at=NOW - DAY,
        created_at=NOW - 9 * DAY,
        active_at=NOW - 9 * DAY,
    )
    return replace(default, **changes)


def new_place(chat: int = 5, **changes: Any) -> NewPlace:
    """Return a private chat that the bot has not met yet."""
    default = NewPlace(
        chat_id=chat, thread_id=0, kind=PlaceKind.PRIVATE, title="Robin", language="en", time="08:00", timezone="UTC"
    )
    return replace(default, **changes)


def imported(chat: int, state: PlaceState | None = None, *categories: CategoryId, **settings: Any) -> ImportedChat:
    """Return a private chat as a list names it, with `settings` of its own, that follows these categories."""
    defaults = {"language": "en", "time": "08:00", "timezone": "UTC"}
    return ImportedChat(chat, 0, PlaceKind.PRIVATE, state, settings, defaults, frozenset(categories))


async def add_active_place(database: Database, chat: int = 5, **changes: Any) -> Place:
    """Store a place that follows the category "news" and gets its next digest an hour from now."""
    store = PlaceStore(database)
    met = await store.meet(new_place(chat, **changes), NOW)
    await store.subscribe(met.id, await ensure_categories(database, "news"), NOW)
    await store.activate(met.id, NOW + HOUR, NOW)
    found = await store.find(met.chat_id, met.thread_id)
    assert found is not None
    return found
