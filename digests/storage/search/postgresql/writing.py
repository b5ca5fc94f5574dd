"""Writing documents into PostgreSQL's search index, a batch in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digests.errors import StorageError
from digests.storage.search.postgresql.keys import StoredDocument
from digests.storage.search.postgresql.tables import TableNames

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_COLUMNS = "document, article, shown_at, marks, title, lead, keys"


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
    """Write a batch in the transaction that is begun, and return whether it was what is expected.

    Raises:
        StorageError: Another process has begun to build these tables.
    """
    cursor = await connection.execute(f"SELECT revision, last, builder FROM {names.mark} FOR UPDATE")
    row = await cursor.fetchone()
    if row is None or (batch.builder is not None and row[2] != batch.builder):
        raise StorageError("The search index is being made by another process: it will be ready by itself.")
    revision, last, _ = row
    if batch.expected is not None and revision != batch.expected:
        return False
    deleted = await connection.execute(
        f"WITH gone AS (DELETE FROM {names.documents} WHERE article = ANY(%s) RETURNING document) "
        f"DELETE FROM {names.texts} WHERE document IN (SELECT document FROM gone)",
        ([document.article for document in batch.documents],),
    )
    kept = [document for document in batch.documents if not document.withdrawn]
    numbered = list(enumerate(kept, last + 1))
    async with connection.cursor() as writing:
        async with writing.copy(f"COPY {names.documents} ({_COLUMNS}) FROM STDIN") as rows:
            for number, made in numbered:
                await rows.write_row(
                    (number, made.article, made.shown_at, list(made.marks), made.title, made.lead, made.keys)
                )
        async with writing.copy(f"COPY {names.texts} (document, text) FROM STDIN") as rows:
            for number, made in numbered:
                await rows.write_row((number, made.text))
    await _count(connection, names.counts, "key", Counter(key for document in kept for key in document.counted))
    await _count(connection, names.words, "word", Counter(word for document in kept for word in document.words))
    # Otherwise each search would have to go through them.
    await connection.execute(f"SELECT gin_clean_pending_list('{names.keys_index}'::regclass)")
    await connection.execute(
        f"UPDATE {names.mark} SET revision = greatest(revision, %s), last = last + %s, alive = alive + %s - %s, "
        "dead = dead + %s, written_at = now()",
        (batch.revision, len(kept), len(kept), deleted.rowcount, deleted.rowcount),
    )
    return True


async def _count(connection: Connection, table: str, column: str, counted: Counter[str]) -> None:
    if not counted:
        return
    keys = sorted(counted)
    await connection.execute(
        f"INSERT INTO {table} AS counted ({column}, articles) SELECT * FROM unnest(%s::text[], %s::bigint[]) "
        f"ON CONFLICT ({column}) DO UPDATE SET articles = counted.articles + excluded.articles",
        (keys, [counted[key] for key in keys]),
    )
