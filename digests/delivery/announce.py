"""Announcements on their way: planned once, counted from the rows, finished when every row is settled."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from digests.storage.announcements import AnnouncementStore
from digests.storage.categories import CategoryStore
from digests.storage.deliveries import DeliveryStore
from digests.storage.places import audience
from digests.types import Announcement, CategoryId, DeliveryState, Part, Rendering

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an announcement has come: its deliveries by state."""

    counts: dict[DeliveryState, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in _OPEN)

    @property
    def done(self) -> int:
        return self.total - self.open

    def of(self, state: DeliveryState) -> int:
        return self.counts.get(state, 0)


class Announcer:
    """Any method may raise StorageError."""

    def __init__(self, announcements: AnnouncementStore, deliveries: DeliveryStore, categories: CategoryStore) -> None:
        self._announcements = announcements
        self._deliveries = deliveries
        self._categories = categories
        self._planning = asyncio.Lock()

    async def plan_confirmed(self, now: datetime) -> int:
        """Makes the rows of announcements that were confirmed; safe to repeat. How many are being sent."""
        async with self._planning:
            return await self._plan_all(now)

    async def _plan_all(self, now: datetime) -> int:
        sending = await self._announcements.sending()
        for one in sending:
            if one.send_at is not None and one.send_at <= now and one.planned_at is None:
                await self._plan(one, now)
        return len(sending)

    async def _plan(self, one: Announcement, now: datetime) -> None:
        part = Part(one.html, photo=one.photo)
        key = hashlib.sha256(f"announcement {one.id} {one.html} {one.photo}".encode()).hexdigest()
        slot = one.send_at or now
        await self._deliveries.plan_announcement(
            one.id, Rendering(key, (part,)), slot, audience(await self.reach(one)), now
        )

    async def progress(self, one: Announcement) -> Progress:
        return Progress(await self._deliveries.progress(one.id))

    async def reach(self, one: Announcement) -> frozenset[CategoryId] | None:
        """The categories whose followers an announcement reaches; None: everybody.

        Who follows a part of a category wants what is said to its readers, and so does who follows more than it.
        """
        if not one.categories:
            return None
        tree = await self._categories.tree()
        above = {line.id for category in one.categories for line in tree.ancestors(category)}
        return tree.with_descendants(one.categories) | above
