"""Announcements: drafts, what is being sent, what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from digests.errors import NotFound
from digests.storage.database import Database
from digests.storage.schema import announcements
from digests.types import Announcement, AnnouncementId, AnnouncementState, CategoryId


class AnnouncementStore:
    """Any method may raise StorageError; those that take an id raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(
        self, author_id: int, html: str, photo: str | None, categories: Sequence[CategoryId], now: datetime
    ) -> Announcement:
        row = {
            "author_id": author_id,
            "html": html,
            "photo": photo,
            "categories": list(categories),
            "state": AnnouncementState.DRAFT,
            "created_at": now,
        }
        async with self._database.write() as connection:
            statement = sa.insert(announcements).values(row).returning(*announcements.c)
            return _announcement((await connection.execute(statement)).one())

    async def get(self, announcement_id: AnnouncementId) -> Announcement:
        query = sa.select(announcements).where(announcements.c.id == announcement_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise NotFound(f"There is no announcement {announcement_id}.")
        return _announcement(row)

    async def address(self, announcement_id: AnnouncementId, categories: Sequence[CategoryId]) -> None:
        """Sets whom a draft is for."""
        await self._change(announcement_id, {"categories": list(categories)}, AnnouncementState.DRAFT)

    async def confirm(self, announcement_id: AnnouncementId, send_at: datetime) -> bool:
        """The draft is to be sent; False when it no longer is a draft (confirmed twice, cancelled).

        No two share a moment, which is the slot of their deliveries: a later one moves on by a microsecond.
        """
        async with self._database.write() as connection:
            while await connection.scalar(sa.select(announcements.c.id).where(announcements.c.send_at == send_at)):
                send_at += timedelta(microseconds=1)
            statement = (
                sa.update(announcements)
                .where(announcements.c.id == announcement_id, announcements.c.state == AnnouncementState.DRAFT)
                .values(state=AnnouncementState.SENDING, send_at=send_at)
            )
            return bool((await connection.execute(statement)).rowcount)

    async def cancel(self, announcement_id: AnnouncementId) -> bool:
        return await self._change(announcement_id, {"state": AnnouncementState.CANCELLED}, AnnouncementState.DRAFT)

    async def finish(self, announcement_id: AnnouncementId, now: datetime) -> bool:
        changed = {"state": AnnouncementState.DONE, "finished_at": now}
        return await self._change(announcement_id, changed, AnnouncementState.SENDING)

    async def report_to(self, announcement_id: AnnouncementId, chat_id: int, message_id: int) -> None:
        """Where the count is shown while it goes."""
        await self._change(announcement_id, {"report_chat": chat_id, "report_message": message_id})

    async def sending(self) -> tuple[Announcement, ...]:
        """Those that were confirmed and are not done."""
        query = (
            sa.select(announcements)
            .where(announcements.c.state == AnnouncementState.SENDING)
            .order_by(announcements.c.id)
        )
        async with self._database.read() as connection:
            return tuple(_announcement(row) for row in await connection.execute(query))

    async def _change(
        self, announcement_id: AnnouncementId, values: dict[str, Any], only: AnnouncementState | None = None
    ) -> bool:
        statement = sa.update(announcements).where(announcements.c.id == announcement_id).values(values)
        if only is not None:
            statement = statement.where(announcements.c.state == only)
        async with self._database.write() as connection:
            return bool((await connection.execute(statement)).rowcount)


def _announcement(row: sa.Row[*tuple[Any, ...]]) -> Announcement:
    values = dict(row._mapping)
    values["state"] = AnnouncementState(values["state"])
    values["categories"] = tuple(values["categories"])
    return Announcement(**values)
