"""Revisions: the numbers by which the search index learns of changed articles."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.counters import REVISION, advance
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles


async def revise(database: Database, connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Give the articles new revisions, so that the search index takes them in again; `ids` are few."""
    if not ids:
        return
    revision = await advance(database, connection, REVISION, len(ids))
    statement = sa.update(articles).where(articles.c.id == sa.bindparam("of")).values(revision=sa.bindparam("new"))
    rows = [{"of": article_id, "new": revision + number} for number, article_id in enumerate(ids, 1)]
    await connection.execute(statement, rows)
