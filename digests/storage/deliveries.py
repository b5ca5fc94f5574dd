"""The ledger: what is to be sent to whom, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.articles import ingest_now, read_candidates
from digests.storage.database import Database
from digests.storage.places import to_place
from digests.storage.schema import deliveries, parts, places, renderings, subscriptions
from digests.types import (
    AnnouncementId,
    ArticleId,
    Candidate,
    CategoryId,
    Delivery,
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    IngestNumber,
    Part,
    PartRow,
    Place,
    PlaceId,
    PlaceState,
    Rendering,
    Window,
)

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Due:
    """A place whose digest is to be planned."""

    place: Place
    wanted: frozenset[CategoryId]


@dataclass(frozen=True, slots=True)
class Plan:
    """What planning decided for one place. `rendering` None: nothing to send, the window moves all the same.

    `guard` is the `next_at` that the plan was made for (None: whatever it is, as for /digest).
    """

    place_id: PlaceId
    window: Window
    slot: datetime
    next_at: datetime | None
    rendering: Rendering | None
    guard: datetime | None = None


class DeliveryStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, limit: int) -> tuple[Due, ...]:
        """Active places whose moment has come, the longest waiting first."""
        query = (
            sa.select(places)
            .where(places.c.state == PlaceState.ACTIVE, places.c.next_at <= now)
            .order_by(places.c.next_at, places.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return await _with_wanted(connection, [to_place(row) for row in await connection.execute(query)])

    async def due_one(self, place_id: PlaceId) -> Due | None:
        """The same for one place, whatever its moment."""
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(places).where(places.c.id == place_id))
            found = await _with_wanted(connection, [to_place(row) for row in rows])
        return found[0] if found else None

    async def candidates(self, since: IngestNumber) -> tuple[IngestNumber, tuple[Candidate, ...]]:
        """Where a window that is planned now ends, and what lies between `since` and there."""
        async with self._database.read() as connection:
            until = await ingest_now(connection)
            return until, await read_candidates(connection, Window(since, until))

    async def commit(self, plans: Sequence[Plan], now: datetime) -> tuple[DeliveryId, ...]:
        """Stores the plans and moves the windows, in one transaction; the ids of the deliveries that are new.

        A plan whose place has moved on since it was read (another worker, a /digest in between) is left out.
        """
        made: list[DeliveryId] = []
        async with self._database.write() as connection:
            await self._keep(connection, [plan.rendering for plan in plans if plan.rendering], now)
            for plan in plans:
                if not await _move_window(connection, plan, now) or plan.rendering is None:
                    continue
                row = {
                    "place_id": plan.place_id,
                    "kind": DeliveryKind.DIGEST,
                    "slot": plan.slot,
                    "rendering": plan.rendering.key,
                    "since": plan.window.since,
                    "until": plan.window.until,
                    "state": DeliveryState.PENDING,
                    "attempts": 0,
                    "due_at": now,
                    "created_at": now,
                    "error": "",
                }
                made_id = await self._insert(connection, row)
                made.append(DeliveryId(made_id))
                await connection.execute(sa.insert(parts), _part_rows(made_id, plan.rendering))
        return tuple(made)

    async def _insert(self, connection: AsyncConnection, row: dict[str, Any]) -> int:
        """The new delivery's id. The window has moved, so the row must come about: where its slot is taken (two
        digests asked for at one moment), the next microsecond's is not."""
        while True:
            insert = self._database.insert(deliveries).values(row).on_conflict_do_nothing()
            made_id: int | None = await connection.scalar(insert.returning(deliveries.c.id))
            if made_id is not None:
                return made_id
            row["slot"] += timedelta(microseconds=1)

    async def plan_announcement(
        self,
        announcement_id: AnnouncementId,
        rendering: Rendering,
        slot: datetime,
        to: sa.ColumnElement[bool],
        now: datetime,
    ) -> int:
        """One delivery for each place of the audience, in one statement; how many there are."""
        chosen = sa.select(
            places.c.id,
            sa.literal(str(DeliveryKind.ANNOUNCEMENT)),
            sa.bindparam("slot", slot, deliveries.c.slot.type),
            sa.literal(int(announcement_id)),
            sa.literal(rendering.key),
            sa.literal(0),
            sa.literal(0),
            sa.literal(str(DeliveryState.PENDING)),
            sa.literal(0),
            sa.bindparam("due", now, deliveries.c.due_at.type),
            sa.literal(""),
            sa.bindparam("made", now, deliveries.c.created_at.type),
        ).where(to)
        columns = ["place_id", "kind", "slot", "announcement_id", "rendering", "since", "until", "state", "attempts"]
        columns += ["due_at", "error", "created_at"]
        async with self._database.write() as connection:
            await self._keep(connection, [rendering], now)
            await connection.execute(
                self._database.insert(deliveries)
                .from_select(columns, chosen.order_by(places.c.id))
                .on_conflict_do_nothing()
            )
            for row in _part_rows(0, rendering):
                from_delivery = sa.select(
                    deliveries.c.id,
                    sa.literal(row["number"]),
                    sa.literal(row["hash"]),
                    sa.literal(str(row["state"])),
                    sa.literal(""),
                ).where(deliveries.c.announcement_id == announcement_id)
                await connection.execute(
                    self._database.insert(parts)
                    .from_select(["delivery_id", "number", "hash", "state", "error"], from_delivery)
                    .on_conflict_do_nothing()
                )
            count = sa.select(sa.func.count()).where(deliveries.c.announcement_id == announcement_id)
            return int(await connection.scalar(count) or 0)

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, only: Collection[DeliveryId] | None = None
    ) -> tuple[Delivery, ...]:
        """Takes up to `limit` open deliveries that are due and that nobody holds, for as long as `lease`."""
        free = sa.or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until < now)
        query = sa.select(deliveries.c.id).where(deliveries.c.state.in_(_OPEN), deliveries.c.due_at <= now, free)
        if only is not None:
            query = query.where(deliveries.c.id.in_(list(only)))
        query = query.order_by(deliveries.c.due_at, deliveries.c.id).limit(limit)
        if not self._database.is_sqlite:
            query = query.with_for_update(skip_locked=True)
        async with self._database.write() as connection:
            ids = list((await connection.execute(query)).scalars())
            if not ids:
                return ()
            await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.id.in_(ids))
                .values(lease_owner=owner, lease_until=now + lease, state=DeliveryState.SENDING)
            )
            # Who holds it no longer lives: whether his last request arrived is not known.
            await connection.execute(
                sa.update(parts)
                .where(parts.c.delivery_id.in_(ids), parts.c.state == DeliveryState.SENDING)
                .values(state=DeliveryState.UNCERTAIN, error="interrupted")
            )
            return await _read(connection, ids)

    async def begin_part(self, delivery: DeliveryId, number: int) -> None:
        """Written before the request leaves, so that a crash shows which parts may have gone."""
        await self._set_part(delivery, number, DeliveryState.SENDING)

    async def settle_part(
        self, delivery: DeliveryId, number: int, state: DeliveryState, message_id: int | None = None, error: str = ""
    ) -> None:
        await self._set_part(delivery, number, state, message_id, error)

    async def _set_part(
        self, delivery: DeliveryId, number: int, state: DeliveryState, message_id: int | None = None, error: str = ""
    ) -> None:
        statement = sa.update(parts).where(parts.c.delivery_id == delivery, parts.c.number == number)
        async with self._database.write() as connection:
            await connection.execute(statement.values(state=state, message_id=message_id, error=error))

    async def settle(self, delivery: DeliveryId, state: DeliveryState, error: str, now: datetime) -> None:
        """Ends the delivery and its lease; parts that were not sent share its state."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.id == delivery)
                .values(state=state, error=error, settled_at=now, lease_owner=None, lease_until=None)
            )

    async def postpone(self, delivery: DeliveryId, until: datetime, error: str, *, failed: bool) -> None:
        """Gives the delivery back, to be taken up at `until`; `failed` counts one more attempt."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.id == delivery)
                .values(
                    state=DeliveryState.PENDING,
                    due_at=until,
                    error=error,
                    attempts=deliveries.c.attempts + int(failed),
                    lease_owner=None,
                    lease_until=None,
                )
            )

    async def release_all(self) -> int:
        """Ends every lease: for a process that starts and knows that it is the only one."""
        async with self._database.write() as connection:
            result = await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.lease_until.is_not(None))
                .values(lease_owner=None, lease_until=None)
            )
            return int(result.rowcount)

    async def rendering(self, key: str) -> Rendering | None:
        async with self._database.read() as connection:
            row = (await connection.execute(sa.select(renderings).where(renderings.c.key == key))).first()
        if row is None:
            return None
        return Rendering(row.key, tuple(Part(**part) for part in row.parts), _ids(row.items), _ids(row.rest))

    async def get(self, delivery_id: DeliveryId) -> Delivery | None:
        async with self._database.read() as connection:
            found = await _read(connection, [delivery_id])
        return found[0] if found else None

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
            used = sa.select(deliveries.c.rendering)
            await connection.execute(
                sa.delete(renderings).where(renderings.c.created_at < before, renderings.c.key.not_in(used))
            )
            return int(gone.rowcount)

    async def _keep(self, connection: AsyncConnection, made: Sequence[Rendering], now: datetime) -> None:
        rows = {
            one.key: {
                "key": one.key,
                "parts": [asdict(part) for part in one.parts],
                "items": list(one.items),
                "rest": list(one.rest),
                "created_at": now,
            }
            for one in made
        }
        if rows:
            await connection.execute(self._database.insert(renderings).on_conflict_do_nothing(), list(rows.values()))


def part_hash(part: Part) -> str:
    """Tells whether a part that is sent again is the one that was planned."""
    return hashlib.sha256(repr(part).encode()).hexdigest()[:16]


def _part_rows(delivery_id: int, rendering: Rendering) -> list[dict[str, Any]]:
    return [
        {
            "delivery_id": delivery_id,
            "number": number,
            "hash": part_hash(part),
            "state": DeliveryState.PENDING,
            "error": "",
        }
        for number, part in enumerate(rendering.parts)
    ]


async def _move_window(connection: AsyncConnection, plan: Plan, now: datetime) -> bool:
    statement = sa.update(places).where(places.c.id == plan.place_id, places.c.window_from == plan.window.since)
    if plan.guard is not None:
        statement = statement.where(places.c.next_at == plan.guard)
    values: dict[str, Any] = {"window_from": plan.window.until, "window_from_at": now}
    if plan.next_at is not None:
        values["next_at"] = plan.next_at
    return bool((await connection.execute(statement.values(values))).rowcount)


async def _with_wanted(connection: AsyncConnection, found: Sequence[Place]) -> tuple[Due, ...]:
    query = sa.select(subscriptions.c.place_id, subscriptions.c.category_id).where(
        subscriptions.c.place_id.in_([place.id for place in found])
    )
    wanted: dict[int, set[CategoryId]] = {}
    for place_id, category_id in await connection.execute(query):
        wanted.setdefault(place_id, set()).add(category_id)
    return tuple(Due(place, frozenset(wanted.get(place.id, ()))) for place in found)


async def _read(connection: AsyncConnection, ids: Sequence[int]) -> tuple[Delivery, ...]:
    own = {f"delivery_{column.name}": column for column in deliveries.c}
    query = (
        sa.select(places, *[column.label(name) for name, column in own.items()])
        .join(deliveries, deliveries.c.place_id == places.c.id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.due_at, deliveries.c.id)
    )
    rows = (await connection.execute(query)).all()
    of_each: dict[int, list[PartRow]] = {}
    for part in await connection.execute(sa.select(parts).where(parts.c.delivery_id.in_(ids)).order_by(parts.c.number)):
        of_each.setdefault(part.delivery_id, []).append(
            PartRow(part.number, DeliveryState(part.state), part.hash, part.message_id, part.error)
        )
    return tuple(
        Delivery(
            id=DeliveryId(row.delivery_id),
            place=to_place(row),
            kind=DeliveryKind(row.delivery_kind),
            slot=row.delivery_slot,
            state=DeliveryState(row.delivery_state),
            rendering=row.delivery_rendering,
            attempts=row.delivery_attempts,
            created_at=row.delivery_created_at,
            parts=tuple(of_each.get(row.delivery_id, ())),
            announcement_id=row.delivery_announcement_id,
        )
        for row in rows
    )


def _ids(values: Sequence[int]) -> tuple[ArticleId, ...]:
    return tuple(ArticleId(value) for value in values)
