"""Which tables are moved, in which order, and how each is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

import digests.storage.schema  # noqa: F401 - declares all tables
from digests.storage.schema.base import metadata
from digests.storage.schema.cluster_tables import processes
from digests.storage.transfer.lines import postgres_expression, sqlite_expression

# They say which processes run beside the old database, and none of them runs beside the new one.
_LEFT_OUT = {processes.name}


@dataclass(frozen=True)
class TableForm:
    """A table, as its lines are read and written, in the order of its key."""

    table: sa.Table
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.table.name

    @cached_property
    def columns(self) -> tuple[sa.Column[object], ...]:
        """Its columns, in the order of the fields of a line."""
        return tuple(self.table.columns)

    @cached_property
    def listed(self) -> str:
        """The names of its columns, for a statement."""
        return ", ".join(f'"{column.name}"' for column in self.columns)

    def sqlite_lines(self, *, after: bool) -> str:
        """Return the query for its lines on SQLite; `after` a key, which is bound."""
        fields = " || char(9) || ".join(
            f"coalesce({sqlite_expression(column)}, '\\N')" if column.nullable else sqlite_expression(column)
            for column in self.columns
        )
        order = ", ".join(f'"{name}"' for name in self.key)
        where = f" WHERE ({order}) > ({', '.join('?' * len(self.key))})" if after else ""
        return f'SELECT {fields} || char(10) FROM "{self.name}"{where} ORDER BY {order}'  # noqa: S608

    def postgres_lines(self, *, after: bool) -> str:
        """Return the COPY of its lines on PostgreSQL; `after` a key, which is bound."""
        fields = ", ".join(postgres_expression(column) for column in self.columns)
        order = ", ".join(_collated(self.table.c[name]) for name in self.key)
        bound = ", ".join(f"CAST(%s AS {_bound_type(self.table.c[name])})" for name in self.key)
        where = f" WHERE ({order}) > ({bound})" if after else ""
        return f'COPY (SELECT {fields} FROM "{self.name}"{where} ORDER BY {order}) TO STDOUT'  # noqa: S608


def all_tables() -> Sequence[sa.Table]:
    """Return all of the program's tables, each after those that it refers to."""
    return metadata.sorted_tables


def indexes_of(table: sa.Table, dialect: str) -> list[sa.Index]:
    """Return the indexes that a table has in databases of this dialect, "sqlite" or "postgresql"."""

    def is_made(index: sa.Index) -> bool:
        # What `ddl_if` left; SQLAlchemy itself looks at it only where it makes a table with all that belongs to it.
        condition = index._ddl_if
        return condition is None or condition.dialect in (None, dialect)

    return sorted(filter(is_made, table.indexes), key=lambda index: str(index.name))


def moved_tables() -> Sequence[TableForm]:
    """Return the tables that are moved, each after those that it refers to."""
    return [
        TableForm(table, tuple(column.name for column in table.primary_key))
        for table in metadata.sorted_tables
        if table.name not in _LEFT_OUT
    ]


def _collated(column: sa.Column[object]) -> str:
    # SQLite compares texts by their bytes.
    return f'"{column.name}"' if isinstance(column.type, sa.Integer) else f'"{column.name}" COLLATE "C"'


def _bound_type(column: sa.Column[object]) -> str:
    return "bigint" if isinstance(column.type, sa.Integer) else "text"
