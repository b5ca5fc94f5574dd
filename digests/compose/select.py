"""Chooses what goes into a digest (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from digests.model.article import Article, Candidate
from digests.model.ids import ArticleId, CategoryId, IngestNumber, StoryId

ChoosableT = TypeVar("ChoosableT", Article, Candidate)
_BEGINNING = IngestNumber(0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The articles of a digest, best first, and those that max_items cut off, in the same order."""

    items: tuple[ArticleId, ...]
    rest: tuple[ArticleId, ...] = ()


class CandidatePool:
    """Candidates in the order of their time, so that very many choices of them compare numbers alone."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        newest = sorted(candidates, key=lambda one: (one.shown_at, one.id), reverse=True)
        self._ids = [one.id for one in newest]
        self._ingests = [one.ingest for one in newest]
        self._sources = [one.source for one in newest]
        self._stories = [one.story for one in newest]
        self._oldest = min(self._ingests, default=0)
        self._has_stories = any(story is not None for story in self._stories)
        self._inside: dict[CategoryId, list[int]] = {}
        for position, one in enumerate(newest):
            for category in one.categories:
                self._inside.setdefault(category, []).append(position)

    def choose(
        self,
        wanted: Iterable[CategoryId],
        max_items: int,
        already_sent: Collection[StoryId] = frozenset(),
        since: IngestNumber = _BEGINNING,
    ) -> Choice:
        """The best `max_items` of what came after `since` in a wanted category (given with its descendants).

        Articles of one story are one item, and none where the story was told before.

        Best is newest, spread over sources: the newest article of each source comes before the second of any, so
        that a source that writes much does not push the others out.
        """
        return self.best(self.inside(wanted), max_items, already_sent, since)

    def inside(self, wanted: Iterable[CategoryId]) -> frozenset[int]:
        """The places in this order of what is in any of these categories."""
        return frozenset().union(*[self._inside.get(category, ()) for category in wanted])

    def best(
        self, found: Collection[int], max_items: int, already_sent: Collection[StoryId], since: IngestNumber
    ) -> Choice:
        """What `choose` says, of what `inside` has found."""
        if since >= self._oldest:
            found = [position for position in found if self._ingests[position] > since]
        positions = sorted(found)
        if self._has_stories:
            positions = self._first_of_stories(positions, already_sent)
        ids = self._by_turn(positions)
        return Choice(tuple(ids[:max_items]), tuple(ids[max_items:]))

    def _first_of_stories(self, positions: Sequence[int], already_sent: Collection[StoryId]) -> list[int]:
        stories = self._stories
        first = {stories[position]: position for position in positions}
        return [
            position
            for position in positions
            if (story := stories[position]) is None or (first[story] == position and story not in already_sent)
        ]

    def _by_turn(self, positions: Sequence[int]) -> list[ArticleId]:
        """By turn within the source, then newest first; ids break ties, so that equal input gives equal output."""
        turns: defaultdict[str, Iterator[int]] = defaultdict(count)
        ids, number, sources = self._ids, len(self._ids), self._sources
        placed = sorted([next(turns[sources[position]]) * number + position for position in positions])
        return [ids[one % number] for one in placed]


def choose(
    candidates: Iterable[Candidate],
    wanted: Iterable[CategoryId],
    max_items: int,
    already_sent: Collection[StoryId] = frozenset(),
) -> Choice:
    """As a Field chooses, once."""
    return CandidatePool(candidates).choose(wanted, max_items, already_sent)


def first_of_stories(candidates: Iterable[ChoosableT]) -> list[ChoosableT]:
    """Of each story the article that was published first, since the others are told after it."""
    first: dict[tuple[bool, int], ChoosableT] = {}
    for one in candidates:
        key = (one.story is not None, one.story or one.id)
        best = first.setdefault(key, one)
        if (one.shown_at, one.id) < (best.shown_at, best.id):
            first[key] = one
    return list(first.values())
