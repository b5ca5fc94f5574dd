"""Reading hits from FTS5. One table leads; the others are asked only about its hits."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

from digests.search.query import Query
from digests.search.ranking import Tier
from digests.storage.search.paging import HitRow
from digests.storage.search.port import COUNTED, SearchFilters
from digests.storage.search.sqlite.match import expressions_of

_MIN_ROWS, _MAX_ROWS = 32, 4 * COUNTED
"""How many rows are read at a time: as many as will probably suffice, within these limits."""
_SPARSE = 1000
"""If fewer than one document in so many is a hit, each is looked up by itself.

That takes some 30 µs, as long as going through a thousand documents (measured).
"""

Fetch = Callable[[str, Sequence[object]], Awaitable[list[tuple[int, ...]]]]


class FtsHits:
    """The hits of a query in FTS5's tables."""

    def __init__(self, fetch: Fetch, query: Query, filters: SearchFilters) -> None:
        self._fetch = fetch
        self._expressions = expressions_of(query, filters)
        self._lead_expressions = {
            tier: expression
            for tier, expression in ((Tier.TITLE, self._expressions.title), (Tier.LEAD, self._expressions.lead))
            if expression
        }
        self.lead_tiers: Sequence[Tier] = tuple(self._lead_expressions)
        self.has_words = bool(query.wanted)
        self._has_unwanted = bool(query.unwanted)
        self._bounds = [
            (operator, int(moment.timestamp()))
            for operator, moment in ((">=", query.after), ("<", query.before))
            if moment
        ]

    async def all(self, since: int) -> list[int]:
        """Return all hits among the articles from this id on, in no order. FTS5 goes through all hits there are."""
        sql, values = self._select(Tier.TEXT, None, -1, backwards=False, filtered=True, since=since)
        return [article for _, article in await self._fetch(sql, values)]

    async def articles(self, rows: Sequence[HitRow]) -> list[int]:
        """Return the articles of rows."""
        return [article for _, article in rows]

    async def in_leads(
        self, tier: Tier, better: Sequence[Tier], bound: int | None, number: int, *, backwards: bool
    ) -> list[HitRow]:
        """Return the next hits of a tier above that of texts that are in no `better` one."""
        hits: list[HitRow] = []
        size = max(number, _MIN_ROWS)
        while True:
            rows = await self._fetch(*self._select(tier, bound, size, backwards=backwards))
            excluded = await self.among(better, rows)
            if self._has_unwanted:
                # The text may contain an unwanted word that the title does not.
                excluded.update(await self._among("entries", self._expressions.unwanted_words, rows))
                excluded.update(await self._among("singles", self._expressions.unwanted_characters, rows))
            hits.extend(row for row in rows if row[0] not in excluded)
            if len(hits) >= number or len(rows) < size:
                return hits[:number]
            bound, size = rows[-1][0], size * 4

    async def among(self, tiers: Sequence[Tier], rows: Sequence[HitRow]) -> set[int]:
        """Return those of the rows' documents that have all words in any of these tiers."""
        found: set[int] = set()
        for tier in tiers:
            found.update(await self._among("leads", self._lead_expressions[tier], rows))
        return found

    async def in_texts(self, bound: int | None, number: int, *, backwards: bool) -> list[HitRow]:
        """Return the next hits among all texts; fewer than `number` only if there are no more."""
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
