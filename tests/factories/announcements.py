"""Announcements, in memory and stored, and what sends them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from digests.announcements.broadcast import Broadcaster
from digests.announcements.upkeep import AnnouncementUpkeep, PausePolicy
from digests.model.announcement import Announcement, AnnouncementState, Content
from digests.model.ids import AnnouncementId
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.audience import AudienceStore
from digests.storage.announcements.copy_changes import CopyChangeStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.articles.categories import CategoryStore
from digests.storage.database import Database
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.people.audit import AuditLog
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


def make_broadcaster(database: Database, deliveries: DeliveryStore | None = None) -> Broadcaster:
    """Return a broadcaster over the database's own stores, or over these deliveries."""
    return Broadcaster(
        AnnouncementStore(database),
        AnnouncementRows(database),
        AudienceStore(database),
        deliveries or DeliveryStore(database),
        CategoryStore(database),
    )


def make_upkeep(database: Database, *, percent: float = 20, at_once: int = 128) -> AnnouncementUpkeep:
    """Return the upkeep of announcements, which pauses them when more than `percent` of their deliveries fail."""
    return AnnouncementUpkeep(
        AnnouncementStore(database),
        make_broadcaster(database),
        AnnouncementRows(database),
        CopyChangeStore(database),
        AuditLog(database),
        PausePolicy(percent, at_once),
    )


async def add_announcement(database: Database, chats: int = 3, **changes: str) -> Announcement:
    """Store active places with the chat ids 1 to `chats`, and an announcement to them that is planned."""
    store = AnnouncementStore(database)
    for chat in range(1, chats + 1):
        await add_active_place(database, chat, **changes)
    draft = await store.draft(1, "Hello", None, [], NOW)
    await store.confirm(draft.id, NOW, by=1)
    await make_broadcaster(database).plan_confirmed(NOW)
    return await store.get(draft.id)
