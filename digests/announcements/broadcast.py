"""Announcements on their way: planned once, counted from the rows, finished when every row is settled."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from digests.model.announcement import (
    EVERY_LANGUAGE,
    LOOKED_AT,
    Announcement,
    AnnouncementState,
    Audience,
    Progress,
    When,
    earliest,
    too_many_fail,
)
from digests.model.delivery import DeliveryState, Rendering
from digests.model.ids import AnnouncementId, CategoryId
from digests.model.recipients import Hours, Recipients
from digests.model.schedule import after_quiet
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.audience import AudienceStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.articles.categories import CategoryStore
from digests.storage.deliveries.plans import DeliveryStore

__all__ = ["Broadcaster", "Progress", "Reach"]

_ROUNDS = 5
_CANCELLED = "cancelled by an admin"


@dataclass(frozen=True, slots=True)
class Reach:
    """How many chats an announcement would reach, by language, and when the first one. `waiting`: how many of them
    have quiet hours at their moment, and get it when those end."""

    languages: dict[str, int]
    first: datetime
    waiting: int = 0

    @property
    def chats(self) -> int:
        return sum(self.languages.values())


class Broadcaster:
    """Any method may raise StorageError."""

    def __init__(self, announcements: AnnouncementStore, deliveries: DeliveryStore, categories: CategoryStore) -> None:
        self._announcements = announcements
        self._deliveries = deliveries
        self._categories = categories
        self.rows = AnnouncementRows(announcements.database)
        self.audiences = AudienceStore(announcements.database)
        self._planning = asyncio.Lock()

    async def plan_confirmed(self, now: datetime) -> int:
        """Makes the rows of announcements whose moment has come; safe to repeat. How many are being sent."""
        async with self._planning:
            return await self._plan_all(now)

    async def _plan_all(self, now: datetime) -> int:
        under_way = 0
        for one in await self._announcements.sending():
            if one.state is AnnouncementState.PAUSED or not await self._has_come(one, now):
                continue
            under_way += 1
            if one.planned_at is None:
                await self._plan(one, now)
                await self._announcements.planned(one.id, now)
        return under_way

    async def _has_come(self, one: Announcement, now: datetime) -> bool:
        if one.state is AnnouncementState.SENDING:
            return True
        return one.send_at is not None and one.send_at <= now and await self._announcements.begin(one.id)

    async def _plan(self, one: Announcement, now: datetime) -> None:
        """Make a row for every chat.

        A chat that changes its language, zone or quiet hours meanwhile may be in no group when that group's turn comes,
        so those that are left out are asked for again. Some rounds only: of an announcement that is cancelled
        meanwhile, everybody is left out.
        """
        recipients = left = await self._recipients(one.audience, now)
        for _ in range(_ROUNDS):
            hours = await self.audiences.hours(left)
            if not hours:
                return
            await self._plan_groups(one, left, self._dues(one, hours, now), now)
            left = recipients.left_out_of(one.id)

    async def _plan_groups(
        self, one: Announcement, recipients: Recipients, dues: list[tuple[datetime, list[Hours]]], now: datetime
    ) -> None:
        """By the text that a chat gets, and by the moment at which it gets it."""
        for language in (*one.own_languages, EVERY_LANGUAGE):
            group = recipients.speaking(language, one.own_languages)
            text, slot = announcement_rendering(one, language), one.send_at or now
            for due, hours in dues:
                await self._deliveries.plan_announcement(one.id, text, slot, group.keeping(hours), now, due)
            if one.timing.kind is not When.LOCAL:
                # All others at once, whatever they change meanwhile.
                await self._deliveries.plan_announcement(one.id, text, slot, group, now)

    def _dues(self, one: Announcement, hours: Collection[Hours], now: datetime) -> list[tuple[datetime, list[Hours]]]:
        """When they get it who don't simply get it now."""
        by_due: dict[datetime, list[Hours]] = {}
        for zone, quiet in hours:
            due = now
            if one.timing.kind is When.LOCAL:
                due = one.timing.due(zone, one.confirmed_at or now)
            if not one.despite_quiet:
                due = after_quiet(due, zone, quiet)
            if due > now or one.timing.kind is When.LOCAL:
                by_due.setdefault(due, []).append((zone, quiet))
        return sorted(by_due.items())

    async def pause(self, one: AnnouncementId, reason: str = "") -> bool:
        """Nothing more of it leaves but what is on the line; False when it is not being sent."""
        if not await self._announcements.pause(one, reason):
            return False
        await self.rows.pause(one)
        return True

    async def resume(self, one: AnnouncementId, now: datetime) -> bool:
        if not await self._announcements.resume(one, now):
            return False
        await self.rows.resume(one, now)
        return True

    async def stop(self, one: AnnouncementId, now: datetime) -> bool:
        """Whoever has not got it does not get it."""
        if not await self._announcements.stop(one):
            return False
        await self.rows.cancel(one, _CANCELLED, now)
        return True

    async def resend(self, one: AnnouncementId, now: datetime) -> int:
        """Once more to those where it failed or is uncertain; to how many."""
        return await self.rows.resend(one, now)

    async def look_after(self, one: Announcement, now: datetime, percent: float, under_way: int) -> str:
        """Keeps the rows in the state that was asked for: one that was under way may have come back meanwhile, and
        who had it go on may have died before its rows did.

        Pauses it when too much fails (`percent`, of what `under_way` at once); the reason is then told, else "".
        """
        if one.state is AnnouncementState.PAUSED:
            await self.rows.pause(one.id)
        elif one.state is AnnouncementState.CANCELLED:
            await self.rows.cancel(one.id, _CANCELLED, now)
        elif one.state is AnnouncementState.SENDING:
            if (await self.progress(one)).of(DeliveryState.PAUSED):
                await self.rows.resume(one.id, now)
            last = await self.rows.last_settled(one.id, one.resumed_at or one.created_at, LOOKED_AT + under_way)
            if too_many_fail(last, percent, under_way):
                reasons = await self.rows.why(one.id, 1)
                reason = reasons[0][0] if reasons else ""
                if await self.pause(one.id, reason):
                    return reason or "?"
        return ""

    async def progress(self, one: Announcement) -> Progress:
        return Progress(await self._deliveries.progress(one.id))

    async def reach(self, one: Announcement, now: datetime) -> Reach:
        """Counted as it would be sent now."""
        recipients = await self._recipients(one.audience, now)
        languages = await self.audiences.languages(recipients)
        hours = await self.audiences.hours(recipients)
        waiting = 0
        for (zone, quiet), number in hours.items() if not one.despite_quiet else ():
            due = one.timing.due(zone, now)
            waiting += number * (after_quiet(due, zone, quiet) > due)
        zones = {zone for zone, _ in hours} if one.timing.kind is When.LOCAL else ()
        return Reach(languages, earliest(one.timing, zones, now), waiting)

    async def _recipients(self, audience: Audience, now: datetime) -> Recipients:
        return Recipients(audience, await self._reached_categories(audience), now)

    async def _reached_categories(self, audience: Audience) -> frozenset[CategoryId] | None:
        """The categories whose followers an announcement reaches; None: whatever they follow.

        Who follows a part of a category wants what is said to its readers, and so does who follows more than it.
        """
        if not audience.categories:
            return None
        tree = await self._categories.tree()
        above = {line.id for category in audience.categories for line in tree.ancestors(category)}
        return tree.with_descendants(audience.categories) | above


def announcement_rendering(one: Announcement, language: str) -> Rendering:
    """What readers of this language get. Its key begins alike for all texts that this language ever had."""
    part = one.part(language)
    digest = hashlib.sha256(repr(part).encode()).hexdigest()
    return Rendering(rendering_key_prefix(one, language) + digest, (part,))


def rendering_key_prefix(one: Announcement, language: str) -> str:
    """What the keys of all its renderings in this language begin with."""
    return f"announcement:{one.id}:{language if language in one.own_languages else EVERY_LANGUAGE}:"
