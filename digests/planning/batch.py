"""One run of planning: what the places of all its batches share, so that it is made once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from digests.compose.select import CandidatePool, Choice
from digests.model.article import Article, Candidate
from digests.model.category_tree import CategoryTree
from digests.model.digest import Item, Span
from digests.model.ids import ArticleId, CategoryId, IngestNumber, StoryId
from digests.model.layout import DigestStyle, Layout
from digests.model.schedule import Schedule, last_slot, next_slot, read_schedule
from digests.storage.deliveries.due import DuePlace, ids_of
from digests.storage.deliveries.plan import Plan, StoredRendering

ArticlesByStory = Mapping[StoryId, Sequence[Article]]


KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class SecondUseCache(Generic[KeyT, ValueT]):
    """Keeps what is made a second time: most sets of categories are one reader's, and are not needed again."""

    def __init__(self) -> None:
        self._kept: dict[KeyT, ValueT] = {}
        self._met: set[int] = set()

    def get(self, key: KeyT) -> ValueT | None:
        """Return what is kept; None: it has to be made."""
        return self._kept.get(key)

    def made(self, key: KeyT, value: ValueT) -> None:
        """Keep what was made, if that was the second time."""
        number = hash(key)
        if number in self._met:
            self._kept[key] = value
        else:
            self._met.add(number)


class PlanningRun:
    """What all batches of one run share. Texts are not kept: memory would not suffice."""

    def __init__(
        self, now: datetime, until: IngestNumber, choices: ChoiceCache, articles_by_story: ArticlesByStory
    ) -> None:
        self.articles_by_story = articles_by_story
        self.now = now
        self.until = until
        self.choices = choices
        self.kept: SecondUseCache[tuple[Choice, int, Span | None], StoredRendering] = SecondUseCache()
        """By all that a text depends on; a style counts by its `id`, which tells those of `style` apart."""
        self.plans: SecondUseCache[tuple[Any, ...], Plan] = SecondUseCache()
        """By all that a place has but its id; none for a place that was sent a story already."""
        self.items: dict[ArticleId, Item] = {}
        self._styles: dict[tuple[str, str, str, bool, bool], DigestStyle] = {}
        self._slots: dict[tuple[str, str, str, str], tuple[datetime, datetime]] = {}

    def slots(self, place: DuePlace) -> tuple[datetime, datetime]:
        """Return the last slot that has come, and the next one."""
        key = (place.time, place.timezone, place.weekdays, place.quiet)
        found = self._slots.get(key)
        if found is None:
            schedule = self.schedule(place)
            found = self._slots[key] = last_slot(self.now, schedule), next_slot(self.now, schedule)
        return found

    def style(
        self, layout: str, language: str, timezone: str, *, has_cover: bool = False, offers_magazine: bool = False
    ) -> DigestStyle:
        """Return a style, of which there is only one object in this run."""
        key = (layout, language, timezone, has_cover, offers_magazine)
        found = self._styles.get(key)
        if found is None:
            found = self._styles[key] = DigestStyle(Layout(layout), *key[1:])
        return found

    def schedule(self, place: DuePlace) -> Schedule:
        """Return when the place's digests are due."""
        return read_schedule(place.time, place.timezone, place.weekdays, place.quiet)


class ChoiceCache:
    """Chooses once for all places that want the same from the same place on, and looks only at what they want."""

    def __init__(
        self, tree: CategoryTree, candidates: Sequence[Candidate], max_items: int, oldest: IngestNumber
    ) -> None:
        self._oldest = oldest
        self._tree = tree
        self._max_items = max_items
        self._field = CandidatePool(candidates)
        self._inside: dict[CategoryId, frozenset[int]] = {}
        self._made: SecondUseCache[tuple[str, IngestNumber, frozenset[StoryId]], Choice] = SecondUseCache()

    def choose(self, wanted: str, since: IngestNumber, already_sent: frozenset[StoryId]) -> Choice:
        """Return the best of what came after `since` in the wanted categories, without stories that were sent."""
        key = (wanted, since, already_sent)
        choice = self._made.get(key)
        if choice is None:
            # What several of them hold is looked at once.
            found = frozenset().union(*map(self._below, ids_of(wanted)))
            since = max(since, self._oldest)
            choice = self._field.best(found, self._max_items, already_sent, since)
            self._made.made(key, choice)
        return choice

    def _below(self, category: CategoryId) -> frozenset[int]:
        found = self._inside.get(category)
        if found is None:
            found = self._inside[category] = self._field.inside(self._tree.with_descendants([category]))
        return found
