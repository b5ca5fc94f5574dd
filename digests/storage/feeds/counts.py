"""How many feeds there are, by what the database itself can say of them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.schema.feed_tables import feeds


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """Numbers of feeds; of those that are not paused, `unread` were never read, and of `full_text` pages are read."""

    total: int
    paused: int
    unread: int
    full_text: int


class FeedCountStore:
    """Counts feeds. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self) -> FeedCounts:
        """Count all feeds."""
        runs = feeds.c.is_paused.is_(sa.false())
        query = sa.select(
            sa.func.count(),
            sa.func.count().filter(sa.not_(runs)),
            sa.func.count().filter(runs, feeds.c.read_at.is_(None)),
            sa.func.count().filter(runs, feeds.c.full_text.is_(sa.true())),
        ).select_from(feeds)
        return await self._database.peek(lambda connection: FeedCounts(*connection.execute(query).one()))
