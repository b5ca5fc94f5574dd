"""Reading the places whose digest is due, and what planning needs to know of them; `plans.py` stores its decisions."""

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
from digests.model.layout import Layout
from digests.model.place import Place, PlaceKind, PlaceState
from digests.storage.articles.read import ingest_now, read_candidates
from digests.storage.bulk import is_one_of, read_rows
from digests.storage.columns import stored_moment
from digests.storage.database import Database
from digests.storage.place_rows import to_place
from digests.storage.schema.delivery_tables import deliveries, renderings
from digests.storage.schema.place_tables import places, subscriptions

_BATCH = 500
_OFFERED_AFTER = 2
"""Digests that a place had before the one that offers it the magazine."""
_StoriesByRendering = dict[str, frozenset[StoryId]]


@dataclass(frozen=True, slots=True)
class Due:
    """A place whose digest is to be planned; see `DuePlace` for `offers_magazine`."""

    place: Place
    wanted: frozenset[CategoryId]
    offers_magazine: bool = False


class DuePlace(NamedTuple):
    """A due place with no more than planning needs, for very many.

    `wanted` are category ids, joined by commas. `offers_magazine` is 1 for a place whose third digest this is, if its
    reader can try the magazine.
    """

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
    layout: str
    kind: str
    offers_magazine: int
    wanted: str


_NEXT_AT, _FROM_AT = (DuePlace._fields.index(name) for name in ("next_at", "window_from_at"))


def ids_of(wanted: str) -> frozenset[CategoryId]:
    """Return the categories that a DuePlace wants."""
    return frozenset(CategoryId(int(number)) for number in wanted.split(",") if number)


def _wanted() -> sa.ScalarSelect[str]:
    """Return a subquery for the categories that a place of the outer query wants."""
    joined = sa.func.aggregate_strings(sa.cast(subscriptions.c.category_id, sa.Text), ",")
    return sa.select(joined).where(subscriptions.c.place_id == places.c.id).scalar_subquery()


def _offers_magazine() -> sa.ColumnElement[int]:
    has_choice = (places.c.layout != Layout.MAGAZINE) & places.c.refuses_magazine.is_(sa.false())
    is_third = (places.c.digests == _OFFERED_AFTER) & (places.c.kind == PlaceKind.PRIVATE)
    return sa.case((is_third & has_choice, 1), else_=0)


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
    places.c.layout,
    places.c.kind,
    _offers_magazine(),
    sa.func.coalesce(_wanted(), ""),
)


class DueStore:
    """Reads what planning needs. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Kept from the last batch, since the next one mostly asks for the same stories.
        self._stories_by_rendering: tuple[Mapping[ArticleId, StoryId], _StoriesByRendering] = ({}, {})

    async def due(self, now: datetime, limit: int, after: DuePlace | None = None) -> tuple[DuePlace, ...]:
        """Return due places, the longest waiting first: those that follow `after` in this order."""
        query = _DUE.where(places.c.state == PlaceState.ACTIVE).order_by(places.c.next_at, places.c.id).limit(limit)
        is_due = places.c.next_at <= now
        async with self._database.read() as connection:
            if after is None:
                return await self._read(connection, query.where(is_due))
            # Two queries that an index serves directly; a single one would skip over all that came before.
            same_moment = query.where(places.c.next_at == after.next_at, places.c.id > after.id)
            found = await self._read(connection, same_moment)
            if len(found) < limit:
                later = query.where(places.c.next_at > after.next_at, is_due).limit(limit - len(found))
                found += await self._read(connection, later)
        return found

    async def _read(self, connection: AsyncConnection, query: sa.Select[Any]) -> tuple[DuePlace, ...]:
        rows = await read_rows(self._database, connection, query)
        for row in rows:
            row[_NEXT_AT], row[_FROM_AT] = stored_moment(row[_NEXT_AT]), stored_moment(row[_FROM_AT])
        rows.sort(key=itemgetter(_NEXT_AT, 0))
        return tuple(map(DuePlace._make, rows))

    async def oldest_window(self, now: datetime) -> IngestNumber | None:
        """Return where the longest of the due windows begins; None if nothing is due."""
        query = sa.select(sa.func.min(places.c.window_from)).where(
            places.c.state == PlaceState.ACTIVE, places.c.next_at <= now
        )
        async with self._database.read() as connection:
            oldest = await connection.scalar(query)
        return None if oldest is None else IngestNumber(oldest)

    async def due_one(self, place_id: PlaceId) -> Due | None:
        """Return a place with what it wants, whether or not it is due."""
        wanted = sa.func.coalesce(_wanted(), "").label("wanted")
        query = sa.select(places, wanted, _offers_magazine().label("offers")).where(places.c.id == place_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return Due(to_place(row), ids_of(row.wanted), bool(row.offers)) if row is not None else None

    async def candidates(self, since: IngestNumber) -> tuple[IngestNumber, tuple[Candidate, ...]]:
        """Return where a window that is planned now ends, and the candidates from `since` to there."""
        async with self._database.read() as connection:
            until = await ingest_now(connection)
            return until, await read_candidates(connection, Window(since, until))

    async def already_sent(
        self, place_ids: Sequence[PlaceId], earlier: Mapping[ArticleId, StoryId], since: datetime
    ) -> dict[PlaceId, frozenset[StoryId]]:
        """Return the stories that these places were already sent.

        A place was sent a story if a digest planned after `since` has one of its `earlier` articles, shown or behind
        the button. Takes a few reads, however many places and articles there are.
        """
        if earlier != self._stories_by_rendering[0]:
            self._stories_by_rendering = (dict(earlier), {})
        _, stories_by_rendering = self._stories_by_rendering
        found: dict[PlaceId, frozenset[StoryId]] = {}
        async with self._database.read() as connection:
            for start in range(0, len(place_ids), _BATCH):
                sent = (await connection.execute(self._digests_of(place_ids[start : start + _BATCH], since))).all()
                await _read_stories(
                    connection, {key for _, key in sent} - stories_by_rendering.keys(), earlier, stories_by_rendering
                )
                for place, key in sent:
                    if stories := stories_by_rendering[key]:
                        found[place] = found.get(place, frozenset()) | stories
        return found

    def _digests_of(self, place_ids: Sequence[PlaceId], since: datetime) -> sa.Select[PlaceId, str]:
        return sa.select(deliveries.c.place_id, deliveries.c.rendering).where(
            is_one_of(self._database, deliveries.c.place_id, place_ids),
            deliveries.c.kind == DeliveryKind.DIGEST,
            # A slot is at most a day before the time of planning; this bound makes the unique index useful.
            deliveries.c.slot >= since - timedelta(days=2),
            deliveries.c.created_at >= since,
            deliveries.c.state.not_in((DeliveryState.FAILED, DeliveryState.CANCELLED)),
        )


async def _read_stories(
    connection: AsyncConnection,
    keys: Collection[str],
    earlier: Mapping[ArticleId, StoryId],
    stories_by_rendering: _StoriesByRendering,
) -> None:
    """Read which stories these renderings have; many places share a rendering, which is read once for them all."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), _BATCH):
        batch = renderings.c.key.in_(ordered[start : start + _BATCH])
        query = sa.select(renderings.c.key, renderings.c["items"], renderings.c.rest).where(batch)
        for key, items, rest in await connection.execute(query):
            stories_by_rendering[key] = frozenset(earlier[article] for article in (*items, *rest) if article in earlier)
