"""The list of feeds as people look through it: a page of it, narrowed and counted, and what a feed brought."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from digests.model.feed import Feed, FeedId, feed_origin
from digests.model.ids import ArticleId
from digests.storage.articles.visibility import is_visible
from digests.storage.database import Database
from digests.storage.feeds.rows import feed_of
from digests.storage.schema.article_tables import articles, posts
from digests.storage.schema.feed_tables import feeds


class FeedFilter(StrEnum):
    """Which feeds of the list are shown."""

    ALL = ""
    TROUBLE = "trouble"
    """Those that could not be read at the last look, or of which the admins were told something."""
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of the list, from `offset` on: `total` feeds pass the filter and have the words.

    Of all feeds that have the words, `every` is the number, with those of each filter.
    """

    feeds: tuple[Feed, ...]
    offset: int
    total: int
    every: int
    trouble: int
    paused: int


_PAUSED = feeds.c.is_paused.is_(sa.true())
_TOLD, _WRONG = feeds.c.reported != "", feeds.c.trouble != ""
_TROUBLE = sa.and_(sa.not_(_PAUSED), sa.or_(_TOLD, _WRONG))
_ORDER = (
    sa.case((_PAUSED, 3), (_TOLD, 0), (_WRONG, 1), else_=2),
    feeds.c.title == "",
    sa.func.lower(feeds.c.title),
    feeds.c.url,
)


class FeedListStore:
    """Reads the list of feeds, those with trouble first and then by title. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, shown: FeedFilter, offset: int, limit: int, words: str = "") -> FeedPage:
        """Return `limit` feeds from `offset` on, or the last page if there are not so many."""
        having = _having(words)
        condition = {FeedFilter.ALL: sa.true(), FeedFilter.TROUBLE: _TROUBLE, FeedFilter.PAUSED: _PAUSED}[shown]
        counted = sa.select(sa.func.count(), sa.func.count().filter(_TROUBLE), sa.func.count().filter(_PAUSED)).where(
            having
        )
        query = sa.select(feeds).where(having, condition).order_by(*_ORDER).limit(limit)

        def work(connection: sa.Connection) -> FeedPage:
            every, trouble, paused = connection.execute(counted).one()
            total = {FeedFilter.ALL: every, FeedFilter.TROUBLE: trouble, FeedFilter.PAUSED: paused}[shown]
            start = offset if offset < total else max(0, (total - 1) // limit * limit)
            rows = connection.execute(query.offset(start)).all() if total else ()
            return FeedPage(tuple(map(feed_of, rows)), start, total, every, trouble, paused)

        return await self._database.run(work)

    async def latest(self, feed: FeedId, most: int) -> tuple[ArticleId, ...]:
        """Return the newest visible articles of a feed, also those that another origin brought as well."""
        brought = sa.select(posts.c.article_id).where(posts.c.origin == feed_origin(feed))
        query = (
            sa.select(articles.c.id)
            .where(articles.c.id.in_(brought), is_visible())
            .order_by(articles.c.shown_at.desc(), articles.c.id.desc())
            .limit(most)
        )
        return await self._database.run(lambda connection: tuple(connection.scalars(query)))


def _having(words: str) -> sa.ColumnElement[bool]:
    """Return the condition that a feed's title or address has each of the words."""
    conditions = [
        sa.or_(
            sa.func.lower(feeds.c.title).contains(word, autoescape=True),
            sa.func.lower(feeds.c.url).contains(word, autoescape=True),
        )
        for word in words.lower().split()
    ]
    return sa.and_(sa.true(), *conditions)
