"""Counts what the database is asked, by any connection of the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

_NONE = ("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK", "SHOW", "SET")
"""What a connection says of itself."""


@contextmanager
def counting() -> Iterator[list[str]]:
    """Yield the statements that are executed inside the block, as they come."""
    statements: list[str] = []

    def executed(_connection: object, _cursor: object, statement: str, *_more: Any) -> None:
        if not statement.lstrip().upper().startswith(_NONE):
            statements.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", executed)
    try:
        yield statements
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", executed)
