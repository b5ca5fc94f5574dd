"""Reading hits: the bits of all keys in one statement, and then a look at those rows that bits don't decide."""

from __future__ import annotations

from collections.abc import Sequence

from digests.search.query import Query
from digests.search.ranking import Tier
from digests.storage.search.paging import HitRow
from digests.storage.search.port import SearchFilters
from digests.storage.search.postgresql.bits import beyond, bits_of, first_of
from digests.storage.search.postgresql.reading import BitReader, FetchRows
from digests.storage.search.postgresql.tables import TableNames
from digests.storage.search.postgresql.wanted import LikelyHits, Wanted

_LOOKED_AT_ONCE = 250
_MOST_AT_ONCE = 4_000
"""Rows that are looked at in one statement, at first and at most."""


class BitHits:
    """The hits of a query in PostgreSQL's tables."""

    def __init__(self, fetch: FetchRows, names: TableNames, query: Query, filters: SearchFilters) -> None:
        self._reader = BitReader(fetch, names)
        self._wanted = Wanted(query, filters)
        self.lead_tiers: Sequence[Tier] = self._wanted.lead_tiers
        self.has_words = bool(query.wanted)
        self._tiers: dict[Tier, LikelyHits] = {}

    async def in_texts(self, bound: int | None, number: int, *, backwards: bool) -> list[HitRow]:
        """Return the next hits among all texts; fewer than `number` only if there are no more."""
        return await self._next(Tier.TEXT, (), bound, number, backwards=backwards)

    async def in_leads(
        self, tier: Tier, better: Sequence[Tier], bound: int | None, number: int, *, backwards: bool
    ) -> list[HitRow]:
        """Return the next hits of a tier above that of texts that are in no `better` one."""
        return await self._next(tier, better, bound, number, backwards=backwards)

    async def among(self, tiers: Sequence[Tier], rows: Sequence[HitRow]) -> set[int]:
        """Return those of the rows' documents that have all words in any of these tiers."""
        documents = bits_of(row[0] for row in rows)
        found = 0
        for tier in tiers:
            found |= await self._sure(tier, documents)
        return set(first_of(found, found.bit_count()))

    async def all(self, since: int) -> list[int]:
        """Return all hits among the articles from this id on, in no order."""
        likely = (await self._judged(Tier.TEXT)).likely
        articles = await self._reader.articles_since(since)
        found = await self._sure(Tier.TEXT, likely & bits_of(articles))
        return [articles[document] for document in first_of(found, found.bit_count())]

    async def articles(self, rows: Sequence[HitRow]) -> list[int]:
        """Return the articles of rows."""
        return await self._reader.articles([row[0] for row in rows])

    async def _next(
        self, tier: Tier, better: Sequence[Tier], bound: int | None, number: int, *, backwards: bool
    ) -> list[HitRow]:
        """Return the next hits of a tier that are in no better one, as rows of the document alone."""
        judged = await self._judged(tier)
        rest = beyond(judged.likely, bound, backwards=backwards)
        for earlier in better:
            rest &= ~(await self._judged(earlier)).sure
        if judged.likely == judged.sure and not better:
            return [(document,) for document in first_of(rest, number, backwards=backwards)]
        found: list[int] = []
        size = max(number, _LOOKED_AT_ONCE)
        while rest and len(found) < number:
            documents = first_of(rest, size, backwards=backwards)
            hits = await self._sure(tier, bits_of(documents))
            for earlier in better:
                hits &= ~await self._sure(earlier, hits)
            found += first_of(hits, size, backwards=backwards)
            rest = beyond(rest, documents[-1], backwards=backwards)
            size = min(size * 4, _MOST_AT_ONCE)
        return [(document,) for document in found[:number]]

    async def _sure(self, tier: Tier, documents: int) -> int:
        """Return which of these documents are hits of a tier; those that bits don't decide are looked at."""
        judged = await self._judged(tier)
        open_ones = documents & judged.likely & ~judged.sure
        if open_ones:
            found = 0
            listed = first_of(open_ones, open_ones.bit_count())
            looks = self._wanted.looks(tier)
            for at in range(0, len(listed), _MOST_AT_ONCE):
                some = listed[at : at + _MOST_AT_ONCE]
                found |= bits_of(await self._reader.looked(some, looks, self._wanted.after, self._wanted.before))
            judged = self._tiers[tier] = LikelyHits(judged.likely & ~open_ones | found, judged.sure | found)
        return documents & judged.sure

    async def _judged(self, tier: Tier) -> LikelyHits:
        if not self._tiers:
            keys = self._wanted.keys([*self.lead_tiers, Tier.TEXT])
            bits = await self._reader.bits(keys, self._wanted.days)
            text = self._wanted.judged(Tier.TEXT, bits)
            self._tiers = {Tier.TEXT: text}
            for better in self.lead_tiers:
                judged = self._wanted.judged(better, bits)
                # What is in a title is in the text, too, of which more is known.
                self._tiers[better] = LikelyHits(judged.likely & text.likely, judged.sure & text.likely)
        return self._tiers[tier]
