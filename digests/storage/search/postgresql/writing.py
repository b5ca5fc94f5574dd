"""Writing documents into PostgreSQL's search index, a batch in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from digests.errors import StorageError
from digests.storage.search.postgresql.bits import places_of, split_bits, stored_places
from digests.storage.search.postgresql.keys import DEAD, MadeBatch, StoredDocument
from digests.storage.search.postgresql.tables import TableNames

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.AsyncConnection[tuple[Any, ...]]

_COLUMNS = "document, article, shown_at, marks, title, lead, text, keys"
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Batch:
    """What to write.

    `revision` is what the index includes then (0: as before). With `expected`, nothing is written if the index has come
    to another revision meanwhile. `builder` is whoever builds the tables: written is only what the one builds who began
    last.
    """

    made: MadeBatch
    revision: int = 0
    expected: int | None = None
    builder: str | None = None


async def write_batch(connection: Connection, names: TableNames, batch: Batch) -> bool:
    """Write a batch in the transaction that is begun, and return whether it was what is expected.

    It is not, either, if other keys have become common than those that it was made by.
    """
    last = await _locked(connection, names, batch)
    if last is None:
        return False
    written = await write_documents(connection, names, batch, last)
    await append_bits(connection, names, last + 1, batch.made.all_bits())
    await append_dead(connection, names, written.dead)
    await write_counts(connection, names, counted_in(written.kept))
    # Otherwise each search would have to go through them.
    await connection.execute(f"SELECT gin_clean_pending_list('{names.keys_index}'::regclass)")
    return True


async def load_batch(connection: Connection, names: TableNames, batch: Batch) -> tuple[int, Counts]:
    """Write documents into tables without an index; return the number of the first, and what is to be counted.

    Raises:
        StorageError: Another process has begun to build these tables.
    """
    last = await _locked(connection, names, batch)
    if last is None:
        raise StorageError("The search index was changed while it was filled: it will be filled anew.")
    written = await write_documents(connection, names, batch, last)
    await append_dead(connection, names, written.dead)
    return last + 1, counted_in(written.kept)


async def _locked(connection: Connection, names: TableNames, batch: Batch) -> int | None:
    """Return the number of the last document; None if the index is not at the revision that is expected.

    Raises:
        StorageError: Another process has begun to build these tables.
    """
    cursor = await connection.execute(f"SELECT revision, last, builder, generation FROM {names.mark} FOR UPDATE")
    row = await cursor.fetchone()
    if row is None or (batch.builder is not None and row[2] != batch.builder):
        raise StorageError("The search index is being made by another process: it will be ready by itself.")
    if batch.expected is not None and row[0] != batch.expected:
        return None
    return int(row[1]) if row[3] == batch.made.generation else None


@dataclass(frozen=True, slots=True)
class Written:
    """Documents that were written, and the numbers of those that they replaced."""

    kept: Sequence[StoredDocument]
    dead: Sequence[int]


async def write_documents(connection: Connection, names: TableNames, batch: Batch, last: int) -> Written:
    """Write documents behind the `last` one in place of what there was of them."""
    deleted = await connection.execute(
        f"DELETE FROM {names.documents} WHERE article = ANY(%s) RETURNING document",
        ([document.article for document in batch.made.documents],),
    )
    dead = [int(number) for (number,) in await deleted.fetchall()]
    kept = [document for document in batch.made.documents if not document.withdrawn]
    async with connection.cursor() as writing, writing.copy(f"COPY {names.documents} ({_COLUMNS}) FROM STDIN") as rows:
        for number, made in enumerate(kept, last + 1):
            await rows.write_row(
                (
                    number, made.article, made.shown_at, made.marks, made.title, made.lead, made.text, list(made.keys),
                )
            )  # fmt: skip
    await connection.execute(
        f"UPDATE {names.mark} SET revision = greatest(revision, %s), last = last + %s, alive = alive + %s - %s, "
        "dead = dead + %s, used_at = now()",
        (batch.revision, len(kept), len(kept), len(dead), len(dead)),
    )
    return Written(kept, dead)


async def append_dead(connection: Connection, names: TableNames, dead: Sequence[int]) -> None:
    """Note that documents are there no more."""
    for document in dead:
        await append_bits(connection, names, document, {DEAD: 1})


async def append_bits(connection: Connection, names: TableNames, first: int, bits: Mapping[str, int]) -> None:
    """Append documents to what is stored of keys; bit 0 is the `first`."""
    block, shift = divmod(first, names.block)
    rows = sorted(
        (key, block + further, stored_places(places_of(part)))
        for key, places in bits.items()
        for further, part in split_bits(places << shift, names.block)
    )
    for at in range(0, len(rows), _ROWS_AT_ONCE):
        keys, blocks, listed = zip(*rows[at : at + _ROWS_AT_ONCE], strict=True)
        await connection.execute(
            f"INSERT INTO {names.bits} AS bits (key, block, bitmap, listed) "
            "SELECT key, block, '', listed FROM unnest(%b::text[], %b::integer[], %b::bytea[]) "
            "AS new(key, block, listed) "
            "ON CONFLICT (key, block) DO UPDATE SET listed = bits.listed || excluded.listed",
            (list(keys), list(blocks), list(listed)),
        )


async def copy_bits(connection: Connection, names: TableNames, rows: Iterable[tuple[str, int, bytes, bytes]]) -> None:
    """Store blocks of keys of which nothing is stored; a row is (key, block, bitmap, list)."""
    async with (
        connection.cursor() as writing,
        writing.copy(f"COPY {names.bits} (key, block, bitmap, listed) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.set_types(["text", "int4", "bytea", "bytea"])
        for row in rows:
            await copy.write_row(row)


@dataclass(frozen=True, slots=True)
class CommonKeys:
    """The common keys of a generation of the tables that somebody built."""

    keys: frozenset[str] = frozenset()
    generation: int = -1
    builder: str = ""


async def common_keys(connection: Connection, names: TableNames, known: CommonKeys) -> CommonKeys:
    """Return the common keys, which are read if others are known."""
    cursor = await connection.execute(
        f"SELECT generation, builder, CASE WHEN generation <> %s OR builder <> %s "
        f"THEN ARRAY(SELECT key FROM {names.common}) END FROM {names.mark}",
        (known.generation, known.builder),
        binary=True,
    )
    row = await cursor.fetchone()
    if row is None:
        raise StorageError("The search index has lost its mark: run `digestbot reindex`.")
    return known if row[2] is None else CommonKeys(frozenset(row[2]), int(row[0]), str(row[1]))


async def add_common_keys(connection: Connection, names: TableNames, keys: Iterable[str]) -> None:
    """Make keys common, whose bits are stored in the same transaction; batches made without them are made again."""
    await connection.execute(f"INSERT INTO {names.common} SELECT unnest(%s::text[])", (sorted(keys),))
    await connection.execute(f"UPDATE {names.mark} SET generation = generation + 1")


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
