"""Announcements, in memory and stored, and what sends them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from digests.announcements.broadcast import Broadcaster
from digests.model.announcement import Announcement, AnnouncementState, Content
from digests.model.ids import AnnouncementId
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.categories import CategoryStore
from digests.storage.database import Database
from digests.storage.deliveries.plans import DeliveryStore
from tests.factories.places import add_active_place
from tests.factories.times import NOW


def announcement(**changes: Any) -> Announcement:
    """Return a draft that says hello to everybody."""
    default = Announcement(
        id=AnnouncementId(7),
        author_id=1,
        contents={"": Content("<b>Hello</b>")},
        state=AnnouncementState.DRAFT,
        created_at=NOW,
    )
    return replace(default, **changes)


def make_broadcaster(database: Database) -> Broadcaster:
    """Return a broadcaster over the database's own stores."""
    return Broadcaster(AnnouncementStore(database), DeliveryStore(database), CategoryStore(database))


async def add_announcement(database: Database, chats: int = 3, **changes: str) -> Announcement:
    """Store active places with the chat ids 1 to `chats`, and an announcement to them that is planned."""
    store = AnnouncementStore(database)
    for chat in range(1, chats + 1):
        await add_active_place(database, chat, **changes)
    draft = await store.draft(1, "Hello", None, [], NOW)
    await store.confirm(draft.id, NOW, by=1)
    await make_broadcaster(database).plan_confirmed(NOW)
    return await store.get(draft.id)
