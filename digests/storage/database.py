"""The connection to the database: short reads, and writes under one writer lock.

On SQLite (WAL), a write begins with BEGIN IMMEDIATE, so that it never fails for a lock half-way; on PostgreSQL, the row
of `counters` that a transaction updates is the lock where order matters. Failures of the environment (locked, full,
gone) become StorageError; bugs stay what they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool, StaticPool

from config.masking import mask
from digests.errors import DatabaseAway, InvalidInput, StorageError
from digests.storage.first_write import pending_first_write
from digests.storage.private_files import make_database_file
from digests.storage.server import ALONE, driver_needed, explain_server_error, is_away
from digests.storage.server_reach import ServerReach

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

MINIMUM_SQLITE = (3, 40)
BUSY_SECONDS = 30.0
# Chinese is written as it is: escaped, it would take twice the space. One encoder, since json.dumps makes one for each
# value. All that is stored is built here, so nothing in it contains itself.
JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)

# The longest that a peek waits for a lock, since everything else waits with it; after that it becomes a normal read.
_PEEK_SECONDS = 0.05

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
        self._reach = ServerReach()
        self._writer_lock = asyncio.Lock()
        self._peeks: sa.Engine | None = None
        self._reads: sa.Engine | None = None
        self._changes: sa.Engine | None = None

    def _open(self) -> AsyncEngine:
        if not self.is_sqlite:
            with driver_needed():
                # Loads the driver, which SQLite does not need.
                from digests.storage.server_pool import open_pool

                return open_pool(self.url, json_serializer=JSON.encode)
        check_sqlite_version(sqlite3.sqlite_version_info)
        if self.file is not None:
            make_database_file(self.file)
        engine = create_async_engine(
            self.url.set(drivername="sqlite+aiosqlite"),
            connect_args={"timeout": BUSY_SECONDS},
            poolclass=AsyncAdaptedQueuePool,
            pool_size=4,
            max_overflow=4,
            json_serializer=JSON.encode,
        )
        sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine

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
            if not _is_environments(error):
                raise
            raise self.failure(error) from error

    async def peek(self, work: Callable[[sa.Connection], ResultT]) -> ResultT:
        """Run a few look-ups by key, each of a few rows, and return what `work` makes of them.

        On SQLite they run in the event loop itself: 30 microseconds each, while switching to another thread and back
        for every step of a statement takes 500 (measured). On a server this is a normal read.
        """
        if self.file is not None:
            # If the database is locked, the normal read waits for it. It also reports any other failure.
            with contextlib.suppress(OperationalError), self._peek_engine().connect() as connection:
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
            with self._read_engine().connect() as connection:
                return work(connection)

        try:
            return await asyncio.to_thread(read)
        except DBAPIError as error:
            if not _is_environments(error):
                raise
            raise StorageError(explain_database_error(error)) from error

    async def change(self, work: Callable[[sa.Connection], ResultT]) -> ResultT:
        """Run small writes in one transaction, in one call to another thread, and return what `work` makes of them."""
        if self.file is None:
            async with self.write() as writing:
                done: ResultT = await writing.run_sync(work)
                return done

        first = pending_first_write()

        def write() -> ResultT:
            with self._change_engine().connect().execution_options(writes=True) as connection, connection.begin():
                made = work(connection)
                if first is not None:
                    first.run(connection)
                return made

        try:
            async with self._write_turn():
                result = await asyncio.to_thread(write)
        except DBAPIError as error:
            if not _is_environments(error):
                raise
            raise StorageError(explain_database_error(error)) from error
        if first is not None:
            first.is_written = True
        return result

    async def change_once(self, work: Callable[[sa.Connection], ResultT]) -> ResultT:
        """Run a single statement that writes, as `change` does; on a server in one round trip."""
        if self.is_sqlite or pending_first_write() is not None:
            return await self.change(work)
        async with self._reaching() as connection:
            await connection.execution_options(writes=ALONE)
            done: ResultT = await connection.run_sync(work)
            return done

    async def change_plainly(self, work: Callable[[sqlite3.Cursor], ResultT]) -> ResultT:
        """Run statements on SQLite in one transaction, as `change` does, but without SQLAlchemy.

        For what is written with every update: SQLAlchemy takes 0.3 ms for that, and this less than half (measured).
        """

        def write() -> ResultT:
            connection = self._change_engine().raw_connection()
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

    def _peek_engine(self) -> sa.Engine:
        if self._peeks is None:
            self._peeks = self._sync_engine(_PEEK_SECONDS, poolclass=StaticPool)
            _prepare_readers(self._peeks)
        return self._peeks

    def _sync_engine(self, timeout: float, **pool: Any) -> sa.Engine:
        return sa.create_engine(
            self.url.set(drivername="sqlite"),
            connect_args={"timeout": timeout, "check_same_thread": False},
            json_serializer=JSON.encode,
            **pool,
        )

    def _change_engine(self) -> sa.Engine:
        if self._changes is None:
            self._changes = self._sync_engine(BUSY_SECONDS, poolclass=QueuePool, pool_size=1, max_overflow=4)
            sa.event.listen(self._changes, "connect", _prepare_sqlite)
            sa.event.listen(self._changes, "begin", _begin_sqlite)
        return self._changes

    def _read_engine(self) -> sa.Engine:
        if self._reads is None:
            self._reads = self._sync_engine(BUSY_SECONDS, poolclass=QueuePool, pool_size=4, max_overflow=4)
            _prepare_readers(self._reads)
        return self._reads

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
            if first is not None:
                first.is_written = True

    def failure(self, error: DBAPIError) -> StorageError:
        """Return the error for a failure of the database's environment; one that is away is told of in the log."""
        said = explain_database_error(error)
        if self.is_sqlite or not is_away(error):
            return StorageError(said)
        self._reach.lost(said)
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
        for engine in (self._peeks, self._reads, self._changes):
            if engine is not None:
                engine.dispose()
        self._peeks = self._reads = self._changes = None


def read_url(url: str) -> sa.URL:
    """Parse the address of a database.

    Raises:
        InvalidInput: It is invalid; SQLAlchemy's error is dropped, since it may quote the password.
    """
    try:
        parsed = sa.make_url(url)
        # PostgreSQL's own programs know it by either name (34.1.1.2, Connection URIs).
        parsed = parsed.set(drivername="postgresql") if parsed.drivername == "postgres" else parsed
        if parsed.get_backend_name() == "postgresql":
            # Hosts and ports may be options too, which are otherwise looked at when it connects.
            server = parsed.set(drivername="postgresql+psycopg")
            server.get_dialect()().create_connect_args(server)
        return parsed
    except (ArgumentError, ValueError):
        raise InvalidInput(
            "The address of a database can't be read: write sqlite:///file or postgresql://host:port/name; "
            "USER:PASSWORD@ goes before the host."
        ) from None


def shown_url(url: str) -> str:
    """Return a database's address without user, password and options, as an operator may see it."""
    parsed = read_url(url)
    if (file := sqlite_file(parsed)) is not None:
        return f"sqlite:///{file.absolute()}"
    port = f":{parsed.port}" if parsed.port else ""
    shown = f"postgresql://{parsed.host or ''}{port}/{parsed.database or ''}"
    host = parsed.query.get("host", "")
    # The folder of a socket, or several hosts; without it the address would lead to another server.
    return f"{shown}?host={host if isinstance(host, str) else ','.join(host)}" if host else shown


def sqlite_file(url: sa.URL) -> Path | None:
    """Return the file of a SQLite database; None for any other database."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def check_sqlite_version(version: tuple[int, ...]) -> None:
    """Raise StorageError for a version of SQLite that is too old."""
    if version < MINIMUM_SQLITE:
        raise StorageError(
            f"SQLite {'.'.join(map(str, version))} is too old: {'.'.join(map(str, MINIMUM_SQLITE))} or newer is needed."
        )


def explain_database_error(error: DBAPIError) -> str:
    """Return a sentence for an operator, with the fix, for a failure of the database's environment."""
    if (said := explain_server_error(error)) is not None:
        return said
    return explain_failure(str(error.orig), type(error.orig).__name__)


def explain_failure(cause: str, kind: str = "no reason given") -> str:
    """Return the same for what the database itself said, and the kind of error that it was."""
    if "disk is full" in cause or "No space left" in cause:
        return f"The disk with the database is full ({cause}): free some room; the bot continues by itself."
    if "locked" in cause:
        return f"The database is held by another program ({cause}): end it, or wait."
    if "connection option" in cause or "bad value for" in cause or re.search(r"invalid \w+ value", cause):
        # The driver quotes the option, which may be secret.
        return "The database did not answer: database.url has an option that PostgreSQL does not know or can't use."
    if "unable to open" in cause or "readonly" in cause:
        return f"The database can't be opened for writing ({cause}): check the folder, its rights and the disk."
    return f"The database did not answer ({mask(cause.splitlines()[0]) if cause else kind})."


def explain_file_error(error: sqlite3.Error, file: Path) -> str:
    """Return a sentence for an operator, with the fix, for a failure of a file of SQLite."""
    return f"{file}: {explain_database_error(DBAPIError('', None, error))}"


def _is_environments(error: DBAPIError) -> bool:
    """Return whether a failure is of the database's environment, rather than a mistake of ours."""
    return isinstance(error, OperationalError | InterfaceError) or explain_server_error(error) is not None


def _prepare_sqlite(connection: Any, _record: object) -> None:
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
    sa.event.listen(engine, "begin", _begin_sqlite)


def _prepare_reader(connection: Any, _record: object) -> None:
    _prepare(connection, "query_only=ON", "temp_store=MEMORY")


def _prepare(connection: Any, *pragmas: str) -> None:
    # The driver's own BEGIN would be deferred; ours comes from the event below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
