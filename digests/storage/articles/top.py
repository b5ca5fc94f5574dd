"""What most sources tell: the stories of a span of time, by the number of articles about each.

A story never has two articles of one source, so its articles are its sources.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from digests.model.ids import StoryId
from digests.model.local_days import LocalDays
from digests.model.top import LeftOut, ToldStory
from digests.storage.articles.visibility import is_visible
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles
from digests.storage.schema.wish_tables import query_matches


class TopStore:
    """Reads what most sources tell. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def top(
        self, days: LocalDays, grown_since: datetime, left_out: LeftOut, limit: int, offset: int = 0
    ) -> tuple[tuple[ToldStory, ...], int]:
        """Return the stories that most sources told in these days, and how many stories several sources told.

        Of equal ones the one told last comes first. A story grew that somebody had told by `grown_since` and somebody
        else told later, whenever the first of them did. The days are found by the index of `shown_at`.
        """
        in_time = articles.c.shown_at >= min(days.since, days.first)
        in_time &= (articles.c.shown_at >= days.since) | (articles.c.shown_at == days.first)
        # As an expression: by the column, SQLite would go through all stories in the order of its index.
        story = (articles.c.story_id + 0).label("story_id")
        sources, last = sa.func.count(), sa.func.max(articles.c.shown_at)
        query = (
            sa.select(story, sources.label("sources"), last.label("last"), sa.func.count().over())
            .where(articles.c.story_id.is_not(None), in_time, is_visible(), *_wanted(left_out))
            .group_by(story)
            .having(sources > 1)
            .order_by(sources.desc(), last.desc(), story.desc())
            .limit(limit)
            .offset(offset)
        )

        def work(connection: sa.Connection) -> tuple[tuple[ToldStory, ...], int]:
            rows = connection.execute(query).all()
            older = _told_before(connection, [row.story_id for row in rows], grown_since)
            told = tuple(
                ToldStory(StoryId(row.story_id), row.sources, row.last > grown_since and row.story_id in older)
                for row in rows
            )
            return told, int(rows[0][3]) if rows else 0

        return await self._database.run(work)


def _told_before(connection: sa.Connection, stories: Collection[StoryId], moment: datetime) -> frozenset[int]:
    query = sa.select(articles.c.story_id).where(articles.c.story_id.in_(list(stories)), articles.c.shown_at <= moment)
    return frozenset(connection.scalars(query.where(is_visible()))) if stories else frozenset()


def _wanted(left_out: LeftOut) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if left_out.sources:
        conditions.append(articles.c.source.not_in(sorted(left_out.sources)))
    if left_out.queries:
        matching = sa.select(query_matches.c.article_id).where(query_matches.c.query_id.in_(sorted(left_out.queries)))
        conditions.append(articles.c.id.not_in(matching))
    if left_out.categories:
        links = article_categories
        inside = sa.select(links.c.article_id).where(links.c.category_id.in_(sorted(left_out.categories)))
        conditions.append(articles.c.id.not_in(inside))
    return conditions
