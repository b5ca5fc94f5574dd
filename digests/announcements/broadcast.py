"""Announcements on their way: planned once, and counted from their rows."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from digests.model.announcement import (
    EVERY_LANGUAGE,
    Announcement,
    AnnouncementState,
    Audience,
    Progress,
    When,
    earliest,
)
from digests.model.delivery import DeliveryState, OutcomeRow, Rendering
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
_PACE_OVER = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many chats an announcement would reach, by language, and when the first one.

    `waiting` is how many of them have quiet hours at their moment, and get it when those end.
    """

    languages: dict[str, int]
    first: datetime
    waiting: int = 0

    @property
    def chats(self) -> int:
        """How many chats there are, whatever their language."""
        return sum(self.languages.values())


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an announcement goes: chats a second, and how long until all have it.

    `waits_until` is when the last of those get it that wait for their own time or for the end of their quiet hours;
    None where nobody does.
    """

    rate: float
    left: timedelta
    waits_until: datetime | None


class Broadcaster:
    """Sends announcements to their audience. Any method may raise StorageError."""

    def __init__(
        self,
        announcements: AnnouncementStore,
        rows: AnnouncementRows,
        audiences: AudienceStore,
        deliveries: DeliveryStore,
        categories: CategoryStore,
    ) -> None:
        self._announcements = announcements
        self._rows = rows
        self._audiences = audiences
        self._deliveries = deliveries
        self._categories = categories
        self._planning = asyncio.Lock()

    async def plan_confirmed(self, now: datetime) -> int:
        """Make the rows of announcements whose moment has come; safe to repeat. Return how many are being sent."""
        async with self._planning:
            return await self._plan_all(now)

    async def _plan_all(self, now: datetime) -> int:
        under_way = 0
        for announcement in await self._announcements.sending():
            if announcement.state is AnnouncementState.PAUSED or not await self._has_come(announcement, now):
                continue
            under_way += 1
            if announcement.planned_at is None:
                await self._plan(announcement, now)
                await self._announcements.planned(announcement.id, now)
        return under_way

    async def _has_come(self, announcement: Announcement, now: datetime) -> bool:
        if announcement.state is AnnouncementState.SENDING:
            return True
        return (
            announcement.send_at is not None
            and announcement.send_at <= now
            and await self._announcements.begin(announcement.id)
        )

    async def _plan(self, announcement: Announcement, now: datetime) -> None:
        """Make a row for every chat.

        A chat that changes its language, zone or quiet hours meanwhile may be in no group when that group's turn comes,
        so those that are left out are asked for again. Some rounds only: of an announcement that is cancelled
        meanwhile, everybody is left out.
        """
        recipients = left = await self._recipients(announcement.audience, now)
        for _ in range(_ROUNDS):
            hours = await self._audiences.hours(left)
            if not hours:
                return
            await self._plan_groups(announcement, left, self._dues(announcement, hours, now), now)
            left = recipients.left_out_of(announcement.id)

    async def _plan_groups(
        self,
        announcement: Announcement,
        recipients: Recipients,
        dues: list[tuple[datetime, list[Hours]]],
        now: datetime,
    ) -> None:
        """Make rows, by the text that a chat gets and by the moment at which it gets it."""
        for language in (*announcement.own_languages, EVERY_LANGUAGE):
            group = recipients.speaking(language, announcement.own_languages)
            text, slot = announcement_rendering(announcement, language), announcement.send_at or now
            for due, hours in dues:
                await self._deliveries.plan_announcement(announcement.id, text, slot, group.keeping(hours), now, due)
            if announcement.timing.kind is not When.LOCAL:
                # All others at once, whatever they change meanwhile.
                await self._deliveries.plan_announcement(announcement.id, text, slot, group, now)

    def _dues(
        self, announcement: Announcement, hours: Collection[Hours], now: datetime
    ) -> list[tuple[datetime, list[Hours]]]:
        """Return when those get it who don't simply get it now."""
        by_due: dict[datetime, list[Hours]] = {}
        for zone, quiet in hours:
            due = now
            if announcement.timing.kind is When.LOCAL:
                due = announcement.timing.due(zone, announcement.confirmed_at or now)
            if not announcement.despite_quiet:
                due = after_quiet(due, zone, quiet)
            if due > now or announcement.timing.kind is When.LOCAL:
                by_due.setdefault(due, []).append((zone, quiet))
        return sorted(by_due.items())

    async def pause(self, announcement_id: AnnouncementId, reason: str = "") -> bool:
        """Pause it: only what is on the line still leaves. False when it is not being sent."""
        if not await self._announcements.pause(announcement_id, reason):
            return False
        await self._rows.pause(announcement_id)
        return True

    async def resume(self, announcement_id: AnnouncementId, now: datetime) -> bool:
        """Go on with it; False when it is not paused."""
        if not await self._announcements.resume(announcement_id, now):
            return False
        await self._rows.resume(announcement_id, now)
        return True

    async def stop(self, announcement_id: AnnouncementId, now: datetime) -> bool:
        """Cancel it for all who have not got it; False when there is nothing to cancel."""
        if not await self._announcements.stop(announcement_id):
            return False
        await self._rows.cancel(announcement_id, _CANCELLED, now)
        return True

    async def resend(self, announcement_id: AnnouncementId, now: datetime) -> int:
        """Send it once more to those where it failed or is uncertain; return to how many."""
        return await self._rows.resend(announcement_id, now)

    async def align(self, announcement: Announcement, now: datetime) -> None:
        """Bring the rows into the state that the announcement was told to be in.

        One that was under way then may have come back meanwhile, and whoever resumed the announcement may have died
        before its rows were released.
        """
        match announcement.state:
            case AnnouncementState.PAUSED:
                await self._rows.pause(announcement.id)
            case AnnouncementState.CANCELLED:
                await self._rows.cancel(announcement.id, _CANCELLED, now)
            case AnnouncementState.SENDING if (await self.progress(announcement)).of(DeliveryState.PAUSED):
                await self._rows.resume(announcement.id, now)
            case _:
                # As it was told to be, or without rows.
                return

    async def progress(self, announcement: Announcement) -> Progress:
        """Return how far it has come, counted from its rows."""
        """Return how many chats have it, wait for it, or will not get it."""
        return Progress(await self._deliveries.progress(announcement.id))

    async def pace(self, announcement: Announcement, now: datetime) -> Pace:
        """Return how fast an announcement that is being sent goes, measured over the last seconds."""
        since = max(now - _PACE_OVER, announcement.resumed_at or now)
        settled = await self._rows.settled_since(announcement.id, since)
        rate = settled / max(1.0, (now - since).total_seconds())
        waiting = await self._rows.open_due(announcement.id, now)
        last = await self._rows.last_due(announcement.id)
        waits_until = last if last is not None and last > now else None
        left = timedelta(seconds=waiting / rate if rate else 0.0)
        return Pace(rate, max(left, waits_until - now) if waits_until else left, waits_until)

    async def failures(self, announcement_id: AnnouncementId, limit: int) -> list[tuple[str, int]]:
        """Return why copies failed or are uncertain and how many did for each reason, the commonest first."""
        return await self._rows.why(announcement_id, limit)

    async def to_resend(self, announcement_id: AnnouncementId) -> dict[DeliveryState, int]:
        """Return how many copies `resend` would send once more, by their state: failed or uncertain."""
        return await self._rows.to_resend(announcement_id)

    async def copies_out(self, announcement: Announcement, language: str) -> int:
        """Return how many copies of the text of this language were sent, whatever it said then."""
        return await self._rows.out(announcement.id, rendering_key_prefix(announcement, language))

    async def outcomes(self, announcement_id: AnnouncementId) -> list[OutcomeRow]:
        """Return what became of each copy, in the order in which the chats met the bot."""
        return await self._rows.outcomes(announcement_id)

    async def known(self, chat_ids: Collection[int]) -> frozenset[int]:
        """Return those of these chats that the bot has met; others can't be reached."""
        return await self._audiences.known(chat_ids)

    async def reach(self, announcement: Announcement, now: datetime) -> Reach:
        """Return whom it would reach if it were sent now."""
        recipients = await self._recipients(announcement.audience, now)
        languages = await self._audiences.languages(recipients)
        hours = await self._audiences.hours(recipients)
        waiting = 0
        for (zone, quiet), number in hours.items() if not announcement.despite_quiet else ():
            due = announcement.timing.due(zone, now)
            waiting += number * (after_quiet(due, zone, quiet) > due)
        zones = {zone for zone, _ in hours} if announcement.timing.kind is When.LOCAL else ()
        return Reach(languages, earliest(announcement.timing, zones, now), waiting)

    async def _recipients(self, audience: Audience, now: datetime) -> Recipients:
        return Recipients(audience, await self._reached_categories(audience), now)

    async def _reached_categories(self, audience: Audience) -> frozenset[CategoryId] | None:
        """Return the categories whose followers an announcement reaches; None: whatever they follow.

        A reader who follows a part of a category wants what is said to its readers, and so does one who follows more.
        """
        if not audience.categories:
            return None
        tree = await self._categories.tree()
        above = {line.id for category in audience.categories for line in tree.ancestors(category)}
        return tree.with_descendants(audience.categories) | above


def announcement_rendering(announcement: Announcement, language: str) -> Rendering:
    """Return what readers of this language get. Its key begins alike for all texts that this language ever had."""
    part = announcement.part(language)
    digest = hashlib.sha256(repr(part).encode()).hexdigest()
    return Rendering(rendering_key_prefix(announcement, language) + digest, (part,))


def rendering_key_prefix(announcement: Announcement, language: str) -> str:
    """Return what the keys of all its renderings in this language begin with."""
    return f"announcement:{announcement.id}:{language if language in announcement.own_languages else EVERY_LANGUAGE}:"
