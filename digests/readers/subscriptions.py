"""What a place follows, and when its digest comes: the use case behind the commands of readers.

Who may change a group's settings is not asked here; callers ask Telegram first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from digests.errors import InvalidInput
from digests.model.category_tree import Category
from digests.model.digest import DigestOrder
from digests.model.ids import CategoryId, DeliveryId
from digests.model.layout import Layout
from digests.model.place import MOST_ITEMS, MOST_LEAST_ITEMS, Place, PlaceState
from digests.model.schedule import end_of_break, next_slot_of
from digests.model.subscription import SubscriptionChange, following, is_followed, is_woken_by_choosing, unfollowing
from digests.planning.planner import Planner
from digests.storage.articles.categories import CategoryStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.places.places import PlaceStore


class ScheduleChange(TypedDict, total=False):
    """What changes about the digest of a place, each in the form in which a Place has it."""

    time: str
    timezone: str
    weekdays: str
    quiet: str
    least_items: int
    silent: bool
    layout: Layout
    refuses_magazine: bool
    max_items: int
    digest_order: DigestOrder
    says_empty: bool | None
    knows_zone: bool


@dataclass(frozen=True, slots=True)
class Ticks:
    """What a place is subscribed to after categories were ticked or unticked, and the change that this was."""

    followed: frozenset[CategoryId]
    change: SubscriptionChange


class Subscriptions:
    """Changes what a place follows, and whether and when its digest comes. Any method may raise StorageError."""

    def __init__(
        self, places: PlaceStore, categories: CategoryStore, deliveries: DeliveryStore, planner: Planner
    ) -> None:
        self._places = places
        self._categories = categories
        self._deliveries = deliveries
        self._planner = planner

    async def of(self, place: Place) -> frozenset[CategoryId]:
        """Return the categories that a place is subscribed to; what lies below them is followed too."""
        return await self._places.subscriptions(place.id)

    async def wants_anything(self, place: Place) -> bool:
        """Return whether a place follows a category or a source, or watches words: else it is as good as new."""
        return await self._places.wants_anything(place.id)

    async def categories_of(self, place: Place) -> tuple[Category, ...]:
        """Return the categories that a place is subscribed to and readers meet, by their paths."""
        tree, subscribed = await self._categories.readers_tree(), await self.of(place)
        found = (tree.get(category_id) for category_id in subscribed)
        return tuple(sorted((category for category in found if category), key=lambda category: category.path))

    async def is_followed(self, place: Place, category: Category) -> bool:
        """Return whether a place is subscribed to a category, or to one above it."""
        return is_followed(await self._categories.readers_tree(), await self.of(place), category.id)

    async def follow(self, place: Place, category: Category, now: datetime, *, in_setup: bool = False) -> bool:
        """Subscribe a place to a category and all below it; False where it follows that already.

        A new or stopped place gets digests from now on, unless it is `in_setup`, which `finish_setup` ends.
        """
        ticks = await self.tick(place, now, on=[category.id], in_setup=in_setup)
        return bool(ticks.change)

    async def unfollow(self, place: Place, category: Category, now: datetime) -> bool:
        """Have a place follow a category no more; False where it does not follow it.

        Where it is subscribed to one above it, it is subscribed to the rest of that one instead.
        """
        ticks = await self.tick(place, now, off=[category.id])
        return bool(ticks.change)

    async def tick(
        self,
        place: Place,
        now: datetime,
        *,
        on: Collection[CategoryId] = (),
        off: Collection[CategoryId] = (),
        in_setup: bool = False,
    ) -> Ticks:
        """Untick the categories `off`, then tick those `on`, all at once, by the rules of `follow` and `unfollow`.

        Ids that readers don't meet are passed over.
        Return what is followed then, and what that changed: nothing, where all was so already.
        """
        tree, before = await self._categories.readers_tree(), await self.of(place)
        after = before
        for category in filter(None, map(tree.get, off)):
            after = unfollowing(tree, after, category.id).applied_to(after)
        for category in filter(None, map(tree.get, on)):
            after = following(tree, after, category.id).applied_to(after)
        change = SubscriptionChange(begun=after - before, ended=before - after)
        if change:
            await self._apply(place, change, now)
            if on and not in_setup and is_woken_by_choosing(place.state):
                await self._begin(place, now)
        return Ticks(after, change)

    async def unsubscribe(self, place: Place, category_id: CategoryId) -> None:
        """End a subscription, if there is one to this very category."""
        await self._places.unsubscribe(place.id, [category_id])

    async def unsubscribe_from(self, place: Place, name: str) -> Category | None:
        """End the one subscription that `name` means, and return its category; None where it means none or several."""
        tree, subscribed = await self._categories.readers_tree(), await self.of(place)
        named = [category for category in tree.find(name) if category.id in subscribed]
        if len(named) != 1:
            return None
        await self.unsubscribe(place, named[0].id)
        return named[0]

    async def wake(self, place: Place, now: datetime) -> None:
        """Have digests come from now on to a new or stopped place that has wished for something."""
        if is_woken_by_choosing(place.state):
            await self._begin(place, now)

    async def finish_setup(self, place: Place, now: datetime) -> bool:
        """Have digests come from now on; False where nothing is followed or watched, so that none could.

        `first_digest` is for what came before.
        """
        if not await self.wants_anything(place):
            return False
        await self._begin(place, now)
        return True

    async def first_digest(self, place: Place, now: datetime) -> DeliveryId | None:
        """Plan a digest of the latest articles, whatever their age, so that a reader sees what one is like.

        Return the delivery, which is due at once; None where there are no articles yet.
        """
        return await self._planner.plan_first(place.id, now)

    async def digest_now(self, place: Place, now: datetime) -> DeliveryId | None:
        """Plan a digest of what is new, of which the next slot then brings nothing; None where nothing is.

        A place that never had a digest gets its first one instead: somebody who subscribed a moment ago wants to see
        what it is like, and not the little that came since.
        """
        if not await self._deliveries.had_digest(place.id):
            return await self.first_digest(place, now)
        return await self._planner.plan_now(place.id, now)

    async def places_of(self, place: Place) -> tuple[Place, ...]:
        """Return the places whose digests somebody means: the chat's, and those of its topics in a private chat."""
        return await self._places.and_its_topics(place)

    async def pause(self, place: Place) -> None:
        """Have no digest come until `resume`; one then brings all that came meanwhile."""
        await self._places.silence(place.id, PlaceState.PAUSED)

    async def pause_for(self, place: Place, days: int, now: datetime) -> datetime:
        """Have no digest come for some days, and return the slot that ends the break with a digest of it all."""
        until = end_of_break(place, days, now)
        await self._places.pause_until(place.id, until)
        return until

    async def resume(self, place: Place, now: datetime) -> bool:
        """Have digests come again after a pause, a stop or a block; False where nothing is followed or watched.

        The next one brings what came meanwhile.
        """
        if not await self.wants_anything(place):
            return False
        await self._places.activate(place.id, next_slot_of(place, now), now)
        return True

    async def stop(self, place: Place) -> None:
        """Have no digest come any more, nor what waits to be sent; subscriptions and settings stay."""
        await self._places.silence(place.id, PlaceState.STOPPED)

    async def expected(self, place: Place, now: datetime) -> int | None:
        """Return how many articles the next digest would have if it came now; None for a place that gets none."""
        if place.state is not PlaceState.ACTIVE:
            return None
        return (await self._planner.outlook(place, now)).shown

    async def reschedule(self, place: Place, now: datetime, **changed: Unpack[ScheduleChange]) -> Place:
        """Change when the digest comes and how, and return the place with its next slot.

        Raises InvalidInput where no day of the week would be left: no digest at all is what `pause` is for.
        `least_items` and `max_items` are brought within their bounds.
        """
        if changed.get("weekdays") == "":
            raise InvalidInput("A digest needs a day of the week to come on.")
        if "least_items" in changed:
            changed["least_items"] = min(max(changed["least_items"], 1), MOST_LEAST_ITEMS)
        if "max_items" in changed:
            changed["max_items"] = min(max(changed["max_items"], 0), MOST_ITEMS)
        return await self._places.set_schedule(place.id, now, **changed)

    async def speak(self, place: Place, language: str, *, is_chosen: bool) -> None:
        """Have everything in a language that was chosen there or, if it was not, is that of the reader's app."""
        await self._places.set_language(place.id, language, is_chosen=is_chosen)

    async def _begin(self, place: Place, now: datetime) -> None:
        """Have digests come of what arrives after this moment."""
        await self._places.activate(place.id, next_slot_of(place, now), now, from_now=True)

    async def _apply(self, place: Place, change: SubscriptionChange, now: datetime) -> None:
        await self._places.subscribe(place.id, change.begun, now, instead_of=change.ended)
