"""Reading pages of hits: one table after the other, newest first, until a page is full.

The newest thousand hits among all texts are read once, for both the count and a page that begins there, so that a rare
word has FTS5 go through all texts once, not twice. One table leads; the others are asked only about its hits.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Sequence

from digests.search.query import Query
from digests.search.ranking import Cursor, Order, Tier
from digests.storage.search.match import SearchFilters, expressions_of

COUNTED = 1000
"""Hits are counted exactly up to this number."""
_MIN_ROWS, _MAX_ROWS = 32, 4 * COUNTED
"""How many rows are read at a time: as many as will probably suffice, within these limits."""
_SPARSE = 1000
"""If fewer than one document in so many is a hit, each is looked up by itself.

That takes some 30 µs, as long as going through a thousand documents (measured).
"""

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[int, ...]]]]
RankedArticle = tuple[Cursor, int]
HitRow = tuple[int, ...]
"""(document, article)."""


class Search:
    """A search, which reads one table after the other."""

    def __init__(self, fetch: Fetch, query: Query, filters: SearchFilters) -> None:
        self._fetch = fetch
        self._expressions = expressions_of(query, filters)
        self._lead_expressions = {
            tier: expression
            for tier, expression in ((Tier.TITLE, self._expressions.title), (Tier.LEAD, self._expressions.lead))
            if expression
        }
        self._has_words = bool(query.wanted)
        self._has_unwanted = bool(query.unwanted)
        self._bounds = [
            (operator, int(moment.timestamp()))
            for operator, moment in ((">=", query.after), ("<", query.before))
            if moment
        ]
        self._newest: list[HitRow] | None = None

    async def page(self, limit: int, order: Order, start: Cursor | None, *, backwards: bool) -> list[RankedArticle]:
        """Return at most `limit` hits after `start` or, `backwards`, before it, the nearest first."""
        by_tier = order is Order.BEST and self._has_words
        tiers = [tier for tier in Tier if tier in self._lead_expressions] if by_tier else []
        tiers.append(Tier.TEXT)
        if backwards:
            tiers.reverse()
        hits: list[RankedArticle] = []
        for tier in tiers:
            if start is not None and (tier > start.tier if backwards else tier < start.tier):
                continue
            bound = start.document if start is not None and tier == start.tier else None
            hits.extend(await self._in_tier(tier, tiers, bound, limit - len(hits), backwards=backwards))
            if len(hits) >= limit:
                break
        return hits

    async def count(self) -> int:
        """Return how many hits there are; COUNTED + 1 means more than COUNTED."""
        return len(await self._newest_hits())

    async def all(self, since: int) -> list[int]:
        """Return all hits among the articles from this id on, in no order. FTS5 goes through all hits there are."""
        sql, values = self._select(Tier.TEXT, None, -1, backwards=False, filtered=True, since=since)
        return [article for _, article in await self._fetch(sql, values)]

    async def newest(self, most: int) -> list[int]:
        """Return the newest articles among the hits, at most COUNTED."""
        return [article for _, article in (await self._newest_hits())[:most]]

    async def _in_tier(
        self, tier: Tier, tiers: Sequence[Tier], bound: int | None, limit: int, *, backwards: bool
    ) -> list[RankedArticle]:
        """Return hits of this tier that are in no better one, from `bound` on."""
        better = [self._lead_expressions[earlier] for earlier in tiers if earlier < tier]
        hits: list[RankedArticle] = []
        size = max(limit, 32)
        while True:
            if tier is Tier.TEXT:
                rows = await self._in_texts(bound, size, backwards=backwards)
            else:
                rows = await self._fetch(*self._select(tier, bound, size, backwards=backwards))
            excluded: set[int] = set()
            for expression in better:
                excluded.update(await self._among("leads", expression, rows))
            if tier is not Tier.TEXT and self._has_unwanted:
                # The text may contain an unwanted word that the title does not.
                excluded.update(await self._among("entries", self._expressions.unwanted_words, rows))
                excluded.update(await self._among("singles", self._expressions.unwanted_characters, rows))
            hits.extend((Cursor(tier, document), article) for document, article in rows if document not in excluded)
            if len(hits) >= limit or len(rows) < size:
                return hits[:limit]
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
        return await self._read(bound, size, backwards=backwards)

    async def _newest_hits(self) -> list[HitRow]:
        if self._newest is None:
            self._newest = await self._read(None, COUNTED + 1, backwards=False)
        return self._newest

    async def _read(self, bound: int | None, number: int, *, backwards: bool) -> list[HitRow]:
        """Return hits among all texts, from `bound` on; fewer than `number` only if there are no more."""
        hits: list[HitRow] = []
        size = number
        while True:
            rows = await self._fetch(*self._select(Tier.TEXT, bound, size, backwards=backwards))
            kept = await self._filter(rows)
            hits += kept
            if len(hits) >= number or len(rows) < size:
                return hits[:number]
            bound = rows[-1][0]
            size = _MIN_ROWS + int(1.5 * (number - len(hits)) * len(rows) / max(1, len(kept)))
            if size > _MAX_ROWS:
                break
        # Most rows are ruled out, so one statement does the rest: filtering is faster than returning rows.
        sql, values = self._select(Tier.TEXT, bound, number - len(hits), backwards=backwards, filtered=True)
        return hits + await self._fetch(sql, values)

    @property
    def _checks(self) -> list[tuple[str, str, bool]]:
        """What the leading table can't decide, as (table, expression, whether hits must match it)."""
        expressions = self._expressions
        # The expression of the leading table excludes what is unwanted in it.
        both = expressions.words is not None and expressions.characters is not None
        checks = (
            ("singles", expressions.characters if both else None, True),
            ("singles", expressions.unwanted_characters if expressions.characters is None else None, False),
            ("entries", expressions.unwanted_words if expressions.words is None else None, False),
        )
        return [(table, expression, wanted) for table, expression, wanted in checks if expression]

    async def _filter(self, rows: list[HitRow]) -> list[HitRow]:
        for table, expression, wanted in self._checks:
            found = set(await self._among(table, expression, rows))
            rows = [row for row in rows if (row[0] in found) is wanted]
        return rows

    async def _among(self, table: str, expression: str | None, rows: Sequence[HitRow]) -> list[int]:
        """Return the documents of `rows` that the expression finds in a table."""
        if not expression or not rows:
            return []
        low, high = min(rows[0][0], rows[-1][0]), max(rows[0][0], rows[-1][0])
        listed = json.dumps([row[0] for row in rows])
        if len(rows) * _SPARSE < high - low:
            sql = (
                "SELECT listed.value FROM json_each(?) AS listed "  # noqa: S608 - a constant
                f"CROSS JOIN {table} ON {table}.rowid = listed.value WHERE {table} MATCH ?"
            )
            return [row[0] for row in await self._fetch(sql, (listed, expression))]
        sql = (
            "SELECT listed.value FROM json_each(?) AS listed WHERE listed.value IN "  # noqa: S608 - a constant
            f"(SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ?)"
        )
        return [row[0] for row in await self._fetch(sql, (listed, expression, low, high))]

    def _select(
        self,
        tier: Tier,
        bound: int | None,
        limit: int,
        *,
        backwards: bool,
        filtered: bool = False,
        since: int | None = None,
    ) -> tuple[str, list[object]]:
        """Return a statement for the next documents of a tier, newest first (oldest first if `backwards`).

        `since` leaves out articles with smaller ids.
        """
        key, source, conditions, values = self._source(tier)
        if since is not None:
            conditions.append("article >= ?")
            values.append(since)
        for table, expression, wanted in self._checks if filtered else ():
            # The plus keeps SQLite from the reverse order, which would search the text table once for every row.
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
        """Return (what to order by, the tables, the conditions, their values)."""
        expressions, values = self._expressions, list[object]()
        conditions: list[str] = []
        table, expression = "documents", None
        if tier is not Tier.TEXT:
            table, expression = "leads", self._lead_expressions[tier]
        elif expressions.words is not None:
            table, expression = "entries", expressions.words
        elif expressions.characters is not None:
            table, expression = "singles", expressions.characters
        if expression is not None:
            conditions.append(f"{table} MATCH ?")
            values.append(expression)
        for operator, moment in self._bounds:
            conditions.append(f"shown_at {operator} ?")
            values.append(moment)
        if table == "documents":
            return "document", "documents", conditions or ["1"], values
        # In this form, the text table leads and is read in its own order.
        return f"{table}.rowid", f"{table} CROSS JOIN documents ON document = {table}.rowid", conditions, values


def _recency(row: HitRow) -> int:
    return -row[0]
