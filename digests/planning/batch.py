"""One run of planning: what the places of all its batches share, so that it is made once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from digests.compose.select import Choice, Conditions, chosen, select
from digests.compose.wants import BETWEEN_WISHES, Effect, follows_source
from digests.model.digest import DigestOrder, Item, Span
from digests.model.ids import ArticleId, IngestNumber
from digests.model.layout import DigestStyle, Layout
from digests.model.schedule import Schedule, last_slot, next_slot, read_schedule
from digests.model.wish import WishKind
from digests.planning.news import NOTHING_SENT, AlreadySent, News
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
        if self.is_met(key):
            self._kept[key] = value

    def is_met(self, key: KeyT) -> bool:
        """Return whether this was called for the key before, so that what is made for it is worth keeping."""
        number = hash(key)
        if number in self._met:
            return True
        self._met.add(number)
        return False


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


_ORDERS = {str(order): order for order in DigestOrder}


class _Plain(NamedTuple):
    """What places get that have no wishes: `new` is all of it, and `shown` what their digest shows."""

    new: frozenset[int]
    shown: frozenset[int]
    named: frozenset[str]
    since: IngestNumber

    def is_changed_by(self, effects: Sequence[Effect], ingests: Sequence[int]) -> bool:
        """Return whether any of these wishes makes another digest of it."""
        for effect in effects:
            kind, positions = effect.kind, effect.positions
            if kind is WishKind.CAP:
                if len(self.shown & positions) > effect.most:
                    return True
            elif kind is WishKind.WATCH:
                # Words mark also what comes anyway.
                further = positions if effect.words else positions - self.new
                if any(ingests[position] > self.since for position in further):
                    return True
            elif effect.source in self.named or not self.new.isdisjoint(positions):
                return True
        return False


class ChoiceCache:
    """Chooses once for all places that want the same from the same place on, and looks only at what they want."""

    def __init__(self, news: News, max_items: int, oldest: IngestNumber) -> None:
        self._news = news
        self._max_items = max_items
        self._oldest = oldest
        self._made: SecondUseCache[tuple[Any, ...], Choice] = SecondUseCache()
        self._plain: SecondUseCache[tuple[Any, ...], _Plain] = SecondUseCache()

    def reduced(self, place: DuePlace) -> DuePlace:
        """Return the place without wishes if none of them makes another digest, so that it gets what others get.

        Nearly all wishes are about nothing that is new, or about what the place does not follow. A place that follows
        nothing is told of no empty day, whatever words it watches.
        """
        if not place.wanted:
            return place if follows_source(place.wishes) else place._replace(says_empty=0)
        if not place.wishes:
            return place
        effects = self._news.wishes.effects(place.wishes)
        if effects:
            plain = self._plain_of(place)
            if plain is None or plain.is_changed_by(effects, self._news.pool.ingests):
                return place.wishing(BETWEEN_WISHES.join(sorted([effect.wish for effect in effects])))
        return place.wishing("")

    def choose(self, place: DuePlace, sent: AlreadySent) -> Choice:
        """Return the best of what came since a place's last digest, without what it was sent."""
        if place.wishes:
            # Hardly anybody has the same, and those share a whole plan.
            return self._choose(place, sent)
        key = (*_wanted(place), sent.stories, sent.at_once)
        choice = self._made.get(key)
        if choice is None:
            choice = self._choose(place, sent)
            self._made.made(key, choice)
        return choice

    def _choose(self, place: DuePlace, sent: AlreadySent) -> Choice:
        pool = self._news.pool
        wants = self._news.wishes.wants(ids_of(place.wanted), place.wishes)
        return chosen(pool, select(pool, wants, self._conditions(place, sent)), wants.unnamed)

    def _conditions(self, place: DuePlace, sent: AlreadySent = NOTHING_SENT) -> Conditions:
        most, order = place.max_items or self._max_items, _ORDERS[place.digest_order]
        return Conditions(most, order, max(place.window_from, self._oldest), sent.stories, sent.at_once)

    def _plain_of(self, place: DuePlace) -> _Plain | None:
        """Return what the place would get without its wishes; None while no other follows the same."""
        key = _wanted(place)
        plain = self._plain.get(key)
        if plain is None and self._plain.is_met(key):
            pool, conditions = self._news.pool, self._conditions(place)
            found = select(pool, self._news.wishes.wants(ids_of(place.wanted), ""), conditions)
            named = frozenset[str]().union(*map(pool.told_by, found.shown))
            plain = _Plain(frozenset(found.new), frozenset(found.shown), named, conditions.since)
            self._plain.made(key, plain)
        return plain


def _wanted(place: DuePlace) -> tuple[Any, ...]:
    """Return what a place wants but for its wishes, as a key."""
    return place.wanted, place.window_from, place.max_items, place.digest_order
