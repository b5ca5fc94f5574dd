"""The search index: derived from the articles, in a SQLite file of its own, and rebuilt if it is lost or outdated.

It has a file of its own so that indexing never delays a reader's write (which waited up to 6 s, measured, when both
were in one file). Its tables are in `tables.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import aiosqlite

from digests.errors import StorageError
from digests.model.ids import ArticleId
from digests.offload import IN_THREAD, Offload
from digests.ports import OnProgress, no_progress
from digests.search.query import Query
from digests.search.ranking import Cursor, Order
from digests.storage.files.private_files import make_database_file, tighten_database
from digests.storage.search.paging import Search
from digests.storage.search.port import EVERYTHING, HitIds, SearchFilters
from digests.storage.search.rows import DocumentRows, rows_of_entries
from digests.storage.search.source import BATCH, IndexSource, made_ahead
from digests.storage.search.sqlite.hits import FtsHits
from digests.storage.search.sqlite.similar import count_articles_in, count_articles_with, find_similar
from digests.storage.search.sqlite.tables import (
    SCHEMA,
    TABLES,
    TOKEN_TABLES,
    VERSION,
    is_scattered,
    join_segments,
    note_tidied,
    write_rows,
)
from digests.stories.telling import TellingToken

_CACHE_KB = 16_000

AnswerRowsT = TypeVar("AnswerRowsT")


class SearchIndex:
    """The search index of SQLite; one process writes it, and readers see whole batches.

    Any method may raise StorageError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._update_lock = asyncio.Lock()
        # Cleared while a new index takes the old one's place.
        self._in_place = asyncio.Event()
        self._in_place.set()

    async def open(self) -> None:
        """Open the index; one of another version, or a broken one, is replaced by an empty one."""
        with _as_storage_errors():
            make_database_file(self._path)
            try:
                await self._connect()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                    raise
                await self.close()
                self._remove(self._path)
                await self._connect()
            tighten_database(self._path)

    async def _connect(self) -> None:
        # If aiosqlite can't open a file, its thread calls the loop once more, which may be closed by then.
        await asyncio.to_thread(_try_to_open, self._path)
        self._writer = writer = await aiosqlite.connect(self._path, isolation_level=None, timeout=30)
        # It only has an effect before the first table is created.
        await writer.execute("PRAGMA auto_vacuum=INCREMENTAL")
        await writer.execute("PRAGMA journal_mode=WAL")
        # A lost write only means that the last articles are indexed again.
        await writer.execute("PRAGMA synchronous=NORMAL")
        row = await (await writer.execute("PRAGMA user_version")).fetchone()
        if row and row[0] != VERSION:
            if row[0] != 0:
                raise sqlite3.DatabaseError("the index is of another version")
            await writer.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")
        self._reader = await aiosqlite.connect(self._path, isolation_level=None, timeout=30)
        await self._reader.execute("PRAGMA query_only=ON")
        await self._reader.execute(f"PRAGMA cache_size=-{_CACHE_KB}")

    @staticmethod
    def _remove(path: Path) -> None:
        with _as_storage_errors():
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)

    async def close(self) -> None:
        """Close the index."""
        for connection in (self._reader, self._writer):
            if connection is not None:
                await connection.close()
        self._reader = self._writer = None

    @property
    def _open(self) -> aiosqlite.Connection:
        if self._writer is None:
            raise StorageError("The search index is not open.")
        return self._writer

    @property
    def busy(self) -> bool:
        """Whether the index is being updated."""
        return self._update_lock.locked()

    @property
    def place(self) -> str:
        """Where the index is, in words for an operator."""
        return f"in {self._path.name}"

    async def revision(self) -> int:
        """Return the newest revision that the index includes."""
        with _as_storage_errors():
            row = await (await self._open.execute("SELECT revision FROM mark")).fetchone()
        return int(row[0]) if row else 0

    async def update(
        self, articles: IndexSource, offload: Offload = IN_THREAD, progress: OnProgress = no_progress
    ) -> int:
        """Index every article that changed since the last update, and return how many those were.

        `progress` is called only in the first update, which may take long.
        """
        async with self._update_lock:
            revision = await self.revision()
            indexed = 0 if revision else await self._index_all(articles, offload, progress)
            while entries := await articles.changed_since(await self.revision(), BATCH):
                await self.put(await offload(rows_of_entries, entries), entries[-1].revision)
                indexed += len(entries)
        return indexed

    async def _index_all(self, articles: IndexSource, offload: Offload, progress: OnProgress) -> int:
        """Index all articles, in order of date, starting over if the index is not empty."""
        revision = await articles.last_revision()
        with _as_storage_errors():
            row = await (await self._open.execute("SELECT count(*) FROM documents")).fetchone()
            if row and row[0]:
                await self._open.executescript("".join(f"DROP TABLE {table};" for table in TABLES))
                await self._open.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        indexed, total = 0, (await articles.counts())[0]
        async with contextlib.aclosing(made_ahead(articles, offload, rows_of_entries)) as made:
            async for rows in made:
                await self.put(rows)
                indexed += len(rows)
                progress(indexed, max(indexed, total))
        with _as_storage_errors():
            await self._open.execute("UPDATE mark SET revision = ?", (revision,))
        return indexed

    async def rebuild(
        self, articles: IndexSource, offload: Offload = IN_THREAD, progress: OnProgress = no_progress
    ) -> int:
        """Build a new index, while the old one answers, and let it take the old one's place.

        Return the number of articles.
        """
        path = self._path.with_name(self._path.name + ".new")
        self._remove(path)
        new = SearchIndex(path)
        async with self._update_lock:
            try:
                await new.open()
                indexed = await new.update(articles, offload, progress)
                await new.tidy()
            finally:
                await new.close()
            self._in_place.clear()
            try:
                await self.close()
                self._remove(self._path)
                with _as_storage_errors():
                    path.replace(self._path)
                await self.open()
            finally:
                self._in_place.set()
        return indexed

    async def waste(self) -> float:
        """Return the share of the index that is about texts that have changed since; if it is large, a rebuild pays."""
        with _as_storage_errors():
            row = await (await self._open.execute("SELECT dead, (SELECT count(*) FROM documents) FROM mark")).fetchone()
        return row[0] / max(1, row[0] + row[1]) if row else 0.0

    async def tidy(self) -> bool:
        """Merge, in short steps, what many small writes left if it is a good part of the index; return whether it was.

        Pages then come two to three times as fast (measured), since otherwise each of some ten segments is searched.
        """
        async with self._update_lock:
            if not await self._run(is_scattered):
                return False
        for table in TOKEN_TABLES:
            begin = more = True
            while more:
                async with self._update_lock:
                    more = await self._run(partial(join_segments, begin=begin), table)
                begin = False
        async with self._update_lock:
            await self._run(note_tidied)
        return True

    async def put(self, rows: Sequence[DocumentRows], revision: int = 0) -> None:
        """Write documents in one transaction, and the revision that the index then includes (0: as before)."""
        await self._run(write_rows, rows, revision)

    async def _run(self, work: Callable[..., AnswerRowsT], *args: object) -> AnswerRowsT:
        """Run `work` in one call to the writer's thread; a call per statement would cost more."""
        with _as_storage_errors():
            done: AnswerRowsT = await self._open._execute(work, self._open._conn, *args)  # type: ignore[no-untyped-call]
        return done

    async def find(
        self,
        query: Query,
        limit: int,
        *,
        order: Order = Order.BEST,
        start: Cursor | None = None,
        backwards: bool = False,
        filters: SearchFilters = EVERYTHING,
    ) -> HitIds:
        """Return the page of hits that follows `start` or, `backwards`, ends before it."""
        if not query and filters.categories is None:
            return HitIds((), 0)
        with _as_storage_errors():
            search = Search(FtsHits(self._fetch, query, filters))
            return await search.hits(limit, order, start, backwards=backwards)

    async def articles_with(self, tokens: Collection[str]) -> tuple[dict[str, int], int]:
        """Return how many articles have each token in title or summary, up to COMMON, and how many there are in all."""
        with _as_storage_errors():
            rows = await self._fetch("SELECT count(*) FROM documents", ())
            return await count_articles_with(self._fetch, tokens), rows[0][0]

    async def articles_in(self, language: str) -> int:
        """Return how many articles there are in a language, counted as `count_articles_in` does."""
        with _as_storage_errors():
            return await count_articles_in(self._fetch, language)

    async def similar(self, telling: Sequence[TellingToken], least: float, limit: int) -> list[tuple[ArticleId, float]]:
        """Return articles that have the telling tokens, with their scores, as `find_similar` says."""
        with _as_storage_errors():
            found = await find_similar(self._fetch, telling, least, limit)
            return [(ArticleId(article), score) for article, score in found]

    async def matching(self, query: Query, since: ArticleId, filters: SearchFilters = EVERYTHING) -> set[ArticleId]:
        """Return all articles from the id `since` on that a query finds."""
        if not query and filters.categories is None:
            return set()
        with _as_storage_errors():
            return {ArticleId(article) for article in await FtsHits(self._fetch, query, filters).all(since)}

    async def has(self, mark: str) -> bool:
        """Return whether any article has this mark."""
        sql = "SELECT 1 FROM leads WHERE leads MATCH ? LIMIT 1"
        with _as_storage_errors():
            return bool(await self._fetch(sql, (f'marks : "{mark}"',)))

    async def words(self) -> list[str]:
        """Return the words of titles and summaries, in scripts with spaces, to find what a misspelt word meant."""
        with _as_storage_errors():
            return [str(row[0]) for row in await self._fetch("SELECT word FROM words", ())]

    async def _fetch(self, sql: str, values: Sequence[object]) -> list[tuple[int, ...]]:
        """Return the rows of a query that only reads."""
        await self._in_place.wait()
        if self._reader is None:
            raise StorageError("The search index is not open.")
        return [tuple(row) for row in await self._reader.execute_fetchall(sql, values)]


def _try_to_open(path: Path) -> None:
    sqlite3.connect(path, isolation_level=None, timeout=30).close()


@contextlib.contextmanager
def _as_storage_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise StorageError(
            f"The search index did not answer ({why}): check the disk; it is rebuilt when removed."
        ) from error
