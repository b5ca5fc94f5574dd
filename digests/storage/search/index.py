"""The search index: derived from the articles, in a SQLite file of its own, rebuilt whenever it is lost or old.

Its own file, so that indexing never holds up a reader's write (another writer waited up to 6 s, measured, when both
were in one). Its tables are in `search_tables`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import aiosqlite

from digests.errors import StorageError
from digests.model.article import IndexEntry
from digests.model.ids import ArticleId
from digests.offload import IN_THREAD, Offload
from digests.ports import OnProgress, no_progress
from digests.search.query import Query
from digests.search.ranking import Cursor, Order
from digests.storage.private_files import make_database_file, tighten_database
from digests.storage.search.match import SearchFilters
from digests.storage.search.pages import Search
from digests.storage.search.rows import DocumentRows, rows_of_all
from digests.storage.search.tables import (
    OF_TOKENS,
    SCHEMA,
    TABLES,
    VERSION,
    is_scattered,
    join_segments,
    note_tidied,
    put_all,
)

_BATCH = 100
_CACHE_KB = 16_000
_EVERYTHING = SearchFilters()

AnswerRowsT = TypeVar("AnswerRowsT")


@dataclass(frozen=True, slots=True)
class HitIds:
    """A page of hits in their order. `total` is exact up to COUNTED; more than that means "and more".

    `first` and `last` are the places of the page's ends; `more` says whether hits follow in the direction asked for.
    """

    ids: tuple[ArticleId, ...]
    total: int
    first: Cursor | None = None
    last: Cursor | None = None
    more: bool = False


class IndexSource(Protocol):
    """Where the index takes its articles from; the article store is one. Any method may raise StorageError."""

    async def last_revision(self) -> int: ...

    async def counts(self) -> tuple[int, int]:
        """(articles, …)."""
        ...

    async def changed_since(self, revision: int, limit: int) -> Sequence[IndexEntry]:
        """Those with a later revision, in their order."""
        ...

    def by_time(self, size: int) -> AsyncIterator[Sequence[IndexEntry]]:
        """All of them in the order of their dates."""
        ...


class SearchIndex:
    """Any method may raise StorageError. One process writes; its readers see whole batches."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._updating = asyncio.Lock()
        # Cleared for the moment in which a new index takes the old one's place.
        self._settled = asyncio.Event()
        self._settled.set()

    async def open(self) -> None:
        """Opens the index; one of another version, or one that is broken, is thrown away to be made anew."""
        with _explained():
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
        # aiosqlite's thread answers once more after it could not open a file, and the loop may be closed by then.
        await asyncio.to_thread(_try_to_open, self._path)
        self._writer = writer = await aiosqlite.connect(self._path, isolation_level=None, timeout=30)
        # Of use only before the first table is made.
        await writer.execute("PRAGMA auto_vacuum=INCREMENTAL")
        await writer.execute("PRAGMA journal_mode=WAL")
        # Lost writes only mean that the last articles are indexed again.
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
        with _explained():
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)

    async def close(self) -> None:
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
        """Whether articles are being taken in at this moment."""
        return self._updating.locked()

    async def revision(self) -> int:
        """The newest change of an article that is taken in."""
        with _explained():
            row = await (await self._open.execute("SELECT revision FROM mark")).fetchone()
        return int(row[0]) if row else 0

    async def update(
        self, articles: IndexSource, offload: Offload = IN_THREAD, progress: OnProgress = no_progress
    ) -> int:
        """Takes in every article that changed since the last time; how many there were.

        `progress` is told when it is the first time, which may take long.
        """
        async with self._updating:
            revision = await self.revision()
            taken = 0 if revision else await self._take_all(articles, offload, progress)
            while entries := await articles.changed_since(await self.revision(), _BATCH):
                await self.put(await offload(rows_of_all, entries), entries[-1].revision)
                taken += len(entries)
        return taken

    async def _take_all(self, articles: IndexSource, offload: Offload, progress: OnProgress) -> int:
        """All articles in the order of their dates, into an index that is empty; what was begun is begun anew."""
        revision = await articles.last_revision()
        with _explained():
            row = await (await self._open.execute("SELECT count(*) FROM documents")).fetchone()
            if row and row[0]:
                await self._open.executescript("".join(f"DROP TABLE {one};" for one in TABLES))
                await self._open.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        taken, total = 0, (await articles.counts())[0]
        async with contextlib.aclosing(_tokens_ahead(articles, offload)) as made:
            async for rows in made:
                await self.put(rows)
                taken += len(rows)
                progress(taken, max(taken, total))
        with _explained():
            await self._open.execute("UPDATE mark SET revision = ?", (revision,))
        return taken

    async def rebuild(
        self, articles: IndexSource, offload: Offload = IN_THREAD, progress: OnProgress = no_progress
    ) -> int:
        """A new index beside the old one, which answers meanwhile; then it takes its place. How many articles."""
        path = self._path.with_name(self._path.name + ".new")
        self._remove(path)
        new = SearchIndex(path)
        async with self._updating:
            try:
                await new.open()
                taken = await new.update(articles, offload, progress)
                await new.tidy()
            finally:
                await new.close()
            self._settled.clear()
            try:
                await self.close()
                self._remove(self._path)
                with _explained():
                    path.replace(self._path)
                await self.open()
            finally:
                self._settled.set()
        return taken

    async def waste(self) -> float:
        """The share of the index that speaks of texts that changed: when it is large, a rebuild pays."""
        with _explained():
            row = await (await self._open.execute("SELECT dead, (SELECT count(*) FROM documents) FROM mark")).fetchone()
        return row[0] / max(1, row[0] + row[1]) if row else 0.0

    async def tidy(self) -> bool:
        """Joins what many small writes left, in short steps, once that is a good part of the index; whether it was.

        Pages then come two to three times as fast (measured): each of some ten segments has to be asked otherwise.
        """
        async with self._updating:
            if not await self._run(is_scattered):
                return False
        for table in OF_TOKENS:
            begin = more = True
            while more:
                async with self._updating:
                    more = await self._run(partial(join_segments, begin=begin), table)
                begin = False
        async with self._updating:
            await self._run(note_tidied)
        return True

    async def put(self, rows: Sequence[DocumentRows], revision: int = 0) -> None:
        """Writes documents in one transaction, and up to which revision the index now goes (0: as before)."""
        await self._run(put_all, rows, revision)

    async def _run(self, work: Callable[..., AnswerRowsT], *given: object) -> AnswerRowsT:
        """In one go on the writer's own thread: a turn of the event loop for each statement would cost more."""
        with _explained():
            done: AnswerRowsT = await self._open._execute(work, self._open._conn, *given)  # type: ignore[no-untyped-call]
        return done

    async def find(
        self,
        query: Query,
        limit: int,
        *,
        order: Order = Order.BEST,
        start: Cursor | None = None,
        backwards: bool = False,
        filters: SearchFilters = _EVERYTHING,
    ) -> HitIds:
        """The page of hits that follows `start` (with `backwards`: that ends before it)."""
        if not query and filters.categories is None:
            return HitIds((), 0)
        search = Search(self._fetch, query, filters)
        with _explained():
            hits = await search.page(limit + 1, order, start, backwards=backwards)
            total = await search.count()
            more = len(hits) > limit
            hits = hits[:limit]
            if backwards:
                hits.reverse()
            return HitIds(
                tuple(ArticleId(article) for _, article in hits),
                total,
                hits[0][0] if hits else None,
                hits[-1][0] if hits else None,
                more,
            )

    async def words(self) -> list[str]:
        """The words of titles and summaries that are written with spaces: what a misspelt one may have meant."""
        with _explained():
            return [str(row[0]) for row in await self._fetch("SELECT word FROM words", ())]

    async def _fetch(self, sql: str, values: Sequence[object]) -> list[tuple[int, ...]]:
        """Rows for a query that only reads."""
        await self._settled.wait()
        if self._reader is None:
            raise StorageError("The search index is not open.")
        return [tuple(row) for row in await self._reader.execute_fetchall(sql, values)]


async def _tokens_ahead(articles: IndexSource, offload: Offload) -> AsyncGenerator[list[DocumentRows]]:
    """All articles in the order of their dates, as rows; the next are read and made while the last are written."""
    under_way: asyncio.Queue[asyncio.Future[list[DocumentRows]] | None] = asyncio.Queue(offload.ahead)

    async def begin() -> None:
        try:
            async for entries in articles.by_time(_BATCH):
                await under_way.put(asyncio.ensure_future(offload(rows_of_all, entries)))
        finally:
            await under_way.put(None)

    beginning = asyncio.create_task(begin())
    try:
        while (made := await under_way.get()) is not None:
            yield await made
        await beginning
    finally:
        beginning.cancel()
        while not under_way.empty():
            if (made := under_way.get_nowait()) is not None:
                made.cancel()


def _try_to_open(path: Path) -> None:
    sqlite3.connect(path, isolation_level=None, timeout=30).close()


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise StorageError(
            f"The search index did not answer ({why}): check the disk; it is rebuilt when removed."
        ) from error
