"""Withdrawing articles whose files are gone, and bringing them back with their files."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.articles.revisions import revise
from digests.storage.database import Database
from digests.storage.schema.article_tables import posts, withdrawn

MISSING = "missing"
"""The reason of such a withdrawal."""


async def withdraw_missing(
    database: Database, connection: AsyncConnection, ids: Collection[int], now: datetime
) -> None:
    """Withdraw those of the articles that have no file left."""
    with_files = sa.select(posts.c.article_id).where(posts.c.article_id.in_(ids))
    missing = sorted(set(ids) - set((await connection.execute(with_files)).scalars()))
    rows = [
        {"article_id": article_id, "reason": MISSING, "at": now, "edited": 0, "unedited": 0} for article_id in missing
    ]
    if rows:
        await connection.execute(database.insert(withdrawn).on_conflict_do_nothing(), rows)
        await revise(database, connection, missing)


async def bring_back(database: Database, connection: AsyncConnection, ids: Collection[int]) -> None:
    """Bring back those of the articles that were withdrawn only because their files were missing."""
    back = sa.delete(withdrawn).where(withdrawn.c.article_id.in_(list(ids)), withdrawn.c.reason == MISSING)
    returned = (await connection.execute(back.returning(withdrawn.c.article_id))).scalars().all()
    await revise(database, connection, sorted(returned))
