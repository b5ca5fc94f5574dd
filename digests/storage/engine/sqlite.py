"""The engines of a SQLite database: one that asyncio waits for, and others for work that is done all at once.

WAL lets readers go on while somebody writes. A write begins with BEGIN IMMEDIATE, so that it never fails for a lock
half-way.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool, StaticPool

from digests.errors import StorageError
from digests.storage.engine.encoding import JSON
from digests.storage.files.private_files import make_database_file

MINIMUM_SQLITE = (3, 40)
BUSY_SECONDS = 30.0
# The longest that a peek waits for a lock, since everything else waits with it; after that it becomes a normal read.
_PEEK_SECONDS = 0.05


def check_sqlite_version(version: tuple[int, ...]) -> None:
    """Raise StorageError for a version of SQLite that is too old."""
    if version < MINIMUM_SQLITE:
        raise StorageError(
            f"SQLite {'.'.join(map(str, version))} is too old: {'.'.join(map(str, MINIMUM_SQLITE))} or newer is needed."
        )


def open_sqlite(url: sa.URL, file: Path | None) -> AsyncEngine:
    """Return the engine for work in several steps; `file` is made first, None being a database in memory.

    Raises:
        StorageError: No database can be opened there.
    """
    check_sqlite_version(sqlite3.sqlite_version_info)
    if file is not None:
        make_database_file(file)
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        connect_args={"timeout": BUSY_SECONDS},
        poolclass=AsyncAdaptedQueuePool,
        pool_size=4,
        max_overflow=4,
        json_serializer=JSON.encode,
        hide_parameters=True,
    )
    _prepare_writers(engine.sync_engine)
    return engine


class SqliteEngines:
    """The engines for work that is done all at once, in the event loop or in one call to another thread.

    Each is made when it is first needed.
    """

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._peeks: sa.Engine | None = None
        self._reads: sa.Engine | None = None
        self._changes: sa.Engine | None = None

    @property
    def peeks(self) -> sa.Engine:
        """For look-ups in the event loop itself, which wait for no lock."""
        if self._peeks is None:
            self._peeks = self._make(_PEEK_SECONDS, poolclass=StaticPool)
            _prepare_readers(self._peeks)
        return self._peeks

    @property
    def reads(self) -> sa.Engine:
        """For reads in other threads."""
        if self._reads is None:
            self._reads = self._make(BUSY_SECONDS, poolclass=QueuePool, pool_size=4, max_overflow=4)
            _prepare_readers(self._reads)
        return self._reads

    @property
    def changes(self) -> sa.Engine:
        """For writes in another thread."""
        if self._changes is None:
            self._changes = self._make(BUSY_SECONDS, poolclass=QueuePool, pool_size=1, max_overflow=4)
            _prepare_writers(self._changes)
        return self._changes

    def _make(self, timeout: float, **pool: Any) -> sa.Engine:
        return sa.create_engine(
            self._url.set(drivername="sqlite"),
            connect_args={"timeout": timeout, "check_same_thread": False},
            json_serializer=JSON.encode,
            hide_parameters=True,
            **pool,
        )

    def dispose(self) -> None:
        """Close all connections."""
        for engine in (self._peeks, self._reads, self._changes):
            if engine is not None:
                engine.dispose()
        self._peeks = self._reads = self._changes = None


def _prepare_writers(engine: sa.Engine) -> None:
    sa.event.listen(engine, "connect", _prepare_writer)
    sa.event.listen(engine, "begin", _begin)


def _prepare_writer(connection: Any, _record: object) -> None:
    # FAST: what is deleted within a page that is written anyway is overwritten; see `erasing` for the rest.
    _prepare(
        connection,
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "secure_delete=FAST",
    )


def _prepare_readers(engine: sa.Engine) -> None:
    sa.event.listen(engine, "connect", _prepare_reader)
    sa.event.listen(engine, "begin", _begin)


def _prepare_reader(connection: Any, _record: object) -> None:
    _prepare(connection, "query_only=ON", "temp_store=MEMORY")


def _prepare(connection: Any, *pragmas: str) -> None:
    # The driver's own BEGIN would be deferred; ours comes from the event below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
