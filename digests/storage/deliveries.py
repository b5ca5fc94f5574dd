"""Deliveries as they are planned and counted: what is to be sent to whom. `ledger.py` holds how they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.articles import ingest_now, read_candidates
from digests.storage.bulk import insert_rows, is_one_of
from digests.storage.database import Database
from digests.storage.delivery_rows import part_hash, part_hashes, read_deliveries
from digests.storage.places import to_place
from digests.storage.schema import announcements, deliveries, parts, places, renderings, subscriptions
from digests.types import (
    AnnouncementId,
    AnnouncementState,
    ArticleId,
    Candidate,
    CategoryId,
    Delivery,
    DeliveryId,
    DeliveryKind,
    DeliveryState,
    IngestNumber,
    Part,
    Place,
    PlaceId,
    PlaceState,
    Rendering,
    StoryId,
    Window,
)

__all__ = ["DeliveryStore", "Due", "DuePlace", "Kept", "Plan", "part_hash"]

_READ_AT_ONCE = 500
_Held = dict[str, frozenset[StoryId]]


@dataclass(frozen=True, slots=True)
class Due:
    """A place whose digest is to be planned."""

    place: Place
    wanted: frozenset[CategoryId]


class DuePlace(NamedTuple):
    """The same with no more than planning needs, for very many. `wanted`: the categories' ids, joined by commas."""

    id: PlaceId
    language: str
    time: str
    timezone: str
    next_at: datetime
    window_from: IngestNumber
    window_from_at: datetime
    weekdays: str
    quiet: str
    least_items: int
    wanted: str


@dataclass(frozen=True, slots=True)
class Kept:
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
    rendering: Rendering | Kept | None
    guard: datetime | None = None
    moves: bool = True


_COLUMNS = ("id", "place_id", "slot", "rendering", "since", "until")
_PART_COLUMNS = ("delivery_id", "number", "hash")
_PENDING = {"state": "pending", "error": ""}
_AT_ONCE = 2000
_TEXT_COLUMNS = ("key", "parts", "items", "rest")


def _wanted() -> sa.ScalarSelect[str]:
    """The categories that a place of the query around wants."""
    joined = sa.func.aggregate_strings(sa.cast(subscriptions.c.category_id, sa.Text), ",")
    return sa.select(joined).where(subscriptions.c.place_id == places.c.id).scalar_subquery()


_DUE = sa.select(
    places.c.id,
    places.c.language,
    places.c.time,
    places.c.timezone,
    places.c.next_at,
    places.c.window_from,
    places.c.window_from_at,
    places.c.weekdays,
    places.c.quiet,
    places.c.least_items,
    sa.func.coalesce(_wanted(), ""),
)


class DeliveryStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # The last batch's, since the next one mostly asks for the same stories.
        self._held: tuple[Mapping[ArticleId, StoryId], _Held] = ({}, {})

    async def due(self, now: datetime, limit: int, after: DuePlace | None = None) -> tuple[DuePlace, ...]:
        """Active places whose moment has come, the longest waiting first; those that come `after` one of them."""
        query = _DUE.where(places.c.state == PlaceState.ACTIVE).order_by(places.c.next_at, places.c.id).limit(limit)
        come = places.c.next_at <= now
        async with self._database.read() as connection:
            if after is None:
                return tuple(map(DuePlace._make, (await connection.execute(query.where(come))).all()))
            # Two questions that an index answers at once; as one it would pass over all that came before.
            same = query.where(places.c.next_at == after.next_at, places.c.id > after.id)
            found = list((await connection.execute(same)).all())
            if len(found) < limit:
                later = query.where(places.c.next_at > after.next_at, come).limit(limit - len(found))
                found.extend((await connection.execute(later)).all())
        return tuple(map(DuePlace._make, found))

    async def oldest_window(self, now: datetime) -> IngestNumber | None:
        """Where the longest of the windows that are due begins; None when nothing is due."""
        query = sa.select(sa.func.min(places.c.window_from)).where(
            places.c.state == PlaceState.ACTIVE, places.c.next_at <= now
        )
        async with self._database.read() as connection:
            oldest = await connection.scalar(query)
        return None if oldest is None else IngestNumber(oldest)

    async def due_one(self, place_id: PlaceId) -> Due | None:
        """One place with what it wants, whatever its moment."""
        query = sa.select(places, sa.func.coalesce(_wanted(), "").label("wanted")).where(places.c.id == place_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Due(to_place(row), ids_of(row.wanted)) if row is not None else None

    async def candidates(self, since: IngestNumber) -> tuple[IngestNumber, tuple[Candidate, ...]]:
        """Where a window that is planned now ends, and what lies between `since` and there."""
        async with self._database.read() as connection:
            until = await ingest_now(connection)
            return until, await read_candidates(connection, Window(since, until))

    async def told(
        self, place_ids: Sequence[PlaceId], earlier: Mapping[ArticleId, StoryId], since: datetime
    ) -> dict[PlaceId, frozenset[StoryId]]:
        """Which of these places were told which stories: a digest planned after `since` holds one of the story's
        earlier articles, shown or behind its button. A few reads, however many places and articles there are."""
        if earlier != self._held[0]:
            self._held = (dict(earlier), {})
        _, held = self._held
        found: dict[PlaceId, frozenset[StoryId]] = {}
        async with self._database.read() as connection:
            for start in range(0, len(place_ids), _READ_AT_ONCE):
                sent = (
                    await connection.execute(self._digests_of(place_ids[start : start + _READ_AT_ONCE], since))
                ).all()
                await _hold(connection, {key for _, key in sent} - held.keys(), earlier, held)
                for place, key in sent:
                    if stories := held[key]:
                        found[place] = found.get(place, frozenset()) | stories
        return found

    def _digests_of(self, place_ids: Sequence[PlaceId], since: datetime) -> sa.Select[PlaceId, str]:
        return sa.select(deliveries.c.place_id, deliveries.c.rendering).where(
            is_one_of(self._database, deliveries.c.place_id, place_ids),
            deliveries.c.kind == DeliveryKind.DIGEST,
            # A slot is at most a day before the moment of planning; the bound lets the unique index serve.
            deliveries.c.slot >= since - timedelta(days=2),
            deliveries.c.created_at >= since,
            deliveries.c.state.not_in((DeliveryState.FAILED, DeliveryState.CANCELLED)),
        )

    async def commit(
        self, plans: Sequence[Plan], now: datetime, written: asyncio.Event | None = None
    ) -> tuple[DeliveryId, ...]:
        """Stores the plans and moves the windows, in one transaction; the ids of the deliveries that are new.

        `written` is set when nothing but the disk is waited for.

        A plan whose place has moved on since it was read (another worker, a /digest in between) is left out.
        """
        async with self._database.write() as connection:
            await self._keep(connection, _texts(plans), now)
            unmoved = await self._unmoved(connection, plans)
            await _move_windows(self._database, connection, unmoved, now)
            made = await self._insert(connection, [one for one in unmoved if one.rendering is not None], now)
            if written is not None:
                written.set()
        return made

    async def _unmoved(self, connection: AsyncConnection, plans: Sequence[Plan]) -> list[Plan]:
        """Nobody moves these places before the transaction ends."""
        query = sa.select(places.c.id, places.c.window_from, places.c.next_at).where(
            is_one_of(self._database, places.c.id, [one.place_id for one in plans])
        )
        if not self._database.is_sqlite:
            query = query.order_by(places.c.id).with_for_update()
        at = {place: (window_from, next_at) for place, window_from, next_at in await connection.execute(query)}
        unmoved = []
        for one in plans:
            window_from, next_at = at.get(one.place_id, (None, None))
            if window_from == one.window.since and one.guard in (None, next_at):
                unmoved.append(one)
        return unmoved

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
        for delivery_id, one in zip(ids, plans, strict=True):
            assert one.rendering is not None
            slot = one.slot
            while (one.place_id, slot) in taken:
                slot += timedelta(microseconds=1)
            rows.append((delivery_id, one.place_id, slot, one.rendering.key, one.window.since, one.window.until))
            hashes = one.rendering.hashes if isinstance(one.rendering, Kept) else part_hashes(one.rendering)
            part_rows.extend((delivery_id, number, each) for number, each in enumerate(hashes))
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
        to: sa.ColumnElement[bool],
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
        to: sa.ColumnElement[bool],
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
        query = sa.select(places.c.id).where(to, places.c.id > come, ~planned).order_by(places.c.id).limit(_AT_ONCE)
        async with self._database.write() as connection:
            announced = await connection.scalar(asked)
            chosen = list((await connection.execute(query)).scalars())
            if not chosen or announced == AnnouncementState.CANCELLED:
                return None
            state = "held" if announced == AnnouncementState.PAUSED else "pending"
            await self._keep(connection, [rendering], now)
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
            query = sa.select(renderings).where(renderings.c.key.in_(list(keys)))
            return tuple(_rendering(row) for row in await connection.execute(query))

    async def get(self, delivery_id: DeliveryId) -> Delivery | None:
        async with self._database.read() as connection:
            found = await read_deliveries(connection, [delivery_id])
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
        rows = [
            (row["key"], row["parts"], row["items"], row["rest"])
            for row in (rendering_row(one, now) for one in {one.key: one for one in made}.values())
        ]
        alike = {"created_at": now}
        await insert_rows(self._database, connection, renderings, _TEXT_COLUMNS, rows, alike, ignore=True)


def rendering_row(one: Rendering, now: datetime) -> dict[str, Any]:
    return {
        "key": one.key,
        "parts": [_part_row(part) for part in one.parts],
        "items": list(one.items),
        "rest": list(one.rest),
        "created_at": now,
    }


def _texts(plans: Sequence[Plan]) -> list[Rendering]:
    """Those that may not be in the database yet."""
    texts = [one.rendering.text if isinstance(one.rendering, Kept) else one.rendering for one in plans]
    return [one for one in texts if one is not None]


def _part_row(part: Part) -> dict[str, Any]:
    row: dict[str, Any] = {"html": part.html, "picture": part.picture, "photo": part.photo, "stories": part.stories}
    # A digest has none of these; asking costs less than writing them out for each.
    if part.is_announced:
        row |= {"media": part.media, "copy_of": part.copy_of, "buttons": part.buttons}
        row |= {"silent": part.silent, "pinned": part.pinned}
        row |= {"paid": part.paid, "despite_quiet": part.despite_quiet}
    return row


def ids_of(wanted: str) -> frozenset[CategoryId]:
    """The categories of a DuePlace."""
    return frozenset(CategoryId(int(one)) for one in wanted.split(",") if one)


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


async def _hold(
    connection: AsyncConnection, keys: Collection[str], earlier: Mapping[ArticleId, StoryId], held: _Held
) -> None:
    """Reads which stories these renderings hold. Many places share one, so each is read once for them all."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), _READ_AT_ONCE):
        some = renderings.c.key.in_(ordered[start : start + _READ_AT_ONCE])
        query = sa.select(renderings.c.key, renderings.c["items"], renderings.c.rest).where(some)
        for key, items, rest in await connection.execute(query):
            held[key] = frozenset(earlier[one] for one in (*items, *rest) if one in earlier)


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


def _rendering(row: sa.Row[*tuple[Any, ...]]) -> Rendering:
    return Rendering(row.key, tuple(Part(**part) for part in row.parts), _ids(row.items), _ids(row.rest))


def _ids(values: Sequence[int]) -> tuple[ArticleId, ...]:
    return tuple(ArticleId(value) for value in values)
