"""The connections of one process to PostgreSQL, on which as little as can be waits for the network.

A database may be a continent away. A transaction that only reads would take three more round trips than its statement:
one to ask whether the connection lives, one to begin, one to end. Here what reads runs by itself, each statement with
the state of its moment, as in a transaction of PostgreSQL's usual isolation (13.2.1, Read Committed); one that writes
is sent as a pipeline (34.5), so that nothing waits but for an answer that somebody needs; and a connection that has
just answered is not asked whether it does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from digests.errors import StorageError
from digests.storage.engine.encoding import JSON
from digests.storage.engine.server import has_unread, mind_server, server_options

_SURE_SECONDS = 5.0
"""For how long after an answer a connection is taken for alive, unless its socket says otherwise."""
_ANSWERED = "answered_at"
_WRITING = ("INSERT", "UPDATE", "DELETE")
_POOL_SIZE = 8


class ServerConnection(psycopg.AsyncConnection[Any]):
    """A connection in which each statement commits, but for those of a transaction that was announced by `will_begin`.

    While `waits` is False, nobody waits for what becomes of the statements of a transaction: they go to the server in a
    pipeline, with the next one that is waited for, or with the commit, which raises what failed. Each pipeline ends
    with a round trip: the driver's way to look into one, and go on, hangs if much was sent (psycopg 3.3).
    """

    will_begin = False
    waits = True
    _pipelined: AsyncExitStack | None = None

    async def prepare_to_send(self) -> None:
        """Begin the transaction that was announced, and a pipeline if nobody waits for the statement to come."""
        is_first, self.will_begin = self.will_begin, False
        is_inside = self._pipelined is None and self.info.transaction_status is TransactionStatus.INTRANS
        if is_first or (is_inside and not self.waits):
            self._pipelined = AsyncExitStack()
            await self._pipelined.enter_async_context(self.pipeline())
        if is_first:
            await psycopg.AsyncCursor(self).execute("BEGIN", prepare=False)

    async def answer(self) -> None:
        """Return when the server has answered to all that it was sent, unless nobody waits; raise what failed."""
        if self.waits:
            await self.end_pipeline()

    async def end_pipeline(self) -> None:
        """Wait for all answers; raise psycopg's error for the first statement that failed."""
        pipelined, self._pipelined = self._pipelined, None
        if pipelined is not None:
            await pipelined.aclose()

    async def commit(self) -> None:
        """End the transaction, in the same round trip as all that was not waited for."""
        self.will_begin = False
        if self._pipelined is None:
            await super().commit()
            return
        await psycopg.AsyncCursor(self).execute("COMMIT", prepare=False)
        await self.end_pipeline()

    async def rollback(self) -> None:
        """Undo the transaction."""
        self.will_begin = False
        # Whatever failed is undone now.
        with contextlib.suppress(psycopg.Error):
            await self.end_pipeline()
        await super().rollback()

    async def run_at_once(self, before: str, statement: bytes, values: Mapping[str, Any], factory: Any) -> list[Any]:
        """Run a statement after `before` in a transaction of its own, in one round trip; return its rows.

        If it fails, the transaction is still open.
        """
        async with self.cursor(row_factory=factory) as cursor:
            async with self.pipeline():
                await self.execute("BEGIN", prepare=False)
                await self.execute(before.encode(), prepare=False)
                await cursor.execute(statement, values)
                await self.execute("COMMIT", prepare=False)
            return await cursor.fetchall() if cursor.description is not None else []


class _Cursor(psycopg.AsyncCursor[Any]):
    """Begins the transaction that is due, and waits for the answer to its statement unless it is not to."""

    _conn: ServerConnection

    async def execute(self, query: Any, params: Any = None, **options: Any) -> _Cursor:
        """Run a statement."""
        await self._conn.prepare_to_send()
        await super().execute(query, params, **options)
        await self._conn.answer()
        return self

    async def executemany(self, query: Any, params_seq: Iterable[Any], *, returning: bool = False) -> None:
        """Run a statement for each of several rows."""
        await self._conn.prepare_to_send()
        await super().executemany(query, params_seq, returning=returning)
        await self._conn.answer()


def open_pool(url: sa.URL) -> AsyncEngine:
    """Return an engine with such connections.

    One with the execution option `writes` begins a transaction; where that is ALONE, each statement is one.
    """
    engine = create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            **server_options(url),
            "async_creator_fn": ServerConnection.connect,
            "cursor_factory": _Cursor,
        },
        isolation_level="AUTOCOMMIT",
        pool_size=_POOL_SIZE,
        json_serializer=JSON.encode,
        hide_parameters=True,
    )
    mind_server(engine.sync_engine)
    pool = engine.sync_engine.pool
    sa.event.listen(pool, "connect", _note_answer)
    sa.event.listen(pool, "checkin", _note_return)
    sa.event.listen(pool, "checkout", _Liveliness(engine.sync_engine.dialect).check)
    sa.event.listen(engine.sync_engine, "begin", _begin)
    sa.event.listen(engine.sync_engine, "before_cursor_execute", _refuse_writes)
    return engine


def _note_answer(_connection: object, record: Any) -> None:
    record.info[_ANSWERED] = monotonic()


def _note_return(connection: Any, record: Any) -> None:
    if connection is not None:
        record.info[_ANSWERED] = monotonic()


class _Liveliness:
    """Whether connections live, asked when they are taken from the pool."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect

    def check(self, connection: Any, record: Any, _proxy: object) -> None:
        """Have the pool open another connection in the place of a dead one."""
        is_recent = monotonic() - record.info.get(_ANSWERED, 0.0) < _SURE_SECONDS
        if is_recent and not has_unread(connection.driver_connection.fileno()):
            return
        try:
            alive = self._dialect.do_ping(connection)
        except psycopg.Error:
            alive = False
        if not alive:
            # Most likely the server was restarted, which has ended all.
            raise InvalidatePoolError


def _begin(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("writes", False) is True:
        driver: Any = connection.connection.driver_connection
        driver.will_begin = True


def _refuse_writes(
    connection: sa.Connection, _cursor: object, statement: str, _values: object, context: Any, _many: object
) -> None:
    """Raise StorageError for a write where only reading was meant: it would be committed by itself."""
    if connection.get_execution_options().get("writes", False):
        return
    writes = context is not None and (context.isinsert or context.isupdate or context.isdelete)
    if writes or statement.lstrip()[:6].upper() in _WRITING:
        raise StorageError("A statement that changes the database ran where it is only to be read: report this.")
