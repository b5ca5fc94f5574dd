"""What most sources tell: a story of it, and what a place does not want to meet there (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from digests.model.ids import CategoryId, StoryId
from digests.model.wish import QueryId


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a place does not want to meet: categories with those below them, sources, and stored queries."""

    categories: frozenset[CategoryId] = frozenset()
    sources: frozenset[str] = frozenset()
    queries: frozenset[QueryId] = frozenset()


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story: how many sources told it in the days asked for, and whether it grew lately."""

    story: StoryId
    sources: int
    grew: bool
