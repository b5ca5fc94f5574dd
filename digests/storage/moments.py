"""Moments that a wrong clock wrote. Whatever waits for one of them would wait until the clock shows it again.

What lies in the past needs nothing: it is due. What lies further ahead than it can is made anew. What people chose by
date stays, and so does what happened: when a clock is set back, nobody knows which of its times was the wrong one.
`LedgerStore.set_back` does the same for deliveries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.announcement import CopyState
from digests.model.place import PlaceState
from digests.model.schedule import next_slot, read_schedule
from digests.storage.database import Database
from digests.storage.schema import announcement_copies, links, places

_SLACK = timedelta(minutes=2)
"""The clocks of two machines differ, and one is put right by a moment now and then: a digest that has just gone out
must not come again for that."""
_NEVER_SET = datetime(2010, 1, 1, tzinfo=UTC)
"""A clock that shows less was never set. It will be in a moment, so nothing is made to fit it."""
_LONGEST_BREAK = timedelta(days=366)
_LONGEST_WAIT = timedelta(days=1)
_AT_ONCE = 2000
_RHYTHM = (places.c.time, places.c.timezone, places.c.weekdays, places.c.quiet)
_SET_NEXT = (
    sa.update(places)
    .where(places.c.id == sa.bindparam("of"))
    .values(next_at=sa.bindparam("at", type_=places.c.next_at.type))
)
# After so many rhythms readers have their turn.
_BREATH = 100


@dataclass(frozen=True, slots=True)
class ClockRepairs:
    """How many moments were made anew."""

    digests: int = 0
    breaks: int = 0
    copies: int = 0
    links: int = 0

    def __bool__(self) -> bool:
        return bool(self.digests or self.breaks or self.copies or self.links)


class ClockRepairStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def repair(self, now: datetime) -> ClockRepairs:
        """Makes anew what lies further ahead than it can. Where nothing does, which is nearly always, it only reads."""
        if now < _NEVER_SET:
            return ClockRepairs()
        return ClockRepairs(
            await self._digests(now), await self._breaks(now), await self._copies(now), await self._links(now)
        )

    async def _digests(self, now: datetime) -> int:
        """Makes anew the next moments that are later than the slot which follows from now."""
        if not await self._has_late_digests(now):
            return 0
        number, last = 0, 0
        query = sa.select(places.c.id, *_RHYTHM, places.c.next_at).order_by(places.c.id).limit(_AT_ONCE)
        query = query.where(places.c.state == PlaceState.ACTIVE, places.c.next_at > now + _SLACK).with_for_update()
        while True:
            async with self._database.write() as connection:
                rows = [tuple(row) for row in await connection.execute(query.where(places.c.id > last))]
                if not rows:
                    return number
                number += await self._remake(connection, rows, now)
                last = rows[-1][0]

    async def _has_late_digests(self, now: datetime) -> bool:
        """By rhythm: of those there are few, however many places."""
        query = sa.select(*_RHYTHM, sa.func.max(places.c.next_at)).group_by(*_RHYTHM)
        query = query.where(places.c.state == PlaceState.ACTIVE, places.c.next_at > now + _SLACK)
        async with self._database.read() as connection:
            rows = [tuple(row) for row in await connection.execute(query)]
        bounds = _Slots(now + _SLACK)
        for number, (*rhythm, moment) in enumerate(rows):
            if number % _BREATH == 0:
                await asyncio.sleep(0)
            if moment > bounds.next(rhythm):
                return True
        return False

    async def _remake(self, connection: AsyncConnection, rows: Iterable[tuple[Any, ...]], now: datetime) -> int:
        bounds, slots = _Slots(now + _SLACK), _Slots(now)
        late = [
            {"of": place_id, "at": slots.next(rhythm)}
            for place_id, *rhythm, moment in rows
            if moment > bounds.next(rhythm)
        ]
        if late:
            await connection.execute(_SET_NEXT, late)
        return len(late)

    async def _breaks(self, now: datetime) -> int:
        """Makes anew the ends of breaks that are further away than a break can last.

        A break is asked for in days. When the clock was ahead then, so was the chat's last use of the bot, and what
        lies between both is how long it was meant to last.
        """
        wrong = (places.c.state == PlaceState.PAUSED) & (places.c.resume_at > now + _LONGEST_BREAK)
        if not await self._is_any(wrong):
            return 0
        query = sa.select(places.c.id, *_RHYTHM, places.c.active_at, places.c.resume_at).where(wrong)
        async with self._database.write() as connection:
            rows = (await connection.execute(query.with_for_update())).all()
            for row in rows:
                is_known = now < row.active_at <= row.resume_at
                lasts = min(row.resume_at - row.active_at, _LONGEST_BREAK) if is_known else _LONGEST_BREAK
                slots = _Slots(now + lasts - timedelta(hours=12))
                until = slots.next((row.time, row.timezone, row.weekdays, row.quiet))
                await connection.execute(sa.update(places).where(places.c.id == row.id).values(resume_at=until))
        return len(rows)

    async def _copies(self, now: datetime) -> int:
        """Copies of announcements that are to be changed are put off for a moment only."""
        copies = announcement_copies.c
        wrong = (copies.state == CopyState.PENDING) & (copies.due_at > now + _LONGEST_WAIT)
        if not await self._is_any(wrong):
            return 0
        async with self._database.write() as connection:
            changed = await connection.execute(sa.update(announcement_copies).where(wrong).values(due_at=now))
            return int(changed.rowcount)

    async def _links(self, now: datetime) -> int:
        """A link lives as long as it was meant to, from now on, and not until the clock shows its end again."""
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
    """The next slot after one moment, made once for each rhythm."""

    def __init__(self, after: datetime) -> None:
        self._after = after
        self._made: dict[tuple[str, ...], datetime] = {}

    def next(self, rhythm: Sequence[str]) -> datetime:
        key = tuple(rhythm)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = next_slot(self._after, read_schedule(*key))
        return found
