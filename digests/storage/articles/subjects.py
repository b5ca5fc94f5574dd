"""What wishes may be about beside words: sources and categories, and how much came of them lately."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from digests.model.category_activity import CategorySource
from digests.model.category_tree import fold_name
from digests.model.ids import ArticleId, CategoryId
from digests.storage.articles.visibility import is_visible
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles

_MOST_SOURCES = 200


class SubjectStore:
    """Reads sources and categories as readers see them. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def readers_sources(self, name: str) -> tuple[str, ...]:
        """Return the spellings of this source in articles that readers see, the commonest first.

        Width, case and white space don't count.
        """
        wanted = fold_name(name)
        if not wanted:
            return ()
        names = sa.select(articles.c.source).where(articles.c.source != "").distinct()
        counted = sa.select(articles.c.source, sa.func.count().label("articles")).where(is_visible())

        def work(connection: sa.Connection) -> tuple[str, ...]:
            same = [source for source in connection.scalars(names) if fold_name(source) == wanted]
            if not same:
                return ()
            query = counted.where(articles.c.source.in_(same)).group_by(articles.c.source)
            return tuple(row.source for row in sorted(connection.execute(query), key=lambda row: (-row[1], row[0])))

        return await self._database.run(work)

    async def sources_in(self, wanted: Collection[CategoryId]) -> tuple[CategorySource, ...]:
        """Return the sources with the most articles in any of these categories that readers see, at most 200."""
        inside = sa.select(article_categories.c.article_id).where(article_categories.c.category_id.in_(list(wanted)))
        number = sa.func.count()
        query = (
            sa.select(articles.c.source, number, sa.func.max(articles.c.id))
            .where(articles.c.id.in_(inside), articles.c.source != "", is_visible())
            .group_by(articles.c.source)
            .order_by(number.desc(), articles.c.source)
            .limit(_MOST_SOURCES)
        )

        def work(connection: sa.Connection) -> tuple[CategorySource, ...]:
            return tuple(CategorySource(row[0], row[1], ArticleId(row[2])) for row in connection.execute(query))

        return await self._database.run(work)

    async def count_of_source(self, source: str, since: datetime) -> int:
        """Return how many articles of a source readers saw since then."""
        return await self._count(articles.c.source == source, since)

    async def count_in(self, wanted: Collection[CategoryId], since: datetime) -> int:
        """Return how many articles in any of these categories readers saw since then."""
        links = article_categories
        # Asked of each recent article, as a large category has very many old ones; and of its categories, as an
        # expression, since SQLite would else look for each of the wanted ones.
        is_inside = sa.exists().where(links.c.article_id == articles.c.id, (links.c.category_id + 0).in_(list(wanted)))
        return await self._count(is_inside, since)

    async def _count(self, condition: sa.ColumnElement[bool], since: datetime) -> int:
        query = (
            sa.select(sa.func.count()).select_from(articles).where(condition, articles.c.shown_at > since, is_visible())
        )
        return await self._database.run(lambda connection: int(connection.scalar(query) or 0))
