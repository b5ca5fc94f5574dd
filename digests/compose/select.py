"""Chooses what goes into a digest (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from digests.types import Article, ArticleId, Candidate, CategoryId, StoryId

One = TypeVar("One", Article, Candidate)


@dataclass(frozen=True, slots=True)
class Choice:
    """The articles of a digest, best first, and those that max_items cut off, in the same order."""

    items: tuple[ArticleId, ...]
    rest: tuple[ArticleId, ...] = ()


def choose(
    candidates: Iterable[Candidate],
    wanted: frozenset[CategoryId],
    max_items: int,
    told: Collection[StoryId] = frozenset(),
) -> Choice:
    """The best `max_items` of the candidates that are in a wanted category (given with its descendants).

    Articles of one story are one item, and none where the story was told before.

    Best is newest, spread over sources: the newest article of each source comes before the second of any, so
    that a source that writes much does not push the others out.
    """
    inside = (one for one in candidates if not wanted.isdisjoint(one.categories) and one.story not in told)
    ranked = rank(first_of_stories(inside))
    ids = tuple(one.id for one in ranked)
    return Choice(ids[:max_items], ids[max_items:])


def first_of_stories(candidates: Iterable[One]) -> list[One]:
    """Of each story the article that was published first, since the others are told after it."""
    first: dict[tuple[bool, int], One] = {}
    for one in candidates:
        key = (one.story is not None, one.story or one.id)
        best = first.setdefault(key, one)
        if (one.shown_at, one.id) < (best.shown_at, best.id):
            first[key] = one
    return list(first.values())


def rank(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """By turn within the source, then newest first; ids break ties, so that equal input gives equal output."""
    newest = sorted(candidates, key=lambda one: (one.shown_at, one.id), reverse=True)
    turns: dict[str, int] = defaultdict(int)
    placed = []
    for number, one in enumerate(newest):
        placed.append((turns[one.source], number, one))
        turns[one.source] += 1
    return tuple(one for _, _, one in sorted(placed, key=lambda row: row[:2]))
