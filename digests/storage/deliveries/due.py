"""Places whose digest is due, and what planning asks of them. `deliveries.py` holds what it decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.article import Candidate
from digests.model.delivery import DeliveryKind, DeliveryState
from digests.model.digest import Window
from digests.model.ids import ArticleId, CategoryId, IngestNumber, PlaceId, StoryId
from digests.model.place import Place, PlaceState
from digests.storage.articles.read import ingest_now, read_candidates
from digests.storage.bulk import is_one_of, read_rows
from digests.storage.columns import stored_moment
from digests.storage.database import Database
from digests.storage.places import to_place
from digests.storage.schema import deliveries, places, renderings, subscriptions

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


_NEXT_AT, _FROM_AT = (DuePlace._fields.index(name) for name in ("next_at", "window_from_at"))


def ids_of(wanted: str) -> frozenset[CategoryId]:
    """The categories of a DuePlace."""
    return frozenset(CategoryId(int(one)) for one in wanted.split(",") if one)


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


class DueStore:
    """Reads only. Any method may raise StorageError."""

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
                return await self._some(connection, query.where(come))
            # Two questions that an index answers at once; as one it would pass over all that came before.
            same = query.where(places.c.next_at == after.next_at, places.c.id > after.id)
            found = await self._some(connection, same)
            if len(found) < limit:
                later = query.where(places.c.next_at > after.next_at, come).limit(limit - len(found))
                found += await self._some(connection, later)
        return found

    async def _some(self, connection: AsyncConnection, query: sa.Select[Any]) -> tuple[DuePlace, ...]:
        rows = await read_rows(self._database, connection, query)
        for row in rows:
            row[_NEXT_AT], row[_FROM_AT] = stored_moment(row[_NEXT_AT]), stored_moment(row[_FROM_AT])
        rows.sort(key=itemgetter(_NEXT_AT, 0))
        return tuple(map(DuePlace._make, rows))

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

    async def already_sent(
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
