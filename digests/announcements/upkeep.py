"""Upkeep of what is under way: announcements pause by themselves and come to their end, and so do their changes.

All of it is read from the database each time, so a restart needs nothing, and of two processes either may do it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from digests.announcements.broadcast import Broadcaster
from digests.model.announcement import RECENT_RESULTS, Announcement, AnnouncementState, too_many_fail
from digests.model.audit import AuditAct
from digests.model.copy_change import CopyChange, CopyState
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.copy_changes import CopyChangeStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.people.audit import AuditLog

logger = logging.getLogger(__name__)

_BY_ITSELF = 0
"""Whose doing it is in the audit log, where nobody's it was."""
_NO_REASON = "?"


class LiveReport(Protocol):
    """Shows admins how far announcements have come. It changes nothing about them."""

    async def show_progress(self, announcement: Announcement, now: datetime) -> None:
        """Show how far an announcement has come, or what came of it."""
        ...

    async def show_change(self, change: CopyChange, counts: Mapping[CopyState, int]) -> None:
        """Show how far an edit or a recall has come; `counts` are its copies."""
        ...

    async def tell_paused(self, announcement: Announcement) -> None:
        """Tell admins that an announcement paused itself, and why."""
        ...


@dataclass(frozen=True, slots=True)
class PausePolicy:
    """When an announcement pauses by itself, as `too_many_fail` says; `percent` 0: never.

    `at_once` is how many messages may be under way at once.
    """

    percent: float
    at_once: int


class AnnouncementUpkeep:
    """Does what nobody asks for about announcements under way. Any method may raise StorageError."""

    def __init__(
        self,
        announcements: AnnouncementStore,
        broadcaster: Broadcaster,
        rows: AnnouncementRows,
        changes: CopyChangeStore,
        audit: AuditLog,
        policy: PausePolicy,
    ) -> None:
        self._announcements = announcements
        self._broadcaster = broadcaster
        self._rows = rows
        self._changes = changes
        self._audit = audit
        self._policy = policy

    async def enforce(self, now: datetime, report: LiveReport) -> None:
        """Keep every row as its announcement was told to be, and pause announcements of which too much fails.

        Apart from `settle`, so that a report that can't be shown just now holds up no pause.
        """
        for announcement in await self._announcements.unsettled():
            await self._broadcaster.align(announcement, now)
            reason = await self.pause_if_failing(announcement, now)
            if reason:
                logger.warning("announcement paused itself", extra={"announcement": announcement.id, "reason": reason})
                details = {"announcement": announcement.id, "reason": reason}
                await self._audit.add(_BY_ITSELF, AuditAct.AUTOPAUSE, details, now)
                await report.tell_paused(await self._announcements.get(announcement.id))

    async def pause_if_failing(self, announcement: Announcement, now: datetime) -> str:
        """Pause an announcement of which too much fails; return the commonest reason then, else "".

        What failed before it was resumed is not held against it.
        """
        if announcement.state is not AnnouncementState.SENDING:
            return ""
        percent, at_once = self._policy.percent, self._policy.at_once
        since = announcement.resumed_at or announcement.created_at
        newest = await self._rows.last_settled(announcement.id, since, RECENT_RESULTS + at_once)
        if not too_many_fail(newest, percent, at_once):
            return ""
        reasons = await self._rows.why(announcement.id, 1)
        reason = reasons[0][0] if reasons else ""
        return (reason or _NO_REASON) if await self._broadcaster.pause(announcement.id, reason) else ""

    async def settle(self, now: datetime, report: LiveReport) -> bool:
        """Finish what has come to its end, and have the report show how far everything has come.

        Return whether there are more copies to change: some were still being sent when their edit or recall began.
        """
        for announcement in await self._announcements.unsettled():
            if announcement.planned_at is None and announcement.state is not AnnouncementState.CANCELLED:
                # Without rows it would seem to be done.
                continue
            await self._finish_if_done(announcement, now)
            await report.show_progress(announcement, now)
        has_more = False
        for change in await self._changes.open():
            has_more |= await self._settle_change(change, now, report)
        return has_more

    async def _finish_if_done(self, announcement: Announcement, now: datetime) -> None:
        progress = await self._broadcaster.progress(announcement)
        if not progress.open and await self._announcements.finish(announcement.id, now):
            logger.info("announcement done", extra={"announcement": announcement.id, "total": progress.total})

    async def _settle_change(self, change: CopyChange, now: datetime, report: LiveReport) -> bool:
        counts, has_more = await self._changes.progress(change.id), False
        if not counts.get(CopyState.PENDING):
            # Of one that was halted the rest stays as it is.
            if not counts.get(CopyState.CANCELLED) and await self._changes.catch_up(change, now):
                counts, has_more = await self._changes.progress(change.id), True
            elif await self._changes.finish(change.id, now):
                extra = {"announcement": change.announcement_id, "act": change.kind}
                logger.info("copies changed", extra=extra)
                change = replace(change, finished_at=now)
        await report.show_change(change, counts)
        return has_more
