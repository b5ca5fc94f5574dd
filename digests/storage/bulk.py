"""Reading and writing very many rows at once, as tuples; SQLAlchemy would bind every value by name and type."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.storage.columns import UtcDateTime
from digests.storage.database import Database
from digests.storage.engine.encoding import JSON

ItemT = TypeVar("ItemT")

_MANY_ROWS = 50


def batches(items: Iterable[ItemT], size: int = 500) -> Iterator[list[ItemT]]:
    """Yield the items in lists that are short enough to be the parameters of a statement."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


async def insert_rows(
    database: Database,
    connection: AsyncConnection,
    table: sa.Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    common: Mapping[str, Any],
    *,
    ignore: bool = False,
) -> None:
    """Insert rows of `columns`, each with the values of `common` added; `ignore` leaves existing rows as they are.

    The database reads them from one JSON text. With SQLite this is a single step, during which other threads run.
    """
    if not rows:
        return
    columns, rows, common = _split_constants(table, columns, rows, common)
    write = _moment if database.is_sqlite else str
    if any(isinstance(table.c[column].type, UtcDateTime) for column in columns):
        # A column at a time, which takes no Python step per row.
        values = [
            map(write, each) if isinstance(table.c[column].type, UtcDateTime) else each
            for column, each in zip(columns, zip(*rows, strict=True), strict=True)
        ]
        rows = list(zip(*values, strict=True))
    bound = [write(value) if isinstance(value, datetime) else value for value in common.values()]
    text = _insert(table, tuple(columns), tuple(common), sqlite=database.is_sqlite, ignore=ignore)
    await connection.exec_driver_sql(text, (*bound, JSON.encode(rows)))


def _split_constants(
    table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], common: Mapping[str, Any]
) -> tuple[Sequence[str], Sequence[tuple[Any, ...]], Mapping[str, Any]]:
    """Move columns with the same value in all of very many rows from `rows` to `common`; keep the first, a key."""
    if len(rows) < _MANY_ROWS:
        return columns, rows, common
    values = list(zip(*rows, strict=True))
    more = {
        name: each[0]
        for name, each in zip(columns[1:], values[1:], strict=True)
        if each[0] == each[-1] and each.count(each[0]) == len(each) and not isinstance(table.c[name].type, sa.JSON)
    }
    if not more:
        return columns, rows, common
    own = [number for number, name in enumerate(columns) if name not in more]
    kept = list(zip(*[values[number] for number in own], strict=True))
    return [columns[number] for number in own], kept, {**common, **more}


@lru_cache(maxsize=64)
def _insert(table: sa.Table, columns: tuple[str, ...], common: tuple[str, ...], *, sqlite: bool, ignore: bool) -> str:
    """Return the statement; column names come from the program, values are bound."""
    # JSON columns stay JSON, everything else becomes a plain value.
    expressions = [
        f"value {'->' if isinstance(table.c[column].type, sa.JSON) else '->>'} {number}"
        for number, column in enumerate(columns)
    ]
    names = ", ".join((*columns, *common))
    if sqlite:
        verb = "INSERT OR IGNORE" if ignore else "INSERT"
        selected = ", ".join([*expressions, *("?" for _ in common)])
        return f"{verb} INTO {table.name} ({names}) SELECT {selected} FROM json_each(?)"  # noqa: S608
    # Loaded for those who use it: it takes a good part of the program's start.
    from sqlalchemy.dialects import postgresql

    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    kinds = [table.c[column].type.compile(dialect) for column in (*columns, *common)]
    selected = ", ".join(
        f"CAST({expression} AS {kind})"
        for expression, kind in zip([*expressions, *("%s" for _ in common)], kinds, strict=True)
    )
    rows, tail = "json_array_elements(CAST(%s AS json)) AS given(value)", " ON CONFLICT DO NOTHING" if ignore else ""
    return f"INSERT INTO {table.name} ({names}) SELECT {selected} FROM {rows}{tail}"  # noqa: S608


async def read_rows(database: Database, connection: AsyncConnection, query: sa.Select[Any]) -> list[list[Any]]:
    """Return the rows of a query, in no order, read as one JSON text; `columns.moment_of` parses moments in them.

    SQLite's driver releases Python's lock within a row, and takes it between two.
    """
    found = query.subquery()
    row, rows = ("json_array", "json_group_array") if database.is_sqlite else ("json_build_array", "json_agg")
    array = getattr(sa.func, rows)(getattr(sa.func, row)(*found.c))
    text = await connection.scalar(sa.select(sa.cast(array, sa.Text)))
    return json.loads(text) if text else []


def is_one_of(
    database: Database, column: sa.ColumnElement[Any], values: Collection[int] | Collection[str]
) -> sa.ColumnElement[bool]:
    """Return `column IN values` for very many values: they are bound as one, so the statement is always the same."""
    if database.is_sqlite:
        return column.in_(sa.select(each_of(database, values, column.type)))
    return column == sa.any_(_array(values, column.type))


def each_of(database: Database, values: Collection[Any], kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """Return a column of these values, bound as one value."""
    if database.is_sqlite:
        listed = sa.literal(JSON.encode(list(values)), sa.Text)
        return sa.func.json_each(listed).table_valued(sa.column("value", kind)).c.value
    return sa.func.unnest(_array(values, kind)).column_valued()


def _array(values: Collection[Any], kind: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    from sqlalchemy.dialects import postgresql

    # SQLite's integers have 64 bits; PostgreSQL's must be declared so.
    return sa.literal(list(values), postgresql.ARRAY(sa.BigInteger() if isinstance(kind, sa.Integer) else kind))


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """Return the moment as SQLAlchemy stores it on SQLite."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
