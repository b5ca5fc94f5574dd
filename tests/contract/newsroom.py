"""Feeds and a folder that bring articles into one database, as tests look at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from digests.articles.options import PostOptions
from digests.ingest.ingest import IngestReport, ingest
from digests.ingest.items import take_in_items
from digests.ingest.parsing import ReadingOptions
from digests.model.feed import FeedItem
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.schema.article_tables import article_categories, articles, categories
from tests.factories.articles import post
from tests.factories.times import NOW
from tests.fakes import MemoryOrigin

FEED, OTHER = "feed:1", "feed:2"
READING = ReadingOptions(post=PostOptions(origin="memory"), max_age=timedelta(days=3))


@dataclass
class Newsroom:
    """A database with feeds and a folder that bring articles."""

    database: Database
    now: datetime = NOW

    async def look(
        self, *items: FeedItem, feed: str = FEED, is_first_look: bool = False, max_age: timedelta | None = None
    ) -> tuple[int, int, int]:
        """Take in what a feed gives now; return how many articles were new, changed and known."""
        report = await take_in_items(
            feed, items, IngestStore(self.database), self.now, max_age, is_first_look=is_first_look
        )
        return report.new, report.changed, report.duplicates

    async def scan(self, files: Mapping[str, str | bytes], name: str = "memory") -> IngestReport:
        """Scan a folder that has these files now."""
        origin = MemoryOrigin(dict(files))
        origin.name = name
        return await ingest(origin, IngestStore(self.database), READING, self.now)

    async def rows(self) -> list[sa.Row[Any]]:
        """Return all articles, the first one first."""
        async with self.database.read() as connection:
            return list(await connection.execute(sa.select(articles).order_by(articles.c.id)))

    async def row(self) -> sa.Row[Any]:
        """Return the only article."""
        (found,) = await self.rows()
        return found

    async def places(self) -> set[str]:
        """Return the paths of the categories with an article."""
        query = sa.select(categories.c.path).join(
            article_categories, article_categories.c.category_id == categories.c.id
        )
        async with self.database.read() as connection:
            return {path.replace("\x1f", "/") for path in (await connection.execute(query)).scalars()}


def crawled(title: str, body: str, source: str = "36kr") -> str:
    """Return a post of the crawler: its second category is the source."""
    return post(title, body, categories=("新媒体", source, "快讯"), author=source)
