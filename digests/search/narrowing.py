"""What buttons narrow a search to, beside the words that somebody typed, and what is offered to them (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from digests.model.category_tree import CategoryTree
from digests.model.ids import CategoryId
from digests.search.query import Query

DAYS = (1, 7, 30)
"""The last day, week and month, of which a search can be."""
_SEPARATOR = "\n"
_MOST_OFFERED = 24


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a search is narrowed to; each is empty for no limit. `days` are those up to now."""

    language: str = ""
    source: str = ""
    category: CategoryId | None = None
    days: int = 0

    def __bool__(self) -> bool:
        """Return whether there is any limit."""
        return self != NOT_NARROWED

    def narrow(self, query: Query, now: datetime) -> Query:
        """Return the query with these limits, apart from the category.

        They were offered for what the query finds, so that each lies within a limit of the query's own.
        """
        if self.language:
            query = replace(query, languages=(self.language,))
        if self.source:
            query = replace(query, sources=(self.source,))
        if self.days:
            since = now - timedelta(days=self.days)
            query = replace(query, after=max(query.after, since) if query.after is not None else since)
        return query


NOT_NARROWED = Narrowing()


def stored_search(words: str, narrowing: Narrowing) -> str:
    """Return a search as one text; `words` are on one line."""
    if not narrowing:
        return words
    fields = {
        "language": narrowing.language, "source": narrowing.source,
        "category": narrowing.category or "", "days": narrowing.days or "",
    }  # fmt: skip
    return words + _SEPARATOR + urlencode({name: value for name, value in fields.items() if value})


def read_search(stored: str) -> tuple[str, Narrowing]:
    """Return the words and the limits of a stored search."""
    words, _, fields = stored.partition(_SEPARATOR)
    found = dict(parse_qsl(fields))
    category, days = found.get("category", ""), found.get("days", "")
    return words, Narrowing(
        found.get("language", ""),
        found.get("source", ""),
        CategoryId(int(category)) if category.isdecimal() else None,
        int(days) if days.isdecimal() else 0,
    )


class FoundArticle(NamedTuple):
    """What is known of an article that a search found."""

    source: str
    language: str
    category: CategoryId | None
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class Offers:
    """What a search can be narrowed to, the most frequent first: only what leaves something out, and not all."""

    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    categories: tuple[CategoryId, ...] = ()
    days: tuple[int, ...] = ()


def offers_of(found: Sequence[FoundArticle], tree: CategoryTree, now: datetime, *, is_all: bool) -> Offers:
    """Return what a search can be narrowed to, judged by the newest of what it found (`is_all`: by all of it)."""
    ages = [now - article.shown_at for article in found]
    within = {days: sum(age < timedelta(days=days) for age in ages) for days in DAYS}
    shorter = [0, *within.values()]
    return Offers(
        _several(article.language for article in found),
        _several(article.source for article in found),
        _branches(found, tree),
        tuple(
            days
            for days, fewer in zip(DAYS, shorter, strict=False)
            # A month that has no more than the week is no choice of its own.
            if within[days] > fewer and (within[days] < len(found) or not is_all)
        ),
    )


def _several(values: Iterable[str]) -> tuple[str, ...]:
    counted = Counter(filter(None, values))
    return tuple(value for value, _ in counted.most_common(_MOST_OFFERED)) if len(counted) > 1 else ()


def _branches(found: Sequence[FoundArticle], tree: CategoryTree) -> tuple[CategoryId, ...]:
    """Return the categories, on the highest level on which there are several, that the articles are in."""
    lines = Counter(article.category for article in found if article.category is not None)
    paths = {category: [above.id for above in tree.ancestors(category)] for category in lines}
    for depth in range(max(map(len, paths.values()), default=0)):
        branches = Counter[CategoryId]()
        for category, number in lines.items():
            if len(paths[category]) > depth:
                branches[paths[category][depth]] += number
        if len(branches) > 1:
            return tuple(category for category, _ in branches.most_common(_MOST_OFFERED))
    return ()
