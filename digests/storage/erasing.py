"""Deleting what somebody wants forgotten, so that it is not left in the files of the database either."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.database import Database

logger = logging.getLogger(__name__)

_WAIT_SECONDS = 5.0


@asynccontextmanager
async def erasing(database: Database) -> AsyncIterator[AsyncConnection]:
    """Provide a transaction as `Database.write` does, of which SQLite overwrites what it deletes.

    SQLite otherwise only marks pages as free, and its journal (the WAL) keeps their former contents until it is
    written over (https://sqlite.org/pragma.html#pragma_secure_delete). PostgreSQL clears both by itself: its VACUUM
    and its recycling of the WAL.
    """
    async with database.write() as connection:
        if database.is_sqlite:
            await connection.exec_driver_sql("PRAGMA secure_delete=ON")
        yield connection
        if database.is_sqlite:
            await connection.exec_driver_sql("PRAGMA secure_delete=FAST")
    await empty_journal(database)


async def empty_journal(database: Database) -> None:
    """Move what is in SQLite's journal to the database's file, and cut the journal to nothing.

    A reader who holds an old state of the database delays that until the next time; that is logged.
    """
    if database.file is not None and not await asyncio.to_thread(_checkpoint, database.file):
        logger.info("the database's journal is emptied later: somebody was reading")


def _checkpoint(file: Path) -> bool:
    with closing(sqlite3.connect(file, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
