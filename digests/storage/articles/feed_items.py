"""What is stored of the items of a feed besides their articles."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.feed import FeedId
from digests.storage.bulk import batches
from digests.storage.schema.article_tables import articles, pictures, posts
from digests.storage.schema.feed_tables import feeds


async def is_feed_there(connection: AsyncConnection, feed: FeedId) -> bool:
    """Return whether a feed has not been removed; it can't be until the transaction has ended."""
    there = sa.select(feeds.c.id).where(feeds.c.id == feed).with_for_update(read=True, key_share=True)
    return await connection.scalar(there) is not None


async def forget_items(connection: AsyncConnection, origin: str) -> None:
    """Forget the items of a feed that is removed. Its articles stay, and belong to whoever brings them next."""
    of_feed = sa.select(posts.c.article_id).where(posts.c.origin == origin, posts.c.article_id.is_not(None))
    await connection.execute(
        sa.update(articles).where(articles.c.id.in_(of_feed), articles.c.origin == origin).values(origin="")
    )
    await connection.execute(sa.delete(posts).where(posts.c.origin == origin))
    await connection.execute(sa.delete(pictures).where(pictures.c.origin == origin))


async def forget_keys_before(connection: AsyncConnection, origin: str, keys: Collection[str]) -> None:
    """Forget keys that a feed has replaced by others: some give each item another one at every look."""
    for some in batches(sorted(keys)):
        await connection.execute(sa.delete(posts).where(posts.c.origin == origin, posts.c.path.in_(some)))
