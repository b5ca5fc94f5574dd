"""Statements in the words of PostgreSQL's driver, for a library that brings its own.

They run on the connections of the pool that everything else uses, each in a transaction of its own, so that what helps
against a database that is away or restarted helps here too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.errors import DigestsError, StorageError
from digests.storage.cluster.connection import receive_notices
from digests.storage.database import Database
from digests.storage.engine.server import unanswered

if TYPE_CHECKING:
    from digests.storage.engine.server_pool import ServerConnection

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

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def rows(self, statement: str, arguments: Mapping[str, object] | None = None) -> list[DriverRow]:
        """Run a statement, and return its rows; without arguments, there may be several statements, and no rows."""
        from psycopg.rows import dict_row

        if arguments is None:
            # The server does not take several in a pipeline.
            await self._connection.prepare_to_send()
            await self._connection.end_pipeline()
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
        with self._explained():
            async with self._database.write() as connection:
                with unanswered(connection):
                    await connection.exec_driver_sql(_limit(seconds))
                yield DriverTransaction(await _driver_of(connection))

    async def rows(self, statement: str, arguments: Mapping[str, object]) -> list[DriverRow]:
        """Run one statement in a transaction of its own, in one round trip, and return its rows."""
        from psycopg.rows import dict_row

        values = {name: _wrapped(value) for name, value in arguments.items()}
        with self._explained():
            async with self._database.read() as connection:
                driver = await _driver_of(connection)
                try:
                    return await driver.run_at_once(_limit(_SECONDS), statement.encode(), values, dict_row)
                finally:
                    if driver.closed:
                        # The pool does not see that by itself, and would try to undo what had begun.
                        await connection.invalidate()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn errors of the driver into ours."""
        import psycopg

        try:
            yield
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise self._database.failure_of_driver(error) from error
        except PoolTimeoutError as error:
            raise StorageError("All connections of this process to the database are in use.") from error
        except psycopg.Error as error:
            about = error.diag
            raise DriverError(type(error).__name__, about.constraint_name or "", about.message_detail or "") from error

    async def listen(self, channel: str, on_notice: Callable[[str], Awaitable[None]]) -> None:
        """Await `on_notice` with each notice in a channel, until cancelled; "" whenever some may have been missed."""
        await receive_notices(self._database, channel, on_notice)


def _limit(seconds: int) -> str:
    return f"SET LOCAL statement_timeout = '{seconds}s'"


async def _driver_of(connection: AsyncConnection) -> ServerConnection:
    raw = await connection.get_raw_connection()
    return cast("ServerConnection", raw.driver_connection)


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
