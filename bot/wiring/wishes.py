"""What is done about wishes beside the commands of readers: matching, news at once, forgetting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.wiring.stores import Stores
from config.settings import Settings
from digests.planning.at_once import AtOncePlanner
from digests.planning.matching import Matcher
from digests.planning.news import NewsReader, nothing_to_catch_up
from digests.planning.writing import DigestWriter
from digests.ports import Clock
from digests.readers.place_wishes import PlaceWishes
from digests.storage.deliveries.at_once import AtOnceStore
from digests.storage.deliveries.due import DueStore


@dataclass(frozen=True, slots=True)
class Wishing:
    """Finds out which articles have the words of wishes, and what of that comes at once. `wake` runs a job."""

    matcher: Matcher
    at_once: AtOncePlanner
    clock: Clock
    wake: Callable[[str], None]

    async def match(self) -> None:
        """Hold what was ingested against all wishes, and plan what is to come at once."""
        await self.matcher.catch_up()
        if await self.at_once.plan(self.clock.now()):
            self.wake("deliver")


def build_wishing(
    settings: Settings, clock: Clock, stores: Stores, writer: DigestWriter, wake: Callable[[str], None]
) -> Wishing:
    """Join what is done about wishes over the stores."""
    span = timedelta(days=settings.digest.max_late)
    matcher = Matcher(stores.matches, stores.articles, stores.index, clock, span)
    # What a DueStore keeps is about the stories of one planner.
    news = NewsReader(DueStore(stores.database), stores.articles, stores.categories, nothing_to_catch_up)
    at_once = AtOncePlanner(
        AtOnceStore(stores.database),
        stores.wishes,
        stores.deliveries,
        stores.articles,
        news,
        writer,
        settings.wishes.at_once_per_day,
    )
    return Wishing(matcher, at_once, clock, wake)


def build_place_wishes(settings: Settings, clock: Clock, stores: Stores, matcher: Matcher) -> PlaceWishes:
    """Return the use case that reads and changes what places wish for."""
    most = settings.wishes.most
    return PlaceWishes(
        stores.wishes, stores.index, stores.articles, stores.categories, stores.hidden, matcher, clock, most
    )
