"""Very many rows at once. SQLAlchemy binds each value of each row by name and type; here a row is a tuple."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.columns import UtcDateTime
from digests.storage.database import JSON, Database

ItemT = TypeVar("ItemT")

_MANY = 50
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def batches(items: Iterable[ItemT], size: int = 500) -> Iterator[list[ItemT]]:
    """The items in lists that a statement can hold as its parameters."""
    left = iter(items)
    while some := list(islice(left, size)):
        yield some


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

    The database reads them from one JSON text. For SQLite that is one step, in which the rest of the program goes on.
    """
    if not rows:
        return
    columns, rows, alike = _without_repetition(table, columns, rows, alike)
    write = _moment if database.is_sqlite else str
    if any(isinstance(table.c[column].type, UtcDateTime) for column in columns):
        # A column at a time: that takes no step of the program for each row.
        values = [
            map(write, each) if isinstance(table.c[column].type, UtcDateTime) else each
            for column, each in zip(columns, zip(*rows, strict=True), strict=True)
        ]
        rows = list(zip(*values, strict=True))
    bound = [write(value) if isinstance(value, datetime) else value for value in alike.values()]
    text = _insert(table, tuple(columns), tuple(alike), sqlite=database.is_sqlite, ignore=ignore)
    await connection.exec_driver_sql(text, (*bound, JSON.encode(rows)))


def _without_repetition(
    table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], alike: Mapping[str, Any]
) -> tuple[Sequence[str], Sequence[tuple[Any, ...]], Mapping[str, Any]]:
    """What has one value in all of very many rows is written once. The first column tells them apart."""
    if len(rows) < _MANY:
        return columns, rows, alike
    values = list(zip(*rows, strict=True))
    more = {
        name: each[0]
        for name, each in zip(columns[1:], values[1:], strict=True)
        if each[0] == each[-1] and each.count(each[0]) == len(each) and not isinstance(table.c[name].type, sa.JSON)
    }
    if not more:
        return columns, rows, alike
    own = [number for number, name in enumerate(columns) if name not in more]
    kept = list(zip(*[values[number] for number in own], strict=True))
    return [columns[number] for number in own], kept, {**alike, **more}


@lru_cache(maxsize=64)
def _insert(table: sa.Table, columns: tuple[str, ...], alike: tuple[str, ...], *, sqlite: bool, ignore: bool) -> str:
    """Names of columns come from the program, values are bound."""
    # What is kept as JSON stays what it is, all else becomes a value.
    read = [
        f"value {'->' if isinstance(table.c[column].type, sa.JSON) else '->>'} {number}"
        for number, column in enumerate(columns)
    ]
    names = ", ".join((*columns, *alike))
    if sqlite:
        verb = "INSERT OR IGNORE" if ignore else "INSERT"
        given = ", ".join([*read, *("?" for _ in alike)])
        return f"{verb} INTO {table.name} ({names}) SELECT {given} FROM json_each(?)"  # noqa: S608
    kinds = [table.c[column].type.compile(_POSTGRESQL) for column in (*columns, *alike)]
    given = ", ".join(
        f"CAST({one} AS {kind})" for one, kind in zip([*read, *("%s" for _ in alike)], kinds, strict=True)
    )
    rows, tail = "json_array_elements(CAST(%s AS json)) AS given(value)", " ON CONFLICT DO NOTHING" if ignore else ""
    return f"INSERT INTO {table.name} ({names}) SELECT {given} FROM {rows}{tail}"  # noqa: S608


async def read_rows(database: Database, connection: AsyncConnection, query: sa.Select[Any]) -> list[list[Any]]:
    """The rows of a query, in no order, read as one JSON text: of moments `columns.moment_of` makes moments again.

    SQLite's driver lets the program go on within a row, and waits for it between two.
    """
    found = query.subquery()
    row, rows = ("json_array", "json_group_array") if database.is_sqlite else ("json_build_array", "json_agg")
    array = getattr(sa.func, rows)(getattr(sa.func, row)(*found.c))
    text = await connection.scalar(sa.select(sa.cast(array, sa.Text)))
    return json.loads(text) if text else []


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


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """As SQLAlchemy stores it on SQLite."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
