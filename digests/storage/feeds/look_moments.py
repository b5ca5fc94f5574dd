"""Repairing when feeds are looked at, after the clock was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.model.feed import NEVER
from digests.storage.database import Database
from digests.storage.schema.feed_tables import feeds

_SLACK = timedelta(minutes=2)
"""Clocks of two machines differ, and small corrections are normal."""


async def set_back_looks(database: Database, now: datetime, longest: timedelta) -> int:
    """Set anew when feeds are looked at that wait longer than they can; return how many. May raise StorageError.

    A feed that was looked at in what is the future now is left alone from now on for as long as it was to be: nobody
    knows how long ago that was. What would have waited for more than `longest` is due.
    """
    is_ahead = (feeds.c.next_look_at > now + longest) | (feeds.c.looked_at > now + _SLACK)
    query = sa.select(feeds.c.id, feeds.c.looked_at, feeds.c.next_look_at).where(
        is_ahead & (feeds.c.next_look_at < NEVER)
    )
    if not await database.run(lambda connection: connection.execute(query.limit(1)).first()):
        return 0
    moment = feeds.c.next_look_at.type
    values = {"next_look_at": sa.bindparam("at", type_=moment), "looked_at": sa.bindparam("looked", type_=moment)}
    changed = sa.update(feeds).where(feeds.c.id == sa.bindparam("of_id")).values(values)
    async with database.write() as connection:
        rows = [
            {
                "of_id": row.id,
                "at": now + _wait(row.looked_at, row.next_look_at, longest),
                "looked": row.looked_at and min(row.looked_at, now),
            }
            for row in await connection.execute(query.with_for_update())
        ]
        if rows:
            await connection.execute(changed, rows)
    return len(rows)


def _wait(looked_at: datetime | None, next_look_at: datetime, longest: timedelta) -> timedelta:
    """Return how long a feed was to be left alone after its last look; zero if that can't be."""
    wait = next_look_at - looked_at if looked_at is not None else timedelta()
    return wait if timedelta() < wait <= longest else timedelta()
