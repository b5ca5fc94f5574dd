"""Storing planned deliveries, and counting them; `ledger.py` stores how they are sent."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.announcement import AnnouncementState
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState, Rendering
from digests.model.ids import AnnouncementId, ArticleId, DeliveryId, PlaceId
from digests.model.recipients import Recipients
from digests.storage.bulk import insert_rows, is_one_of
from digests.storage.columns import stored_moment
from digests.storage.database import Database
from digests.storage.deliveries.announced import next_recipients
from digests.storage.deliveries.at_once import active, note_sent, unsent
from digests.storage.deliveries.plan import Plan, StoredRendering
from digests.storage.deliveries.renderings import read_renderings, store_renderings
from digests.storage.deliveries.rows import part_hashes, read_deliveries
from digests.storage.deliveries.windows import move_windows, unmoved
from digests.storage.engine.server import unanswered
from digests.storage.schema.announcement_tables import announcements
from digests.storage.schema.delivery_tables import deliveries, parts

_COLUMNS = ("id", "place_id", "slot", "rendering", "since", "until")
_SLOT = _COLUMNS.index("slot")
_PART_COLUMNS = ("delivery_id", "hash")
_PENDING = {"state": "pending", "error": ""}
_BATCH = 2000


class DeliveryStore:
    """Stores planned deliveries. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def commit(
        self, plans: Sequence[Plan], now: datetime, written: asyncio.Event | None = None
    ) -> tuple[DeliveryId, ...]:
        """Store the plans and move the windows in one transaction, and return the ids of the new deliveries.

        A plan whose place has moved on since it was read (another worker, a /digest in between) is left out, and so is
        one with an article that the place was sent at once meanwhile. `written` is set as soon as only the disk is
        waited for.
        """
        async with self._database.write() as connection:
            await store_renderings(self._database, connection, _new_renderings(plans), now)
            valid = await unsent(self._database, connection, await unmoved(self._database, connection, plans), now)
            await move_windows(self._database, connection, valid, now)
            planned = [plan for plan in valid if plan.rendering is not None]
            ids, _ = await self._insert(connection, planned, now, DeliveryKind.DIGEST)
            if written is not None:
                written.set()
        return ids

    async def commit_at_once(
        self, plans: Sequence[Plan], articles: Mapping[PlaceId, Sequence[ArticleId]], now: datetime
    ) -> tuple[DeliveryId, ...]:
        """Store plans for what places are sent at once, and that they were sent these articles, in one transaction.

        Return the ids of the new deliveries. A plan whose place had a digest since it was read, or gets none any more,
        is left out. Windows don't move.
        """
        async with self._database.write() as connection:
            await store_renderings(self._database, connection, _new_renderings(plans), now)
            valid = await active(self._database, connection, await unmoved(self._database, connection, plans))
            ids, slots = await self._insert(connection, valid, now, DeliveryKind.AT_ONCE)
            sent = [
                (plan.place_id, article, slot)
                for plan, slot in zip(valid, slots, strict=True)
                for article in articles[plan.place_id]
            ]
            await note_sent(self._database, connection, sent)
        return ids

    async def _insert(
        self, connection: AsyncConnection, plans: Sequence[Plan], now: datetime, kind: DeliveryKind
    ) -> tuple[tuple[DeliveryId, ...], list[datetime]]:
        """Insert the deliveries and their parts, and return their ids and slots.

        The windows have moved, so the rows must be created: if a slot is taken (two digests were asked for at the same
        time), the next microsecond is used.
        """
        if not plans:
            return (), []
        query = sa.select(deliveries.c.place_id, deliveries.c.slot).where(
            is_one_of(self._database, deliveries.c.place_id, [plan.place_id for plan in plans]),
            deliveries.c.kind == kind,
            deliveries.c.slot >= min(plan.slot for plan in plans),
        )
        ids, taken = await self._new_ids_beside(connection, len(plans), query)
        rows: list[tuple[Any, ...]] = []
        part_rows: defaultdict[int, list[tuple[DeliveryId, str]]] = defaultdict(list)
        for delivery_id, (place_id, window, slot, _, rendering, *_) in zip(ids, plans, strict=True):
            assert rendering is not None
            while (place_id, slot) in taken:
                slot += timedelta(microseconds=1)
            rows.append((delivery_id, place_id, slot, rendering.key, window.since, window.until))
            hashes = rendering.hashes if isinstance(rendering, StoredRendering) else part_hashes(rendering)
            for number, part_hash in enumerate(hashes):
                part_rows[number].append((delivery_id, part_hash))
        common = {"kind": str(kind), "state": "pending", "attempts": 0, "due_at": now, "error": "", "created_at": now}
        with unanswered(connection):
            await insert_rows(self._database, connection, deliveries, _COLUMNS, rows, common)
            await self._insert_parts(connection, part_rows)
        if kind is DeliveryKind.DIGEST:
            await _offer_uncertain(connection, ids, [plan.place_id for plan in plans])
        return ids, [row[_SLOT] for row in rows]

    async def _insert_parts(
        self, connection: AsyncConnection, rows: Mapping[int, Sequence[tuple[DeliveryId, str]]]
    ) -> None:
        """Insert the parts, a number of them at a time: what all rows have in common is bound once."""
        for number, some in rows.items():
            common = {"number": number, **_PENDING}
            await insert_rows(self._database, connection, parts, _PART_COLUMNS, some, common)

    async def _new_ids(self, connection: AsyncConnection, number: int) -> tuple[DeliveryId, ...]:
        if self._database.is_sqlite:
            # No other writer comes in before this transaction ends.
            last = int(await connection.scalar(sa.select(sa.func.max(deliveries.c.id))) or 0)
            return tuple(DeliveryId(last + step) for step in range(1, number + 1))
        return tuple((await connection.execute(sa.select(_next_ids(number)))).scalar_one())

    async def _new_ids_beside(
        self, connection: AsyncConnection, number: int, query: sa.Select[PlaceId, datetime]
    ) -> tuple[tuple[DeliveryId, ...], set[tuple[PlaceId, datetime]]]:
        """Return new ids, and what a query about places and slots finds, at once where the server is asked for both."""
        if self._database.is_sqlite:
            found = {(row[0], row[1]) for row in await connection.execute(query)}
            return await self._new_ids(connection, number), found
        slots = query.subquery()
        listed = sa.select(sa.func.json_agg(sa.func.json_build_array(*slots.c))).scalar_subquery()
        ids, rows = (await connection.execute(sa.select(_next_ids(number), listed))).one()
        return tuple(ids), {(place, stored_moment(slot)) for place, slot in rows or ()}

    async def plan_announcement(
        self,
        announcement_id: AnnouncementId,
        rendering: Rendering,
        slot: datetime,
        to: Recipients,
        now: datetime,
        due: datetime | None = None,
    ) -> int:
        """Create a delivery for each place of the audience that has none of the announcement yet.

        They are due at `due` (None: now). Return how many deliveries the announcement has then. It works in batches of
        some thousand: a long transaction would delay readers, and after a crash it continues where it was.
        """
        reached: PlaceId | None = PlaceId(0)
        while reached is not None:
            reached = await self._plan_batch(announcement_id, rendering, slot, to, now, due or now, reached)
        async with self._database.read() as connection:
            count = sa.select(sa.func.count()).where(deliveries.c.announcement_id == announcement_id)
            return int(await connection.scalar(count) or 0)

    async def _plan_batch(
        self,
        announcement_id: AnnouncementId,
        rendering: Rendering,
        slot: datetime,
        to: Recipients,
        now: datetime,
        due: datetime,
        reached: PlaceId,
    ) -> PlaceId | None:
        """Plan one batch, and return how far it came; None if there are no more or it was cancelled."""
        # Pausing the announcement waits for this transaction, and then pauses its rows too.
        asked = sa.select(announcements.c.state).where(announcements.c.id == announcement_id).with_for_update()
        async with self._database.write() as connection:
            announced = await connection.scalar(asked)
            chosen, upto = await next_recipients(self._database, connection, to, slot, reached, _BATCH)
            if not chosen or announced == AnnouncementState.CANCELLED:
                return None if announced == AnnouncementState.CANCELLED else upto
            state = "held" if announced == AnnouncementState.PAUSED else "pending"
            await store_renderings(self._database, connection, [rendering], now)
            ids = await self._new_ids(connection, len(chosen))
            hashes = part_hashes(rendering)
            rows = [
                (delivery_id, place_id, slot, rendering.key, 0, 0)
                for delivery_id, place_id in zip(ids, chosen, strict=True)
            ]
            part_rows = {
                number: [(delivery_id, part_hash) for delivery_id in ids] for number, part_hash in enumerate(hashes)
            }
            # Retries count from its moment, which for some places is hours away.
            common = {"kind": "announcement", "state": state, "attempts": 0, "due_at": due, "resent_at": due}
            common |= {"error": "", "created_at": now, "announcement_id": announcement_id}
            with unanswered(connection):
                await insert_rows(self._database, connection, deliveries, _COLUMNS, rows, common)
                await self._insert_parts(connection, part_rows)
        return upto

    async def rendering(self, key: str) -> Rendering | None:
        """Return the rendering, if it is stored."""
        found = await self.renderings([key])
        return found[0] if found else None

    async def renderings(self, keys: Collection[str]) -> tuple[Rendering, ...]:
        """Return those of the renderings that are stored, in no order."""
        async with self._database.read() as connection:
            return await read_renderings(self._database, connection, keys)

    async def get(self, delivery_id: DeliveryId) -> Delivery | None:
        """Return a delivery with its parts, if it exists."""
        async with self._database.read() as connection:
            found = await read_deliveries(self._database, connection, [delivery_id])
        return found[0] if found else None

    async def latest_digests(self, place_id: PlaceId, most: int) -> tuple[DeliveryId, ...]:
        """Return the last digests that were sent to this place and are still stored, the last one first."""
        mine = (deliveries.c.place_id == place_id) & (deliveries.c.kind == DeliveryKind.DIGEST)
        query = sa.select(deliveries.c.id).where(mine, deliveries.c.state == DeliveryState.SENT)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query.order_by(deliveries.c.slot.desc()).limit(most))).scalars())

    async def had_digest(self, place_id: PlaceId) -> bool:
        """Return whether a digest was sent, or is on its way, to this place."""
        mine = (deliveries.c.place_id == place_id) & (deliveries.c.kind == DeliveryKind.DIGEST)
        mine &= deliveries.c.state.not_in((DeliveryState.FAILED, DeliveryState.CANCELLED))
        async with self._database.read() as connection:
            return bool(await connection.scalar(sa.select(sa.exists().where(mine))))

    async def progress(self, announcement_id: AnnouncementId) -> dict[DeliveryState, int]:
        """Return the number of the announcement's deliveries in each state, counted from their rows."""
        return await self._count(deliveries.c.announcement_id == announcement_id)

    async def counts(self, since: datetime) -> dict[DeliveryState, int]:
        """Return the number of deliveries planned after `since` in each state."""
        return await self._count(deliveries.c.created_at > since)

    async def _count(self, condition: sa.ColumnElement[bool]) -> dict[DeliveryState, int]:
        query = sa.select(deliveries.c.state, sa.func.count()).where(condition).group_by(deliveries.c.state)
        async with self._database.read() as connection:
            return {DeliveryState(state): number for state, number in await connection.execute(query)}


def _next_ids(number: int) -> sa.ColumnElement[Any]:
    """Return a subquery for the next ids of PostgreSQL's deliveries, as a list."""
    following = sa.func.nextval(sa.func.pg_get_serial_sequence(deliveries.name, deliveries.c.id.name))
    steps = sa.func.generate_series(1, number).alias("steps")
    return sa.select(sa.func.json_agg(following)).select_from(steps).scalar_subquery()


def _new_renderings(plans: Sequence[Plan]) -> list[Rendering]:
    """Return the renderings that may not be in the database yet."""
    renderings: list[Rendering | None] = []
    for plan in plans:
        if isinstance(plan.rendering, StoredRendering):
            renderings += (plan.rendering.text, plan.rendering.fallback)
        else:
            renderings.append(plan.rendering)
    return [rendering for rendering in renderings if rendering is not None]


async def _offer_uncertain(
    connection: AsyncConnection, ids: Sequence[DeliveryId], place_ids: Collection[PlaceId]
) -> None:
    """Let each place's next digest offer an earlier one that may not have arrived; each is offered once."""
    is_of_reader = deliveries.c.kind.in_((DeliveryKind.DIGEST, DeliveryKind.AT_ONCE))
    unsure = sa.and_(deliveries.c.state == DeliveryState.UNCERTAIN, is_of_reader)
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
        with unanswered(connection):
            await connection.execute(statement.values(offers=sa.bindparam("offered")), rows)
