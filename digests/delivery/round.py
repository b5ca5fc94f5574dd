"""One run of planning: what the places of all its batches share, so that it is made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from digests.categories import Tree
from digests.compose.select import Choice, Field
from digests.schedule import last_slot, next_slot, read_rhythm
from digests.storage.deliveries import DuePlace, Kept, ids_of
from digests.types import Article, ArticleId, Candidate, CategoryId, IngestNumber, Span, StoryId

Tellers = Mapping[StoryId, Sequence[Article]]


class Round:
    """Texts are not kept, or memory would not do."""

    def __init__(self, now: datetime, until: IngestNumber, chooser: Chooser, tellers: Tellers) -> None:
        self.tellers = tellers
        self.now = now
        self.until = until
        self.chooser = chooser
        self.kept: dict[tuple[Choice, str, str, Span | None], Kept] = {}
        self.articles: dict[ArticleId, Article] = {}
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
        self._field = Field(candidates)
        self._below: dict[CategoryId, frozenset[CategoryId]] = {}
        self._made: dict[tuple[str, IngestNumber, frozenset[StoryId]], Choice] = {}

    def choose(self, wanted: str, since: IngestNumber, told: frozenset[StoryId]) -> Choice:
        key = (wanted, since, told)
        choice = self._made.get(key)
        if choice is None:
            # Categories within each other are looked at once.
            all_wanted = {below for one in ids_of(wanted) for below in self._descendants(one)}
            since = max(since, self._oldest)
            choice = self._made[key] = self._field.choose(all_wanted, self._max_items, told, since)
        return choice

    def _descendants(self, category: CategoryId) -> frozenset[CategoryId]:
        if category not in self._below:
            self._below[category] = self._tree.with_descendants([category])
        return self._below[category]
