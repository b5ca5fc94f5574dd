"""Making, filling, exchanging and dropping the tables of PostgreSQL's search index."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from digests.offload import Offload
from digests.ports import OnProgress
from digests.storage.cluster.connection import locked, open_connection
from digests.storage.database import Database
from digests.storage.search.postgresql.commons import BlockBits, SampledArticles, chosen_keys
from digests.storage.search.postgresql.keys import MadeBatch, batch_of_entries
from digests.storage.search.postgresql.tables import (
    VERSION,
    TableNames,
    drop_statements,
    exchange_statements,
    index_statement,
    table_statements,
)
from digests.storage.search.postgresql.writing import (
    Batch,
    Counts,
    add_common_keys,
    copy_bits,
    load_batch,
    write_batch,
    write_counts,
)
from digests.storage.search.source import IndexSource, made_ahead

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.AsyncConnection[tuple[Any, ...]]
    Writing = Callable[[], AbstractAsyncContextManager[Connection]]

_LOCK_SECONDS = 5.0
_TRIES = 6
_OLD_DAYS = 7
"""After so long without a note of use, nobody uses the tables of an earlier version any more."""
_INDEXING_MEMORY = "128MB"
_COUNTED_AT_ONCE = 50_000
_LOADING = 0.9
"""The part of the work that loading is taken for; making the index is the rest."""
_WATCH_SECONDS = 2.0
_CHANGING = "search index, tables"
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
            async with locked(connection, _CHANGING, _LOCK_SECONDS):
                if unless is None or not await has_tables(connection, unless):
                    for statement in statements:
                        await connection.execute(statement)
            return
        except psycopg.errors.LockNotAvailable:
            if tried == _TRIES:
                raise


async def note_use(connection: Connection, names: TableNames) -> None:
    """Note that a program uses these tables; whoever writes into them at this moment notes it, too."""
    await connection.execute(
        f"UPDATE {names.mark} SET used_at = now() WHERE ctid = (SELECT ctid FROM {names.mark} FOR UPDATE SKIP LOCKED)"
    )


async def older_tables(connection: Connection) -> list[TableNames]:
    """Return the tables of earlier versions that no program uses any more."""
    cursor = await connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' "
        "AND relname LIKE 'search\\_%'"
    )
    found = [match for (name,) in await cursor.fetchall() if (match := _MARK_NAME.fullmatch(name))]
    versions = [version for match in found if (version := (int(match[1]), int(match[2]))) < VERSION]
    old: list[TableNames] = []
    for version in versions:
        names = TableNames(version)
        # The first layout noted only when it was written into.
        cursor = await connection.execute(
            "SELECT 1 FROM (SELECT to_jsonb(mark) AS columns FROM "
            f"{names.mark} AS mark) AS noted WHERE coalesce(columns ->> 'used_at', columns ->> 'written_at')"
            f"::timestamptz < now() - interval '{_OLD_DAYS} days'"
        )
        if await cursor.fetchone():
            old.append(names)
    return old


class Builder:
    """Fills tables with all articles, in order of time."""

    def __init__(
        self,
        database: Database,
        writing: Writing,
        names: TableNames,
        articles: IndexSource,
        offload: Offload,
        progress: OnProgress,
    ) -> None:
        self._database, self._writing, self._names = database, writing, names
        self._articles, self._offload, self._progress = articles, offload, progress
        self._token = uuid4().hex

    async def build_beside(self, old: TableNames) -> int:
        """Fill new tables, and let them take the place of the old ones; return the number of articles.

        Whatever is left of tables that somebody began to fill is dropped, so that nothing unfinished is ever used.
        """
        names = self._names
        revision = await self._articles.last_revision()
        async with self._writing() as connection, connection.transaction():
            for statement in (*drop_statements(names), *table_statements(names)):
                await connection.execute(statement)
            await connection.execute(f"UPDATE {names.mark} SET builder = %s", (self._token,))
        indexed, total = await self._load()
        await self._index(total)
        async with self._writing() as connection, connection.transaction():
            await write_batch(connection, names, Batch(MadeBatch((), {}, (), 1), revision, builder=self._token))
        async with self._writing() as connection:
            for table in names.filled:
                await connection.execute(f"VACUUM (ANALYZE) {table}")
            await connection.execute(f"UPDATE {names.mark} SET tidied = last")
            await change_tables(connection, exchange_statements(names, old))
        self._progress(total, total)
        return indexed

    async def _load(self) -> tuple[int, int]:
        """Load all documents; return their number, and what stands for all of the work."""
        sampled = SampledArticles(self._articles)
        common = await chosen_keys(await sampled.take(), self._offload)
        async with self._writing() as connection, connection.transaction():
            await add_common_keys(connection, self._names, common)
            await connection.execute(f"UPDATE {self._names.mark} SET sampled = %s", (sampled.number,))
        make = partial(batch_of_entries, common=common, generation=1)
        indexed, total, counts = 0, (await self._articles.counts())[0], Counts()
        blocks = BlockBits(self._names.block)
        async with contextlib.aclosing(made_ahead(sampled, self._offload, make)) as made:
            async for (batch,) in made:
                async with self._writing() as connection, connection.transaction():
                    first, counted = await load_batch(connection, self._names, Batch(batch, builder=self._token))
                    counts.add(counted)
                    full = await asyncio.to_thread(blocks.add, first, batch.all_bits())
                    await copy_bits(connection, self._names, full)
                    if len(counts.keys) > _COUNTED_AT_ONCE:
                        await write_counts(connection, self._names, counts)
                        counts = Counts()
                indexed += len(batch.documents)
                self._progress(round(indexed * _LOADING), max(indexed, total))
        async with self._writing() as connection, connection.transaction():
            await write_counts(connection, self._names, counts)
            await copy_bits(connection, self._names, blocks.rest())
        return indexed, max(indexed, total)

    async def _index(self, total: int) -> None:
        """Make the index of keys at once, which takes half the time of putting each key in its place."""
        watching = asyncio.create_task(self._watch(total))
        try:
            async with self._writing() as connection, connection.transaction():
                await connection.execute("SET LOCAL statement_timeout = 0")
                await connection.execute(f"SET LOCAL maintenance_work_mem = '{_INDEXING_MEMORY}'")
                # Several helpers would leave pages half empty.
                await connection.execute("SET LOCAL max_parallel_maintenance_workers = 0")
                await connection.execute(index_statement(self._names))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, total: int) -> None:
        """Tell how far the making of the index has come, until this is cancelled."""
        async with await open_connection(self._database) as connection:
            while True:
                await asyncio.sleep(_WATCH_SECONDS)
                cursor = await connection.execute(
                    "SELECT blocks_done::float8 / blocks_total FROM pg_stat_progress_create_index "
                    "WHERE relid = %s::regclass AND blocks_total > 0",
                    (self._names.documents,),
                )
                if row := await cursor.fetchone():
                    self._progress(round(total * (_LOADING + (1 - _LOADING) * row[0])), total)
