"""Repairing moments that were stored while the clock was wrong.

Whatever waits for such a moment would wait until the clock shows it again. A moment in the past needs no repair: it is
due. A moment that is further ahead than it can be is set anew. What people chose by date stays, and so do records of
what happened: when a clock is set back, nobody knows which of its times was the wrong one. `LedgerStore.set_back` does
the same for deliveries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.copy_change import CopyState
from digests.model.place import PlaceState
from digests.model.schedule import next_slot, read_schedule
from digests.storage.database import Database
from digests.storage.schema.announcement_tables import announcement_copies
from digests.storage.schema.place_tables import links, places

_SLACK = timedelta(minutes=2)
"""Clocks of two machines differ, and small corrections are normal: they must not send a digest twice."""
_NEVER_SET = datetime(2010, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier time was never set. It soon will be, so nothing is adjusted to it."""
_MAX_PAUSE = timedelta(days=366)
_MAX_WAIT = timedelta(days=1)
_BATCH = 2000
_SCHEDULE = (places.c.time, places.c.timezone, places.c.weekdays, places.c.quiet)
_SET_NEXT = (
    sa.update(places)
    .where(places.c.id == sa.bindparam("of"))
    .values(next_at=sa.bindparam("at", type_=places.c.next_at.type))
)
# After so many schedules, other tasks get a turn.
_YIELD_EVERY = 100


@dataclass(frozen=True, slots=True)
class ClockRepairs:
    """How many moments were set anew."""

    digests: int = 0
    breaks: int = 0
    copies: int = 0
    links: int = 0

    def __bool__(self) -> bool:
        return bool(self.digests or self.breaks or self.copies or self.links)


class ClockRepairStore:
    """Repairs moments. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def repair(self, now: datetime) -> ClockRepairs:
        """Set anew all moments that are further ahead than they can be; if there are none, as usual, only read."""
        if now < _NEVER_SET:
            return ClockRepairs()
        return ClockRepairs(
            await self._digests(now), await self._breaks(now), await self._copies(now), await self._links(now)
        )

    async def _digests(self, now: datetime) -> int:
        """Set anew the next moments that are later than the next slot after now."""
        if not await self._has_late_digests(now):
            return 0
        number, last = 0, 0
        query = sa.select(places.c.id, *_SCHEDULE, places.c.next_at).order_by(places.c.id).limit(_BATCH)
        query = query.where(places.c.state == PlaceState.ACTIVE, places.c.next_at > now + _SLACK).with_for_update()
        while True:
            async with self._database.write() as connection:
                rows = [tuple(row) for row in await connection.execute(query.where(places.c.id > last))]
                if not rows:
                    return number
                number += await self._repair_digests(connection, rows, now)
                last = rows[-1][0]

    async def _has_late_digests(self, now: datetime) -> bool:
        # Grouped by schedule, since there are few of these, however many places.
        query = sa.select(*_SCHEDULE, sa.func.max(places.c.next_at)).group_by(*_SCHEDULE)
        query = query.where(places.c.state == PlaceState.ACTIVE, places.c.next_at > now + _SLACK)
        async with self._database.read() as connection:
            rows = [tuple(row) for row in await connection.execute(query)]
        latest_slots = _Slots(now + _SLACK)
        for number, (*schedule, moment) in enumerate(rows):
            if number % _YIELD_EVERY == 0:
                await asyncio.sleep(0)
            if moment > latest_slots.next(schedule):
                return True
        return False

    async def _repair_digests(self, connection: AsyncConnection, rows: Iterable[tuple[Any, ...]], now: datetime) -> int:
        latest_slots, slots = _Slots(now + _SLACK), _Slots(now)
        late = [
            {"of": place_id, "at": slots.next(schedule)}
            for place_id, *schedule, moment in rows
            if moment > latest_slots.next(schedule)
        ]
        if late:
            await connection.execute(_SET_NEXT, late)
        return len(late)

    async def _breaks(self, now: datetime) -> int:
        """Set anew the ends of pauses that are further away than a pause can last.

        A pause is asked for in days. If the clock was ahead at the time, so is the chat's last use of the bot, and the
        time between the two is how long the pause was meant to last.
        """
        wrong = (places.c.state == PlaceState.PAUSED) & (places.c.resume_at > now + _MAX_PAUSE)
        if not await self._is_any(wrong):
            return 0
        query = sa.select(places.c.id, *_SCHEDULE, places.c.active_at, places.c.resume_at).where(wrong)
        async with self._database.write() as connection:
            rows = (await connection.execute(query.with_for_update())).all()
            for row in rows:
                is_known = now < row.active_at <= row.resume_at
                length = min(row.resume_at - row.active_at, _MAX_PAUSE) if is_known else _MAX_PAUSE
                slots = _Slots(now + length - timedelta(hours=12))
                until = slots.next((row.time, row.timezone, row.weekdays, row.quiet))
                await connection.execute(sa.update(places).where(places.c.id == row.id).values(resume_at=until))
        return len(rows)

    async def _copies(self, now: datetime) -> int:
        """Make due the copies of announcements that wait longer for a change than they ever have to."""
        copies = announcement_copies.c
        wrong = (copies.state == CopyState.PENDING) & (copies.due_at > now + _MAX_WAIT)
        if not await self._is_any(wrong):
            return 0
        async with self._database.write() as connection:
            changed = await connection.execute(sa.update(announcement_copies).where(wrong).values(due_at=now))
            return int(changed.rowcount)

    async def _links(self, now: datetime) -> int:
        """Let open links live as long as they were meant to, from now on, not until the clock shows their end again."""
        wrong = links.c.used_by.is_(None) & (links.c.created_at > now + _SLACK)
        if not await self._is_any(wrong):
            return 0
        async with self._database.write() as connection:
            rows = (await connection.execute(sa.select(links).where(wrong))).all()
            for row in rows:
                values = {"created_at": now, "expires_at": now + (row.expires_at - row.created_at)}
                await connection.execute(sa.update(links).where(links.c.hash == row.hash).values(values))
        return len(rows)

    async def _is_any(self, condition: sa.ColumnElement[bool]) -> bool:
        async with self._database.read() as connection:
            return bool(await connection.scalar(sa.select(sa.exists().where(condition))))


class _Slots:
    """The next slot after a moment, computed once per schedule."""

    def __init__(self, after: datetime) -> None:
        self._after = after
        self._made: dict[tuple[str, ...], datetime] = {}

    def next(self, schedule: Sequence[str]) -> datetime:
        key = tuple(schedule)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = next_slot(self._after, read_schedule(*key))
        return found
