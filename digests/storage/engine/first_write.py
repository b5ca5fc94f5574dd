"""What is written in the same transaction as the first thing that a piece of work writes.

So it can be told after a crash whether the work has had any effect: either both are in the database, or neither is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection


class FirstWrite:
    """A statement that goes with the first write of a piece of work; `is_written` once that is committed.

    It runs at the end of that transaction and has to return a row: otherwise `lost` is raised, and undoes it all. Once
    the work `is_over`, it goes with nothing any more.
    """

    __slots__ = ("is_over", "is_written", "lost", "statement", "values")

    def __init__(self, statement: sa.TextClause, values: Mapping[str, Any], lost: Exception) -> None:
        self.statement = statement
        self.values = values
        self.lost = lost
        self.is_written = False
        self.is_over = False

    def run(self, connection: sa.Connection) -> None:
        """Run it in a transaction on SQLite, without SQLAlchemy, which would take longer than the statement."""
        cursor = connection.connection.cursor()
        cursor.execute(self.statement.text, self.values)
        self._expect(cursor.fetchone())
        cursor.close()

    async def run_in(self, connection: AsyncConnection) -> None:
        """Run it in a transaction; on SQLite in one call to the driver's thread."""
        if connection.dialect.name == "sqlite":
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            found = await driver.execute_fetchall(self.statement.text, self.values)
        else:
            found = (await connection.execute(self.statement, self.values)).all()
        self._expect(found)

    def _expect(self, found: object) -> None:
        if not found:
            raise self.lost


_current: ContextVar[FirstWrite | None] = ContextVar("first_write", default=None)


def pending_first_write() -> FirstWrite | None:
    """Return what the next transaction of the current work has to write as well; None for nothing."""
    first = _current.get()
    return None if first is None or first.is_written or first.is_over else first


@contextmanager
def with_first_write(first: FirstWrite) -> Iterator[None]:
    """Let the first transaction that is committed in the block write this as well.

    Tasks that are begun in the block belong to it until it ends.
    """
    token = _current.set(first)
    try:
        yield
    finally:
        first.is_over = True
        _current.reset(token)


@contextmanager
def repeatable_writes() -> Iterator[None]:
    """Let writes in the block count for nothing: the work may be done again after them without harm."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
