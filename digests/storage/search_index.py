"""The search index: derived from the articles, in a SQLite file of its own, rebuilt whenever it is lost or old.

Its own file, so that indexing never holds up a reader's write (another writer waited up to 6 s, measured, when
both were in one). FTS5 sees ready-made tokens; a second table holds each article's distinct dense characters for
queries of one character, which pairs can't answer.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from digests.errors import StorageError
from digests.search.query import Query
from digests.search.tokens import dense_characters, tokens
from digests.storage.articles import ArticleStore, IndexEntry
from digests.types import ArticleId

VERSION = 1
_BATCH = 100
_SCHEMA = """
CREATE VIRTUAL TABLE entries USING fts5(title, summary, text, tokenize='unicode61');
CREATE VIRTUAL TABLE characters USING fts5(found, detail=none, tokenize='unicode61');
CREATE TABLE mark (revision INTEGER NOT NULL);
INSERT INTO mark VALUES (0);
"""
# A word in the title counts for more than one in the summary, and that for more than one in the text.
_BEST = "bm25(entries, 8.0, 3.0, 1.0)"


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first, and how many there are in all."""

    ids: tuple[ArticleId, ...]
    total: int


class SearchIndex:
    """Any method may raise StorageError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: aiosqlite.Connection | None = None

    async def open(self) -> None:
        """Opens the index; one of another version, or one that is broken, is thrown away to be made anew."""
        with _explained():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                await self._connect()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                    raise
                await self.close()
                self._remove()
                await self._connect()

    async def _connect(self) -> None:
        connection = await aiosqlite.connect(self._path, isolation_level=None, timeout=30)
        self._connection = connection
        await connection.execute("PRAGMA journal_mode=WAL")
        # Lost writes only mean that the last articles are indexed again.
        await connection.execute("PRAGMA synchronous=NORMAL")
        row = await (await connection.execute("PRAGMA user_version")).fetchone()
        if row and row[0] != VERSION:
            if row[0] != 0:
                raise sqlite3.DatabaseError("the index is of another version")
            await connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={VERSION}; COMMIT;")

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    @property
    def _open(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise StorageError("The search index is not open.")
        return self._connection

    async def revision(self) -> int:
        with _explained():
            row = await (await self._open.execute("SELECT revision FROM mark")).fetchone()
        return int(row[0]) if row else 0

    async def update(self, articles: ArticleStore) -> int:
        """Takes in every article that changed since the last time; how many there were."""
        taken = 0
        while entries := await articles.changed_since(await self.revision(), _BATCH):
            await self._take(entries)
            taken += len(entries)
        return taken

    async def _take(self, entries: Sequence[IndexEntry]) -> None:
        rows = [(one.id, *(" ".join(tokens(text)) for text in (one.title, one.summary, one.text))) for one in entries]
        singles = [(one.id, " ".join(dense_characters(f"{one.title} {one.summary} {one.text}"))) for one in entries]
        ids = [(one.id,) for one in entries]
        with _explained():
            async with self._transaction() as connection:
                await connection.executemany("DELETE FROM entries WHERE rowid = ?", ids)
                await connection.executemany("DELETE FROM characters WHERE rowid = ?", ids)
                await connection.executemany(
                    "INSERT INTO entries(rowid, title, summary, text) VALUES (?, ?, ?, ?)", rows
                )
                await connection.executemany("INSERT INTO characters(rowid, found) VALUES (?, ?)", singles)
                await connection.execute("UPDATE mark SET revision = ?", (entries[-1].revision,))

    @contextlib.asynccontextmanager
    async def _transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        connection = self._open
        await connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            await connection.execute("ROLLBACK")
            raise
        await connection.execute("COMMIT")

    async def find(self, query: Query, limit: int, offset: int = 0) -> Found:
        """The articles in which all of the query is found, the best first."""
        if not query:
            return Found((), 0)
        conditions, values = _conditions(query)
        order = _BEST if query.phrases else "rowid DESC"
        table = "entries" if query.phrases else "characters"
        with _explained():
            rows = await self._open.execute_fetchall(
                f"SELECT rowid FROM {table} WHERE {conditions} ORDER BY {order}, rowid DESC LIMIT ? OFFSET ?",  # noqa: S608
                (*values, limit, offset),
            )
            counted = await self._open.execute_fetchall(
                f"SELECT count(*) FROM {table} WHERE {conditions}",  # noqa: S608 - built of constants only
                values,
            )
        return Found(tuple(ArticleId(row[0]) for row in rows), int(next(iter(counted))[0]))


def _conditions(query: Query) -> tuple[str, tuple[str, ...]]:
    """Tokens hold letters and digits only, so quoting them is enough to keep FTS5's own syntax out."""
    characters = " AND ".join(f'"{one}"' for one in query.characters)
    if not query.phrases:
        return "characters MATCH ?", (characters,)
    phrases = " AND ".join('"' + " ".join(phrase) + '"' for phrase in query.phrases)
    if not characters:
        return "entries MATCH ?", (phrases,)
    return "entries MATCH ? AND rowid IN (SELECT rowid FROM characters WHERE characters MATCH ?)", (phrases, characters)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StorageError(
            f"The search index did not answer ({error}): check the disk; it is rebuilt when removed."
        ) from error
