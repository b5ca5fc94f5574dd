"""Withdrawing articles whose files are gone or no longer for readers, and bringing them back with their files."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.articles.revisions import revise
from digests.storage.database import Database
from digests.storage.schema.article_tables import posts, withdrawn

MISSING, UNLISTED = "missing", "unlisted"
"""The reasons of such withdrawals."""


async def withdraw_missing(
    database: Database, connection: AsyncConnection, ids: Collection[int], now: datetime
) -> None:
    """Withdraw those of the articles that have no file left."""
    with_files = sa.select(posts.c.article_id).where(posts.c.article_id.in_(ids))
    missing = set(ids) - set((await connection.execute(with_files)).scalars())
    await _withdraw(database, connection, missing, MISSING, now)


async def withdraw_unlisted(
    database: Database, connection: AsyncConnection, ids: Collection[int], now: datetime
) -> None:
    """Withdraw those of the articles that have only posts left which no reader may see."""
    if not ids:
        return
    files = sa.select(posts.c.article_id, posts.c.unlisted != "").where(posts.c.article_id.in_(ids))
    rows = (await connection.execute(files)).all()
    listed = {article for article, is_unlisted in rows if not is_unlisted}
    await _withdraw(database, connection, {article for article, _ in rows} - listed, UNLISTED, now)


async def _withdraw(
    database: Database, connection: AsyncConnection, ids: Collection[int], reason: str, now: datetime
) -> None:
    rows = [
        {"article_id": article_id, "reason": reason, "at": now, "edited": 0, "unedited": 0}
        for article_id in sorted(ids)
    ]
    if rows:
        await connection.execute(database.insert(withdrawn).on_conflict_do_nothing(), rows)
        await revise(database, connection, sorted(ids))


async def bring_back(database: Database, connection: AsyncConnection, ids: Collection[int]) -> None:
    """Bring back those of the articles that were withdrawn only because their files were missing or unlisted."""
    back = sa.delete(withdrawn).where(
        withdrawn.c.article_id.in_(list(ids)), withdrawn.c.reason.in_((MISSING, UNLISTED))
    )
    returned = (await connection.execute(back.returning(withdrawn.c.article_id))).scalars().all()
    await revise(database, connection, sorted(returned))
