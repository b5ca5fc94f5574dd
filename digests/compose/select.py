"""Selecting what goes into a digest (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from digests.model.article import Article, Candidate
from digests.model.ids import ArticleId, CategoryId, IngestNumber, StoryId

ChoosableT = TypeVar("ChoosableT", Article, Candidate)
_BEGINNING = IngestNumber(0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The articles of a digest, best first, and those that max_items cut off, best first as well."""

    items: tuple[ArticleId, ...]
    rest: tuple[ArticleId, ...] = ()


class CandidatePool:
    """Candidates sorted by time once, so that very many choices among them compare only numbers.

    Those without a date of their own come last: they may be of any day, and are not to lead.
    """

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        newest = sorted(
            candidates, key=lambda candidate: (candidate.is_dated, candidate.shown_at, candidate.id), reverse=True
        )
        self._ids = [candidate.id for candidate in newest]
        self._ingests = [candidate.ingest for candidate in newest]
        self._sources = [candidate.source for candidate in newest]
        self._stories = [candidate.story for candidate in newest]
        self._oldest = min(self._ingests, default=0)
        self._has_stories = any(story is not None for story in self._stories)
        self._inside: dict[CategoryId, list[int]] = {}
        for position, candidate in enumerate(newest):
            for category in candidate.categories:
                self._inside.setdefault(category, []).append(position)

    def choose(
        self,
        wanted: Iterable[CategoryId],
        max_items: int,
        already_sent: Collection[StoryId] = frozenset(),
        since: IngestNumber = _BEGINNING,
    ) -> Choice:
        """Return the best `max_items` articles that came after `since` and are in a wanted category.

        `wanted` includes the descendants of each category. Articles of the same story give one item, or none if the
        story was already sent.

        Best means newest, spread over sources: the newest article of each source comes before the second of any, so
        that a prolific source does not push out the others.
        """
        return self.best(self.inside(wanted), max_items, already_sent, since)

    def inside(self, wanted: Iterable[CategoryId]) -> frozenset[int]:
        """Return the positions, in order of time, of the candidates in any of these categories."""
        return frozenset().union(*[self._inside.get(category, ()) for category in wanted])

    def best(
        self, found: Collection[int], max_items: int, already_sent: Collection[StoryId], since: IngestNumber
    ) -> Choice:
        """Return what `choose` would, from the positions that `inside` returned."""
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
        """Return the ids at these positions, which are in order, by rank within their source, then newest first."""
        ids, number, sources = self._ids, len(self._ids), self._sources
        ranks: dict[str, int] = {}
        first, later = [], []
        for position in positions:
            source = sources[position]
            if source in ranks:
                rank = ranks[source]
                later.append(rank + position)
                ranks[source] = rank + number
            else:
                ranks[source] = number
                first.append(ids[position])
        later.sort()
        return [*first, *[ids[rank % number] for rank in later]]


def choose(
    candidates: Iterable[Candidate],
    wanted: Iterable[CategoryId],
    max_items: int,
    already_sent: Collection[StoryId] = frozenset(),
) -> Choice:
    """Return what a pool of these candidates would choose, for a single choice."""
    return CandidatePool(candidates).choose(wanted, max_items, already_sent)


def first_of_stories(candidates: Iterable[ChoosableT]) -> list[ChoosableT]:
    """Return the earliest article of each story, by which the story is shown, and all articles without a story."""
    first: dict[tuple[bool, int], ChoosableT] = {}
    for candidate in candidates:
        key = (candidate.story is not None, candidate.story or candidate.id)
        earliest = first.setdefault(key, candidate)
        if (candidate.shown_at, candidate.id) < (earliest.shown_at, earliest.id):
            first[key] = candidate
    return list(first.values())
