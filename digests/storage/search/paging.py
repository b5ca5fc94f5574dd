"""Pages of hits, whichever engine reads them: one tier after the other, newest first, until a page is full.

The newest thousand hits among all texts are read once, for both the count and a page that begins there, so that a rare
word has the engine go through all texts once, not twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol

from digests.model.ids import ArticleId
from digests.search.ranking import Cursor, Order, Tier
from digests.storage.search.port import COUNTED, JUDGED, HitIds

_MIN_SIZE = 32
HitRow = tuple[int, ...]
"""(document, and whatever its reader needs to tell the article)."""
RankedRow = tuple[Cursor, HitRow]


class HitReader(Protocol):
    """Reads the hits of one query. A bound is a document that is passed already: what is read lies beyond it."""

    has_words: bool
    """Whether the query has words, so that there are better hits and worse ones."""
    lead_tiers: Sequence[Tier]
    """The tiers above that of texts in which the query can find anything."""

    async def in_texts(self, bound: int | None, number: int, *, backwards: bool) -> list[HitRow]:
        """Return the next hits among all texts, newest first (oldest first if `backwards`).

        They are fewer than `number` only if there are no more.
        """
        ...

    async def in_leads(
        self, tier: Tier, better: Sequence[Tier], bound: int | None, number: int, *, backwards: bool
    ) -> list[HitRow]:
        """Return the next hits of a tier above that of texts that are in no `better` one, in the same way."""
        ...

    async def among(self, tiers: Sequence[Tier], rows: Sequence[HitRow]) -> set[int]:
        """Return those of the rows' documents that have all words in any of these tiers."""
        ...

    async def articles(self, rows: Sequence[HitRow]) -> list[int]:
        """Return the articles of rows."""
        ...

    async def all(self, since: int) -> list[int]:
        """Return all hits among the articles from this id on, in no order."""
        ...


class Search:
    """A search, which reads one tier after the other."""

    def __init__(self, reader: HitReader) -> None:
        self._reader = reader
        self._newest: list[HitRow] | None = None

    async def hits(self, limit: int, order: Order, start: Cursor | None, *, backwards: bool) -> HitIds:
        """Return the page of hits that follows `start` or, `backwards`, ends before it."""
        hits = await self._page(limit + 1, order, start, backwards=backwards)
        newest = await self._newest_hits()
        more = len(hits) > limit
        hits = hits[:limit]
        if backwards:
            hits.reverse()
        articles = await self._reader.articles([*(row for _, row in hits), *newest[:JUDGED]])
        return HitIds(
            tuple(map(ArticleId, articles[: len(hits)])),
            len(newest),
            hits[0][0] if hits else None,
            hits[-1][0] if hits else None,
            more,
            tuple(map(ArticleId, articles[len(hits) :])),
        )

    async def _page(self, limit: int, order: Order, start: Cursor | None, *, backwards: bool) -> list[RankedRow]:
        """Return at most `limit` hits after `start` or, `backwards`, before it, the nearest first."""
        by_tier = order is Order.BEST and self._reader.has_words
        tiers = [*(self._reader.lead_tiers if by_tier else ()), Tier.TEXT]
        if backwards:
            tiers.reverse()
        hits: list[RankedRow] = []
        for tier in tiers:
            if start is not None and (tier > start.tier if backwards else tier < start.tier):
                continue
            bound = start.document if start is not None and tier == start.tier else None
            better = [earlier for earlier in tiers if earlier < tier]
            number = limit - len(hits)
            if tier is Tier.TEXT:
                rows = await self._only_in_texts(better, bound, number, backwards=backwards)
            else:
                rows = await self._reader.in_leads(tier, better, bound, number, backwards=backwards)
            hits.extend((Cursor(tier, row[0]), row) for row in rows)
            if len(hits) >= limit:
                break
        return hits

    async def _only_in_texts(
        self, better: Sequence[Tier], bound: int | None, number: int, *, backwards: bool
    ) -> list[HitRow]:
        """Return the next hits among all texts that are in no better tier."""
        hits: list[HitRow] = []
        size = max(number, _MIN_SIZE)
        while True:
            rows = await self._in_texts(bound, size, backwards=backwards)
            excluded = await self._reader.among(better, rows) if better and rows else set()
            hits += [row for row in rows if row[0] not in excluded]
            if len(hits) >= number or len(rows) < size:
                return hits[:number]
            bound, size = rows[-1][0], size * 4

    async def _in_texts(self, bound: int | None, size: int, *, backwards: bool) -> list[HitRow]:
        """Return the next hits among all texts, from the newest thousand if these reach so far."""
        newest = await self._newest_hits()
        all_known = len(newest) <= COUNTED
        if backwards:
            end = len(newest) if bound is None else bisect_left(newest, -bound, key=_recency)
            if all_known or (bound is not None and newest[-1][0] <= bound):
                return newest[max(0, end - size) : end][::-1]
        else:
            begin = 0 if bound is None else bisect_right(newest, -bound, key=_recency)
            rows = newest[begin : begin + size]
            if all_known or len(rows) == size:
                return rows
        return await self._reader.in_texts(bound, size, backwards=backwards)

    async def _newest_hits(self) -> list[HitRow]:
        if self._newest is None:
            self._newest = await self._reader.in_texts(None, COUNTED + 1, backwards=False)
        return self._newest


def _recency(row: HitRow) -> int:
    return -row[0]
