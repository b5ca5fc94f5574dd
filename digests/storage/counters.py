"""Numbers that are given out in commit order; the row of a counter is the writer lock that guarantees it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.database import Database
from digests.storage.schema.base import counters

INGEST = "ingest"
REVISION = "revision"


async def advance(database: Database, connection: AsyncConnection, name: str, by: int) -> int:
    """Add `by` to the counter and return its value before; other writers of it wait until this transaction ends."""
    insert = database.insert(counters).values(name=name, value=by)
    statement = insert.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": counters.c.value + by}
    ).returning(counters.c.value)
    return int((await connection.execute(statement)).scalar_one()) - by


def current_value(name: str) -> sa.ColumnElement[int]:
    """Return the counter's value as a part of another statement; 0 if it was never advanced."""
    return sa.func.coalesce(sa.select(counters.c.value).where(counters.c.name == name).scalar_subquery(), 0)


async def current(connection: AsyncConnection, name: str) -> int:
    """Return the counter's value; 0 if it was never advanced."""
    value = await connection.scalar(sa.select(counters.c.value).where(counters.c.name == name))
    return int(value or 0)
