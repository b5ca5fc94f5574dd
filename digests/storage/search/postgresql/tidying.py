"""What keeps searches fast after many small writes: keys that have become common, and rows of bits that have grown."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from random import sample
from typing import TYPE_CHECKING, Any

from digests.storage.search.postgresql.bits import bits_of, bits_of_block, split_bits, stored_bits
from digests.storage.search.postgresql.commons import SAMPLED, common_among
from digests.storage.search.postgresql.keys import hash_of, keys_of_stored
from digests.storage.search.postgresql.tables import TableNames
from digests.storage.search.postgresql.writing import add_common_keys, copy_bits

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.AsyncConnection[tuple[Any, ...]]
    Writing = Callable[[], AbstractAsyncContextManager[Connection]]

_KEYS_AT_ONCE = 100
_ROWS_AT_ONCE = 500
"""So many in one transaction, for which those who write wait."""


async def make_common(writing: Writing, names: TableNames) -> None:
    """Make keys common that many documents have by now, if there are twice as many documents as when that was judged.

    Pairs are left as they are: their slices find them.
    """
    async with writing() as connection:
        cursor = await connection.execute(f"SELECT last, sampled FROM {names.mark}")
        row = await cursor.fetchone()
        if row is None or row[0] < 2 * row[1]:
            return
        last = int(row[0])
        cursor = await connection.execute(
            f"SELECT marks, title, lead, text FROM {names.documents} WHERE document = ANY(%s)",
            (sample(range(1, last + 1), min(last, SAMPLED)),),
        )
        fields = await cursor.fetchall()
        cursor = await connection.execute(f"SELECT key FROM {names.common}")
        known = {key for (key,) in await cursor.fetchall()}
    keys = sorted(await asyncio.to_thread(_common_of, fields) - known)
    for at in range(0, len(keys), _KEYS_AT_ONCE):
        async with writing() as connection, connection.transaction():
            await _make_common(connection, names, keys[at : at + _KEYS_AT_ONCE])
    async with writing() as connection:
        await connection.execute(f"UPDATE {names.mark} SET sampled = %s", (last,))


def _common_of(fields: Sequence[tuple[Any, ...]]) -> frozenset[str]:
    counts: Counter[str] = Counter()
    for marks, title, lead, text in fields:
        counts.update(keys_of_stored(marks, title, lead, text))
    return common_among(counts, len(fields))


async def _make_common(connection: Connection, names: TableNames, keys: Sequence[str]) -> None:
    # Whoever writes at the same time would not know that these keys have bits.
    await connection.execute(f"SELECT FROM {names.mark} FOR UPDATE")
    await connection.execute("SET LOCAL enable_seqscan = off")
    cursor = await connection.execute(
        f"SELECT wanted.key, ARRAY(SELECT document FROM {names.documents} WHERE keys @> ARRAY[wanted.hash]) "
        "FROM unnest(%s::text[], %s::bigint[]) AS wanted(key, hash) "
        f"WHERE NOT EXISTS (SELECT FROM {names.common} AS common WHERE common.key = wanted.key)",
        (list(keys), [hash_of(key) for key in keys]),
    )
    found = {str(key): bits_of(documents) for key, documents in await cursor.fetchall() if documents}
    rows = [
        (key, block, *stored_bits(part)) for key, bits in found.items() for block, part in split_bits(bits, names.block)
    ]
    await copy_bits(connection, names, rows)
    await add_common_keys(connection, names, found)


async def shorten_bits(writing: Writing, names: TableNames) -> None:
    """Write rows of bits anew that take more room than they need, since documents have been appended."""
    async with writing() as connection:
        cursor = await connection.execute(
            f"SELECT key, block FROM {names.bits} WHERE octet_length(bitmap) > 0 AND octet_length(listed) > 0 "
            "OR octet_length(listed) > %s",
            (max(1, names.block // 8),),
        )
        grown = await cursor.fetchall()
    for at in range(0, len(grown), _ROWS_AT_ONCE):
        keys, blocks = zip(*grown[at : at + _ROWS_AT_ONCE], strict=True)
        async with writing() as connection, connection.transaction():
            await connection.execute(f"SELECT FROM {names.mark} FOR UPDATE")
            cursor = await connection.execute(
                f"SELECT key, block, bitmap, listed FROM {names.bits} "
                "JOIN unnest(%s::text[], %s::integer[]) AS grown(key, block) USING (key, block)",
                (list(keys), list(blocks)),
                binary=True,
            )
            rows = [
                (key, block, *stored_bits(bits_of_block(bitmap, listed)))
                for key, block, bitmap, listed in await cursor.fetchall()
            ]
            await connection.execute(
                f"UPDATE {names.bits} AS bits SET bitmap = new.bitmap, listed = new.listed "
                "FROM unnest(%b::text[], %b::integer[], %b::bytea[], %b::bytea[]) AS new(key, block, bitmap, listed) "
                "WHERE bits.key = new.key AND bits.block = new.block",
                [list(column) for column in zip(*rows, strict=True)],
            )
