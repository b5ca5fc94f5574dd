"""The words by which articles like a given one are found: rare ones, and those of its title above all (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import log

from digests.search.tokens import is_dense, tokens

MOST_TELLING = 12
COMMON = 1000
"""Articles up to which those with a token are counted. One that so many have tells little, and takes long to find."""
_COMMON_SHARE = 10
"""A token that more than one in so many articles has tells nothing, if it is more than a few that have it."""
_FEW = 3
_CONSIDERED = 96
"""Of an article's tokens: title and summary have hardly more."""
_LONGEST = 40
_IN_TITLE, _IN_SUMMARY, _IN_TEXT = 2.0, 1.0, 0.5
_TEXT_LENGTH = 1000
"""Characters of a text that are considered, which is how long texts begin."""


@dataclass(frozen=True, slots=True)
class TellingToken:
    """A token, how much it says that another article has it too, and whether it is one of the title."""

    token: str
    weight: float
    is_of_title: bool = False


def considered_tokens(title: str, summary: str, text: str) -> dict[str, float]:
    """Return the tokens of an article that may tell what it is about, in order, with the weight of their places.

    Numbers of one or two digits and single letters say nothing.
    """
    found: dict[str, float] = {}
    for part, weight in ((title, _IN_TITLE), (summary, _IN_SUMMARY), (text[:_TEXT_LENGTH], _IN_TEXT)):
        for token in tokens(part):
            if 1 < len(token) <= _LONGEST and not (token.isdigit() and len(token) < 3):
                found.setdefault(token, weight)
    return dict(list(found.items())[:_CONSIDERED])


def most_telling(
    considered: Mapping[str, float], articles_with: Mapping[str, int], articles: int
) -> tuple[TellingToken, ...]:
    """Return the most telling of the tokens, at most MOST_TELLING, the most telling first.

    `articles_with` is how many of the `articles` in the same language have a token, counted up to COMMON. One that no
    other article has finds nothing, and a common one tells nothing. Of two pairs of dense characters that share one,
    which come from one word, only the better is taken.
    """
    most = min(COMMON - 1, max(_FEW, articles // _COMMON_SHARE))
    weights = {
        token: weight * log((articles + 1) / articles_with[token])
        for token, weight in considered.items()
        if 1 < articles_with.get(token, 0) <= most
    }
    beside = _neighbours(list(considered))
    chosen: list[TellingToken] = []
    taken: set[str] = set()
    for token in sorted(weights, key=lambda token: -weights[token]):
        if len(chosen) == MOST_TELLING:
            break
        if not taken.intersection(beside.get(token, ())):
            chosen.append(TellingToken(token, weights[token], considered[token] == _IN_TITLE))
            taken.add(token)
    return tuple(chosen)


def _neighbours(ordered: list[str]) -> dict[str, set[str]]:
    """Return for each pair of dense characters those next to it that share a character with it."""
    beside: dict[str, set[str]] = {}
    for first, second in pairwise(ordered):
        if first[-1] == second[0] and is_dense(first) and is_dense(second):
            beside.setdefault(first, set()).add(second)
            beside.setdefault(second, set()).add(first)
    return beside
