"""Reads pages of hits: asks one table after the other, newest first, and stops as soon as a page is full.

The newest thousand hits among all texts are read once, for the count and for the page that begins there: whoever asks
for something rare has FTS5 go through all texts once, not twice. What another table than the one that leads says of
the hits is asked of it for these hits alone.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Sequence

from digests.search.query import Query
from digests.search.ranking import Cursor, Order, Tier
from digests.storage.search.match import SearchFilters, expressions_of

COUNTED = 1000
"""Hits are counted exactly up to here."""
_FEWEST, _MOST = 32, 4 * COUNTED
"""How many rows are looked at next: as many as will probably do."""
_SPARSE = 1000
"""Where fewer than one document in so many is a hit, each is looked up by itself: some 30 µs, as long as it takes to
go through a thousand (measured)."""

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[int, ...]]]]
RankedArticle = tuple[Cursor, int]
HitRow = tuple[int, ...]
"""(document, article)."""


class Search:
    """One search, asked of one table after the other."""

    def __init__(self, fetch: Fetch, query: Query, filters: SearchFilters) -> None:
        self._fetch = fetch
        self._ask = expressions_of(query, filters)
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
        self._newest: list[HitRow] | None = None

    async def page(self, limit: int, order: Order, start: Cursor | None, *, backwards: bool) -> list[RankedArticle]:
        tiers = [one for one in Tier if one in self._heads] if order is Order.BEST and self._has_words else []
        tiers.append(Tier.TEXT)
        if backwards:
            tiers.reverse()
        hits: list[RankedArticle] = []
        for tier in tiers:
            if start is not None and (tier > start.tier if backwards else tier < start.tier):
                continue
            bound = start.document if start is not None and tier == start.tier else None
            hits.extend(await self._of_tier(tier, tiers, bound, limit - len(hits), backwards=backwards))
            if len(hits) >= limit:
                break
        return hits

    async def count(self) -> int:
        """How many hits there are; COUNTED + 1 stands for any more."""
        return len(await self._newest_hits())

    async def _of_tier(
        self, tier: Tier, tiers: Sequence[Tier], bound: int | None, limit: int, *, backwards: bool
    ) -> list[RankedArticle]:
        """Hits of this tier that are in no better one, from `bound` on."""
        better = [self._heads[one] for one in tiers if one < tier]
        hits: list[RankedArticle] = []
        size = max(limit, 32)
        while True:
            if tier is Tier.TEXT:
                rows = await self._of_texts(bound, size, backwards=backwards)
            else:
                rows = await self._fetch(*self._select(tier, bound, size, backwards=backwards))
            taken: set[int] = set()
            for expression in better:
                taken.update(await self._among("leads", expression, rows))
            if tier is not Tier.TEXT and self._has_unwanted:
                # A title without the word does not say that its text is without it.
                taken.update(await self._among("entries", self._ask.unwanted_words, rows))
                taken.update(await self._among("singles", self._ask.unwanted_characters, rows))
            hits.extend((Cursor(tier, document), article) for document, article in rows if document not in taken)
            if len(hits) >= limit or len(rows) < size:
                return hits[:limit]
            bound, size = rows[-1][0], size * 4

    async def _of_texts(self, bound: int | None, size: int, *, backwards: bool) -> list[HitRow]:
        """The next hits among all texts: of the newest ones where these reach so far."""
        newest = await self._newest_hits()
        all_known = len(newest) <= COUNTED
        if backwards:
            end = len(newest) if bound is None else bisect_left(newest, -bound, key=_age)
            if all_known or (bound is not None and newest[-1][0] <= bound):
                return newest[max(0, end - size) : end][::-1]
        else:
            begin = 0 if bound is None else bisect_right(newest, -bound, key=_age)
            rows = newest[begin : begin + size]
            if all_known or len(rows) == size:
                return rows
        return await self._read(bound, size, backwards=backwards)

    async def _newest_hits(self) -> list[HitRow]:
        if self._newest is None:
            self._newest = await self._read(None, COUNTED + 1, backwards=False)
        return self._newest

    async def _read(self, bound: int | None, number: int, *, backwards: bool) -> list[HitRow]:
        """Hits among all texts, from `bound` on; fewer than asked for only where there are no more."""
        hits: list[HitRow] = []
        size = number
        while True:
            rows = await self._fetch(*self._select(Tier.TEXT, bound, size, backwards=backwards))
            kept = await self._sifted(rows)
            hits += kept
            if len(hits) >= number or len(rows) < size:
                return hits[:number]
            bound = rows[-1][0]
            size = _FEWEST + int(1.5 * (number - len(hits)) * len(rows) / max(1, len(kept)))
            if size > _MOST:
                break
        # Most of them are ruled out: the rest is left to one statement, which sifts faster than it gives out rows.
        sql, values = self._select(Tier.TEXT, bound, number - len(hits), backwards=backwards, sifted=True)
        return hits + await self._fetch(sql, values)

    @property
    def _sieves(self) -> list[tuple[str, str, bool]]:
        """(table, expression, whether a hit must be found by it) for what the leading table can't tell."""
        ask = self._ask
        # What a table is asked for leaves out what is unwanted there by itself.
        both = ask.words is not None and ask.characters is not None
        sieves = (
            ("singles", ask.characters if both else None, True),
            ("singles", ask.unwanted_characters if ask.characters is None else None, False),
            ("entries", ask.unwanted_words if ask.words is None else None, False),
        )
        return [(table, expression, wanted) for table, expression, wanted in sieves if expression]

    async def _sifted(self, rows: list[HitRow]) -> list[HitRow]:
        for table, expression, wanted in self._sieves:
            found = set(await self._among(table, expression, rows))
            rows = [row for row in rows if (row[0] in found) is wanted]
        return rows

    async def _among(self, table: str, expression: str | None, rows: Sequence[HitRow]) -> list[int]:
        """The documents of `rows` that the expression finds in a table."""
        if not expression or not rows:
            return []
        low, high = min(rows[0][0], rows[-1][0]), max(rows[0][0], rows[-1][0])
        listed = json.dumps([row[0] for row in rows])
        if len(rows) * _SPARSE < high - low:
            sql = (
                "SELECT one.value FROM json_each(?) AS one "  # noqa: S608 - a constant
                f"CROSS JOIN {table} ON {table}.rowid = one.value WHERE {table} MATCH ?"
            )
            return [row[0] for row in await self._fetch(sql, (listed, expression))]
        sql = (
            "SELECT one.value FROM json_each(?) AS one WHERE one.value IN "  # noqa: S608 - a constant
            f"(SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?)"
        )
        return [row[0] for row in await self._fetch(sql, (listed, expression, low, high))]

    def _select(
        self, tier: Tier, bound: int | None, limit: int, *, backwards: bool, sifted: bool = False
    ) -> tuple[str, list[object]]:
        """The next documents of a tier, newest first (oldest first when going backwards)."""
        key, source, conditions, values = self._source(tier)
        for table, expression, wanted in self._sieves if sifted else ():
            # The plus keeps SQLite from going the other way round, which would ask the text table once for every row.
            found = f"(SELECT rowid FROM {table} WHERE {table} MATCH ?)"  # noqa: S608 - a constant
            conditions.append(f"+{key} {'IN' if wanted else 'NOT IN'} {found}")
            values.append(expression)
        if bound is not None:
            conditions.append(f"{key} {'>' if backwards else '<'} ?")
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
        for operator, moment in self._between:
            conditions.append(f"shown_at {operator} ?")
            values.append(moment)
        if table == "documents":
            return "document", "documents", conditions or ["1"], values
        # Written so, the text table leads and is read in its own order.
        return f"{table}.rowid", f"{table} CROSS JOIN documents ON document = {table}.rowid", conditions, values


def _age(row: HitRow) -> int:
    return -row[0]
