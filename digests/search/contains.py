"""Whether a text is what a query looks for, for texts that no index holds (pure)."""

from __future__ import annotations

from digests.search.query import Query, Terms
from digests.search.tokens import fold, folded_tokens


def is_wanted(text: str, query: Query) -> bool:
    """Return whether a text has all words that the query wants and none that it does not; its filters don't count."""
    folded = fold(text)
    tokens = f" {' '.join(folded_tokens(folded))} "
    return all(_found(query.wanted, folded, tokens)) and not any(_found(query.unwanted, folded, tokens))


def _found(terms: Terms, folded: str, tokens: str) -> list[bool]:
    phrases = [f" {' '.join(phrase)} " in tokens for phrase in terms.phrases]
    return phrases + [character in folded for character in terms.characters]
