"""Sets of documents as bits, and how they are stored."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.storage.search.postgresql.bits import (
    beyond,
    bits_of,
    bits_of_block,
    first_of,
    joined_blocks,
    places_of,
    split_bits,
    stored_bits,
    stored_places,
)
from digests.storage.search.postgresql.commons import BlockBits

documents = st.sets(st.integers(0, 9000), max_size=60) | st.sets(st.integers(0, 200), min_size=100)
blocks = st.sampled_from([7, 8, 64, 1024, 8192])


@given(documents, st.integers(1, 300), st.none() | st.integers(0, 9000))
def test_the_newest_and_the_oldest_beyond_a_document(there: set[int], number: int, bound: int | None) -> None:
    bits = bits_of(there)
    assert places_of(bits) == sorted(there)
    before = sorted((document for document in there if bound is None or document < bound), reverse=True)
    behind = sorted(document for document in there if bound is None or document > bound)
    assert first_of(beyond(bits, bound, backwards=False), number) == before[:number]
    assert first_of(beyond(bits, bound, backwards=True), number, backwards=True) == behind[:number]


@given(documents, documents, blocks)
def test_what_is_stored_of_blocks_is_what_there_was(there: set[int], later: set[int], block: int) -> None:
    appended: defaultdict[int, list[int]] = defaultdict(list)
    for document in later:
        appended[document // block].append(document % block)
    stored = {number: stored_bits(part) for number, part in split_bits(bits_of(there), block)}
    rows = [
        (number, bitmap, listed + stored_places(appended.pop(number, [])))
        for number, (bitmap, listed) in stored.items()
    ]
    rows += [(number, b"", stored_places(places)) for number, places in appended.items()]
    assert joined_blocks(rows, block) == bits_of(there | later)


@given(st.integers(1, 8192))
def test_a_block_takes_no_more_than_a_bitmap(number: int) -> None:
    bitmap, listed = stored_bits(bits_of(range(0, 8192, number)))
    assert not (bitmap and listed)
    assert len(bitmap) + len(listed) <= 1024
    assert bits_of_block(bitmap, listed) == bits_of(range(0, 8192, number))


@pytest.mark.parametrize("block", [7, 100, 1024, 4096])
@pytest.mark.parametrize("batch", [1, 9, 100, 150])
def test_the_bits_of_batches_are_stored_block_by_block(block: int, batch: int) -> None:
    gathered, rows = BlockBits(block), []
    for first in range(1, 3001, batch):
        here = range(first, min(first + batch, 3001))
        bits = {
            "all": bits_of(document - first for document in here),
            "some": bits_of(document - first for document in here if document % 17 == 0),
            "few": bits_of(document - first for document in here if document in (5, 2999)),
        }
        rows += gathered.add(first, {key: places for key, places in bits.items() if places})
    rows += gathered.rest()
    assert len({(key, number) for key, number, _, _ in rows}) == len(rows)
    stored: defaultdict[str, list[tuple[int, bytes, bytes]]] = defaultdict(list)
    for key, number, bitmap, listed in rows:
        stored[key].append((number, bitmap, listed))
    assert places_of(joined_blocks(stored["all"], block)) == list(range(1, 3001))
    assert places_of(joined_blocks(stored["some"], block)) == list(range(17, 3001, 17))
    assert places_of(joined_blocks(stored["few"], block)) == [5, 2999]
