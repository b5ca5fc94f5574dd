"""The search index on PostgreSQL, in the database itself, where every process finds it.

It is derived from the articles. Each version of it has tables of its own, which the first program of that version makes
and fills; those of earlier versions are dropped once no program has used them for a week.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from digests.errors import StorageError
from digests.model.ids import ArticleId
from digests.offload import IN_THREAD, Offload
from digests.ports import OnProgress, no_progress
from digests.search.marks import language_tokens
from digests.search.query import Query
from digests.search.ranking import Cursor, Order
from digests.storage.cluster.connection import alone, open_connection
from digests.storage.database import Database
from digests.storage.engine.server import has_unread
from digests.storage.search.paging import Search
from digests.storage.search.port import EVERYTHING, HitIds, SearchFilters
from digests.storage.search.postgresql.building import Builder, change_tables, has_tables, note_use, older_tables
from digests.storage.search.postgresql.connections import (
    LONGEST_SECONDS,
    SearchConnections,
    closing_on_error,
    search_errors,
)
from digests.storage.search.postgresql.hits import BitHits
from digests.storage.search.postgresql.keys import (
    IN_LEAD,
    batch_of_entries,
    batch_of_rows,
    mark_keys,
    short_token,
)
from digests.storage.search.postgresql.reading import BitReader, IndexChangedError
from digests.storage.search.postgresql.similar import similar_documents, similar_keys
from digests.storage.search.postgresql.tables import NAMES, UNFINISHED, TableNames, create_statements, drop_statements
from digests.storage.search.postgresql.tidying import make_common, shorten_bits
from digests.storage.search.postgresql.writing import Batch, CommonKeys, common_keys, write_batch
from digests.storage.search.rows import DocumentRows
from digests.storage.search.sharing import COUNTED_ARTICLES, score_of
from digests.storage.search.source import BATCH, IndexSource
from digests.stories.telling import COMMON, TellingToken

if TYPE_CHECKING:
    import psycopg

FoundT = TypeVar("FoundT")

logger = logging.getLogger(__name__)

_SCATTERED_SHARE = 0.3
_MIN_NEW = 1000
_TRIES = 5
_NOTED_SECONDS = 6 * 3600
"""How often whoever uses the tables says so, so that no later version drops them."""


class PostgresSearchIndex:
    """The search index of PostgreSQL. Any method may raise StorageError."""

    def __init__(self, database: Database, longest: float = LONGEST_SECONDS, names: TableNames = NAMES) -> None:
        self._database = database
        self._names = names
        self._building = f"search index {names.documents}"
        self._readers = SearchConnections(database, longest)
        self._writer: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        self._writer_turn = asyncio.Lock()
        self._update_lock = asyncio.Lock()
        self._is_open = False
        self._noted_at = 0.0
        self._common = CommonKeys()

    async def open(self) -> None:
        """Open the index; where there is none of this version, an empty one is made."""
        async with self._writing() as connection:
            if not await has_tables(connection, self._names):
                await change_tables(connection, create_statements(self._names), unless=self._names)
            await note_use(connection, self._names)
            self._noted_at = monotonic()
        self._is_open = True

    async def close(self) -> None:
        """Close the index."""
        self._is_open = False
        await self._readers.close()
        if self._writer is not None:
            await self._writer.close()
            self._writer = None

    @property
    def busy(self) -> bool:
        """Whether this process updates the index."""
        return self._update_lock.locked()

    @contextlib.asynccontextmanager
    async def _writing(self) -> AsyncIterator[psycopg.AsyncConnection[tuple[Any, ...]]]:
        """Provide the connection that writes, to one at a time; one that failed is replaced at the next need."""
        async with self._writer_turn:
            if self._writer is not None and not self._writer.closed and has_unread(self._writer.fileno()):
                # The server has ended it, as by a restart.
                await self._writer.close()
            if self._writer is None or self._writer.closed:
                self._writer = await open_connection(self._database)
            with search_errors(self._database):
                async with closing_on_error(self._writer):
                    yield self._writer

    @property
    def place(self) -> str:
        """Where the index is, in words for an operator."""
        return "in the database"

    async def revision(self) -> int:
        """Return the newest revision that the index includes."""
        ((revision,),) = await self._fetch(f"SELECT revision FROM {self._names.mark}")
        return int(revision)

    async def update(
        self, articles: IndexSource, offload: Offload = IN_THREAD, progress: OnProgress = no_progress
    ) -> int:
        """Index every article that changed since the last update, and return how many those were.

        Where another process fills the index for the first time, nothing is done: it goes on to the newest itself.
        """
        async with self._update_lock:
            revision, indexed = await self.revision(), 0
            # A database that was restored may have fewer articles than the index.
            if not revision or revision > await articles.last_revision():
                async with alone(self._database, self._building, waits=False) as is_alone:
                    if not is_alone:
                        return 0
                    indexed = await self._build(articles, offload, progress)
            return indexed + await self._catch_up(articles, offload)

    async def _build(self, articles: IndexSource, offload: Offload, progress: OnProgress) -> int:
        new = replace(self._names, suffix=UNFINISHED)
        return await Builder(self._database, self._writing, new, articles, offload, progress).build_beside(self._names)

    async def _catch_up(self, articles: IndexSource, offload: Offload) -> int:
        indexed = 0
        while True:
            revision = await self.revision()
            entries = await articles.changed_since(revision, BATCH)
            if not entries:
                return indexed
            (made,) = await offload(batch_of_entries, entries, *await self._common_keys())
            # If another process was faster, its batch counts.
            if await self._write(Batch(made, entries[-1].revision, expected=revision)):
                indexed += len(entries)

    async def rebuild(
        self, articles: IndexSource, offload: Offload = IN_THREAD, progress: OnProgress = no_progress
    ) -> int:
        """Build a new index, while the old one answers, and let it take the old one's place.

        Return the number of articles.

        Raises:
            StorageError: Among others, if another process builds one.
        """
        async with self._update_lock, alone(self._database, self._building, waits=False) as is_alone:
            if not is_alone:
                raise StorageError(
                    "Another process is making the search index: it will be ready by itself, or try again later."
                )
            indexed = await self._build(articles, offload, progress)
            await self._catch_up(articles, offload)
        return indexed

    async def put(self, rows: Sequence[DocumentRows], revision: int = 0) -> None:
        """Write documents in one transaction, and the revision that the index then includes (0: as before)."""
        while True:
            made = await asyncio.to_thread(batch_of_rows, rows, *await self._common_keys())
            if await self._write(Batch(made, revision)):
                return

    async def _common_keys(self) -> tuple[frozenset[str], int]:
        """Return the common keys, and their generation, which is asked for each time."""
        async with self._writing() as connection:
            self._common = await common_keys(connection, self._names, self._common)
        return self._common.keys, self._common.generation

    async def _write(self, batch: Batch) -> bool:
        async with self._writing() as connection, connection.transaction():
            return await write_batch(connection, self._names, batch)

    async def waste(self) -> float:
        """Return the share of the index that is about texts that have changed since; if it is large, a rebuild pays."""
        ((dead, alive),) = await self._fetch(f"SELECT dead, alive FROM {self._names.mark}")
        return float(dead / max(1, dead + alive))

    async def tidy(self) -> bool:
        """Put the tables in order if a good part of them is new, and drop those of earlier versions.

        Return whether it was.

        Autovacuum does it, too, but at times of its own; and after an index was filled, the planner knows nothing yet.
        """
        async with self._update_lock:
            async with self._writing() as connection:
                for names in await older_tables(connection):
                    logger.info("the search index of an earlier version is dropped", extra={"table": names.documents})
                    await change_tables(connection, drop_statements(names, with_function=True))
                cursor = await connection.execute(f"SELECT last, tidied FROM {self._names.mark}")
                row = await cursor.fetchone()
            if row is None or row[0] - row[1] <= max(_MIN_NEW, _SCATTERED_SHARE * row[0]):
                return False
            await make_common(self._writing, self._names)
            await shorten_bits(self._writing, self._names)
            async with self._writing() as connection:
                for table in self._names.filled:
                    await connection.execute(f"VACUUM (ANALYZE, SKIP_LOCKED) {table}")
                await connection.execute(f"UPDATE {self._names.mark} SET tidied = %s", (row[0],))
        return True

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
        return await _again_if_changed(
            lambda: Search(BitHits(self._fetch, self._names, query, filters)).hits(
                limit, order, start, backwards=backwards
            )
        )

    async def matching(self, query: Query, since: ArticleId, filters: SearchFilters = EVERYTHING) -> set[ArticleId]:
        """Return all articles from the id `since` on that a query finds."""
        if not query and filters.categories is None:
            return set()
        found = await _again_if_changed(lambda: BitHits(self._fetch, self._names, query, filters).all(since))
        return {ArticleId(article) for article in found}

    async def articles_with(self, tokens: Collection[str]) -> tuple[dict[str, int], int]:
        """Return how many articles have each token in title or summary, up to COMMON, and how many there are in all."""
        keys = {token: IN_LEAD + short_token(token) for token in tokens}
        counted = await self._counted(list(keys.values()))
        ((articles,),) = await self._fetch(f"SELECT alive FROM {self._names.mark}")
        return {token: min(counted.get(key, 0), COMMON) for token, key in keys.items()}, int(articles)

    async def articles_in(self, language: str) -> int:
        """Return how many articles there are in a language, up to COUNTED_ARTICLES; in all if it is empty."""
        keys = mark_keys(language_tokens(language)[:1])
        if not keys:
            return (await self.articles_with(()))[1]
        return min((await self._counted(keys)).get(keys[0], 0), COUNTED_ARTICLES)

    async def _counted(self, keys: Sequence[str]) -> dict[str, int]:
        statement = f"SELECT key, articles FROM {self._names.counts} WHERE key = ANY(%(keys)s::text[])"
        return {str(key): int(number) for key, number in await self._fetch(statement, {"keys": list(keys)})}

    async def similar(self, telling: Sequence[TellingToken], least: float, limit: int) -> list[tuple[ArticleId, float]]:
        """Return articles with the telling tokens and their scores, the best first, the newer of equal ones first."""
        return await _again_if_changed(lambda: self._similar(telling, least, limit))

    async def _similar(
        self, telling: Sequence[TellingToken], least: float, limit: int
    ) -> list[tuple[ArticleId, float]]:
        reader = BitReader(self._fetch, self._names)
        found = similar_documents(await reader.bits(similar_keys(telling)), telling, least, limit)
        articles = await reader.articles([document for document, _ in found])
        return [(ArticleId(article), score_of(score)) for article, (_, score) in zip(articles, found, strict=True)]

    async def has(self, mark: str) -> bool:
        """Return whether any article has this mark."""
        return bool(await self._counted(mark_keys([mark])))

    async def words(self) -> list[str]:
        """Return the words of titles and summaries, in scripts with spaces, to find what a misspelt word meant."""
        return [str(word) for (word,) in await self._fetch(f"SELECT word FROM {self._names.words} ORDER BY word")]

    async def _fetch(self, statement: str, values: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        if not self._is_open:
            raise StorageError("The search index is not open.")
        if monotonic() - self._noted_at > _NOTED_SECONDS and not self._writer_turn.locked():
            self._noted_at = monotonic()
            async with self._writing() as connection:
                await note_use(connection, self._names)
        return await self._readers.fetch(statement, values or {})


async def _again_if_changed(search: Callable[[], Awaitable[FoundT]]) -> FoundT:
    """Return what a search finds, which begins anew if the index was changed in the middle of it."""
    for _ in range(_TRIES):
        try:
            return await search()
        except IndexChangedError:
            continue
    raise StorageError("The search index changed all the time during a search: try again.")
