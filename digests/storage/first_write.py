"""What is written in the same transaction as the first thing that a piece of work writes.

So it can be told after a crash whether the work has had any effect: either both are in the database, or neither is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import sqlalchemy as sa


class FirstWrite:
    """What goes with the first write of a piece of work; `is_written` once that is committed.

    `write` runs at the end of that transaction. What it raises undoes the transaction.
    """

    __slots__ = ("is_written", "write")

    def __init__(self, write: Callable[[sa.Connection], None]) -> None:
        self.write = write
        self.is_written = False


_current: ContextVar[FirstWrite | None] = ContextVar("first_write", default=None)


def pending_first_write() -> FirstWrite | None:
    """Return what the next transaction of the current work has to write as well; None for nothing."""
    first = _current.get()
    return None if first is None or first.is_written else first


@contextmanager
def with_first_write(first: FirstWrite) -> Iterator[None]:
    """Let the first transaction that is committed in the block, or by tasks that it begins, write this as well."""
    token = _current.set(first)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def repeatable_writes() -> Iterator[None]:
    """Let writes in the block count for nothing: the work may be done again after them without harm."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
