"""From a query to what FTS5 is asked (pure). Tokens hold letters, digits and `_` only, so quoting them is enough."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digests.model.ids import CategoryId
from digests.search.query import Query, Terms
from digests.search.tokens import fold


@dataclass(frozen=True, slots=True)
class SearchFilters:
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


@dataclass(frozen=True, slots=True)
class Expressions:
    """What each table is asked. None: nothing positive is asked of it.

    `title` and `lead` go to `leads`: all in the title, all in title and summary together; `words` to `entries`,
    `characters` to `singles`. Characters are kept of titles only, so that a query with some has no `lead`.
    `unwanted_words` and `unwanted_characters` find the texts that must not be among the hits; empty: none.
    """

    title: str | None
    lead: str | None
    words: str | None
    characters: str | None
    unwanted_words: str
    unwanted_characters: str


def expressions_of(query: Query, filters: SearchFilters) -> Expressions:
    wanted, unwanted = query.wanted, query.unwanted
    marks = [" OR ".join(group) for group in _wanted_marks(query, filters)]
    hidden = " OR ".join(
        [
            *_quoted([category_token(one) for one in sorted(filters.hidden_categories)]),
            *_quoted([source_token(one) for one in sorted(filters.hidden_sources)]),
        ]
    )
    phrases, characters = _phrases(wanted), _quoted(wanted.characters)
    in_marks = [f"marks : ({group})" for group in marks]
    not_hidden = [f"marks : ({hidden})"] if hidden else []
    unwanted_words = [f"body : {one}" for one in _phrases(unwanted)]
    return Expressions(
        title=_but_not(
            [*(f"title : {one}" for one in phrases), *(f"chars : {one}" for one in characters), *in_marks], not_hidden
        ),
        lead=None
        if characters
        else _but_not([*(f"{{title summary}} : {one}" for one in phrases), *in_marks], not_hidden),
        words=_but_not([*(f"body : {one}" for one in phrases), *in_marks], [*not_hidden, *unwanted_words])
        if phrases or not characters
        else None,
        characters=_but_not(
            [*characters, *(f"({group})" for group in marks)],
            [*([f"({hidden})"] if hidden else []), *_quoted(unwanted.characters)],
        )
        if characters
        else None,
        unwanted_words=" OR ".join([*unwanted_words, *not_hidden]),
        unwanted_characters=" OR ".join(_quoted(unwanted.characters)),
    )


def _wanted_marks(query: Query, filters: SearchFilters) -> list[list[str]]:
    """Groups of marks; one of each group must be there."""
    groups: list[list[str]] = []
    if filters.categories is not None:
        groups.append(_quoted([category_token(one) for one in sorted(filters.categories)]) or ['"c0"'])
    if query.sources:
        groups.append(_quoted([source_token(one) for one in query.sources]))
    if query.languages:
        groups.append(_quoted([next(iter(language_tokens(one)), "l_") for one in query.languages]))
    return groups


def _but_not(wanted: Sequence[str], unwanted: Sequence[str]) -> str | None:
    if not wanted:
        return None
    joined = " AND ".join(wanted)
    return f"({joined}) NOT ({' OR '.join(unwanted)})" if unwanted else joined


def _phrases(terms: Terms) -> list[str]:
    return [f'"{" ".join(phrase)}"' for phrase in terms.phrases]


def _quoted(tokens: Iterable[str]) -> list[str]:
    return [f'"{one}"' for one in tokens]
