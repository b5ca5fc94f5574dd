"""Whether a text is what a query looks for, for texts that no index holds (pure)."""

from __future__ import annotations

from digests.search.query import Query, Terms
from digests.search.tokens import BOUNDARY, fold, folded_tokens, further_tokens


def is_wanted(text: str, query: Query) -> bool:
    """Return whether a text has all words that the query wants and none that it does not; its filters don't count."""
    folded = fold(text)
    runs = [" ".join(folded_tokens(folded)), *further_tokens(folded)]
    tokens = f" {f' {BOUNDARY} '.join(runs)} "
    return all(_found(query.wanted, folded, tokens)) and not any(_found(query.unwanted, folded, tokens))


def _found(terms: Terms, folded: str, tokens: str) -> list[bool]:
    phrases = [
        any(f" {' '.join(spelling)} " in tokens for spelling in terms.spellings(phrase)) for phrase in terms.phrases
    ]
    return phrases + [character in folded for character in terms.characters]
