"""Announcements once they are written: those to come, those being sent, and those that were sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from digests.model.announcement import Announcement, AnnouncementState
from digests.model.ids import AnnouncementId, MessageRef
from digests.storage.announcements.drafts import DraftStore, is_of, taken_by, update
from digests.storage.announcements.encoding import announcement_of
from digests.storage.schema.announcement_tables import announcements


class AnnouncementStore(DraftStore):
    """Keeps announcements, and the drafts that they begin as.

    Any method may raise StorageError; those that take an id raise NotFound. What changes a state names the states that
    it may come from, and returns whether it did: of two admins who press at once, the second learns that it is done
    already.
    """

    async def confirm(
        self,
        announcement_id: AnnouncementId,
        send_at: datetime,
        *,
        by: int | None = None,
        now: datetime | None = None,
        report: MessageRef | None = None,
        author: int | None = None,
    ) -> bool:
        """Have a draft sent at `send_at`; `report` is the message that shows how it goes on.

        False when it no longer is a draft (confirmed twice, discarded), or no longer that of `author`, from whom
        somebody may take it over at the same time. No two share a moment, which is the slot of their deliveries: a
        later one moves on by a microsecond.
        """
        now = now or send_at
        state = AnnouncementState.SCHEDULED if send_at > now else AnnouncementState.SENDING
        async with self._database.write() as connection:
            while await connection.scalar(sa.select(announcements.c.id).where(announcements.c.send_at == send_at)):
                send_at += timedelta(microseconds=1)
            chat, message = report or (announcements.c.report_chat, announcements.c.report_message)
            statement = (
                update(announcement_id)
                .where(announcements.c.state == AnnouncementState.DRAFT, is_of(author))
                .values(
                    state=state,
                    send_at=send_at,
                    confirmed_at=now,
                    resumed_at=now,
                    sent_by=by,
                    report_chat=chat,
                    report_message=message,
                )
            )
            return bool((await connection.execute(statement)).rowcount)

    async def take_back(self, announcement_id: AnnouncementId, *, by: int | None = None) -> bool:
        """Make what was to be sent later a draft again; `by`: one of this other admin."""
        values: dict[str, Any] = {
            "state": AnnouncementState.DRAFT,
            "send_at": None,
            "confirmed_at": None,
            "sent_by": None,
        }
        if by is not None:
            values |= taken_by(by)
        return await self._change(announcement_id, values, AnnouncementState.SCHEDULED)

    async def begin(self, announcement_id: AnnouncementId) -> bool:
        """Begin to send: its moment has come."""
        return await self._change(announcement_id, {"state": AnnouncementState.SENDING}, AnnouncementState.SCHEDULED)

    async def planned(self, announcement_id: AnnouncementId, now: datetime) -> None:
        """Note that every row is made."""
        await self._change(announcement_id, {"planned_at": now})

    async def pause(self, announcement_id: AnnouncementId, reason: str = "") -> bool:
        """Pause what is being sent; `reason`: why the program did so."""
        return await self._change(
            announcement_id, {"state": AnnouncementState.PAUSED, "reason": reason}, AnnouncementState.SENDING
        )

    async def resume(self, announcement_id: AnnouncementId, now: datetime) -> bool:
        """Go on with what was paused."""
        values = {"state": AnnouncementState.SENDING, "reason": "", "resumed_at": now}
        return await self._change(announcement_id, values, AnnouncementState.PAUSED)

    async def cancel(self, announcement_id: AnnouncementId, *, author: int | None = None) -> bool:
        """Discard a draft; `author`: only if it is that person's."""
        return await self._change(
            announcement_id, {"state": AnnouncementState.CANCELLED}, AnnouncementState.DRAFT, also=is_of(author)
        )

    async def stop(self, announcement_id: AnnouncementId) -> bool:
        """Cancel it for all who have not got it. `finish` follows when nothing of it is under way."""
        return await self._change(
            announcement_id,
            {"state": AnnouncementState.CANCELLED},
            AnnouncementState.SENDING,
            AnnouncementState.PAUSED,
            AnnouncementState.SCHEDULED,
        )

    async def finish(self, announcement_id: AnnouncementId, now: datetime) -> bool:
        """Finish it: every row is settled. One that was cancelled stays cancelled."""
        done = await self._change(
            announcement_id,
            {"state": AnnouncementState.DONE, "finished_at": now},
            AnnouncementState.SENDING,
            AnnouncementState.PAUSED,
        )
        if done:
            return True
        unfinished = announcements.c.finished_at.is_(None)
        return await self._change(announcement_id, {"finished_at": now}, AnnouncementState.CANCELLED, also=unfinished)

    async def report_to(self, announcement_id: AnnouncementId, report: MessageRef) -> None:
        """Note in which message the count is shown while it goes."""
        await self._change(announcement_id, {"report_chat": report.chat_id, "report_message": report.message_id})

    async def report_no_more(self, report: MessageRef) -> None:
        """Note that this message shows no count any more, whichever announcement's it was."""
        shown = (announcements.c.report_chat == report.chat_id) & (announcements.c.report_message == report.message_id)
        statement = sa.update(announcements).where(shown).values(report_chat=None, report_message=None)
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def sending(self) -> tuple[Announcement, ...]:
        """Return those that were confirmed and are not done, except those that were cancelled."""
        return await self._list(
            announcements.c.state.in_(
                [AnnouncementState.SCHEDULED, AnnouncementState.SENDING, AnnouncementState.PAUSED]
            )
        )

    async def unsettled(self) -> tuple[Announcement, ...]:
        """Return those of which something may be under way."""
        stopped = (announcements.c.state == AnnouncementState.CANCELLED) & announcements.c.confirmed_at.is_not(None)
        return await self._list(
            announcements.c.state.in_([AnnouncementState.SENDING, AnnouncementState.PAUSED])
            | (stopped & announcements.c.finished_at.is_(None))
        )

    async def drafts(self, author_id: int) -> tuple[Announcement, ...]:
        """Return somebody's drafts, the oldest first."""
        return await self._list(
            (announcements.c.state == AnnouncementState.DRAFT) & (announcements.c.author_id == author_id)
        )

    async def page(self, offset: int, limit: int, author_id: int | None = None) -> tuple[tuple[Announcement, ...], int]:
        """Return a page, the newest first and without discarded drafts, and how many there are in all.

        `author_id`: only what this person wrote.
        """
        kept = ~((announcements.c.state == AnnouncementState.CANCELLED) & announcements.c.confirmed_at.is_(None))
        if author_id is not None:
            kept &= announcements.c.author_id == author_id
        query = sa.select(announcements).where(kept).order_by(announcements.c.id.desc()).offset(offset).limit(limit)
        async with self._database.read() as connection:
            total = await connection.scalar(sa.select(sa.func.count()).select_from(announcements).where(kept))
            return tuple(announcement_of(row._mapping) for row in await connection.execute(query)), int(total or 0)

    async def _list(self, condition: sa.ColumnElement[bool]) -> tuple[Announcement, ...]:
        query = sa.select(announcements).where(condition).order_by(announcements.c.id)
        async with self._database.read() as connection:
            return tuple(announcement_of(row._mapping) for row in await connection.execute(query))
