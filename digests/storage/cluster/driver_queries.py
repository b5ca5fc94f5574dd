"""Statements in the words of PostgreSQL's driver, for a library that brings its own.

They run on the connections of the pool that everything else uses, each in a transaction of its own, so that what helps
against a database that is away or restarted helps here too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from digests.errors import DigestsError, StorageError
from digests.storage.cluster.connection import receive_notices
from digests.storage.database import Database

if TYPE_CHECKING:
    import psycopg

DriverRow = dict[str, Any]
_SECONDS = 10


class DriverError(DigestsError):
    """PostgreSQL refused a statement; the driver's error is chained. `constraint` is what a row would have violated."""

    def __init__(self, text: str, constraint: str = "", detail: str = "") -> None:
        super().__init__(text)
        self.constraint = constraint
        self.detail = detail


class DriverTransaction:
    """A transaction under way."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection

    async def rows(self, statement: str, arguments: Mapping[str, object] | None = None) -> list[DriverRow]:
        """Run a statement, and return its rows; without arguments, there may be several statements, and no rows."""
        from psycopg.rows import dict_row

        async with self._connection.cursor(row_factory=dict_row) as cursor:
            wrapped = None if arguments is None else {name: _wrapped(value) for name, value in arguments.items()}
            await cursor.execute(statement.encode(), wrapped)
            return await cursor.fetchall() if cursor.description is not None else []


class DriverQueries:
    """Runs such statements.

    Methods raise StorageError when the database does not answer, and DriverError when it refuses a statement.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def transaction(self, seconds: int = _SECONDS) -> AsyncIterator[DriverTransaction]:
        """Provide a transaction in which no statement may take longer than so many seconds."""
        import psycopg

        try:
            async with self._database.write() as connection:
                raw = await connection.get_raw_connection()
                transaction = DriverTransaction(cast("psycopg.AsyncConnection[Any]", raw.driver_connection))
                await transaction.rows(f"SET LOCAL statement_timeout = '{seconds}s'")
                yield transaction
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise self._database.failure(OperationalError("", None, error)) from error
        except PoolTimeoutError as error:
            raise StorageError("All connections of this process to the database are in use.") from error
        except psycopg.Error as error:
            about = error.diag
            raise DriverError(type(error).__name__, about.constraint_name or "", about.message_detail or "") from error

    async def rows(self, statement: str, arguments: Mapping[str, object]) -> list[DriverRow]:
        """Run one statement in a transaction of its own, and return its rows."""
        async with self.transaction() as transaction:
            return await transaction.rows(statement, arguments)

    async def listen(self, channel: str, on_notice: Callable[[str], Awaitable[None]]) -> None:
        """Await `on_notice` with each notice in a channel, until cancelled; "" whenever some may have been missed."""
        await receive_notices(self._database, channel, on_notice)


def _wrapped(value: Any) -> Any:
    """Return a value as the driver has it: mappings are JSON."""
    from psycopg.types.json import Jsonb

    if isinstance(value, dict):
        return Jsonb(value)
    if isinstance(value, list):
        return [_wrapped(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_wrapped(item) for item in value)
    return value
