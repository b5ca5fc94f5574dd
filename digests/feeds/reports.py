"""Telling those who look after the bot of feeds that bring nothing any more: each trouble once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from digests.feeds.health import LEAST_SILENCE, health_of
from digests.model.feed import Feed, FeedHealth, FeedId

logger = logging.getLogger(__name__)

_LEAST_BETWEEN = timedelta(hours=20)
_TOLD = "feeds told of"
"""The fact under which the time of the last message is kept."""
_GRAVITY = ("", FeedHealth.SILENT, FeedHealth.FAILING, FeedHealth.DUPLICATE, FeedHealth.GONE)
"""What may be reported about a feed, from mild to bad; "" comes before all of them."""


@dataclass(frozen=True, slots=True)
class FeedConcern:
    """A feed that somebody should look after: silent, failing, a duplicate or gone."""

    feed: Feed
    health: FeedHealth


class FeedsToReport(Protocol):
    """The feeds, with what was reported about them. Methods may raise StorageError."""

    async def ailing(self, silent_since: datetime) -> Sequence[Feed]:
        """Return the feeds of which something was told, that fail, or that brought nothing since then."""

    async def note_reported(self, reported: Mapping[FeedId, str]) -> None:
        """Store what was reported about each of these feeds, "" for nothing; the rest of its state stays as it is."""


class NotedFacts(Protocol):
    """Facts that outlast a restart (`digests.storage.people.people.PeopleStore`). Methods may raise StorageError."""

    async def note(self, name: str, value: str, now: datetime) -> None:
        """Store a fact."""

    async def fact(self, name: str) -> tuple[str, datetime] | None:
        """Return a fact and when it was stored."""


Tell = Callable[[Sequence[FeedConcern]], Awaitable[bool]]
"""Tells the admins of some feeds at once, the gravest first, and returns whether anybody got it."""


class FeedReporter:
    """Finds the feeds of which the admins don't know yet."""

    def __init__(self, feeds: FeedsToReport, facts: NotedFacts, tell: Tell) -> None:
        self._feeds = feeds
        self._facts = facts
        self._tell = tell

    async def report(self, now: datetime) -> int:
        """Tell of what needs looking after since lately, all of it at once; return of how many feeds that was.

        That is done once a day at most: where there are very many feeds, some become so every hour. What is told is
        written down before: a process that dies in between has told too little, which the doctor makes up for, and
        never anything twice. What is well again is forgotten. May raise StorageError.
        """
        feeds = await self._feeds.ailing(now - LEAST_SILENCE)
        judged = [(feed, health_of(feed, now)) for feed in feeds]
        well = [feed.id for feed, health in judged if feed.state.reported and _is_well(health)]
        graver = (FeedConcern(feed, health) for feed, health in judged if _is_graver(feed, health))
        concerns = by_gravity(graver)
        if concerns and not await self._may_tell(now):
            concerns = []
        changes = dict.fromkeys(well, "") | {concern.feed.id: str(concern.health) for concern in concerns}
        if changes:
            await self._feeds.note_reported(changes)
        if concerns and not await self._tell(concerns):
            logger.info("nobody could be told of feeds that need looking after", extra={"feeds": len(concerns)})
            await self._feeds.note_reported({concern.feed.id: concern.feed.state.reported for concern in concerns})
            return 0
        if concerns:
            await self._facts.note(_TOLD, str(len(concerns)), now)
        return len(concerns)

    async def _may_tell(self, now: datetime) -> bool:
        """Return whether the last message is long enough ago; abs: the clock may have been set back."""
        told = await self._facts.fact(_TOLD)
        return told is None or abs(now - told[1]) >= _LEAST_BETWEEN


def by_gravity(concerns: Iterable[FeedConcern]) -> list[FeedConcern]:
    """Return them with what is gone first, then duplicates, what fails, and what is silent, each by title."""
    return sorted(
        concerns, key=lambda concern: (-_GRAVITY.index(concern.health), concern.feed.title.casefold(), concern.feed.id)
    )


def _is_well(health: FeedHealth) -> bool:
    """Return whether what was told is over; of a feed that an admin paused, nobody knows."""
    return health in (FeedHealth.FINE, FeedHealth.NEW)


def _is_graver(feed: Feed, health: FeedHealth) -> bool:
    """Return whether it is worse than what was reported: one that is failing and silent by turns is reported twice."""
    if health not in _GRAVITY:
        return False
    told = feed.state.reported
    return _GRAVITY.index(health) > (_GRAVITY.index(told) if told in _GRAVITY else 0)
