"""Writing documents into PostgreSQL's search index, a batch in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from digests.errors import StorageError
from digests.storage.search.postgresql.keys import StoredDocument
from digests.storage.search.postgresql.tables import TableNames

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_COLUMNS = "document, article, shown_at, marks, title, lead, text, is_listed, keys"


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents to write.

    `revision` is what the index includes then (0: as before). With `expected`, nothing is written if the index has come
    to another revision meanwhile. `builder` is whoever builds the tables: written is only what the one builds who began
    last.
    """

    documents: Sequence[StoredDocument]
    revision: int = 0
    expected: int | None = None
    builder: str | None = None


async def write_batch(connection: Connection, names: TableNames, batch: Batch) -> bool:
    """Write a batch in the transaction that is begun, and return whether it was what is expected."""
    last = await _locked(connection, names, batch)
    if last is None:
        return False
    kept = await write_documents(connection, names, batch, last)
    await write_counts(connection, names, counted_in(kept))
    # Otherwise each search would have to go through them.
    await connection.execute(f"SELECT gin_clean_pending_list('{names.keys_index}'::regclass)")
    return True


async def load_batch(connection: Connection, names: TableNames, batch: Batch) -> Counts:
    """Write a batch into tables without an index of keys, and return what is to be counted.

    Raises:
        StorageError: Another process has begun to build these tables.
    """
    last = await _locked(connection, names, batch)
    return counted_in(await write_documents(connection, names, batch, last or 0))


async def _locked(connection: Connection, names: TableNames, batch: Batch) -> int | None:
    """Return the number of the last document; None if the index is not at the revision that is expected.

    Raises:
        StorageError: Another process has begun to build these tables.
    """
    cursor = await connection.execute(f"SELECT revision, last, builder FROM {names.mark} FOR UPDATE")
    row = await cursor.fetchone()
    if row is None or (batch.builder is not None and row[2] != batch.builder):
        raise StorageError("The search index is being made by another process: it will be ready by itself.")
    return None if batch.expected is not None and row[0] != batch.expected else int(row[1])


async def write_documents(
    connection: Connection, names: TableNames, batch: Batch, last: int
) -> Sequence[StoredDocument]:
    """Write documents behind the `last` one in place of what there was of them; return those that are not withdrawn."""
    deleted = await connection.execute(
        f"DELETE FROM {names.documents} WHERE article = ANY(%s)",
        ([document.article for document in batch.documents],),
    )
    kept = [document for document in batch.documents if not document.withdrawn]
    async with connection.cursor() as writing, writing.copy(f"COPY {names.documents} ({_COLUMNS}) FROM STDIN") as rows:
        for number, made in enumerate(kept, last + 1):
            await rows.write_row(
                (
                    number, made.article, made.shown_at, list(made.marks), made.title, made.lead, made.text,
                    made.is_listed, made.keys,
                )
            )  # fmt: skip
    await connection.execute(
        f"UPDATE {names.mark} SET revision = greatest(revision, %s), last = last + %s, alive = alive + %s - %s, "
        "dead = dead + %s, used_at = now()",
        (batch.revision, len(kept), len(kept), deleted.rowcount, deleted.rowcount),
    )
    return kept


@dataclass(slots=True)
class Counts:
    """How many articles are to be counted for each key, and for each word."""

    keys: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Add what another one counted."""
        self.keys.update(other.keys)
        self.words.update(other.words)


def counted_in(documents: Sequence[StoredDocument]) -> Counts:
    """Return the counts of some documents."""
    return Counts(
        Counter(key for document in documents for key in document.counted),
        Counter(word for document in documents for word in document.words),
    )


async def write_counts(connection: Connection, names: TableNames, counts: Counts) -> None:
    """Add counts to those that are stored."""
    await _count(connection, names.counts, "key", counts.keys)
    await _count(connection, names.words, "word", counts.words)


async def _count(connection: Connection, table: str, column: str, counted: Counter[str]) -> None:
    if not counted:
        return
    keys = sorted(counted)
    await connection.execute(
        f"INSERT INTO {table} AS counted ({column}, articles) SELECT * FROM unnest(%s::text[], %s::bigint[]) "
        f"ON CONFLICT ({column}) DO UPDATE SET articles = counted.articles + excluded.articles",
        (keys, [counted[key] for key in keys]),
    )
