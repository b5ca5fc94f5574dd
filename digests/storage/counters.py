"""Numbers given out in commit order: the row of a counter is the writer lock that makes the order hold."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.database import Database
from digests.storage.schema import counters

INGEST = "ingest"
REVISION = "revision"


async def advance(database: Database, connection: AsyncConnection, name: str, by: int) -> int:
    """The counter's value before it moved on by `by`. Other writers of it wait until this transaction ends."""
    insert = database.insert(counters).values(name=name, value=by)
    statement = insert.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": counters.c.value + by}
    ).returning(counters.c.value)
    return int((await connection.execute(statement)).scalar_one()) - by


async def current(connection: AsyncConnection, name: str) -> int:
    value = await connection.scalar(sa.select(counters.c.value).where(counters.c.name == name))
    return int(value or 0)
