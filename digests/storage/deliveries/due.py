"""Reading the places whose digest is due, and what planning needs to know of them; `plans.py` stores its decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.compose.wants import MatchedQuery
from digests.model.article import Candidate
from digests.model.delivery import DeliveryKind, DeliveryState
from digests.model.digest import Window
from digests.model.ids import ArticleId, CategoryId, IngestNumber, PlaceId, StoryId
from digests.model.layout import Layout
from digests.model.place import Place, PlaceKind, PlaceState
from digests.model.wish import QueryId, WishKind
from digests.storage.articles.candidates import read_candidates, read_latest
from digests.storage.articles.read import ingest_now
from digests.storage.bulk import batches, is_one_of, read_rows
from digests.storage.columns import stored_moment
from digests.storage.database import Database
from digests.storage.deliveries.at_once import failed, topics_of_senders
from digests.storage.deliveries.due_wishes import packed_wishes, read_matched
from digests.storage.places.rows import to_place
from digests.storage.schema.article_tables import article_categories, articles
from digests.storage.schema.delivery_tables import deliveries, renderings
from digests.storage.schema.place_tables import places, subscriptions
from digests.storage.schema.wish_tables import query_matches, sent_at_once, wishes

_BATCH = 500
_SERVER_BATCH = 3000
"""As many places as are planned at once: a server is far away."""
_OFFERED_AFTER = 2
"""Digests that a place had before the one that offers it the magazine."""
_StoriesByRendering = dict[str, frozenset[StoryId]]


@dataclass(frozen=True, slots=True)
class Due:
    """A place whose digest is to be planned; see `DuePlace` for `offers_magazine` and `wishes`."""

    place: Place
    wanted: frozenset[CategoryId]
    offers_magazine: bool = False
    wishes: str = ""


class NewCandidates(NamedTuple):
    """The candidates of a window that ends at `until`, and which of them have the words of wishes."""

    until: IngestNumber
    candidates: tuple[Candidate, ...]
    queries: Mapping[QueryId, MatchedQuery]


class DuePlace(NamedTuple):
    """A due place with no more than planning needs, for very many.

    `wanted` are category ids, joined by commas, and `wishes` are packed (`digests.compose.wants`). `offers_magazine` is
    1 for a place whose third digest this is, if its reader can try the magazine. `max_items` 0 and `says_empty` None
    mean what the operator set for all.
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
    max_items: int
    digest_order: str
    says_empty: int | None
    wanted: str
    wishes: str

    def wishing(self, wishes: str) -> DuePlace:
        """Return the place with these wishes."""
        # Three times as fast as `_replace`, and there are very many.
        return DuePlace(*self[:-1], wishes)


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
    places.c.max_items,
    places.c.digest_order,
    places.c.says_empty,
    sa.func.coalesce(_wanted(), ""),
)


class DueStore:
    """Reads what planning needs. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Kept from the last batch, since the next one mostly asks for the same stories.
        self._stories_by_rendering: tuple[Mapping[ArticleId, StoryId], _StoriesByRendering] = ({}, {})

    async def due(
        self, now: datetime, limit: int, after: DuePlace | None = None, found: Collection[QueryId] = ()
    ) -> tuple[DuePlace, ...]:
        """Return due places, the longest waiting first: those that follow `after` in this order.

        Of their wishes about words they have those whose words are `found`: nearly all are in no candidate.
        """
        is_told = wishes.c.query_id.is_(None) | is_one_of(self._database, wishes.c.query_id, found)
        query = _DUE.add_columns(sa.func.coalesce(packed_wishes(is_told), "")).params(now=now)
        query = query.where(places.c.state == PlaceState.ACTIVE).order_by(places.c.next_at, places.c.id).limit(limit)
        is_due = places.c.next_at <= now
        async with self._database.read() as connection:
            if after is None:
                return await self._read(connection, query.where(is_due))
            # Two queries that an index serves directly; a single one would skip over all that came before.
            same_moment = query.where(places.c.next_at == after.next_at, places.c.id > after.id)
            due = await self._read(connection, same_moment)
            if len(due) < limit:
                later = query.where(places.c.next_at > after.next_at, is_due).limit(limit - len(due))
                due += await self._read(connection, later)
        return due

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

    async def due_one(self, place_id: PlaceId, now: datetime) -> Due | None:
        """Return a place with what it wants now, whether or not it is due."""
        wanted, packed = sa.func.coalesce(_wanted(), ""), sa.func.coalesce(packed_wishes(), "")
        columns = wanted.label("wanted"), packed.label("wishes"), _offers_magazine().label("offers")
        query = sa.select(places, *columns).where(places.c.id == place_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query, {"now": now})).first()
        return Due(to_place(row), ids_of(row.wanted), bool(row.offers), row.wishes) if row is not None else None

    async def newest(self) -> IngestNumber:
        """Return where a window that is planned now ends."""
        async with self._database.read() as connection:
            return await ingest_now(connection)

    async def candidates(
        self, since: IngestNumber, until: IngestNumber | None = None, place_id: PlaceId | None = None
    ) -> NewCandidates:
        """Return the candidates of a window, with the words of all wishes, or of this place's.

        Without `until` it ends with the newest article.
        """
        async with self._database.read() as connection:
            until = await ingest_now(connection) if until is None else until
            found = await read_candidates(self._database, connection, Window(since, until))
            is_new = (articles.c.ingest > since) & (articles.c.ingest <= until)
            return NewCandidates(until, found, await read_matched(self._database, connection, is_new, place_id))

    async def latest(self, place_id: PlaceId, categories: Collection[CategoryId], most: int) -> NewCandidates:
        """Return the newest articles of these categories or with words that the place watches, however old they are."""
        watched = sa.select(query_matches.c.article_id).join(wishes, wishes.c.query_id == query_matches.c.query_id)
        watched = watched.where(wishes.c.place_id == place_id, wishes.c.kind == WishKind.WATCH)
        followed = sa.select(article_categories.c.article_id).where(
            is_one_of(self._database, article_categories.c.category_id, categories)
        )
        async with self._database.read() as connection:
            until = await ingest_now(connection)
            found = await read_latest(
                self._database, connection, articles.c.id.in_(followed) | articles.c.id.in_(watched), most
            )
            is_found = is_one_of(self._database, articles.c.id, [candidate.id for candidate in found])
            return NewCandidates(until, found, await read_matched(self._database, connection, is_found, place_id))

    async def of_articles(self, place_id: PlaceId, some: Sequence[ArticleId]) -> NewCandidates:
        """Return these articles as candidates, however old they are."""
        is_meant = is_one_of(self._database, articles.c.id, some)
        async with self._database.read() as connection:
            found = await read_latest(self._database, connection, is_meant, len(some))
            return NewCandidates(
                await ingest_now(connection), found, await read_matched(self._database, connection, is_meant, place_id)
            )

    async def sent_at_once(
        self, place_ids: Sequence[PlaceId], since: IngestNumber
    ) -> dict[PlaceId, frozenset[ArticleId]]:
        """Return the articles later than `since` that were sent to these places at once, and did not fail to arrive.

        What came in a private chat at once does not come again in a topic of it.
        """
        found: dict[PlaceId, set[ArticleId]] = {}
        queries = [
            sa.select(receiver, sent_at_once.c.article_id)
            .select_from(sent.join(articles, articles.c.id == sent_at_once.c.article_id))
            .where(is_one_of(self._database, receiver, place_ids), articles.c.ingest > since, ~failed())
            for receiver, sent in ((sent_at_once.c.place_id, sent_at_once), topics_of_senders())
        ]
        async with self._database.read() as connection:
            for place, article in await connection.execute(sa.union_all(*queries)):
                found.setdefault(place, set()).add(article)
        return {place: frozenset(sent) for place, sent in found.items()}

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
            for some in batches(place_ids, _BATCH if self._database.is_sqlite else _SERVER_BATCH):
                sent = (await connection.execute(self._digests_of(some, since))).all()
                missing = {key for _, key in sent} - stories_by_rendering.keys()
                if missing:
                    await self._read_stories(connection, missing, earlier, stories_by_rendering)
                for place, key in sent:
                    if stories := stories_by_rendering[key]:
                        found[place] = found.get(place, frozenset()) | stories
        return found

    def _digests_of(self, place_ids: Sequence[PlaceId], since: datetime) -> sa.Select[PlaceId, str]:
        return sa.select(deliveries.c.place_id, deliveries.c.rendering).where(
            is_one_of(self._database, deliveries.c.place_id, place_ids),
            deliveries.c.kind.in_((DeliveryKind.DIGEST, DeliveryKind.AT_ONCE)),
            # A slot is at most a day before the time of planning; this bound makes the unique index useful.
            deliveries.c.slot >= since - timedelta(days=2),
            deliveries.c.created_at >= since,
            deliveries.c.state.not_in((DeliveryState.FAILED, DeliveryState.CANCELLED)),
        )

    async def _read_stories(
        self,
        connection: AsyncConnection,
        keys: Collection[str],
        earlier: Mapping[ArticleId, StoryId],
        stories_by_rendering: _StoriesByRendering,
    ) -> None:
        """Read which stories these renderings have; many places share one, which is read once for them all."""
        for some in batches(sorted(keys), _BATCH if self._database.is_sqlite else _SERVER_BATCH):
            query = sa.select(renderings.c.key, renderings.c["items"], renderings.c.rest)
            for key, items, rest in await connection.execute(
                query.where(is_one_of(self._database, renderings.c.key, some))
            ):
                stories_by_rendering[key] = frozenset(
                    earlier[article] for article in (*items, *rest) if article in earlier
                )
