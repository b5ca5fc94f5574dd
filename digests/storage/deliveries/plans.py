"""Deliveries as they are planned and counted: what is to be sent to whom. `ledger.py` holds how they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.announcement import AnnouncementState
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState, Rendering
from digests.model.digest import Window
from digests.model.ids import AnnouncementId, DeliveryId, IngestNumber, PlaceId
from digests.model.recipients import Recipients
from digests.storage.bulk import insert_rows, is_one_of
from digests.storage.database import Database
from digests.storage.deliveries.renderings import keep_renderings, read_renderings, tidy_renderings
from digests.storage.deliveries.rows import part_hashes, read_deliveries
from digests.storage.recipients import is_recipient
from digests.storage.schema import announcements, deliveries, parts, places

__all__ = ["DeliveryStore", "Plan", "StoredRendering"]


@dataclass(frozen=True, slots=True)
class StoredRendering:
    """A rendering that is in the database already, or `text`, which comes there with the plan."""

    key: str
    hashes: tuple[str, ...]
    text: Rendering | None = None


class Plan(NamedTuple):
    """What planning decided for one place. `rendering` None: nothing to send, the window moves all the same.

    `guard` is the `next_at` that the plan was made for (None: whatever it is, as for /digest). `moves` False: what is
    in the window waits for the next slot.
    """

    place_id: PlaceId
    window: Window
    slot: datetime
    next_at: datetime | None
    rendering: Rendering | StoredRendering | None
    guard: datetime | None = None
    moves: bool = True


_COLUMNS = ("id", "place_id", "slot", "rendering", "since", "until")
_PART_COLUMNS = ("delivery_id", "number", "hash")
_PENDING = {"state": "pending", "error": ""}
_AT_ONCE = 2000
_MANY = 50


class DeliveryStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def commit(
        self, plans: Sequence[Plan], now: datetime, written: asyncio.Event | None = None
    ) -> tuple[DeliveryId, ...]:
        """Stores the plans and moves the windows, in one transaction; the ids of the deliveries that are new.

        `written` is set when nothing but the disk is waited for.

        A plan whose place has moved on since it was read (another worker, a /digest in between) is left out.
        """
        async with self._database.write() as connection:
            await keep_renderings(self._database, connection, _texts(plans), now)
            unmoved = await self._unmoved(connection, plans)
            await _move_windows(self._database, connection, unmoved, now)
            made = await self._insert(connection, [one for one in unmoved if one.rendering is not None], now)
            if written is not None:
                written.set()
        return made

    async def _unmoved(self, connection: AsyncConnection, plans: Sequence[Plan]) -> list[Plan]:
        """Nobody moves these places before the transaction ends."""
        same: dict[tuple[IngestNumber, datetime | None], list[Plan]] = {}
        for one in plans:
            same.setdefault((one.window.since, one.guard), []).append(one)
        if not self._database.is_sqlite:
            of_them = is_one_of(self._database, places.c.id, [one.place_id for one in plans])
            await connection.execute(sa.select(places.c.id).where(of_them).order_by(places.c.id).with_for_update())
        gone: set[PlaceId] = set()
        doubtful: list[Plan] = []
        for (since, guard), some in same.items():
            # Where many were at one point they nearly always still are: counting them is one row to read.
            if len(some) < _MANY or await self._count_at(connection, some, since, guard) < len(some):
                doubtful += some
        if doubtful:
            of_them = is_one_of(self._database, places.c.id, [one.place_id for one in doubtful])
            query = sa.select(places.c.id, places.c.window_from, places.c.next_at).where(of_them)
            at = {place: (window_from, next_at) for place, window_from, next_at in await connection.execute(query)}
            for one in doubtful:
                window_from, next_at = at.get(one.place_id, (None, None))
                if window_from != one.window.since or one.guard not in (None, next_at):
                    gone.add(one.place_id)
        return [one for one in plans if one.place_id not in gone]

    async def _count_at(
        self, connection: AsyncConnection, plans: Sequence[Plan], since: IngestNumber, guard: datetime | None
    ) -> int:
        there = is_one_of(self._database, places.c.id, [one.place_id for one in plans])
        there &= places.c.window_from == since
        if guard is not None:
            there &= places.c.next_at == guard
        return int(await connection.scalar(sa.select(sa.func.count()).where(there)) or 0)

    async def _insert(
        self, connection: AsyncConnection, plans: Sequence[Plan], now: datetime
    ) -> tuple[DeliveryId, ...]:
        """The windows have moved, so the rows must come about: where a slot is taken (two digests asked for at one
        moment), the next microsecond's is not."""
        if not plans:
            return ()
        query = sa.select(deliveries.c.place_id, deliveries.c.slot).where(
            is_one_of(self._database, deliveries.c.place_id, [one.place_id for one in plans]),
            deliveries.c.kind == DeliveryKind.DIGEST,
            deliveries.c.slot >= min(one.slot for one in plans),
        )
        taken = {(row.place_id, row.slot) for row in await connection.execute(query)}
        ids = await self._new_ids(connection, len(plans))
        rows: list[tuple[Any, ...]] = []
        part_rows: list[tuple[Any, ...]] = []
        for delivery_id, (place_id, window, slot, _, rendering, *_) in zip(ids, plans, strict=True):
            assert rendering is not None
            while (place_id, slot) in taken:
                slot += timedelta(microseconds=1)
            rows.append((delivery_id, place_id, slot, rendering.key, window.since, window.until))
            hashes = rendering.hashes if isinstance(rendering, StoredRendering) else part_hashes(rendering)
            part_rows += [(delivery_id, number, each) for number, each in enumerate(hashes)]
        alike = {"kind": "digest", "state": "pending", "attempts": 0, "due_at": now, "error": "", "created_at": now}
        await insert_rows(self._database, connection, deliveries, _COLUMNS, rows, alike)
        await insert_rows(self._database, connection, parts, _PART_COLUMNS, part_rows, _PENDING)
        await _offer(connection, ids, [one.place_id for one in plans])
        return ids

    async def _new_ids(self, connection: AsyncConnection, number: int) -> tuple[DeliveryId, ...]:
        if self._database.is_sqlite:
            # Nobody else writes before this transaction ends.
            last = int(await connection.scalar(sa.select(sa.func.max(deliveries.c.id))) or 0)
            return tuple(DeliveryId(last + one) for one in range(1, number + 1))
        sequence = sa.text(
            "SELECT nextval(pg_get_serial_sequence('deliveries', 'id')) FROM generate_series(1, :number)"
        )
        return tuple((await connection.execute(sequence, {"number": number})).scalars())

    async def plan_announcement(
        self,
        announcement_id: AnnouncementId,
        rendering: Rendering,
        slot: datetime,
        to: Recipients,
        now: datetime,
        due: datetime | None = None,
    ) -> int:
        """One delivery for each place of the audience that has none of it yet, due at `due` (None: now); how many it
        has by now.

        Some thousand at a time: a long transaction would hold up the readers, and a crash in between goes on where
        it was.
        """
        come: PlaceId | None = PlaceId(0)
        while come is not None:
            come = await self._plan_some(announcement_id, rendering, slot, to, now, due or now, come)
        async with self._database.read() as connection:
            count = sa.select(sa.func.count()).where(deliveries.c.announcement_id == announcement_id)
            return int(await connection.scalar(count) or 0)

    async def _plan_some(
        self,
        announcement_id: AnnouncementId,
        rendering: Rendering,
        slot: datetime,
        to: Recipients,
        now: datetime,
        due: datetime,
        come: PlaceId,
    ) -> PlaceId | None:
        """How far it has come; None when there are no more, or nobody is to get it any more."""
        # Who pauses it waits for this transaction, and then holds its rows too.
        asked = sa.select(announcements.c.state).where(announcements.c.id == announcement_id).with_for_update()
        planned = sa.exists().where(
            deliveries.c.place_id == places.c.id,
            deliveries.c.kind == DeliveryKind.ANNOUNCEMENT,
            deliveries.c.slot == slot,
        )
        recipient = is_recipient(to)
        query = (
            sa.select(places.c.id).where(recipient, places.c.id > come, ~planned).order_by(places.c.id).limit(_AT_ONCE)
        )
        async with self._database.write() as connection:
            announced = await connection.scalar(asked)
            chosen = list((await connection.execute(query)).scalars())
            if not chosen or announced == AnnouncementState.CANCELLED:
                return None
            state = "held" if announced == AnnouncementState.PAUSED else "pending"
            await keep_renderings(self._database, connection, [rendering], now)
            ids = await self._new_ids(connection, len(chosen))
            hashes = part_hashes(rendering)
            rows = [(one, place, slot, rendering.key, 0, 0) for one, place in zip(ids, chosen, strict=True)]
            part_rows = [(one, number, each) for one in ids for number, each in enumerate(hashes)]
            # Tried from its moment on, which for some is hours away.
            alike = {"kind": "announcement", "state": state, "attempts": 0, "due_at": due, "resent_at": due}
            alike |= {"error": "", "created_at": now, "announcement_id": announcement_id}
            await insert_rows(self._database, connection, deliveries, _COLUMNS, rows, alike)
            await insert_rows(self._database, connection, parts, _PART_COLUMNS, part_rows, _PENDING)
        return PlaceId(chosen[-1])

    async def rendering(self, key: str) -> Rendering | None:
        found = await self.renderings([key])
        return found[0] if found else None

    async def renderings(self, keys: Collection[str]) -> tuple[Rendering, ...]:
        """Those of them that are stored, in no order."""
        async with self._database.read() as connection:
            return await read_renderings(self._database, connection, keys)

    async def get(self, delivery_id: DeliveryId) -> Delivery | None:
        async with self._database.read() as connection:
            found = await read_deliveries(connection, [delivery_id])
        return found[0] if found else None

    async def had_digest(self, place_id: PlaceId) -> bool:
        """Whether a digest went, or is on its way, to this place."""
        mine = (deliveries.c.place_id == place_id) & (deliveries.c.kind == DeliveryKind.DIGEST)
        mine &= deliveries.c.state.not_in((DeliveryState.FAILED, DeliveryState.CANCELLED))
        async with self._database.read() as connection:
            return bool(await connection.scalar(sa.select(sa.exists().where(mine))))

    async def progress(self, announcement_id: AnnouncementId) -> dict[DeliveryState, int]:
        """Deliveries by state, counted from the rows."""
        return await self._count(deliveries.c.announcement_id == announcement_id)

    async def counts(self, since: datetime) -> dict[DeliveryState, int]:
        """Deliveries planned after `since`, by state."""
        return await self._count(deliveries.c.created_at > since)

    async def _count(self, condition: sa.ColumnElement[bool]) -> dict[DeliveryState, int]:
        query = sa.select(deliveries.c.state, sa.func.count()).where(condition).group_by(deliveries.c.state)
        async with self._database.read() as connection:
            return {DeliveryState(state): number for state, number in await connection.execute(query)}

    async def tidy(self, before: datetime) -> int:
        """Removes deliveries that were settled before then, and renderings that nothing uses; how many went."""
        async with self._database.write() as connection:
            gone = await connection.execute(sa.delete(deliveries).where(deliveries.c.settled_at < before))
            await tidy_renderings(self._database, connection, before)
            return int(gone.rowcount)


def _texts(plans: Sequence[Plan]) -> list[Rendering]:
    """Those that may not be in the database yet."""
    texts = [one.rendering.text if isinstance(one.rendering, StoredRendering) else one.rendering for one in plans]
    return [one for one in texts if one is not None]


async def _move_windows(database: Database, connection: AsyncConnection, plans: Sequence[Plan], now: datetime) -> None:
    """One statement for all that move to the same ends, which are few."""
    same: dict[tuple[IngestNumber | None, datetime | None], list[PlaceId]] = {}
    for one in plans:
        same.setdefault((one.window.until if one.moves else None, one.next_at), []).append(one.place_id)
    for (until, next_at), ids in same.items():
        values: dict[str, Any] = {} if until is None else {"window_from": until, "window_from_at": now}
        if next_at is not None:
            values["next_at"] = next_at
        await connection.execute(sa.update(places).where(is_one_of(database, places.c.id, ids)).values(values))


async def _offer(connection: AsyncConnection, ids: Sequence[DeliveryId], place_ids: Collection[PlaceId]) -> None:
    """Digests that may not have come are offered by the next one of their place, each once."""
    unsure = sa.and_(deliveries.c.state == DeliveryState.UNCERTAIN, deliveries.c.kind == DeliveryKind.DIGEST)
    later = deliveries.alias("later")
    unoffered = ~sa.exists().where(later.c.place_id == deliveries.c.place_id, later.c.offers == deliveries.c.id)
    query = sa.select(deliveries.c.place_id, sa.func.max(deliveries.c.id)).where(unsure, unoffered)
    found = {row[0]: row[1] for row in await connection.execute(query.group_by(deliveries.c.place_id))}
    rows = [
        {"of": delivery, "offered": found[place]}
        for delivery, place in zip(ids, place_ids, strict=True)
        if place in found
    ]
    if rows:
        statement = sa.update(deliveries).where(deliveries.c.id == sa.bindparam("of"))
        await connection.execute(statement.values(offers=sa.bindparam("offered")), rows)
