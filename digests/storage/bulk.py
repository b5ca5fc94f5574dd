"""Very many rows at once. SQLAlchemy binds each value of each row by name and type; here a row is a tuple."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.columns import UtcDateTime
from digests.storage.database import Database


async def insert_rows(
    database: Database,
    connection: AsyncConnection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    ignore: bool = False,
) -> None:
    """Rows of `columns`; with `ignore`, those that are there already are left out."""
    if not rows:
        return
    if not database.is_sqlite:
        insert = database.insert(table)
        statement = insert.on_conflict_do_nothing() if ignore else insert
        await connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])
        return
    places = ", ".join("?" * len(columns))
    verb = "INSERT OR IGNORE" if ignore else "INSERT"
    # Names of columns come from the program, values are bound.
    statement_text = f"{verb} INTO {table.name} ({', '.join(columns)}) VALUES ({places})"
    converters = [_converter(table.c[column].type) for column in columns]
    if any(converters):
        rows = [
            tuple([convert(value) if convert else value for convert, value in zip(converters, row, strict=True)])
            for row in rows
        ]
    await connection.exec_driver_sql(statement_text, list(rows))


def _converter(kind: sa.types.TypeEngine[Any]) -> Any:
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, sa.JSON):
        return lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return None


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """As SQLAlchemy stores it on SQLite."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
