"""Turning a query into FTS5 expressions (pure); tokens have only letters, digits and `_+#.`: quoting them is enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digests.search.query import Query, Terms
from digests.storage.search.filters import hidden_marks, wanted_marks
from digests.storage.search.port import SearchFilters


@dataclass(frozen=True, slots=True)
class Expressions:
    """The expressions for each table; None if nothing is to be found by it.

    `title` and `lead` are for `leads`: all in the title, and all in title and summary together. `words` is for
    `entries` and `characters` for `singles`. Only titles have their characters in `leads`, so a query with characters
    has no `lead`. `unwanted_words` and `unwanted_characters` find the texts that must not be among the hits, or are
    empty.
    """

    title: str | None
    lead: str | None
    words: str | None
    characters: str | None
    unwanted_words: str
    unwanted_characters: str


def expressions_of(query: Query, filters: SearchFilters) -> Expressions:
    """Return the expressions that find what the query asks for."""
    wanted, unwanted = query.wanted, query.unwanted
    marks = [" OR ".join(_quoted(group)) for group in wanted_marks(query, filters)]
    hidden = " OR ".join(_quoted(hidden_marks(filters)))
    phrases, characters = _phrases(wanted), _quoted(wanted.characters)
    in_marks = [f"marks : ({group})" for group in marks]
    not_hidden = [f"marks : ({hidden})"] if hidden else []
    unwanted_words = [f"body : {phrase}" for phrase in _phrases(unwanted)]
    return Expressions(
        title=_excluding(
            [
                *(f"title : {phrase}" for phrase in phrases),
                *(f"chars : {character}" for character in characters),
                *in_marks,
            ],
            not_hidden,
        ),
        lead=None
        if characters
        else _excluding([*(f"{{title summary}} : {phrase}" for phrase in phrases), *in_marks], not_hidden),
        words=_excluding([*(f"body : {phrase}" for phrase in phrases), *in_marks], [*not_hidden, *unwanted_words])
        if phrases or not characters
        else None,
        characters=_excluding(
            [*characters, *(f"({group})" for group in marks)],
            [*([f"({hidden})"] if hidden else []), *_quoted(unwanted.characters)],
        )
        if characters
        else None,
        unwanted_words=" OR ".join([*unwanted_words, *not_hidden]),
        unwanted_characters=" OR ".join(_quoted(unwanted.characters)),
    )


def _excluding(wanted: Sequence[str], unwanted: Sequence[str]) -> str | None:
    if not wanted:
        return None
    joined = " AND ".join(wanted)
    return f"({joined}) NOT ({' OR '.join(unwanted)})" if unwanted else joined


def _phrases(terms: Terms) -> list[str]:
    return [_any_of(terms.spellings(phrase)) for phrase in terms.phrases]


def _any_of(spellings: Sequence[tuple[str, ...]]) -> str:
    quoted = [f'"{" ".join(phrase)}"' for phrase in spellings]
    return quoted[0] if len(quoted) == 1 else f"({' OR '.join(quoted)})"


def _quoted(tokens: Iterable[str]) -> list[str]:
    return [f'"{token}"' for token in tokens]
