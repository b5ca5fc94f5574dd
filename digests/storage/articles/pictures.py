"""Counting in how many articles of an origin each picture is, to know which of them stand with many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.articles.pictures.standing import picture_key, without_standing
from digests.model.ids import ArticleId
from digests.storage.articles.wanted_pictures import renew_candidates
from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles, pictures, posts
from digests.storage.schema.media_tables import article_pictures


async def count_pictures(
    database: Database, connection: AsyncConnection, origin: str, addresses: Iterable[str | None]
) -> frozenset[str]:
    """Count the pictures of new articles, and return the keys of those that others of the origin have too."""
    keys = Counter(picture_key(address) for address in addresses if address)
    if not keys:
        return frozenset()
    insert = database.insert(pictures)
    more = pictures.c.articles + insert.excluded.articles
    await connection.execute(
        insert.on_conflict_do_update(index_elements=["origin", "key"], set_={"articles": more}),
        [{"origin": origin, "key": key, "articles": count} for key, count in sorted(keys.items())],
    )
    repeated = sa.select(pictures.c.key).where(
        pictures.c.origin == origin, pictures.c.key.in_(list(keys)), pictures.c.articles > 1
    )
    return frozenset((await connection.execute(repeated)).scalars())


async def standing_keys(connection: AsyncConnection, origin: str) -> frozenset[str]:
    """Return the keys of the pictures that are known to stand with many posts."""
    query = sa.select(pictures.c.key).where(pictures.c.origin == origin, pictures.c.stands.is_(sa.true()))
    return frozenset((await connection.execute(query)).scalars())


async def picture_counts(
    connection: AsyncConnection, origin: str, keys: Collection[str]
) -> tuple[Mapping[str, int], int]:
    """Return in how many articles each picture is that is not known to stand, and how many posts there are."""
    counts: dict[str, int] = {}
    for batch in batches(keys):
        query = sa.select(pictures.c.key, pictures.c.articles).where(
            pictures.c.origin == origin, pictures.c.key.in_(batch), pictures.c.stands.is_(sa.false())
        )
        counts.update((row.key, row.articles) for row in await connection.execute(query))
    total = sa.select(sa.func.count()).select_from(posts).where(posts.c.origin == origin)
    return counts, int(await connection.scalar(total) or 0)


async def note_standing(connection: AsyncConnection, origin: str, keys: Collection[str]) -> None:
    """Write down that these pictures stand with many posts. That is for good, so that no choice swings back."""
    for batch in batches(keys):
        at = (pictures.c.origin == origin) & pictures.c.key.in_(batch)
        await connection.execute(sa.update(pictures).where(at).values(stands=True))


async def posts_with(connection: AsyncConnection, origin: str, keys: Collection[str]) -> frozenset[str]:
    """Return the paths of the posts whose article has one of these pictures."""
    query = (
        sa.select(posts.c.path, articles.c.thumbnail)
        .join(articles, articles.c.id == posts.c.article_id)
        .where(posts.c.origin == origin, articles.c.thumbnail.is_not(None))
    )
    return frozenset(row.path for row in await connection.execute(query) if picture_key(row.thumbnail) in keys)


async def replace_pictures(
    connection: AsyncConnection,
    origin: str,
    standing: Collection[str],
    given: Mapping[str, Sequence[str]],
    now: datetime,
) -> list[str | None]:
    """Give the articles of a feed that have a standing picture the next of theirs, and return which those are.

    `given` are the pictures of the items that the feed has now, by their keys; those of others are as they were stored.
    """
    query = (
        sa.select(posts.c.path, articles.c.id, articles.c.thumbnail, article_pictures.c.candidates)
        .join(articles, articles.c.id == posts.c.article_id)
        .outerjoin(article_pictures, article_pictures.c.article_id == articles.c.id)
        .where(posts.c.origin == origin, articles.c.thumbnail.is_not(None))
    )
    found = {
        ArticleId(row.id): without_standing(given.get(row.path) or row.candidates or (), standing)
        for row in await connection.execute(query)
        if picture_key(row.thumbnail) in standing
    }
    for article_id, addresses in found.items():
        values = {"thumbnail": addresses[0] if addresses else None, "updated_at": now}
        await connection.execute(sa.update(articles).where(articles.c.id == article_id).values(values))
    for some in batches(found):
        await renew_candidates(connection, {article_id: found[article_id] for article_id in some}, now)
    return [addresses[0] if addresses else None for addresses in found.values()]
