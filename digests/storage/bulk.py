"""Very many rows at once. SQLAlchemy binds each value of each row by name and type; here a row is a tuple."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
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
    """Rows of `columns`, and of those that are `alike` in all; with `ignore`, rows that are there stay as they are.

    SQLite reads them from one JSON text: for it that is one step, in which the rest of the program goes on.
    """
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
    bound = [_stored(table.c[column].type, value) for column, value in alike.items()]
    await connection.exec_driver_sql(_insert(table, columns, tuple(alike), ignore), (*bound, JSON.encode(rows)))


def _insert(table: sa.Table, columns: Sequence[str], alike: Sequence[str], ignore: bool) -> str:
    """Names of columns come from the program, values are bound."""
    verb = "INSERT OR IGNORE" if ignore else "INSERT"
    # What is kept as JSON stays what it is, all else becomes a value.
    read = ["->" if isinstance(table.c[column].type, sa.JSON) else "->>" for column in columns]
    given = ", ".join([*(f"value {arrow} {number}" for number, arrow in enumerate(read)), *("?" for _ in alike)])
    return f"{verb} INTO {table.name} ({', '.join((*columns, *alike))}) SELECT {given} FROM json_each(?)"  # noqa: S608


async def read_rows(database: Database, connection: AsyncConnection, query: sa.Select[Any]) -> list[list[Any]]:
    """The rows of a query, in no order, read as one JSON text: of moments `moment_of` makes moments again.

    SQLite's driver lets the program go on within a row, and waits for it between two.
    """
    found = query.subquery()
    row, rows = ("json_array", "json_group_array") if database.is_sqlite else ("json_build_array", "json_agg")
    array = getattr(sa.func, rows)(getattr(sa.func, row)(*found.c))
    text = await connection.scalar(sa.select(sa.cast(array, sa.Text)))
    return json.loads(text) if text else []


@lru_cache(maxsize=4096)
def moment_of(text: str) -> datetime:
    """SQLite's without a zone are UTC, as they were stored."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def is_one_of(
    database: Database, column: sa.ColumnElement[Any], values: Collection[int] | Collection[str]
) -> sa.ColumnElement[bool]:
    """`in_` for very many: they are bound as one value, and the statement is the same for any number."""
    if database.is_sqlite:
        return column.in_(sa.select(each_of(database, values, column.type)))
    return column == sa.any_(_array(values, column.type))


def each_of(database: Database, values: Collection[Any], kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """A column of these values, bound as `is_one_of` binds them."""
    if database.is_sqlite:
        listed = sa.literal(JSON.encode(list(values)), sa.Text)
        return sa.func.json_each(listed).table_valued(sa.column("value", kind)).c.value
    return sa.func.unnest(_array(values, kind)).column_valued()


def _array(values: Collection[Any], kind: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    # SQLite's whole numbers are 64 bits wide; as PostgreSQL's they must say so.
    return sa.literal(list(values), postgresql.ARRAY(sa.BigInteger() if isinstance(kind, sa.Integer) else kind))


def _stored(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    convert = _converter(kind)
    return convert(value) if convert else value


def _converter(kind: sa.types.TypeEngine[Any]) -> Callable[[datetime], str] | None:
    return _moment if isinstance(kind, UtcDateTime) else None


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """As SQLAlchemy stores it on SQLite."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
