"""Rates that several processes share, each a row: when the next message may leave, by the database's clock.

A taker gets departures one behind the other, each an interval after the last one that anybody took. Nothing is saved
up: a rate that nobody used for an hour gives no more in the next second than in any other. What goes to many may take
departures that are at most a moment ahead; what a person waits for may take those behind, so that people come first in
all processes, however many of those have bulk messages.

One statement does it all, so nobody who is slow, stopped or cut off holds the row. It uses no clock but the database's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from digests.ports import Taken
from digests.storage.cluster.connection import open_connection
from digests.storage.cluster.wakes import Wakes
from digests.storage.database import Database

if TYPE_CHECKING:
    import psycopg

PAUSED = "rates"
"""The wake that tells of a pause."""

SHARE = 0.97
"""The share of a rate that is given out. The rest is for what the system and the network do to messages on the way."""
_HORIZON_SECONDS = 0.1
"""How far ahead departures may be that bulk messages take."""
_BATCH_SECONDS = 0.1
_URGENT_SECONDS = 1.0
"""How far ahead departures may be that answers to people take, beyond one interval."""
_LOWER_FOR_SECONDS = 60
"""For how long a lower rate holds after it was last asked for, if somebody else asks for a higher one."""

_MOST_SECONDS = 3600
"""No takers are ever that far ahead, beyond a few intervals."""
_LONGEST_PAUSE = "1 day"
# NaN and infinity are larger than any other number.
_SOME_RATE = "CASE WHEN rate > 0.0001 AND rate < 1e9 THEN rate ELSE CAST(%(rate)s AS float8) END"

# What the row has is bounded: whatever was written there by hand, it holds nobody up for good.
# Locked first, and only then read: what waited for the lock must see the row and the time as they are now. Commits need
# not be on the disk: when the server has started again, all that it may have forgotten is over.
# `elapsed` is 0 when the clock was set back, and `set_back` by how much.
_TAKE = f"""
WITH held AS MATERIALIZED (
    SELECT name, tokens, rate, at, rate_at, paused_until FROM rates WHERE name = %(name)s FOR UPDATE
), read AS MATERIALIZED (
    SELECT held.*, clock_timestamp() AS now, set_config('synchronous_commit', 'off', true) FROM held
), seen AS MATERIALIZED (
    SELECT name, now,
        CASE WHEN (1 - tokens) / ({_SOME_RATE}) BETWEEN 0 AND {_MOST_SECONDS} + 10 / ({_SOME_RATE})
            THEN tokens ELSE 1 END AS tokens,
        {_SOME_RATE} AS rate,
        CASE WHEN isfinite(at) THEN at ELSE now END AS at,
        CASE WHEN isfinite(rate_at) THEN rate_at END AS rate_at,
        CASE WHEN isfinite(paused_until) THEN paused_until END AS paused_until
    FROM read
), known AS MATERIALIZED (
    SELECT name, now,
        greatest(at - now, interval '0') AS set_back,
        greatest((1 - tokens) / (rate * {SHARE})
            - greatest(extract(epoch FROM now - at)::float8, 0), 0) AS wait,
        CAST(%(rate)s AS float8) <= rate OR rate_at IS NULL OR rate_at > now
            OR rate_at < now - interval '{_LOWER_FOR_SECONDS} s' AS holds,
        rate AS old_rate, rate_at, paused_until
    FROM seen
), decided AS MATERIALIZED (
    SELECT name, now, wait,
        CASE WHEN holds THEN CAST(%(rate)s AS float8) ELSE old_rate END AS rate,
        CASE WHEN holds THEN now ELSE rate_at END AS rate_at,
        CASE WHEN paused_until - set_back > now
            THEN least(paused_until - set_back, now + interval '{_LONGEST_PAUSE}') END AS paused_until
    FROM known
), given AS MATERIALIZED (
    SELECT *, CASE WHEN paused_until IS NOT NULL THEN 0
        WHEN CAST(%(urgent)s AS boolean) THEN CASE
            WHEN wait < {_URGENT_SECONDS} + 1 / (rate * {SHARE})
            THEN least(%(most)s, greatest(1, floor(({_URGENT_SECONDS} - wait) * rate)))
            ELSE 0 END
        WHEN wait < {_HORIZON_SECONDS} THEN least(%(most)s, greatest(1, floor({_BATCH_SECONDS} * rate)))
        ELSE 0 END AS count
    FROM decided
)
UPDATE rates SET tokens = 1 - given.wait * given.rate * {SHARE} - given.count, rate = given.rate, at = given.now,
    rate_at = given.rate_at, paused_until = given.paused_until
FROM given WHERE rates.name = given.name
RETURNING given.count::int, given.wait, extract(epoch FROM given.now)::float8, 1 / (given.rate * {SHARE}),
    coalesce(extract(epoch FROM given.paused_until - given.now)::float8, 0)
"""  # noqa: S608  # numbers of the program's own
_ADD = """
INSERT INTO rates (name, tokens, rate, at) VALUES (%(name)s, 1, %(rate)s, clock_timestamp()) ON CONFLICT DO NOTHING
"""
_PAUSE = """
INSERT INTO rates AS known (name, tokens, rate, at, paused_until)
VALUES (%(name)s, 1, %(rate)s, clock_timestamp(), clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (name) DO UPDATE SET paused_until = greatest(known.paused_until, excluded.paused_until)
"""


class RateStore:
    """The `RateSource` of processes that share a PostgreSQL database.

    It keeps a connection of its own, so that it never waits for one behind other work.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wakes = Wakes(database)
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        self._lock = asyncio.Lock()

    async def take(self, name: str, rate: float, most: int, *, urgent: bool) -> Taken:
        """Take up to `most` tokens of `rate` a second, of which a little less is given out (SHARE).

        If processes ask for different rates under the same name, the lower one holds.

        Raises:
            StorageError: The database does not answer.
        """
        values = {"name": name, "rate": rate, "most": most, "urgent": urgent}
        row = await self._execute(_TAKE, values)
        if row is None:
            await self._execute(_ADD, values)
            row = await self._execute(_TAKE, values)
            assert row is not None
        count, wait, at, interval, paused = row
        if not count:
            wait = paused or max(0.0, wait - (_URGENT_SECONDS if urgent else _HORIZON_SECONDS))
        return Taken(count, wait, at, interval, paused)

    async def pause(self, name: str, rate: float, seconds: float) -> None:
        """Give nobody a token for so many seconds, and tell all processes at once.

        Raises:
            StorageError: The database does not answer.
        """
        await self._execute(_PAUSE, {"name": name, "rate": rate, "seconds": seconds})
        await self._wakes.notify(PAUSED)

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _execute(self, statement: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Execute a statement, and return its row if it has any; after a failure the next call connects anew."""
        import psycopg

        async with self._lock:
            is_new = self._connection is None
            try:
                try:
                    return await self._execute_once(statement, values)
                except psycopg.OperationalError:
                    if is_new:
                        raise
                    # The server was restarted meanwhile. What the first try took is lost, and nobody's loss.
                    await self.close()
                    return await self._execute_once(statement, values)
            except psycopg.Error as error:
                await self.close()
                raise self._database.failure_of_driver(error) from error
            except BaseException:
                # Cancelled, as when no answer came in time: what comes now would be taken for the next one.
                await self.close()
                raise

    async def _execute_once(self, statement: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        if self._connection is None:
            self._connection = await open_connection(self._database)
        cursor = await self._connection.execute(statement, values)
        return await cursor.fetchone() if cursor.description else None
