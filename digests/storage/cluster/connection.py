"""What PostgreSQL gives to one connection at a time: connections beside the pool, and locks that all processes know."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from digests.errors import StorageError
from digests.storage.database import Database
from digests.storage.engine.server import driver_needed, server_options

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger(__name__)

ENTRANCE = "entrance"
"""The lock of those who begin to use the database, each beside others, and of whoever replaces it, alone."""
_LOCK_SECONDS = 60.0
"""Whoever holds a lock that long hangs."""
_AGAIN_SECONDS = 1.0
_PROBE_SECONDS = 20.0
_ANSWER_SECONDS = 10.0


async def open_connection(database: Database) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    """Open a connection to PostgreSQL beside the pool, in which each statement commits; the caller closes it.

    For what belongs to a connection for as long as that lives: LISTEN, and advisory locks.

    Raises:
        StorageError: The database does not answer.
    """
    with driver_needed():
        import psycopg
    url = database.url.set(drivername="postgresql+psycopg")
    _, arguments = url.get_dialect()().create_connect_args(url)
    options = {**arguments, **server_options(url)}
    try:
        return await psycopg.AsyncConnection.connect(**options, autocommit=True)
    except psycopg.Error as error:
        raise database.failure_of_driver(error) from error


async def receive_notices(database: Database, channel: str, on_notice: Callable[[str], Awaitable[None]]) -> None:
    """Await `on_notice` with each notice that comes in a channel of NOTIFY, until this is cancelled.

    The connection comes back by itself. Each time it comes, also at first, `on_notice` is awaited with "", since some
    may have come before.
    """
    import psycopg

    is_lost = False
    while True:
        try:
            async with await open_connection(database) as connection:
                await connection.execute(f'LISTEN "{channel}"')
                if is_lost:
                    is_lost = False
                    logger.info("the database wakes this process again", extra={"channel": channel})
                await on_notice("")
                await _pass_on(connection, on_notice)
        except (psycopg.Error, StorageError, TimeoutError) as error:
            if not is_lost:
                is_lost = True
                # Whoever has something to do at the moment says what is wrong.
                reason = {"channel": channel, "reason": str(error) or "it is silent"}
                logger.info("the database does not wake this process any more", extra=reason)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _pass_on(
    connection: psycopg.AsyncConnection[tuple[Any, ...]], on_notice: Callable[[str], Awaitable[None]]
) -> None:
    """Pass on what comes; raise psycopg's errors, or TimeoutError, once the connection is dead."""
    while True:
        async for notice in connection.notifies(timeout=_PROBE_SECONDS):
            await on_notice(notice.payload)
        async with asyncio.timeout(_ANSWER_SECONDS):
            await connection.execute("SELECT 1")


@asynccontextmanager
async def locked(
    connection: psycopg.AsyncConnection[Any], what: str, seconds: float | None = None
) -> AsyncIterator[bool]:
    """Hold the lock that is called `what` in a transaction of this connection, as long as the block; yield whether.

    Without `seconds`, a lock that another has is not waited for. With them it is, and so are tables that the block
    changes; after so long psycopg's LockNotAvailable is raised. A transaction's lock is left alone by poolers.
    """
    async with connection.transaction():
        if seconds is None:
            cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (lock_key(what),))
            row = await cursor.fetchone()
            yield bool(row and row[0])
            return
        await connection.execute(f"SET LOCAL lock_timeout = '{seconds:g}s'")
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key(what),))
        yield True


@asynccontextmanager
async def alone(database: Database, what: str, *, waits: bool = True) -> AsyncIterator[bool]:
    """Let one process at a time be alone in the block, among those that name the same `what`; yield True to it.

    The others wait for that; if they don't (`waits` False), they are in the block too, with False. On SQLite there is
    no other process.

    Raises:
        StorageError: The database does not answer, or another process is in the block for longer than any takes.
    """
    if database.is_sqlite:
        yield True
        return
    connection = await open_connection(database)
    import psycopg

    try:
        async with connection, locked(connection, what, _LOCK_SECONDS if waits else None) as is_alone:
            # It rests for as long as the block takes.
            await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield is_alone
    except psycopg.Error as error:
        raise database.failure_of_driver(error) from error


@asynccontextmanager
async def entering(database: Database) -> AsyncIterator[None]:
    """Hold a lock in the block in which a bot's process begins to use the database and notes itself.

    Whoever replaces all that is in the database takes it alone, so that no process comes in unseen. Waits for that one.
    On SQLite the lock of the file does this.

    Raises:
        StorageError: The database does not answer.
    """
    if database.is_sqlite:
        yield
        return
    import psycopg

    connection = await open_connection(database)
    try:
        try:
            # As long as the tables are replaced, or migrated by this process.
            await connection.execute("SET statement_timeout = 0; SET lock_timeout = 0; SET idle_session_timeout = 0")
            await connection.execute("SELECT pg_advisory_lock_shared(%s)", (lock_key(ENTRANCE),))
        except psycopg.Error as error:
            raise database.failure_of_driver(error) from error
        yield
    finally:
        await connection.close()


def lock_key(what: str) -> int:
    """Return the number of an advisory lock: PostgreSQL knows them by 64 bits."""
    return int.from_bytes(hashlib.sha256(f"digestbot {what}".encode()).digest()[:8], "big", signed=True)
