"""What is measured: the parts of the running bot that count, and the stores that can be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from bot.telegram.reachability import Reachability
from bot.telegram.throttle import Throttle
from bot.updates.inbox import Inbox
from digests.delivery.tally import DeliveryTally
from digests.feeds.looking import FeedLooker
from digests.feeds.overview import FeedOverviews
from digests.ingest.tally import ScanTally
from digests.jobs.tally import JobTally
from digests.ports import Clock
from digests.readers.lookup import Lookup
from digests.storage.cluster.processes import ProcessStore
from digests.storage.people.people import PeopleStore
from digests.storage.statistics.measurements import MeasurementStore


@dataclass(frozen=True, slots=True)
class MonitoredParts:
    """The parts of the bot that are measured; None for what this process does not do.

    `folders` are those that have to take what is written. `late_jobs` returns the names of the jobs that should have
    run, `is_deaf` whether updates should be received and are not, `skew` by how many seconds this machine's clock is
    ahead (None while nobody knows).
    """

    clock: Clock
    measurements: MeasurementStore
    people: PeopleStore
    feeds: FeedOverviews
    deliveries: DeliveryTally
    scans: ScanTally
    looker: FeedLooker
    lookup: Lookup
    jobs: JobTally
    throttle: Throttle
    reachability: Reachability
    inbox: Inbox
    late_jobs: Callable[[], list[str]]
    is_deaf: Callable[[], bool]
    skew: Callable[[], float | None]
    folders: tuple[Path, ...]


@runtime_checkable
class ComparedClock(Protocol):
    """A clock that goes by the database's time, and knows how far this machine's is ahead of that."""

    @property
    def skew(self) -> float:
        """Seconds by which this machine's clock is ahead."""
        ...


def skew_of(clock: Clock, reachability: Reachability) -> float | None:
    """Return by how many seconds this machine's clock is ahead of the database's, else of Telegram's, if known."""
    return clock.skew if isinstance(clock, ComparedClock) else reachability.skew


async def worst_skew(clock: Clock, reachability: Reachability, processes: ProcessStore) -> float | None:
    """Return the same of that process whose machine's clock is furthest off, whichever asks. May raise StorageError."""
    own = skew_of(clock, reachability)
    if not isinstance(clock, ComparedClock):
        return own
    return max((process.skew for process in await processes.alive(clock.now())), key=abs, default=own)
