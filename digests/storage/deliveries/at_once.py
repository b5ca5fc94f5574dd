"""What watches bring at once: how far that has come, for whom there is something, and what was sent.

`sent_at_once` has the moment of the delivery's slot, by which a delivery that failed is known: its articles count as
not sent, and come with the digest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import DeliveryKind, DeliveryState
from digests.model.ids import ArticleId, IngestNumber, PlaceId
from digests.model.place import Place, PlaceState
from digests.model.wish import WishKind
from digests.storage.bulk import insert_rows, is_one_of
from digests.storage.counters import INGEST, current
from digests.storage.database import Database
from digests.storage.deliveries.plan import Plan
from digests.storage.places.rows import to_place
from digests.storage.places.wish_rows import MATCHED
from digests.storage.schema.article_tables import articles
from digests.storage.schema.base import facts
from digests.storage.schema.delivery_tables import deliveries, renderings
from digests.storage.schema.place_tables import places
from digests.storage.schema.wish_tables import queries, query_matches, sent_at_once, wishes

_FACT = "at_once"
_LONGEST_RUN = timedelta(hours=1)
"""No planning takes as long from reading to writing."""


@dataclass(frozen=True, slots=True)
class AtOnceState:
    """Up to which ingest number everything was looked at, and when that was; None at first.

    All articles up to `until` were held against all wishes.
    """

    mark: IngestNumber | None
    at: datetime | None
    until: IngestNumber


class QuietHours(NamedTuple):
    """Quiet hours as places have them, with their time zone."""

    timezone: str
    quiet: str


class AtOnceStore:
    """Reads for whom there is something at once. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self) -> AtOnceState:
        """Return how far it has come."""
        async with self._database.read() as connection:
            done = (await connection.execute(sa.select(facts.c.value, facts.c.at).where(facts.c.name == _FACT))).first()
            mark = None if done is None else IngestNumber(int(done.value))
            until = await current(connection, INGEST)
            # Without any query, nothing is ever matched.
            if await connection.scalar(sa.select(sa.exists().where(queries.c.id.is_not(None)))):
                matched = await current(connection, MATCHED)
                is_open = (articles.c.revision > matched) & (articles.c.ingest > (mark or 0))
                first_open = await connection.scalar(sa.select(sa.func.min(articles.c.ingest)).where(is_open))
                until = until if first_open is None else int(first_open) - 1
        return AtOnceState(mark, None if done is None else done.at, IngestNumber(until))

    async def finish(self, until: IngestNumber, now: datetime) -> None:
        """Store that everything up to `until` was looked at now."""
        insert = self._database.insert(facts).values(name=_FACT, value=str(until), at=now)
        changed = {"value": insert.excluded.value, "at": insert.excluded.at}
        async with self._database.write() as connection:
            await connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=changed))

    async def quiet_hours(self) -> frozenset[QuietHours]:
        """Return all quiet hours that any active place has."""
        has_quiet = (places.c.state == PlaceState.ACTIVE) & (places.c.quiet != "")
        query = sa.select(places.c.timezone, places.c.quiet).where(has_quiet).distinct()

        def work(connection: sa.Connection) -> frozenset[QuietHours]:
            return frozenset(QuietHours(*row) for row in connection.execute(query))

        return await self._database.run(work)

    async def watching(self, since: IngestNumber, *, only_quiet: bool = False) -> tuple[PlaceId, ...]:
        """Return the active places with a watch at once that found anything ingested after `since`, in order.

        With `only_quiet`, only those that have quiet hours.
        """
        found = sa.select(query_matches.c.query_id).join(articles, articles.c.id == query_matches.c.article_id)
        found = found.where(articles.c.ingest > since)
        is_at_once = (wishes.c.kind == WishKind.WATCH) & wishes.c.at_once.is_(sa.true())
        query = sa.select(wishes.c.place_id).join(places, places.c.id == wishes.c.place_id)
        query = query.where(wishes.c.query_id.in_(found), is_at_once, places.c.state == PlaceState.ACTIVE)
        if only_quiet:
            query = query.where(places.c.quiet != "")
        query = query.distinct().order_by(wishes.c.place_id)

        def work(connection: sa.Connection) -> tuple[PlaceId, ...]:
            return tuple(map(PlaceId, connection.scalars(query)))

        return await self._database.run(work)

    async def places(self, ids: Sequence[PlaceId]) -> tuple[Place, ...]:
        """Return those of the places that are active, in order."""
        is_active = is_one_of(self._database, places.c.id, ids) & (places.c.state == PlaceState.ACTIVE)
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(places).where(is_active).order_by(places.c.id))
            return tuple(map(to_place, rows))

    async def sent_since(self, ids: Sequence[PlaceId], moment: datetime) -> Mapping[PlaceId, Sequence[datetime]]:
        """Return when articles were sent to these places at once since then, once for each article."""
        is_theirs = is_one_of(self._database, sent_at_once.c.place_id, ids) & (sent_at_once.c.at >= moment)
        query = sa.select(sent_at_once.c.place_id, sent_at_once.c.at).where(is_theirs, ~failed())
        found: dict[PlaceId, list[datetime]] = {}
        async with self._database.read() as connection:
            for place, at in await connection.execute(query):
                found.setdefault(place, []).append(at)
        return found


def failed() -> sa.Exists:
    """Return the condition that what a row of `sent_at_once` is about did not arrive, for sure."""
    return sa.exists().where(
        deliveries.c.place_id == sent_at_once.c.place_id,
        deliveries.c.kind == DeliveryKind.AT_ONCE,
        deliveries.c.slot == sent_at_once.c.at,
        deliveries.c.state.in_((DeliveryState.FAILED, DeliveryState.CANCELLED)),
    )


def topics_of_senders() -> tuple[sa.ColumnElement[PlaceId], sa.Join]:
    """Return the column of the topics of private chats to which something was sent at once, and its tables."""
    topics = places.alias("topics")
    chats = sent_at_once.join(places, (places.c.id == sent_at_once.c.place_id) & (places.c.thread_id == 0))
    are_topics = (topics.c.chat_id == places.c.chat_id) & topics.c.topic_of.is_not(None)
    return topics.c.id, chats.join(topics, are_topics)


async def active(database: Database, connection: AsyncConnection, plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans whose places still get digests."""
    is_among = is_one_of(database, places.c.id, [plan.place_id for plan in plans])
    query = sa.select(places.c.id).where(is_among, places.c.state == PlaceState.ACTIVE)
    found = set((await connection.execute(query)).scalars())
    return [plan for plan in plans if plan.place_id in found]


async def note_sent(
    database: Database, connection: AsyncConnection, rows: Sequence[tuple[PlaceId, ArticleId, datetime]]
) -> None:
    """Store which articles places are sent at once, and with which slot; what failed before is sent anew."""
    columns = ("place_id", "article_id", "at")
    is_theirs = is_one_of(database, sent_at_once.c.place_id, sorted({place_id for place_id, _, _ in rows}))
    await connection.execute(sa.delete(sent_at_once).where(is_theirs, failed()))
    await insert_rows(database, connection, sent_at_once, columns, rows, {})


async def unsent(
    database: Database, connection: AsyncConnection, plans: Sequence[Plan], now: datetime
) -> Sequence[Plan]:
    """Return the plans without those that have an article which their place was sent at once since they were made."""
    is_among = is_one_of(database, sent_at_once.c.place_id, [plan.place_id for plan in plans])
    query = sa.select(sent_at_once.c.place_id, sent_at_once.c.article_id)
    query = query.where(is_among, sent_at_once.c.at >= now - _LONGEST_RUN, ~failed())
    sent: dict[PlaceId, set[ArticleId]] = {}
    for place, article in await connection.execute(query):
        sent.setdefault(place, set()).add(article)
    if not sent:
        return plans
    keys = {plan.rendering.key for plan in plans if plan.place_id in sent and plan.rendering is not None}
    articles_of = await _articles_of(database, connection, keys)
    return [
        plan
        for plan in plans
        if plan.rendering is None or sent.get(plan.place_id, set()).isdisjoint(articles_of.get(plan.rendering.key, ()))
    ]


async def _articles_of(
    database: Database, connection: AsyncConnection, keys: Collection[str]
) -> dict[str, frozenset[ArticleId]]:
    query = sa.select(renderings.c.key, renderings.c["items"], renderings.c.rest)
    query = query.where(is_one_of(database, renderings.c.key, list(keys)))
    return {key: frozenset((*items, *rest)) for key, items, rest in await connection.execute(query)}
