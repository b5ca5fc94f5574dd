"""Which keys are common, judged by a sample of articles, and gathering their bits while an index is filled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence

from digests.model.article import IndexEntry
from digests.offload import Offload
from digests.storage.search.postgresql.bits import bits_of_block, places_of, split_bits, stored_bits, stored_places
from digests.storage.search.postgresql.keys import PAIR, counted_keys
from digests.storage.search.source import BATCH, IndexSource

SAMPLED = 500
"""Articles by which it is judged which keys are common."""
_LEAST_SHARE = 0.008
_LEAST_SHARE_OF_PAIRS = 0.016
_LEAST = 4
"""So many of them have a common key. Of pairs, it is more, since slices find those that aren't common."""


_PART = 1024
_DENSE_SHARE = 16
StoredBits = tuple[str, int, bytes, bytes]
"""(key, block, bitmap, list)."""


class SampledArticles:
    """Articles of which the first are read before the others."""

    def __init__(self, articles: IndexSource) -> None:
        self._articles = articles
        self._first: list[Sequence[IndexEntry]] = []
        self._others: AsyncIterator[Sequence[IndexEntry]] | None = None

    @property
    def number(self) -> int:
        """How many have been read."""
        return sum(map(len, self._first))

    async def take(self) -> list[Sequence[IndexEntry]]:
        """Return the first articles, in batches."""
        self._others = aiter(self._articles.by_time(BATCH))
        while self.number < SAMPLED and (batch := await anext(self._others, None)):
            self._first.append(batch)
        return list(self._first)

    async def by_time(self, size: int) -> AsyncIterator[Sequence[IndexEntry]]:
        """Yield all articles, the first ones too."""
        assert self._others is not None
        assert size == BATCH
        while self._first:
            yield self._first.pop(0)
        async for batch in self._others:
            yield batch


async def chosen_keys(batches: Sequence[Sequence[IndexEntry]], offload: Offload) -> frozenset[str]:
    """Return the keys that are common among some articles."""
    counts: Counter[str] = Counter()
    for batch in batches:
        for keys in await offload(counted_keys, batch):
            counts.update(keys)
    return common_among(counts, sum(map(len, batches)))


def common_among(counts: Mapping[str, int], sampled: int) -> frozenset[str]:
    """Return the common ones of keys that were counted in a sample of so many articles."""
    least = max(_LEAST, sampled * _LEAST_SHARE)
    least_of_pairs = max(_LEAST, sampled * _LEAST_SHARE_OF_PAIRS)
    return frozenset(key for key, count in counts.items() if count >= (least_of_pairs if key[0] == PAIR else least))


class BlockBits:
    """The bits of documents that come in order, until the block is full that they are in.

    Those of the newest documents are short numbers; of the others in a block, rare ones are lists of places already.
    """

    def __init__(self, block: int) -> None:
        self._block = block
        self._part = _PART if block % _PART == 0 else block
        self._done = 0
        self._newest: list[dict[str, int]] = [{}]
        self._listed: defaultdict[str, bytearray] = defaultdict(bytearray)
        self._bitmaps: defaultdict[str, int] = defaultdict(int)

    def add(self, first: int, bits: Mapping[str, int]) -> list[StoredBits]:
        """Add documents behind all others, of which bit 0 is the `first`; return what is to be stored now."""
        shift = first - self._done * self._part
        newest = self._newest[0]
        for key, places in bits.items():
            shifted = places << shift
            if shifted.bit_length() <= self._part:
                newest[key] = newest.get(key, 0) | shifted
                continue
            for number, part in split_bits(shifted, self._part):
                while number >= len(self._newest):
                    self._newest.append({})
                self._newest[number][key] = self._newest[number].get(key, 0) | part
        stored: list[StoredBits] = []
        while len(self._newest) > 1:
            stored += self._close_part()
        return stored

    def rest(self) -> list[StoredBits]:
        """Return what is to be stored of the block that is not full."""
        return self._close_part() or self._close_block((self._done - 1) * self._part // self._block)

    def _close_part(self) -> list[StoredBits]:
        block, begin = divmod(self._done * self._part, self._block)
        for key, bits in self._newest.pop(0).items():
            if bits.bit_count() * _DENSE_SHARE > self._part:
                self._bitmaps[key] |= bits << begin
            else:
                self._listed[key] += stored_places(begin + place for place in places_of(bits))
        self._done += 1
        return self._close_block(block) if begin + self._part >= self._block else []

    def _close_block(self, block: int) -> list[StoredBits]:
        keys = sorted(self._bitmaps.keys() | self._listed.keys())
        rows = [
            (key, block, *stored_bits(bits_of_block(b"", self._listed.get(key, b"")) | self._bitmaps.get(key, 0)))
            for key in keys
        ]
        self._bitmaps.clear()
        self._listed.clear()
        return rows
