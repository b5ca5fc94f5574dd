"""Storing which articles match the queries of wishes, and how far that has come.

The counter `matched` is the mark: every query with a `matched_to` was held against all articles up to that revision, as
far as they were recent then. Its row is the lock of whoever writes matches.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.article import IndexEntry
from digests.model.category_tree import Category, CategoryTree
from digests.model.ids import ArticleId, CategoryId, IngestNumber
from digests.model.wish import QueryId
from digests.storage.articles.categories import PATH_SEPARATOR
from digests.storage.articles.indexed import category_parents, entries_of, select_indexed
from digests.storage.articles.visibility import hidden_branches
from digests.storage.bulk import insert_rows, is_one_of
from digests.storage.counters import REVISION, advance, current_value
from digests.storage.database import Database
from digests.storage.places.wish_rows import MATCHED, QUERIES, REMOVED, delete_unwished
from digests.storage.schema.article_tables import articles, categories
from digests.storage.schema.base import counters
from digests.storage.schema.wish_tables import queries, query_matches, wishes

_COUNTERS = (MATCHED, REVISION, QUERIES, REMOVED)
_IS_BEGUN = sa.select(sa.exists().where(queries.c.matched_to.is_not(None)))


class MatchingState(NamedTuple):
    """How far matching has come: the mark, the latest revision, and how often queries were stored and deleted.

    `is_begun` says whether any query was held against articles.
    """

    mark: int
    latest: int
    stored: int
    removed: int
    is_begun: bool


class StoredQuery(NamedTuple):
    """A query in its canonical form."""

    id: QueryId
    words: str


class MatchStore:
    """Stores what matches. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self) -> MatchingState:
        """Return how far matching has come."""
        query = sa.select(counters.c.name, counters.c.value).where(counters.c.name.in_(_COUNTERS))

        def work(connection: sa.Connection) -> MatchingState:
            found: dict[str, int] = {row.name: row.value for row in connection.execute(query)}
            mark, latest, stored, removed = (found.get(name, 0) for name in _COUNTERS)
            return MatchingState(mark, latest, stored, removed, bool(connection.scalar(_IS_BEGUN)))

        return await self._database.peek(work)

    async def is_behind(self) -> bool:
        """Return whether there is a query or an article that was not held against the others."""
        is_new = sa.exists().where(queries.c.matched_to.is_(None))
        has_more = current_value(MATCHED) < current_value(REVISION)
        query = sa.select(is_new | (has_more & sa.exists().where(queries.c.matched_to.is_not(None))))
        return await self._database.peek(lambda connection: bool(connection.scalar(query)))

    async def queries_after(self, last: QueryId) -> list[StoredQuery]:
        """Return the queries with larger numbers, in order: those that were stored since."""
        query = sa.select(queries.c.id, queries.c.words).where(queries.c.id > last).order_by(queries.c.id)

        def work(connection: sa.Connection) -> list[StoredQuery]:
            return [StoredQuery(QueryId(number), words) for number, words in connection.execute(query)]

        return await self._database.run(work)

    async def unmatched(self, limit: int) -> list[StoredQuery]:
        """Return queries that were not held against recent articles yet, the earliest first."""
        query = sa.select(queries.c.id, queries.c.words).where(queries.c.matched_to.is_(None))
        query = query.order_by(queries.c.id).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [StoredQuery(QueryId(row.id), row.words) for row in rows]

    async def changed(
        self, revision: int, since: IngestNumber, until: int, limit: int
    ) -> tuple[tuple[IndexEntry, ...], int]:
        """Return articles with revisions after `revision` and up to `until`, and the revision up to which that is all.

        Those that were ingested up to `since`, or were old when they came, are left out: they are in no digest.
        """
        is_recent = articles.c.fresh.is_(sa.true()) & (articles.c.ingest > since)
        query = select_indexed().where(articles.c.revision > revision, articles.c.revision <= until, is_recent)
        query = query.order_by(articles.c.revision).limit(limit)
        async with self._database.read() as connection:
            entries = await entries_of(connection, query, await category_parents(connection))
        return entries, until if len(entries) < limit else entries[-1].revision

    async def latest(self, limit: int) -> tuple[IndexEntry, ...]:
        """Return the articles that were ingested last, the latest first."""
        query = select_indexed().order_by(articles.c.ingest.desc()).limit(limit)
        async with self._database.read() as connection:
            return await entries_of(connection, query, await category_parents(connection))

    async def recent(self, ids: Collection[ArticleId], since: IngestNumber) -> list[ArticleId]:
        """Return those of the articles that were ingested after `since`, and were not old when they came."""
        is_recent = articles.c.fresh.is_(sa.true()) & (articles.c.ingest > since)
        query = sa.select(articles.c.id).where(is_one_of(self._database, articles.c.id, list(ids)), is_recent)
        async with self._database.read() as connection:
            return list((await connection.execute(query)).scalars())

    async def first_article(self, since: IngestNumber) -> ArticleId:
        """Return the first article that was ingested after `since`; an id that none has yet if there is none."""
        first = sa.select(sa.func.min(articles.c.id)).where(articles.c.ingest > since)
        last = sa.select(sa.func.max(articles.c.id))
        async with self._database.read() as connection:
            found = await connection.scalar(first)
            return ArticleId(int(await connection.scalar(last) or 0) + 1 if found is None else found)

    async def tree(self) -> CategoryTree:
        """Return the categories that readers can name, without counts."""
        columns = (categories.c.id, categories.c.parent_id, categories.c.name, categories.c.path, categories.c.alias_of)

        def work(connection: sa.Connection) -> list[Category]:
            hidden = set(connection.scalars(hidden_branches()))
            return [
                Category(row.id, row.parent_id, row.name, tuple(row.path.split(PATH_SEPARATOR)), alias_of=row.alias_of)
                for row in connection.execute(sa.select(*columns).order_by(categories.c.id))
                if row.id not in hidden
            ]

        return CategoryTree(await self._database.run(work))

    async def skip(self, known: MatchingState) -> None:
        """Move the mark to the latest revision, unless a query was held against articles already."""
        async with self._database.write() as connection:
            if await self._is_as(connection, known) and not await connection.scalar(_IS_BEGUN):
                await advance(self._database, connection, MATCHED, known.latest - known.mark)

    async def write(
        self, known: MatchingState, until: int, held: Sequence[ArticleId], pairs: Sequence[tuple[QueryId, ArticleId]]
    ) -> bool:
        """Store what these articles match, in the place of what they matched before, and move the mark to `until`.

        False, and nothing is stored, if somebody else did something since `known` was read.
        """
        async with self._database.write() as connection:
            if not await self._is_as(connection, known):
                return False
            await advance(self._database, connection, MATCHED, until - known.mark)
            await self._replace(connection, held, pairs)
        return True

    async def write_new(
        self,
        known: MatchingState,
        new: Sequence[QueryId],
        held: Sequence[ArticleId],
        found: Mapping[QueryId, Collection[ArticleId]],
    ) -> bool:
        """Store what new queries match. Of the articles that were `held`, they match those that are `found` alone.

        False, and nothing is stored, if somebody else did something since `known` was read.
        """
        rows = [(query, article) for query, ids in found.items() for article in sorted(ids)]
        async with self._database.write() as connection:
            if not await self._is_as(connection, known):
                return False
            await self._delete(connection, held, new)
            await insert_rows(
                self._database, connection, query_matches, ("query_id", "article_id"), rows, {}, ignore=True
            )
            are_new = is_one_of(self._database, queries.c.id, list(new))
            await connection.execute(sa.update(queries).where(are_new).values(matched_to=known.mark))
        return True

    async def tidy(self, before: datetime, now: datetime) -> int:
        """Delete wishes that have ended, matches of articles first seen before then, and queries of no wish.

        Return how many queries those were.
        """
        old = sa.select(articles.c.id).where(articles.c.first_seen_at < before)
        async with self._database.write() as connection:
            await advance(self._database, connection, MATCHED, 0)
            await connection.execute(sa.delete(wishes).where(wishes.c.until <= now))
            await connection.execute(sa.delete(query_matches).where(query_matches.c.article_id.in_(old)))
            return await delete_unwished(self._database, connection)

    async def _is_as(self, connection: AsyncConnection, known: MatchingState) -> bool:
        """Lock the mark, and return whether everything is as it was known, apart from newer articles."""
        mark = await advance(self._database, connection, MATCHED, 0)
        query = sa.select(counters.c.name, counters.c.value).where(counters.c.name.in_((QUERIES, REMOVED)))
        found: dict[str, int] = {row.name: row.value for row in await connection.execute(query)}
        return (mark, found.get(QUERIES, 0), found.get(REMOVED, 0)) == (known.mark, known.stored, known.removed)

    async def _replace(
        self, connection: AsyncConnection, held: Sequence[ArticleId], pairs: Sequence[tuple[QueryId, ArticleId]]
    ) -> None:
        await self._delete(connection, held)
        await insert_rows(self._database, connection, query_matches, ("query_id", "article_id"), pairs, {})

    async def _delete(
        self, connection: AsyncConnection, held: Sequence[ArticleId], only: Sequence[QueryId] | None = None
    ) -> None:
        if not held:
            return
        statement = sa.delete(query_matches).where(is_one_of(self._database, query_matches.c.article_id, list(held)))
        if only is not None:
            statement = statement.where(is_one_of(self._database, query_matches.c.query_id, list(only)))
        await connection.execute(statement)


def categories_named(tree: CategoryTree, names: Sequence[str]) -> frozenset[CategoryId]:
    """Return the categories that any of the names may mean, as the search takes them."""
    return frozenset(category.id for name in names for category in tree.find(name))
