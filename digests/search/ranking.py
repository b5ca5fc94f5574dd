"""The order of search results: one rule, whatever the engine (pure).

Best first: articles with all words in the title, then in title and summary together, then anywhere in the text; within
each, the newest first. How often a word occurs does not matter: in news, newer beats denser.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Order(StrEnum):
    """How results are sorted."""

    BEST = "best"
    NEWEST = "newest"


class Tier(IntEnum):
    """Where all words of a query were found, the best first."""

    TITLE = 0
    LEAD = 1
    TEXT = 2


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a list of results, which stays right while articles arrive; a row number would not.

    `document` is the index's number of an article; it grows with time.
    """

    tier: int
    document: int
