"""The order of what was found (pure): one rule, whatever engine found it.

Best first: all words in the title, then all in title and summary together, then anywhere in the text; within each,
what came last is first. How often a word stands there plays no part: in news, newer beats denser.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Order(StrEnum):
    BEST = "best"
    NEWEST = "newest"


class Tier(IntEnum):
    """Where all words of a query were found."""

    TITLE = 0
    LEAD = 1
    TEXT = 2


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list of hits: it stays right while articles arrive, which a number of a row does not.

    `document` is the index's number of an article, which grows with time.
    """

    tier: int
    document: int
