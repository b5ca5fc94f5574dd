"""From a query to what FTS5 is asked (pure). Tokens hold letters, digits and `_` only, so quoting them is enough."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from digests.search.query import Query, Terms
from digests.search.tokens import fold
from digests.types import CategoryId


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What limits a search besides its words: categories by their ids (one of them or below it), and what is hidden.

    `categories` None: no limit; empty: names that are no category, so nothing is found.
    """

    categories: frozenset[CategoryId] | None = None
    hidden_categories: frozenset[CategoryId] = frozenset()
    hidden_sources: frozenset[str] = frozenset()


def category_token(category: CategoryId) -> str:
    return f"c{category}"


def source_token(source: str) -> str:
    return f"s_{_plain(source)}"


def language_tokens(language: str) -> list[str]:
    """ "zh-Hans" is found by lang:zh-Hans and by lang:zh."""
    whole = _plain(language)
    first = whole.partition("_")[0]
    return [f"l_{one}" for one in dict.fromkeys((whole, first)) if one]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", fold(name)).strip("_")


def match_expression(query: Query, narrowing: Narrowing) -> str | None:
    """None where nothing positive is asked for."""
    wanted = _all_of(query.wanted)
    if narrowing.categories is not None:
        wanted.append(_any_mark(map(category_token, sorted(narrowing.categories))) or 'marks : "c0"')
    if query.sources:
        wanted.append(_any_mark(map(source_token, query.sources)))
    if query.languages:
        wanted.append(_any_mark(language_tokens(one)[0] if language_tokens(one) else "l_" for one in query.languages))
    if not wanted:
        return None
    unwanted = unwanted_expression(query, narrowing)
    joined = " AND ".join(wanted)
    return f"({joined}) NOT ({unwanted})" if unwanted else joined


def unwanted_expression(query: Query, narrowing: Narrowing) -> str:
    """What must not be there; empty where nothing is excluded."""
    parts = _all_of(query.unwanted)
    marks = [category_token(one) for one in sorted(narrowing.hidden_categories)]
    marks.extend(source_token(one) for one in sorted(narrowing.hidden_sources))
    if marks:
        parts.append(_any_mark(marks))
    return " OR ".join(parts)


def _all_of(terms: Terms) -> list[str]:
    parts = [f'body : "{" ".join(phrase)}"' for phrase in terms.phrases]
    parts.extend(f'chars : "{one}"' for one in terms.characters)
    return parts


def _any_mark(tokens: Iterable[str]) -> str:
    listed = " OR ".join(f'"{one}"' for one in tokens)
    return f"marks : ({listed})" if listed else ""
