"""One run of planning: what the places of all its batches share, so that it is made once."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any, Generic, TypeVar

from digests.compose.select import Choice, Conditions, chosen, select
from digests.compose.wants import has_watch
from digests.model.digest import DigestOrder, Item, Span
from digests.model.ids import ArticleId, IngestNumber
from digests.model.layout import DigestStyle, Layout
from digests.model.schedule import Schedule, last_slot, next_slot, read_schedule
from digests.planning.news import AlreadySent, News
from digests.storage.deliveries.due import DuePlace, ids_of
from digests.storage.deliveries.plan import Plan, StoredRendering

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

    def __init__(self, now: datetime, news: News, choices: ChoiceCache) -> None:
        self.now = now
        self.news = news
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

    def __init__(self, news: News, max_items: int, oldest: IngestNumber) -> None:
        self._news = news
        self._max_items = max_items
        self._oldest = oldest
        self._made: SecondUseCache[tuple[Any, ...], Choice] = SecondUseCache()

    def reduced(self, place: DuePlace) -> DuePlace:
        """Return the place with only those of its wishes that have an effect on any candidate.

        Nearly all have none, and a place without wishes gets what many others get. One that wants nothing is told of no
        empty day either.
        """
        effective = self._news.wishes.effective
        if place.wanted:
            return place._replace(wishes=effective(place.wishes)) if place.wishes else place
        says_empty = place.says_empty if has_watch(place.wishes) else 0
        return place._replace(wishes=effective(place.wishes), says_empty=says_empty)

    def choose(self, place: DuePlace, sent: AlreadySent) -> Choice:
        """Return the best of what came since a place's last digest, without what it was sent; `reduced` comes first."""
        key = (
            place.wanted,
            place.window_from,
            place.wishes,
            place.max_items,
            place.digest_order,
            sent.stories,
            sent.at_once,
        )
        choice = self._made.get(key)
        if choice is None:
            choice = self._choose(place, sent)
            self._made.made(key, choice)
        return choice

    def _choose(self, place: DuePlace, sent: AlreadySent) -> Choice:
        pool = self._news.pool
        wants = self._news.wishes.wants(ids_of(place.wanted), place.wishes)
        since = max(place.window_from, self._oldest)
        most, order = place.max_items or self._max_items, DigestOrder(place.digest_order)
        return chosen(
            pool, select(pool, wants, Conditions(most, order, since, sent.stories, sent.at_once)), wants.unnamed
        )
