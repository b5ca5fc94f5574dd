"""Making, filling, exchanging and dropping the tables of PostgreSQL's search index."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from digests.offload import Offload
from digests.ports import OnProgress
from digests.storage.search.postgresql.keys import documents_of_entries
from digests.storage.search.postgresql.tables import (
    VERSION,
    TableNames,
    create_statements,
    drop_statements,
    exchange_statements,
)
from digests.storage.search.postgresql.writing import Batch, write_batch
from digests.storage.search.source import IndexSource, made_ahead
from digests.storage.server_connection import lock_key

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.AsyncConnection[tuple[Any, ...]]
    Writing = Callable[[], AbstractAsyncContextManager[Connection]]

_LOCK_SECONDS = 5
_TRIES = 6
_OLD_DAYS = 1
"""After so long without a write, nobody uses the tables of an earlier version any more."""
_CHANGING = lock_key("search index, tables")
_MARK_NAME = re.compile(r"search_(\d+)_(\d+)_mark")


async def has_tables(connection: Connection, names: TableNames) -> bool:
    """Return whether the tables are there."""
    # Not to_regclass, which may answer from what this connection knew before it waited for a lock.
    cursor = await connection.execute(
        "SELECT 1 FROM pg_class WHERE relname = %s AND pg_table_is_visible(oid)", (names.mark,)
    )
    return await cursor.fetchone() is not None


async def change_tables(connection: Connection, statements: Sequence[str], unless: TableNames | None = None) -> None:
    """Run statements about tables in one transaction; one process at a time.

    With `unless`, nothing is done if those tables are there by then. Whoever reads a table is waited for, but not for
    long, since all others would wait behind this.
    """
    import psycopg

    for tried in range(1, _TRIES + 1):
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_CHANGING,))
                if unless is None or not await has_tables(connection, unless):
                    for statement in statements:
                        await connection.execute(statement)
            return
        except psycopg.errors.LockNotAvailable:
            if tried == _TRIES:
                raise


async def older_tables(connection: Connection) -> list[TableNames]:
    """Return the tables of earlier versions that nobody writes into any more."""
    cursor = await connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' "
        "AND relname LIKE 'search\\_%'"
    )
    found = [match for (name,) in await cursor.fetchall() if (match := _MARK_NAME.fullmatch(name))]
    versions = [version for match in found if (version := (int(match[1]), int(match[2]))) < VERSION]
    old: list[TableNames] = []
    for version in versions:
        names = TableNames(version)
        cursor = await connection.execute(
            f"SELECT 1 FROM {names.mark} WHERE written_at < now() - interval '{_OLD_DAYS} day'"
        )
        if await cursor.fetchone():
            old.append(names)
    return old


class Builder:
    """Fills tables with all articles, in order of time."""

    def __init__(
        self, writing: Writing, names: TableNames, articles: IndexSource, offload: Offload, progress: OnProgress
    ) -> None:
        self._writing, self._names = writing, names
        self._articles, self._offload, self._progress = articles, offload, progress
        self._token = uuid4().hex

    async def build(self) -> int:
        """Fill the tables, starting over if they are not empty, and return the number of articles."""
        names = self._names
        revision = await self._articles.last_revision()
        async with self._writing() as connection, connection.transaction():
            await connection.execute(f"TRUNCATE {', '.join(names.filled)}")
            await connection.execute(
                f"UPDATE {names.mark} SET revision = 0, dead = 0, last = 0, alive = 0, tidied = 0, builder = %s",
                (self._token,),
            )
        indexed, total = 0, (await self._articles.counts())[0]
        async with contextlib.aclosing(made_ahead(self._articles, self._offload, documents_of_entries)) as made:
            async for documents in made:
                async with self._writing() as connection, connection.transaction():
                    await write_batch(connection, names, Batch(documents, builder=self._token))
                indexed += len(documents)
                self._progress(indexed, max(indexed, total))
        async with self._writing() as connection, connection.transaction():
            await write_batch(connection, names, Batch((), revision, builder=self._token))
        return indexed

    async def build_beside(self, old: TableNames) -> int:
        """Fill new tables, and let them take the place of the old ones; return the number of articles."""
        async with self._writing() as connection, connection.transaction():
            for statement in (*drop_statements(self._names), *create_statements(self._names)):
                await connection.execute(statement)
        indexed = await self.build()
        async with self._writing() as connection:
            for table in self._names.filled:
                await connection.execute(f"VACUUM (ANALYZE) {table}")
            await connection.execute(f"UPDATE {self._names.mark} SET tidied = last")
            await change_tables(connection, exchange_statements(self._names, old))
        return indexed
