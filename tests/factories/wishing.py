"""A database with a place that wishes, and what finds, plans and forgets for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from digests.model.ids import ArticleId, PlaceId
from digests.model.wish import WishKind
from digests.planning.matching import Matcher
from digests.search.query import parse_query
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.schema import articles, queries, query_matches
from digests.storage.search.port import ArticleIndex, SearchFilters
from digests.storage.wishes.matches import MatchStore, categories_named
from digests.storage.wishes.wishes import WishStore
from digests.wishes.canonical import words_subject
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import NOW

WEEK = timedelta(days=7)


class SettableClock:
    """A clock that shows what it is told to."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        """Return the moment that was set."""
        return self.moment


class Desk:
    """A database with a matcher, a search index and a place."""

    def __init__(self, database: Database, index: ArticleIndex, place: PlaceId) -> None:
        self.database, self.index, self.place = database, index, place
        self.clock = SettableClock()
        self.articles = ArticleStore(database)
        self.wishes = WishStore(database)
        self.matcher = self.another_matcher()

    def another_matcher(self, store: MatchStore | None = None) -> Matcher:
        """Return a matcher that knows nothing yet, as after a restart."""
        return Matcher(store or MatchStore(self.database), self.articles, self.index, self.clock, WEEK)

    async def ingest(self, *titles: str, fresh: bool = True, **changes: Any) -> None:
        """Store an article with each title."""
        posts = [read_post(f"{title}.md", parsed_post(title, **changes), fresh=fresh) for title in titles]
        await IngestStore(self.database).write("site", posts, self.clock.now())

    async def rewrite(self, title: str, text: str) -> None:
        """Store another text of an article."""
        await self.ingest(title, text=text, content_hash=f"{title} {text}")

    async def article(self, title: str) -> ArticleId:
        """Return the article with this title."""
        async with self.database.read() as connection:
            found = await connection.scalar(sa.select(articles.c.id).where(articles.c.title == title))
        assert found is not None
        return ArticleId(found)

    async def watch(self, *words: str, at_once: bool = False, place: PlaceId | None = None) -> None:
        """Have a place watch for words."""
        for each in words:
            now, subject = self.clock.now(), words_subject(each)
            await self.wishes.put(place or self.place, WishKind.WATCH, subject, now, limit=999, at_once=at_once)

    async def searched(self, words: str) -> set[ArticleId]:
        """Return what the search finds for the words."""
        query = parse_query(words)
        named = categories_named(await MatchStore(self.database).tree(), query.categories)
        return await self.index.matching(query, ArticleId(0), SearchFilters(named if query.categories else None))

    async def matches(self) -> set[tuple[str, str]]:
        """Return the words of queries and the titles of articles that match them."""
        query = (
            sa.select(queries.c.words, articles.c.title)
            .join(query_matches, query_matches.c.query_id == queries.c.id)
            .join(articles, articles.c.id == query_matches.c.article_id)
        )
        async with self.database.read() as connection:
            return {(row.words, row.title) for row in await connection.execute(query)}
