"""The connection to the database: short reads, and writes under one writer lock.

On SQLite one writer at a time has its turn; on PostgreSQL, the row of `counters` that a transaction updates is the lock
where order matters. Failures of the environment (locked, full,
gone) become StorageError; bugs stay what they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from digests.errors import DatabaseAway, StorageError, WriteUndone
from digests.storage.engine.addresses import read_url, sqlite_file
from digests.storage.engine.failures import explain_database_error, explain_failure, is_environments
from digests.storage.engine.first_write import pending_first_write
from digests.storage.engine.reach import ServerReach
from digests.storage.engine.refusals import is_away, is_read_only, is_undone
from digests.storage.engine.server import ALONE, driver_needed
from digests.storage.engine.sqlite import BUSY_SECONDS, SqliteEngines, open_sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_TRIES = 3
"""How often a change is tried that the server undoes for another's."""

ResultT = TypeVar("ResultT")


class Database:
    """The connections to one database.

    `read` and `write` are for work in several steps; `peek`, `run` and `change` do all of their work at once.
    """

    def __init__(self, url: str) -> None:
        """Prepare connections to the database at `url`.

        Raises:
            InvalidInput: The address is invalid.
            StorageError: No database can be opened there.
        """
        self.url = read_url(url)
        self.file = sqlite_file(self.url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = self._open()
        self._reach, self._writes = ServerReach(), ServerReach()
        self._writer_lock = asyncio.Lock()
        self._engines = SqliteEngines(self.url)

    def _open(self) -> AsyncEngine:
        if self.is_sqlite:
            return open_sqlite(self.url, self.file)
        with driver_needed():
            # Loads the driver, which SQLite does not need.
            from digests.storage.engine.server_pool import open_pool

            return open_pool(self.url)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Provide a connection for statements that only read.

        On SQLite they see one state of the database; on PostgreSQL each sees that of its moment, and there is no
        transaction, so that it takes no more than a round trip for each.
        """
        async with self._reaching() as connection:
            yield connection

    @asynccontextmanager
    async def _reaching(self) -> AsyncIterator[AsyncConnection]:
        """Provide a connection, and turn failures of the environment into StorageError."""
        try:
            async with self._engine.connect() as connection:
                self._reach.found()
                yield connection
        except DBAPIError as error:
            if not is_environments(error):
                raise
            raise self.failure(error) from error

    async def peek(self, work: Callable[[sa.Connection], ResultT]) -> ResultT:
        """Run a few look-ups by key, each of a few rows, and return what `work` makes of them.

        On SQLite they run in the event loop itself: 30 microseconds each, while switching to another thread and back
        for every step of a statement takes 500 (measured). On a server this is a normal read.
        """
        if self.file is not None:
            # If the database is locked, the normal read waits for it. It also reports any other failure.
            with contextlib.suppress(OperationalError), self._engines.peeks.connect() as connection:
                return work(connection)
        async with self.read() as reading:
            result: ResultT = await reading.run_sync(work)
            return result

    async def run(self, work: Callable[[sa.Connection], ResultT]) -> ResultT:
        """Run reads that may take a while, all in one call to another thread, and return what `work` makes of them."""
        if self.file is None:
            async with self.read() as reading:
                result: ResultT = await reading.run_sync(work)
                return result

        def read() -> ResultT:
            with self._engines.reads.connect() as connection:
                return work(connection)

        try:
            return await asyncio.to_thread(read)
        except DBAPIError as error:
            if not is_environments(error):
                raise
            raise StorageError(explain_database_error(error)) from error

    async def change(self, work: Callable[[sa.Connection], ResultT]) -> ResultT:
        """Run small writes in one transaction, in one call to another thread, and return what `work` makes of them.

        On a server, which may undo a transaction for another's, `work` is run again then.
        """
        if self.file is None:
            return await self._change_on_server(work, self.write)

        first = pending_first_write()

        def write() -> ResultT:
            with self._engines.changes.connect().execution_options(writes=True) as connection, connection.begin():
                made = work(connection)
                if first is not None:
                    first.run(connection)
                return made

        try:
            async with self._write_turn():
                result = await asyncio.to_thread(write)
        except DBAPIError as error:
            if not is_environments(error):
                raise
            raise StorageError(explain_database_error(error)) from error
        if first is not None:
            first.is_written = True
        return result

    async def change_once(self, work: Callable[[sa.Connection], ResultT]) -> ResultT:
        """Run a single statement that writes, as `change` does; on a server in one round trip."""
        if self.is_sqlite or pending_first_write() is not None:
            return await self.change(work)
        return await self._change_on_server(work, self._writing_once)

    async def _change_on_server(
        self,
        work: Callable[[sa.Connection], ResultT],
        writing: Callable[[], AbstractAsyncContextManager[AsyncConnection]],
    ) -> ResultT:
        for tries_left in reversed(range(_TRIES)):
            try:
                async with writing() as connection:
                    done: ResultT = await connection.run_sync(work)
                return done
            except WriteUndone:
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def change_plainly(self, work: Callable[[sqlite3.Cursor], ResultT]) -> ResultT:
        """Run statements on SQLite in one transaction, as `change` does, but without SQLAlchemy.

        For what is written with every update: SQLAlchemy takes 0.3 ms for that, and this less than half (measured).
        """

        def write() -> ResultT:
            connection = self._engines.changes.raw_connection()
            try:
                cursor: sqlite3.Cursor = connection.cursor()  # type: ignore[assignment]  # it is SQLite's
                cursor.execute("BEGIN IMMEDIATE")
                made = work(cursor)
                cursor.execute("COMMIT")
                return made
            except sqlite3.Error as error:
                raise StorageError(explain_failure(str(error))) from error
            finally:
                # What was not committed is rolled back here.
                connection.close()

        async with self._write_turn():
            return await asyncio.to_thread(write)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Provide a transaction that commits if the block succeeds, and leaves nothing behind if it doesn't."""
        first = pending_first_write()
        async with self._write_turn(), self._reaching() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection
                if first is not None:
                    await first.run_in(connection)
            self._writes.found()
            if first is not None:
                first.is_written = True

    @asynccontextmanager
    async def _writing_once(self) -> AsyncIterator[AsyncConnection]:
        """Provide a connection to a server on which each statement commits."""
        async with self._reaching() as connection:
            await connection.execution_options(writes=ALONE)
            yield connection
            self._writes.found()

    def failure(self, error: DBAPIError) -> StorageError:
        """Return the error for a failure of the database's environment; a database that is away is logged once."""
        said = explain_database_error(error)
        if self.is_sqlite or not is_away(error):
            return WriteUndone(said) if is_undone(error) else StorageError(said)
        # A standby answers what is read.
        (self._writes if is_read_only(error) else self._reach).lost(said)
        return DatabaseAway(said)

    def failure_of_driver(self, error: Exception) -> StorageError:
        """Return the error for one of PostgreSQL's driver on a connection beside the pool, as `failure` does."""
        return self.failure(OperationalError("", None, error))

    @asynccontextmanager
    async def _write_turn(self) -> AsyncIterator[None]:
        """Let this process's writers to SQLite take turns, in the order in which they come.

        Without this, they would poll at growing intervals, and a waiting writer would be overtaken by all that come
        later: while posts were ingested, a reader's write waited 330 ms and more (measured), now for one batch.
        """
        if not self.is_sqlite:
            yield
            return
        try:
            async with asyncio.timeout(BUSY_SECONDS):
                await self._writer_lock.acquire()
        except TimeoutError as error:
            raise StorageError(
                f"The database was busy for {BUSY_SECONDS:g} seconds: another program may hold it; end it, or wait."
            ) from error
        try:
            yield
        finally:
            self._writer_lock.release()

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that supports ON CONFLICT, in the database's dialect; both have the same methods."""
        if self.is_sqlite:
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()
        self._engines.dispose()
