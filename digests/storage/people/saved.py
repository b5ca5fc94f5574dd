"""Storing which articles people keep to read later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from digests.model.ids import ArticleId
from digests.model.saved import SavedEntry, SaveOutcome
from digests.storage.database import Database
from digests.storage.schema.place_tables import saved_articles


class SavedStore:
    """Stores what each person keeps, by their user id. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, user_id: int, article: ArticleId, at: datetime, most: int) -> SaveOutcome:
        """Keep an article, which exists, unless the person keeps `most` already; one that is kept stays as it is."""
        mine = saved_articles.c.user_id == user_id
        is_kept = sa.select(saved_articles.c.at).where(mine, saved_articles.c.article_id == article)
        counted = sa.select(sa.func.count()).select_from(saved_articles).where(mine)
        insert = self._database.insert(saved_articles).values(user_id=user_id, article_id=article, at=at)

        def work(connection: sa.Connection) -> SaveOutcome:
            if connection.scalar(is_kept) is not None:
                return SaveOutcome.ALREADY
            if int(connection.scalar(counted) or 0) >= most:
                return SaveOutcome.FULL
            # Two presses at once, on a server: the second finds nothing to do.
            done = connection.execute(insert.on_conflict_do_nothing())
            return SaveOutcome.SAVED if done.rowcount else SaveOutcome.ALREADY

        return await self._database.change(work)

    async def remove(self, user_id: int, article: ArticleId) -> datetime | None:
        """Keep an article no longer; return when it was saved, None where it is not kept."""
        mine = (saved_articles.c.user_id == user_id) & (saved_articles.c.article_id == article)
        statement = sa.delete(saved_articles).where(mine).returning(saved_articles.c.at)
        removed: datetime | None = await self._database.change(lambda connection: connection.scalar(statement))
        return removed

    async def of(self, user_id: int) -> tuple[SavedEntry, ...]:
        """Return all that a person keeps, the last saved first, by their ids alone."""
        query = (
            sa.select(saved_articles.c.article_id, saved_articles.c.at)
            .where(saved_articles.c.user_id == user_id)
            .order_by(saved_articles.c.at.desc(), saved_articles.c.article_id.desc())
        )

        def work(connection: sa.Connection) -> tuple[SavedEntry, ...]:
            return tuple(SavedEntry(row.article_id, row.at) for row in connection.execute(query))

        return await self._database.run(work)

    async def kept_among(self, user_id: int, articles: Collection[ArticleId]) -> frozenset[ArticleId]:
        """Return those of a few articles that a person keeps."""
        query = sa.select(saved_articles.c.article_id).where(
            saved_articles.c.user_id == user_id, saved_articles.c.article_id.in_(list(articles))
        )
        return await self._database.peek(lambda connection: frozenset(connection.scalars(query)))
