"""A database with rows in every table, of values that are hard to move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from digests.storage.columns import UtcDateTime
from digests.storage.schema.base import metadata
from tests.factories.times import NOW

TEXTS = ("", "\\N", "a\\\tb\nc\rd\x08\x0b\x0ce", "新闻 “quoted” 'it''s'", "🙂" * 3, "\\.", "%s {x} \\\\", " ")


def engine_of(url: str) -> sa.Engine:
    """Return an engine for a database of a test."""
    parsed = sa.make_url(url)
    driver = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return sa.create_engine(parsed.set(drivername=driver), poolclass=sa.NullPool)


def fill_tables(url: str, rows: int = 9) -> None:
    """Put so many rows into each table of a migrated, empty database; they refer to each other."""
    engine = engine_of(url)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(sa.insert(table), [_row(table, number) for number in range(1, rows + 1)])
            if connection.dialect.name == "postgresql":
                _skip_ids(connection, table, rows)
    engine.dispose()


def _skip_ids(connection: sa.Connection, table: sa.Table, rows: int) -> None:
    for column in table.primary_key:
        if isinstance(column.type, sa.Integer):
            sequence = connection.scalar(sa.func.pg_get_serial_sequence(table.name, column.name))
            if sequence is not None:
                connection.execute(sa.select(sa.func.setval(sequence, rows)))


def all_rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each table, in the order of its key."""
    engine = engine_of(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


def _row(table: sa.Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: sa.Column[Any], number: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        if key.column.table is column.table:
            return number - 1 or None
        if column.nullable and number % 3 == 0:
            return None
        return _value(key.column, number)
    is_key = column.primary_key or column.unique or column.index or _is_unique(column)
    if column.nullable and number % 3 == 0 and not is_key:
        return None
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, UtcDateTime):
        return NOW + timedelta(days=number, microseconds=number)
    if isinstance(kind, sa.Float):
        return float(f"{(number - 4) * 1.1 ** (99 * number):.15g}")
    if isinstance(kind, sa.Integer):
        return number if column.primary_key else -(2**40) * number if isinstance(kind, sa.BigInteger) else number
    if isinstance(kind, sa.JSON):
        return {"text": TEXTS[number % len(TEXTS)], "number": number, "none": None}
    return f"{TEXTS[number % len(TEXTS)]}{number}"


def _is_unique(column: sa.Column[Any]) -> bool:
    return any(
        column.name in constraint.columns
        for constraint in column.table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    ) or any(column.name in index.columns for index in column.table.indexes if index.unique)
