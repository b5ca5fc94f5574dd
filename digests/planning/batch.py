"""One run of planning: what the places of all its batches share, so that it is made once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from digests.compose.select import CandidatePool, Choice
from digests.model.article import Article, Candidate
from digests.model.category_tree import Tree
from digests.model.digest import Item, Span
from digests.model.ids import ArticleId, CategoryId, IngestNumber, StoryId
from digests.model.schedule import last_slot, next_slot, read_rhythm
from digests.storage.deliveries.due import DuePlace, ids_of
from digests.storage.deliveries.plans import Kept, Plan

Tellers = Mapping[StoryId, Sequence[Article]]


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Repeats(Generic[Key, Value]):
    """Keeps what is made for a second time: most sets of categories are one reader's, and are not met again."""

    def __init__(self) -> None:
        self._kept: dict[Key, Value] = {}
        self._met: set[int] = set()

    def get(self, key: Key) -> Value | None:
        return self._kept.get(key)

    def made(self, key: Key, value: Value) -> None:
        number = hash(key)
        if number in self._met:
            self._kept[key] = value
        else:
            self._met.add(number)


class Round:
    """Texts are not kept, or memory would not do."""

    def __init__(self, now: datetime, until: IngestNumber, chooser: Chooser, tellers: Tellers) -> None:
        self.tellers = tellers
        self.now = now
        self.until = until
        self.chooser = chooser
        self.kept: Repeats[tuple[Choice, str, str, Span | None], Kept] = Repeats()
        self.plans: Repeats[tuple[Any, ...], Plan] = Repeats()
        """By all that a place has but its id; none for one that was told a story."""
        self.items: dict[ArticleId, Item] = {}
        self._slots: dict[tuple[str, str, str, str], tuple[datetime, datetime]] = {}

    def slots(self, place: DuePlace) -> tuple[datetime, datetime]:
        """The last one that has come, and the next."""
        key = (place.time, place.timezone, place.weekdays, place.quiet)
        found = self._slots.get(key)
        if found is None:
            rhythm = read_rhythm(*key)
            found = self._slots[key] = last_slot(self.now, rhythm), next_slot(self.now, rhythm)
        return found


class Chooser:
    """Chooses once for all places that want the same from the same place on, and looks only at what they want."""

    def __init__(self, tree: Tree, candidates: Sequence[Candidate], max_items: int, oldest: IngestNumber) -> None:
        self._oldest = oldest
        self._tree = tree
        self._max_items = max_items
        self._field = CandidatePool(candidates)
        self._inside: dict[CategoryId, frozenset[int]] = {}
        self._made: Repeats[tuple[str, IngestNumber, frozenset[StoryId]], Choice] = Repeats()

    def choose(self, wanted: str, since: IngestNumber, told: frozenset[StoryId]) -> Choice:
        key = (wanted, since, told)
        choice = self._made.get(key)
        if choice is None:
            # What several of them hold is looked at once.
            found = frozenset().union(*map(self._below, ids_of(wanted)))
            since = max(since, self._oldest)
            choice = self._field.best(found, self._max_items, told, since)
            self._made.made(key, choice)
        return choice

    def _below(self, category: CategoryId) -> frozenset[int]:
        found = self._inside.get(category)
        if found is None:
            found = self._inside[category] = self._field.inside(self._tree.with_descendants([category]))
        return found
