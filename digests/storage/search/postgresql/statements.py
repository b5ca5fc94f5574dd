"""Turning a query into statements for PostgreSQL (pure); values never become a part of a statement's text.

A statement walks from block to block until it has found enough. In each, GIN finds what has all keys. A phrase of
several tokens is then looked for in the text of what has its tokens, and its pairs of tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from digests.search.query import Query, Terms
from digests.search.ranking import Tier
from digests.search.tokens import BOUNDARY
from digests.storage.search.filters import hidden_marks, wanted_marks
from digests.storage.search.port import SearchFilters
from digests.storage.search.postgresql.keys import (
    CHARACTER,
    CHARACTER_IN_TITLE,
    IN_LEAD,
    IN_TITLE,
    PAIR,
    WORD,
    mark_keys,
    pair_keys,
    pattern,
    short_tokens,
)
from digests.storage.search.postgresql.tables import TableNames

_COLUMNS = {Tier.TITLE: "title", Tier.LEAD: "lead", Tier.TEXT: "text"}
_WORD_KEYS = {Tier.TITLE: IN_TITLE, Tier.LEAD: IN_LEAD, Tier.TEXT: WORD}
Statement = tuple[str, dict[str, object]]


@dataclass
class _Values:
    """The values of a statement, each with the name by which its text refers to it."""

    named: dict[str, object] = field(default_factory=dict)

    def add(self, value: object) -> str:
        name = f"v{len(self.named)}"
        self.named[name] = value
        return f"%({name})s"


class StatementsOf:
    """The statements for one query, over the tables of `names`."""

    def __init__(self, names: TableNames, query: Query, filters: SearchFilters) -> None:
        self._names = names
        self._wanted, self._unwanted = query.wanted, query.unwanted
        self._marks = [mark_keys(group) for group in wanted_marks(query, filters)]
        self._hidden = hidden_marks(filters)
        self._bounds = [
            (operator, int(moment.timestamp()))
            for operator, moment in ((">=", query.after), ("<", query.before))
            if moment
        ]

    @property
    def lead_tiers(self) -> list[Tier]:
        """The tiers above that of texts in which anything can be found: summaries have no single characters."""
        if not self._wanted and not self._marks:
            return []
        return [Tier.TITLE] if self._wanted.characters else [Tier.TITLE, Tier.LEAD]

    def walk(
        self,
        tier: Tier,
        better: Sequence[Tier],
        bound: int | None,
        number: int,
        *,
        backwards: bool = False,
        since: int | None = None,
    ) -> Statement:
        """Return a statement for the next hits of a tier that are in no better one.

        Its rows are (documents, articles), newest first (oldest first if `backwards`). `since` leaves out articles
        with smaller ids.
        """
        values = _Values()
        table, block, order = self._names.documents, self._names.block, "ASC" if backwards else "DESC"
        most = values.add(number)
        further = self._row_conditions(values)
        if since is not None:
            further.append(f"article >= {values.add(since)}::bigint")
        if bound is not None:
            further.append(f"document {'>' if backwards else '<'} {values.add(bound)}::bigint")
        further += [f"NOT ({self._all_in(earlier, values)})" for earlier in better]
        hits = self._hits_of_block(tier, further, values, order)
        newest, oldest = (f"(SELECT {end}(document) / {block} FROM {table})" for end in ("max", "min"))
        begin = f"{values.add(bound // block)}::bigint" if bound is not None else oldest if backwards else newest
        statement = (
            f"WITH RECURSIVE walk(block, documents, articles, found) AS ("
            f"SELECT {begin}, NULL::bigint[], NULL::bigint[], 0::bigint UNION ALL "
            f"SELECT walk.block {'+' if backwards else '-'} 1, page.documents, page.articles, walk.found + page.number "
            f"FROM walk CROSS JOIN LATERAL (SELECT array_agg(document ORDER BY document {order}) AS documents, "
            f"array_agg(article ORDER BY document {order}) AS articles, count(*) AS number "
            f"FROM ({hits} LIMIT greatest({most}::bigint - walk.found, 0)) AS hits) AS page "
            f"WHERE walk.found < {most}::bigint AND walk.block BETWEEN {oldest} AND {newest}) "
            f"SELECT documents, articles FROM walk WHERE documents IS NOT NULL ORDER BY block {order}"
        )
        return statement, values.named

    def among(self, tiers: Sequence[Tier], documents: Sequence[int]) -> Statement:
        """Return a statement for those documents that have all words in any of these tiers."""
        values = _Values()
        listed = values.add(list(documents))
        conditions = " OR ".join(f"({self._all_in(tier, values)})" for tier in tiers)
        return (
            f"SELECT document FROM {self._names.documents} WHERE document = ANY({listed}::bigint[]) AND ({conditions})"
        ), values.named

    def _row_conditions(self, values: _Values) -> list[str]:
        """Return what is judged by a row's own columns, once its keys are right."""
        conditions = [f"shown_at {operator} {values.add(moment)}::bigint" for operator, moment in self._bounds]
        if self._hidden:
            conditions.append(f"NOT marks && {values.add(self._hidden)}::text[]")
        return conditions

    def _all_in(self, tier: Tier, values: _Values) -> str:
        """Return a condition for all words standing in the column of a tier above that of texts."""
        column = _COLUMNS[tier]
        found = [_any_found(column, _patterns(self._wanted, phrase), values) for phrase in self._wanted.phrases]
        found += [f"strpos({column}, {values.add(character)}::text) > 0" for character in self._wanted.characters]
        return " AND ".join(found) or "TRUE"

    def _hits_of_block(self, tier: Tier, further: Sequence[str], values: _Values, order: str) -> str:
        """Return a select of the hits in the block of `walk`, in order."""
        keys = self._keys_conditions(tier, values)
        block = self._names.block
        in_block = keys or [f"document BETWEEN walk.block * {block} AND walk.block * {block} + {block - 1}"]
        conditions = " AND ".join([*in_block, *further])
        unwanted = self._unwanted_selects(keys, values)
        phrases = [_patterns(self._wanted, phrase) for phrase in self._wanted.phrases if len(phrase) > 1]
        column = _COLUMNS[tier]
        # What is left over by EXCEPT has been compared whole, and must be small; else the row's own text is at hand.
        with_column = f", {column}" if phrases and not unwanted else ""
        candidates = " EXCEPT ".join(
            [f"SELECT document, article{with_column} FROM {self._names.documents} WHERE {conditions}", *unwanted]
        )
        if not phrases:
            return f"SELECT document, article FROM ({candidates}) AS kept ORDER BY document + 0 {order}"
        found = " AND ".join(_any_found(column, patterns, values) for patterns in phrases)
        if unwanted:
            by_number = f"{self._names.documents} AS searched WHERE searched.document = candidates.document"
            found = f"(SELECT {found} FROM {by_number})"
        # "+ 0" keeps PostgreSQL from reading all documents in order instead, and "OFFSET 0" from looking for phrases in
        # more texts than are needed.
        return (
            f"SELECT document, article FROM (SELECT document, article{with_column}, document + 0 AS place "
            f"FROM ({candidates}) AS kept ORDER BY place {order} OFFSET 0) AS candidates "
            f"WHERE {found} ORDER BY place {order}"
        )

    def _keys_conditions(self, tier: Tier, values: _Values) -> list[str]:
        """Return the conditions that GIN answers."""
        character_key = CHARACTER_IN_TITLE if tier is Tier.TITLE else CHARACTER
        required = [character_key + character for character in self._wanted.characters]
        groups: list[list[str]] = []
        for phrase in self._wanted.phrases:
            keys, spelling_keys = _phrase_keys(self._wanted, phrase, tier)
            if spelling_keys:
                # Either the phrase, of which a text then has every key, or its other spelling.
                groups += [[key, *spelling_keys] for key in keys]
            else:
                required += keys
        for group in self._marks:
            if len(group) == 1:
                required += group
            else:
                groups.append(group)
        conditions = [self._has_keys("@>", required, values)] if required else []
        return conditions + [self._has_keys("&&", group, values) for group in groups]

    def _has_keys(self, operator: str, keys: Iterable[str], values: _Values) -> str:
        names = self._names
        listed = ", ".join(
            (names.pair_key if key.startswith(PAIR) else names.key)(f"{values.add(key)}::text", "walk.block")
            for key in dict.fromkeys(keys)
        )
        return f"{names.keys} {operator} ARRAY[{listed}]"

    def _unwanted_selects(self, wanted: Sequence[str], values: _Values) -> list[str]:
        """Return selects of what must not be among the hits, in the block of `walk`.

        Of what lacks the `wanted` keys, none needs to be left out.
        """
        rows = f"{self._names.documents} AS unwanted"
        any_of = [CHARACTER + character for character in self._unwanted.characters]
        selects: list[str] = []
        for phrase in self._unwanted.phrases:
            keys, spelling_keys = _phrase_keys(self._unwanted, phrase, Tier.TEXT)
            any_of += spelling_keys
            if len(phrase) == 1:
                any_of += keys
            else:
                found = _any_found(_COLUMNS[Tier.TEXT], [pattern(short_tokens(phrase))], values)
                conditions = [*wanted, self._has_keys("@>", keys, values), found]
                selects.append(f"SELECT document, article FROM {rows} WHERE {' AND '.join(conditions)}")
        if any_of:
            conditions = [*wanted, self._has_keys("&&", any_of, values)]
            selects.append(f"SELECT document, article FROM {rows} WHERE {' AND '.join(conditions)}")
        return selects


def _phrase_keys(terms: Terms, phrase: tuple[str, ...], tier: Tier) -> tuple[list[str], list[str]]:
    """Return the keys that a text with the phrase has, and those of its other spellings, which are single tokens."""
    kind = _WORD_KEYS[tier]
    tokens = short_tokens(phrase)
    keys = [kind + token for token in tokens if token != BOUNDARY]
    if tier is Tier.TEXT:
        keys += pair_keys(tokens)
    others = terms.spellings(phrase)[1:]
    return keys, [kind + token for spelling in others for token in short_tokens(spelling)]


def _patterns(terms: Terms, phrase: tuple[str, ...]) -> list[str]:
    return [pattern(short_tokens(spelling)) for spelling in terms.spellings(phrase)]


def _any_found(column: str, patterns: Sequence[str], values: _Values) -> str:
    found = " OR ".join(f"strpos({column}, {values.add(text)}::text) > 0" for text in patterns)
    return f"({found})"
