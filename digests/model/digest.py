"""Digests: what one place gets of a window of articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digests.model.article import Article
from digests.model.ids import ArticleId, IngestNumber


class DigestOrder(StrEnum):
    """How the items of a digest are sorted; the values are stored."""

    NEWEST = "newest"
    """The newest first, spread over sources."""
    CATEGORY = "category"
    """By the names of their categories, in each the newest first."""
    MOST_TOLD = "most_told"
    """By how many sources report the same, then the newest first."""


@dataclass(frozen=True, slots=True)
class Window:
    """The articles with since < ingest <= until."""

    since: IngestNumber
    until: IngestNumber


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a digest covers, shown where it is not simply the last day."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One article in a digest; `also` are other sources' articles of the same story, the earliest first.

    `watched` are the words of the reader's watches that found it.
    """

    article: Article
    also: tuple[Article, ...] = ()
    watched: tuple[str, ...] = ()

    def __hash__(self) -> int:
        # Digests are looked up by many items, and nearly all of these are unmarked.
        return hash((self.article.id, self.watched)) if self.watched else hash(self.article.id)


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one category heading, best first."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What one place gets of a window; `rest` are the articles that max_items cut off."""

    groups: tuple[Group, ...]
    rest: tuple[ArticleId, ...] = ()
    covers: Span | None = None
    picture: str | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of all groups, in order."""
        return tuple(item for group in self.groups for item in group.items)
