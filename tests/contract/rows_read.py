"""How many rows PostgreSQL has read, by its own statistics."""

from __future__ import annotations

import sqlalchemy as sa

from digests.storage.database import Database

_READ = sa.text("""
    SELECT pg_stat_force_next_flush(), (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)
        + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables)
""")


async def rows_read(database: Database) -> int:
    """Return how many rows and index entries the server has read by now."""
    # What a session did is counted when its transaction has ended: all of this is one session.
    for _ in range(2):
        async with database.read() as connection:
            read = (await connection.execute(_READ)).one()[1]
    return int(read)
