"""Reading hits from PostgreSQL's tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from digests.search.query import Query
from digests.search.ranking import Tier
from digests.storage.search.paging import HitRow
from digests.storage.search.port import SearchFilters
from digests.storage.search.postgresql.statements import StatementsOf
from digests.storage.search.postgresql.tables import TableNames

FetchRows = Callable[[str, Mapping[str, object]], Awaitable[list[tuple[Any, ...]]]]
_ALL = 2**62


class GinHits:
    """The hits of a query in PostgreSQL's tables."""

    def __init__(self, fetch: FetchRows, names: TableNames, query: Query, filters: SearchFilters) -> None:
        self._fetch = fetch
        self._statements = StatementsOf(names, query, filters)
        self.lead_tiers: Sequence[Tier] = self._statements.lead_tiers
        self.has_words = bool(query.wanted)

    async def in_texts(self, bound: int | None, number: int, *, backwards: bool) -> list[HitRow]:
        """Return the next hits among all texts; fewer than `number` only if there are no more."""
        return await self._walk(Tier.TEXT, (), bound, number, backwards=backwards)

    async def in_leads(
        self, tier: Tier, better: Sequence[Tier], bound: int | None, number: int, *, backwards: bool
    ) -> list[HitRow]:
        """Return the next hits of a tier above that of texts that are in no `better` one."""
        return await self._walk(tier, better, bound, number, backwards=backwards)

    async def among(self, tiers: Sequence[Tier], rows: Sequence[HitRow]) -> set[int]:
        """Return those of the rows' documents that have all words in any of these tiers."""
        statement, values = self._statements.among(tiers, [document for document, _ in rows])
        return {row[0] for row in await self._fetch(statement, values)}

    async def all(self, since: int) -> list[int]:
        """Return all hits among the articles from this id on, in no order."""
        statement, values = self._statements.walk(Tier.TEXT, (), None, _ALL, since=since)
        return [article for _, articles in await self._fetch(statement, values) for article in articles]

    async def _walk(
        self, tier: Tier, better: Sequence[Tier], bound: int | None, number: int, *, backwards: bool
    ) -> list[HitRow]:
        statement, values = self._statements.walk(tier, better, bound, number, backwards=backwards)
        return [
            row
            for documents, articles in await self._fetch(statement, values)
            for row in zip(documents, articles, strict=True)
        ]
