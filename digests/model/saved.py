"""Articles that people keep to read later (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from digests.model.article import Article
from digests.model.ids import ArticleId, CategoryId

MOST_SAVED = 1000
"""Of one person."""


class SaveOutcome(Enum):
    """What became of saving an article."""

    SAVED = auto()
    ALREADY = auto()
    FULL = auto()
    """The person keeps MOST_SAVED already."""
    GONE = auto()
    """No reader sees the article any more."""


@dataclass(frozen=True, slots=True)
class SavedEntry:
    """An article that a person keeps; `article` is None where no reader sees it any more."""

    id: ArticleId
    at: datetime
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page of what a person keeps, the last saved first.

    `offset` is where it begins, `total` is the number of all that were asked for, and `kept` of all that are kept.
    `categories` are the top categories of all that are kept, with the number in each, the fullest first.
    """

    entries: tuple[SavedEntry, ...]
    offset: int
    total: int
    kept: int
    categories: tuple[tuple[CategoryId, int], ...] = ()
