"""Articles that are too old to be kept: readers find them no more, and what they are recognised by stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from digests.articles.likeness import COMPARED
from digests.model.delivery import DeliveryState
from digests.model.ids import ArticleId
from digests.model.place import PlaceState
from digests.storage.articles.revisions import revise
from digests.storage.bulk import is_one_of
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles, story_keys, withdrawn
from digests.storage.schema.delivery_tables import deliveries, renderings
from digests.storage.schema.media_tables import article_pictures
from digests.storage.schema.place_tables import places, saved_articles
from digests.storage.schema.wish_tables import query_matches, sent_at_once

EXPIRED = "expired"
"""The reason of such withdrawals."""
# A digest waits for these places.
_WAITING = (PlaceState.ACTIVE, PlaceState.PAUSED)
_UNDER_WAY = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Needed:
    """What must not expire: articles after the ingest number `after`, which wait in a window, and `articles`."""

    after: int | None
    articles: frozenset[ArticleId]


class ExpiryStore:
    """Lets articles expire. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def needed(self) -> Needed:
        """Return what digests to come may show, and what those show that are under way."""
        waiting = sa.select(sa.func.min(places.c.window_from)).where(places.c.state.in_(_WAITING))
        shown = sa.select(renderings.c["items"], renderings.c.rest).where(
            renderings.c.key.in_(sa.select(deliveries.c.rendering).where(deliveries.c.state.in_(_UNDER_WAY)))
        )

        def work(connection: sa.Connection) -> Needed:
            after = connection.scalar(waiting)
            found = {ArticleId(number) for row in connection.execute(shown) for part in row for number in part}
            return Needed(after, frozenset(found))

        return await self._database.run(work)

    async def expire(
        self, before: datetime, needed: Needed, beyond: ArticleId, limit: int, now: datetime
    ) -> tuple[ArticleId | None, int]:
        """Let some of the articles expire that are dated before then, among those with ids beyond `beyond`.

        Nothing is deleted by which an article is recognised when it comes again: of the text, no more is ever compared
        than stays.

        Return the id up to which they were looked at, None if there are no more, and how many expired.
        """
        query = self._candidates(before, needed).where(articles.c.id > beyond).order_by(articles.c.id).limit(limit)

        def read(connection: sa.Connection) -> list[int]:
            return list(connection.execute(query).scalars())

        found = await self._database.run(read)
        if not found:
            return None, 0
        chosen = [ArticleId(number) for number in found if number not in needed.articles]
        expired = await self._expire(chosen, now) if chosen else 0
        return ArticleId(found[-1]), expired

    def _candidates(self, before: datetime, needed: Needed) -> sa.Select[int]:
        is_gone = articles.c.id.in_(sa.select(withdrawn.c.article_id))
        is_long = sa.func.length(articles.c.text) > COMPARED
        query = sa.select(articles.c.id).where(articles.c.shown_at < before, ~is_gone | is_long)
        if needed.after is not None:
            query = query.where(articles.c.ingest <= needed.after)
        return query.where(articles.c.id.not_in(sa.select(saved_articles.c.article_id)))

    async def _expire(self, ids: Collection[ArticleId], now: datetime) -> int:
        """Let the articles expire, and return how many did: somebody may have saved one a moment ago."""
        saved = sa.select(saved_articles.c.article_id)
        saved = saved.where(is_one_of(self._database, saved_articles.c.article_id, ids))
        async with self._database.write() as connection:
            chosen = sorted(set(ids).difference((await connection.execute(saved)).scalars()))
            if not chosen:
                return 0
            rows = [{"article_id": each, "reason": EXPIRED, "at": now, "edited": 0, "unedited": 0} for each in chosen]
            await connection.execute(self._database.insert(withdrawn).on_conflict_do_nothing(), rows)
            shorter = sa.update(articles).where(is_one_of(self._database, articles.c.id, chosen))
            await connection.execute(shorter.values(text=sa.func.substr(articles.c.text, 1, COMPARED), picture=""))
            for table in (story_keys, article_pictures, query_matches, sent_at_once):
                is_of = is_one_of(self._database, table.c.article_id, chosen)
                await connection.execute(sa.delete(table).where(is_of))
            await revise(self._database, connection, chosen)
        return len(chosen)
