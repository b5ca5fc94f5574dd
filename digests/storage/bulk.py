"""Very many rows at once. SQLAlchemy binds each value of each row by name and type; here a row is a tuple."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.columns import UtcDateTime
from digests.storage.database import JSON, Database


async def insert_rows(
    database: Database,
    connection: AsyncConnection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    alike: Mapping[str, Any],
    *,
    ignore: bool = False,
) -> None:
    """Rows of `columns`, and of those that are `alike` in all; with `ignore`, rows that are there stay as they are."""
    if not rows:
        return
    if not database.is_sqlite:
        insert = database.insert(table)
        statement = insert.on_conflict_do_nothing() if ignore else insert
        await connection.execute(statement, [{**dict(zip(columns, row, strict=True)), **alike} for row in rows])
        return
    own = [_converter(table.c[column].type) for column in columns]
    if any(own):
        # A column at a time: that takes no step of the program for each row.
        values = [map(own_, each) if own_ else each for own_, each in zip(own, zip(*rows, strict=True), strict=True)]
        rows = list(zip(*values, strict=True))
    verb = "INSERT OR IGNORE" if ignore else "INSERT"
    bound = [_stored(table.c[column].type, value) for column, value in alike.items()]
    # Names of columns come from the program, values are bound.
    given, shared = ", ".join("?" * len(columns)), ", ".join("?" * len(alike))
    text = f"{verb} INTO {table.name} ({', '.join((*columns, *alike))}) VALUES ({given}, {shared})"
    await connection.exec_driver_sql(text, [(*row, *bound) for row in rows])


def is_one_of(database: Database, column: sa.ColumnElement[Any], ids: Collection[int]) -> sa.ColumnElement[bool]:
    """`in_` for very many ids: they are bound as one value, and the statement is the same for any number."""
    if not database.is_sqlite:
        return column == sa.any_(sa.literal(list(ids), postgresql.ARRAY(sa.BigInteger)))
    each = sa.func.json_each(sa.literal(JSON.encode(list(ids)), sa.Text)).table_valued("value")
    return column.in_(sa.select(each.c.value))


def _stored(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    convert = _converter(kind)
    return convert(value) if convert else value


def _converter(kind: sa.types.TypeEngine[Any]) -> Any:
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, sa.JSON):
        return JSON.encode
    return None


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """As SQLAlchemy stores it on SQLite."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
