"""The candidates of a selection, as positions in one order of time (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from digests.model.article import Candidate
from digests.model.category_tree import CategoryTree
from digests.model.ids import ArticleId, CategoryId, StoryId

_NO_SOURCES: Mapping[StoryId, frozenset[str]] = MappingProxyType({})
_NOTHING: frozenset[int] = frozenset()


class CandidatePool:
    """Candidates sorted by time once, so that very many selections among them compare only numbers.

    A candidate's position is its place in this order, the newest first. Those without a date of their own come last:
    they may be of any day, and are not to lead. `sources_of` are the sources that report each story.
    """

    def __init__(
        self,
        candidates: Iterable[Candidate],
        tree: CategoryTree | None = None,
        sources_of: Mapping[StoryId, frozenset[str]] = _NO_SOURCES,
    ) -> None:
        newest = sorted(
            candidates, key=lambda candidate: (candidate.is_dated, candidate.shown_at, candidate.id), reverse=True
        )
        self.ids = [candidate.id for candidate in newest]
        self.ingests = [candidate.ingest for candidate in newest]
        self.sources = [candidate.source for candidate in newest]
        self.stories = [candidate.story for candidate in newest]
        self.oldest = min(self.ingests, default=0)
        self.has_stories = any(story is not None for story in self.stories)
        self.sources_of = sources_of
        self._shown_under = [candidate.category for candidate in newest]
        self._tree = tree or CategoryTree(())
        self._inside: dict[CategoryId, list[int]] = {}
        self._below: dict[CategoryId, frozenset[int]] = {}
        for position, candidate in enumerate(newest):
            for category in candidate.categories:
                self._inside.setdefault(category, []).append(position)

    def inside(self, categories: Iterable[CategoryId]) -> frozenset[int]:
        """Return the positions of the candidates in any of these very categories."""
        return frozenset().union(*[self._inside.get(category, ()) for category in categories])

    def below(self, category: CategoryId) -> frozenset[int]:
        """Return the positions of the candidates in a category or anywhere below it."""
        found = self._below.get(category)
        if found is None:
            found = self._below[category] = self.inside(self._tree.with_descendants([category]))
        return found

    def below_any(self, categories: Iterable[CategoryId]) -> frozenset[int]:
        """Return the positions of the candidates in any of these categories or below them."""
        return frozenset().union(*map(self.below, categories))

    def of_source(self, source: str) -> frozenset[int]:
        """Return the positions of the candidates of a source."""
        return self._by_source.get(source, _NOTHING)

    def positions(self, articles: Collection[ArticleId]) -> frozenset[int]:
        """Return the positions of those of the articles that are candidates."""
        at = self._position_of
        return frozenset([at[article] for article in articles if article in at])

    def position(self, article: ArticleId) -> int | None:
        """Return the position of an article; None if it is no candidate."""
        return self._position_of.get(article)

    def articles(self, positions: Sequence[int]) -> tuple[ArticleId, ...]:
        """Return the candidates at these positions."""
        ids = self.ids
        return tuple([ids[position] for position in positions])

    def told_by(self, position: int) -> frozenset[str]:
        """Return the sources that report the story of the candidate at this position; none if it is of no story."""
        story = self.stories[position]
        return self.sources_of.get(story, frozenset()) if story is not None else frozenset()

    @cached_property
    def headings(self) -> Sequence[tuple[bool, str]]:
        """By position, where the candidate's top category is when all are sorted by name; having none comes last."""
        made: dict[CategoryId | None, tuple[bool, str]] = {}
        for category in set(self._shown_under):
            found = self._tree.get(category) if category is not None else None
            made[category] = (False, found.path[0].casefold()) if found else (True, "")
        return [made[category] for category in self._shown_under]

    @cached_property
    def story_sources(self) -> frozenset[str]:
        """All sources that report any of the stories."""
        return frozenset().union(*self.sources_of.values())

    @cached_property
    def _by_source(self) -> Mapping[str, frozenset[int]]:
        found: dict[str, list[int]] = {}
        for position, source in enumerate(self.sources):
            found.setdefault(source, []).append(position)
        return {source: frozenset(positions) for source, positions in found.items()}

    @cached_property
    def _position_of(self) -> Mapping[ArticleId, int]:
        return {article: position for position, article in enumerate(self.ids)}
