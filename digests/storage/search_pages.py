"""Reads pages of hits: asks one table after the other, newest first, and stops as soon as a page is full."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from digests.search.query import Query
from digests.search.ranking import Cursor, Order, Tier
from digests.storage.search_match import Narrowing, match_expression, unwanted_expression

COUNTED = 1000
"""Hits are counted exactly up to here."""
TABLES = {Tier.TITLE: "titles", Tier.LEAD: "leads", Tier.TEXT: "entries"}

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[int, ...]]]]
Hit = tuple[Cursor, int]


class Search:
    """One search: its expression, asked of one table after the other."""

    def __init__(self, fetch: Fetch, query: Query, narrowing: Narrowing) -> None:
        self._fetch = fetch
        self._expression = match_expression(query, narrowing)
        self._unwanted = unwanted_expression(query, narrowing)
        self._words = bool(query.wanted)
        self._has_unwanted = bool(query.unwanted)
        self._between = [
            (operator, int(moment.timestamp()))
            for operator, moment in ((">=", query.after), ("<", query.before))
            if moment
        ]

    async def page(self, limit: int, order: Order, start: Cursor | None, *, backwards: bool) -> list[Hit]:
        tiers = [*Tier] if order is Order.BEST and self._words else [Tier.TEXT]
        if backwards:
            tiers.reverse()
        hits: list[Hit] = []
        for tier in tiers:
            if start is not None and (tier > start.tier if backwards else tier < start.tier):
                continue
            bound = start.document if start is not None and tier == start.tier else None
            hits.extend(await self._of_tier(tier, tiers, bound, limit - len(hits), backwards=backwards))
            if len(hits) >= limit:
                break
        return hits

    async def _of_tier(
        self, tier: Tier, tiers: Sequence[Tier], bound: int | None, limit: int, *, backwards: bool
    ) -> list[Hit]:
        """Hits of this tier that are in no better one, from `bound` on."""
        better = [TABLES[one] for one in tiers if one < tier]
        hits: list[Hit] = []
        size = max(limit, 32)
        while True:
            rows = await self._fetch(*self._select(TABLES[tier], bound, size, backwards=backwards))
            taken: set[int] = set()
            for table in better if rows else ():
                taken.update(await self._among(table, rows, self._expression))
            if rows and tier is not Tier.TEXT and self._has_unwanted:
                # A title without the word does not say that its text is without it.
                taken.update(await self._among(TABLES[Tier.TEXT], rows, self._unwanted))
            hits.extend((Cursor(tier, document), article) for document, article in rows if document not in taken)
            if len(hits) >= limit or len(rows) < size:
                return hits[:limit]
            bound, size = rows[-1][0], size * 4

    async def _among(self, table: str, rows: Sequence[tuple[int, ...]], expression: str | None) -> list[int]:
        """The documents of `rows`, or between them, that the expression finds in a table."""
        low, high = min(rows[0][0], rows[-1][0]), max(rows[0][0], rows[-1][0])
        sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?"  # noqa: S608 - a constant
        return [row[0] for row in await self._fetch(sql, (expression, low, high))]

    def _select(self, table: str, bound: int | None, limit: int, *, backwards: bool) -> tuple[str, list[object]]:
        """The next documents of a table, newest first (oldest first when going backwards)."""
        source, conditions, values = self._source(table)
        if bound is not None:
            conditions.append(f"document {'>' if backwards else '<'} ?")
            values.append(bound)
        return (
            f"SELECT document, article FROM {source} WHERE {' AND '.join(conditions)} "  # noqa: S608 - built of constants
            f"ORDER BY {self._key(table)} {'ASC' if backwards else 'DESC'} LIMIT ?",
            [*values, limit],
        )

    def _key(self, table: str) -> str:
        return "document" if self._expression is None else f"{table}.rowid"

    def _source(self, table: str) -> tuple[str, list[str], list[object]]:
        values: list[object] = []
        if self._expression is None:
            source, conditions = "documents", ["1"]
            if self._unwanted:
                conditions.append("document NOT IN (SELECT rowid FROM entries WHERE entries MATCH ?)")
                values.append(self._unwanted)
        else:
            # Written so, the text table leads and is read in its own order.
            source = f"{table} CROSS JOIN documents ON document = {table}.rowid"
            conditions = [f"{table} MATCH ?"]
            values.append(self._expression)
        for operator, moment in self._between:
            conditions.append(f"shown_at {operator} ?")
            values.append(moment)
        return source, conditions, values

    async def count(self) -> int:
        """How many hits there are; COUNTED + 1 stands for any more."""
        source, conditions, values = self._source("entries")
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {' AND '.join(conditions)} LIMIT ?)"  # noqa: S608
        return (await self._fetch(sql, [*values, COUNTED + 1]))[0][0]
