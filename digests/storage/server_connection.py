"""What PostgreSQL gives to one connection at a time: connections beside the pool, and locks that all processes know."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from digests.errors import StorageError
from digests.storage.database import Database, explain_database_error
from digests.storage.server import driver_needed, server_options

if TYPE_CHECKING:
    import psycopg

_LOCK_SECONDS = 60


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
        raise StorageError(explain_database_error(OperationalError("", None, error))) from error


@asynccontextmanager
async def alone(database: Database, what: str, *, waits: bool = True) -> AsyncIterator[bool]:
    """Let one process at a time be alone in the block, among those that name the same `what`; yield True to it.

    The others wait for that; if they don't (`waits` False), they are in the block too, with False. The lock is a
    transaction's, which a pooler of connections leaves alone. On SQLite there is no other process.
    """
    if database.is_sqlite:
        yield True
        return
    async with database.read() as connection:
        if not waits:
            yield bool(await connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(lock_key(what)))))
            return
        # Whoever holds it that long hangs.
        await connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock_key(what))))
        yield True


def lock_key(what: str) -> int:
    """Return the number of an advisory lock: PostgreSQL knows them by 64 bits."""
    return int.from_bytes(hashlib.sha256(f"digestbot {what}".encode()).digest()[:8], "big", signed=True)
