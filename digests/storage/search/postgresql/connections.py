"""Connections of the search to PostgreSQL, beside the database's pool, with settings of their own.

A search reads in one round trip: no transaction is begun, and no connection tried before it is used. One that turns out
to be lost is replaced, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from digests.errors import DatabaseAway, StorageError
from digests.storage.cluster.connection import open_connection
from digests.storage.database import Database
from digests.storage.engine.failures import explain_database_error
from digests.storage.engine.server import has_unread

if TYPE_CHECKING:
    import psycopg

    Row = tuple[Any, ...]
    SearchConnection = psycopg.AsyncConnection[Row]

_MOST_READERS = 4
LONGEST_SECONDS = 10.0
"""After so long a search is given up, whatever was asked for."""
_GRACE_SECONDS = 2.0
_READER_SETTINGS = (
    # A plan is made once for each form of a query, not for each query: they all go the same way.
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("jit", "off"),
)


class SearchConnections:
    """A few connections for searches; more than `_MOST_READERS` searches at once wait for their turn."""

    def __init__(self, database: Database, longest: float = LONGEST_SECONDS) -> None:
        self._database = database
        self._longest = longest
        self._turns = asyncio.Semaphore(_MOST_READERS)
        self._idle: list[SearchConnection] = []

    async def fetch(self, statement: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Return the rows of a statement that only reads.

        Raises:
            StorageError: The database does not answer, or the search takes longer than it may.
        """
        async with self._turns:
            while self._idle:
                connection = self._idle.pop()
                if has_unread(connection.fileno()):
                    # The server has ended it, as by a restart.
                    await connection.close()
                    continue
                try:
                    return await self._ask(connection, statement, values)
                except StorageError as error:
                    if not (connection.closed or is_exchange(error)):
                        raise
            return await self._ask(await self._connect(), statement, values)

    async def _ask(self, connection: SearchConnection, statement: str, values: Mapping[str, object]) -> list[Row]:
        try:
            with search_errors(self._database):
                # The server's own limit comes first; this one holds where a pooler forgets settings.
                async with asyncio.timeout(self._longest + _GRACE_SECONDS):
                    cursor = await connection.execute(statement, values, binary=True)
                    rows = await cursor.fetchall()
        except BaseException as error:
            # Whoever is not sure what became of a statement needs another connection.
            if not isinstance(error, StorageError) or isinstance(error.__cause__, TimeoutError):
                await connection.close()
            raise
        finally:
            if not connection.closed:
                self._idle.append(connection)
        return rows

    async def _connect(self) -> SearchConnection:
        connection = await open_connection(self._database)
        try:
            with search_errors(self._database):
                for name, value in (*_READER_SETTINGS, ("statement_timeout", f"{self._longest * 1000:.0f}")):
                    await connection.execute(f"SET {name} = {value}")
        except BaseException:
            await connection.close()
            raise
        return connection

    async def close(self) -> None:
        """Close what is open."""
        while self._idle:
            await self._idle.pop().close()


@contextmanager
def search_errors(database: Database) -> Iterator[None]:
    """Turn errors of the driver into StorageError, with the fix; nobody's query or password is quoted.

    A database that is away is told of as by everything that uses it, and no fault of the search.
    """
    import psycopg

    try:
        yield
    except (TimeoutError, psycopg.errors.QueryCanceled) as error:
        raise StorageError("The search took too long and was given up: ask for rarer words, or fewer.") from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise StorageError(
            "The search index can't be made: give the database's user the right to create tables and functions in its "
            "schema."
        ) from error
    except psycopg.errors.DiskFull as error:
        raise StorageError(explain_database_error(DBAPIError("", None, error))) from error
    except psycopg.Error as error:
        is_of_connection = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        if is_of_connection and isinstance(failure := database.failure_of_driver(error), DatabaseAway):
            raise failure from error
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise StorageError(f"The search index did not answer ({said}): check the database.") from error


def is_exchange(error: StorageError) -> bool:
    """Return whether a table was exchanged for another one while a statement waited for it."""
    import psycopg

    return isinstance(error.__cause__, psycopg.errors.UndefinedTable | psycopg.errors.InternalError_)


@asynccontextmanager
async def closing_on_error(connection: SearchConnection) -> AsyncIterator[SearchConnection]:
    """Provide a connection, and close it if the block fails, since its transaction's state is then unknown."""
    try:
        yield connection
    except BaseException:
        await connection.close()
        raise
