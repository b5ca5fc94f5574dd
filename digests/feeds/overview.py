"""How all feeds are: their numbers, and those that somebody should look after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digests.feeds.health import LEAST_SILENCE, health_of
from digests.feeds.reports import FeedConcern, by_gravity
from digests.model.feed import Feed, FeedHealth
from digests.storage.feeds.counts import FeedCounts

_CONCERNS = (FeedHealth.GONE, FeedHealth.DUPLICATE, FeedHealth.FAILING, FeedHealth.SILENT)


@dataclass(frozen=True, slots=True)
class FeedOverview:
    """How all feeds are.

    `counts` are in the order of FeedHealth, without those of which there are none. `concerns` are the feeds that are
    gone, duplicates, failing or silent, the gravest first. `full_text` want the pages of their articles to be read.
    """

    counts: Mapping[FeedHealth, int]
    concerns: tuple[FeedConcern, ...] = ()
    full_text: int = 0


class AilingFeeds(Protocol):
    """The feeds that may be silent or fail (`digests.storage.feeds.feeds.FeedStore`)."""

    async def ailing(self, silent_since: datetime) -> Sequence[Feed]:
        """Return the feeds of which something was told, that fail, or that brought nothing since then."""
        ...


class CountedFeeds(Protocol):
    """The numbers of all feeds (`digests.storage.feeds.counts.FeedCountStore`)."""

    async def counts(self) -> FeedCounts:
        """Count all feeds."""
        ...


class FeedOverviews:
    """Says how the feeds are. Any method may raise StorageError."""

    def __init__(self, feeds: AilingFeeds, counted: CountedFeeds) -> None:
        self._feeds = feeds
        self._counted = counted

    async def overview(self, now: datetime) -> FeedOverview:
        """Return how all feeds are now, by two queries."""
        numbers = await self._counted.counts()
        if not numbers.total:
            return FeedOverview({})
        judged = [(feed, health_of(feed, now)) for feed in await self._feeds.ailing(now - LEAST_SILENCE)]
        concerns = by_gravity(FeedConcern(feed, health) for feed, health in judged if health in _CONCERNS)
        counts = Counter(concern.health for concern in concerns)
        counts[FeedHealth.PAUSED] = numbers.paused
        unread = sum(1 for concern in concerns if concern.feed.state.read_at is None)
        counts[FeedHealth.NEW] = max(0, numbers.unread - unread)
        counts[FeedHealth.FINE] = max(0, numbers.total - counts.total())
        ordered = {health: counts[health] for health in FeedHealth if counts[health]}
        return FeedOverview(ordered, tuple(concerns), numbers.full_text)
