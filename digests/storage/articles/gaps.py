"""What the posts that were read lack, for operators."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from digests.model.gaps import Gap, unpack_gaps
from digests.storage.database import Database
from digests.storage.schema.article_tables import posts


@dataclass(frozen=True, slots=True)
class FlawedPost:
    """A post that lacks something, or that no reader may see, for the reason given; "" for one that readers see."""

    origin: str
    path: str
    gaps: tuple[Gap, ...]
    unlisted_because: str


@dataclass(frozen=True, slots=True)
class FlawedGroup:
    """Posts of an origin that lack the same for the same reasons: how many, and the first of them."""

    first: FlawedPost
    posts: int


class GapStore:
    """Reads what posts lack. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def flawed_posts(self) -> tuple[FlawedPost, ...]:
        """Return the posts that were read and lack something, or that no reader may see, by origin and path."""
        flawed = (posts.c.gaps != "") | (posts.c.unlisted != "")
        query = sa.select(posts.c.origin, posts.c.path, posts.c.gaps, posts.c.unlisted).where(flawed)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(posts.c.origin, posts.c.path))).all()
        return tuple(FlawedPost(row.origin, row.path, unpack_gaps(row.gaps), row.unlisted) for row in rows)

    async def flawed_groups(self) -> tuple[FlawedGroup, ...]:
        """Return the flawed posts in groups, by origin: 100,000 posts make a few."""
        flawed = (posts.c.gaps != "") | (posts.c.unlisted != "")
        alike = (posts.c.origin, posts.c.gaps, posts.c.unlisted)
        path = sa.func.min(posts.c.path).label("path")
        query = sa.select(*alike, path, sa.func.count().label("posts")).where(flawed).group_by(*alike)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(posts.c.origin, path))).all()
        return tuple(
            FlawedGroup(FlawedPost(row.origin, row.path, unpack_gaps(row.gaps), row.unlisted), row.posts)
            for row in rows
        )

    async def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many posts each origin has, and how many of them were put aside."""
        aside = sa.func.sum(sa.case((posts.c.cause != "", 1), else_=0))
        query = sa.select(posts.c.origin, sa.func.count(), aside).group_by(posts.c.origin).order_by(posts.c.origin)
        async with self._database.read() as connection:
            return {row[0]: (int(row[1]), int(row[2] or 0)) for row in await connection.execute(query)}
