"""Reads pages of hits: asks one table after the other, newest first, and stops as soon as a page is full."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from digests.search.query import Query
from digests.search.ranking import Cursor, Order, Tier
from digests.storage.search_match import Narrowing, expressions_of

COUNTED = 1000
"""Hits are counted exactly up to here."""
_OF_SINGLES = "(SELECT rowid FROM singles WHERE singles MATCH ?)"
_OF_ENTRIES = "(SELECT rowid FROM entries WHERE entries MATCH ?)"

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[int, ...]]]]
Hit = tuple[Cursor, int]


class Search:
    """One search, asked of one table after the other."""

    def __init__(self, fetch: Fetch, query: Query, narrowing: Narrowing) -> None:
        self._fetch = fetch
        self._ask = expressions_of(query, narrowing)
        self._heads = {
            tier: asked for tier, asked in ((Tier.TITLE, self._ask.title), (Tier.LEAD, self._ask.lead)) if asked
        }
        self._has_words = bool(query.wanted)
        self._has_unwanted = bool(query.unwanted)
        self._between = [
            (operator, int(moment.timestamp()))
            for operator, moment in ((">=", query.after), ("<", query.before))
            if moment
        ]

    async def page(self, limit: int, order: Order, start: Cursor | None, *, backwards: bool) -> list[Hit]:
        tiers = [one for one in Tier if one in self._heads] if order is Order.BEST and self._has_words else []
        tiers.append(Tier.TEXT)
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
        better = [self._heads[one] for one in tiers if one < tier]
        hits: list[Hit] = []
        size = max(limit, 32)
        while True:
            rows = await self._fetch(*self._select(tier, bound, size, backwards=backwards))
            taken: set[int] = set()
            for expression in better if rows else ():
                taken.update(await self._among("leads", expression, rows))
            if rows and tier is not Tier.TEXT and self._has_unwanted:
                # A title without the word does not say that its text is without it.
                taken.update(await self._among("entries", self._ask.unwanted_words, rows))
                taken.update(await self._among("singles", self._ask.unwanted_characters, rows))
            hits.extend((Cursor(tier, document), article) for document, article in rows if document not in taken)
            if len(hits) >= limit or len(rows) < size:
                return hits[:limit]
            bound, size = rows[-1][0], size * 4

    async def _among(self, table: str, expression: str | None, rows: Sequence[tuple[int, ...]]) -> list[int]:
        """The documents of `rows`, or between them, that the expression finds in a table."""
        if not expression:
            return []
        low, high = min(rows[0][0], rows[-1][0]), max(rows[0][0], rows[-1][0])
        sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?"  # noqa: S608 - a constant
        return [row[0] for row in await self._fetch(sql, (expression, low, high))]

    def _select(self, tier: Tier, bound: int | None, limit: int, *, backwards: bool) -> tuple[str, list[object]]:
        """The next documents of a tier, newest first (oldest first when going backwards)."""
        key, source, conditions, values = self._source(tier)
        if bound is not None:
            conditions.append(f"document {'>' if backwards else '<'} ?")
            values.append(bound)
        return (
            f"SELECT document, article FROM {source} WHERE {' AND '.join(conditions)} "  # noqa: S608 - built of constants
            f"ORDER BY {key} {'ASC' if backwards else 'DESC'} LIMIT ?",
            [*values, limit],
        )

    def _source(self, tier: Tier) -> tuple[str, str, list[str], list[object]]:
        """(what to order by, the tables, the conditions, their values)."""
        ask, values = self._ask, list[object]()
        conditions: list[str] = []
        table, expression = "documents", None
        if tier is not Tier.TEXT:
            table, expression = "leads", self._heads[tier]
        elif ask.words is not None:
            table, expression = "entries", ask.words
        elif ask.characters is not None:
            table, expression = "singles", ask.characters
        if expression is not None:
            conditions.append(f"{table} MATCH ?")
            values.append(expression)
        if tier is Tier.TEXT:
            for condition, asked in self._besides(table):
                conditions.append(condition)
                values.append(asked)
        for operator, moment in self._between:
            conditions.append(f"shown_at {operator} ?")
            values.append(moment)
        if table == "documents":
            return "document", "documents", conditions or ["1"], values
        # Written so, the text table leads and is read in its own order.
        return f"{table}.rowid", f"{table} CROSS JOIN documents ON document = {table}.rowid", conditions, values

    def _besides(self, table: str) -> list[tuple[str, str]]:
        """Conditions on the other text table than the one that leads."""
        ask = self._ask
        # The plus keeps SQLite from going the other way round, which would ask the text table once for every row.
        row = "document" if table == "documents" else f"+{table}.rowid"
        found = []
        if table == "entries" and ask.characters is not None:
            found.append((f"{row} IN {_OF_SINGLES}", ask.characters))
        if ask.unwanted_characters:
            found.append((f"{row} NOT IN {_OF_SINGLES}", ask.unwanted_characters))
        # The words that entries are asked for leave out the unwanted ones by themselves.
        if ask.unwanted_words and table != "entries":
            found.append((f"{row} NOT IN {_OF_ENTRIES}", ask.unwanted_words))
        return found

    async def count(self) -> int:
        """How many hits there are; COUNTED + 1 stands for any more."""
        _, source, conditions, values = self._source(Tier.TEXT)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {' AND '.join(conditions)} LIMIT ?)"  # noqa: S608
        return (await self._fetch(sql, [*values, COUNTED + 1]))[0][0]
