"""Looking at feeds: those that are due are asked, a few at once, and what is new in them is taken in."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic

from digests.feeds.look import LookMaker, LookOptions
from digests.feeds.looking_round import LookingRound, LookReport
from digests.feeds.queue import FeedQueue
from digests.feeds.schedule import LONGEST_AHEAD
from digests.ports import Clock, OnProgress, no_progress
from digests.storage.cluster.leases import LeaseStore
from digests.storage.feeds.feeds import FeedStore

logger = logging.getLogger(__name__)

FEEDS = "looking at feeds"
"""What one process does at a time: its lease."""
_LEASE = timedelta(seconds=60)
_looking: set[str] = set()
"""Those of this process who are at it."""
_TIDY_SECONDS = 3600.0
_PAUSE_SECONDS = 60.0
"""After a round that failed, servers are not asked again for what could not be stored."""


class FeedLooker:
    """Looks at what is due, in rounds. A process that dies in one loses nothing: the next round makes up for it.

    `publish` makes what came in searchable and tells who waits for news; it is called once after a round, and now and
    then in a long one.
    """

    def __init__(
        self,
        feeds: FeedStore,
        leases: LeaseStore,
        maker: LookMaker,
        clock: Clock,
        options: LookOptions,
        publish: Callable[[], Awaitable[None]],
    ) -> None:
        self._feeds = feeds
        self._leases = leases
        self._maker = maker
        self._clock = clock
        self._options = options
        self._publish = publish
        self._owner = f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._alone = asyncio.Lock()
        self._round: LookingRound | None = None
        self._not_before = 0.0
        self._tidied_at = monotonic()
        self._stopped = False
        self.looks: Counter[str] = Counter()
        """How many looks there were, by what they came to: "read", "unchanged", or the trouble."""
        self.articles: Counter[str] = Counter()
        """How many articles feeds brought, by whether they were "new", "changed" or "duplicate"."""

    async def look_at_due(self, progress: OnProgress = no_progress) -> LookReport:
        """Look at all feeds that are due; nothing is done while another process is at it.

        While another call is at it, this one waits for its end, and looks at what is due then.

        Raises:
            StorageError: The database failed; what was not stored is looked at again.
            ProcessUnavailable: Nothing can be read now.
        """
        async with self._alone:
            return await self._look_at_due(progress)

    async def _look_at_due(self, progress: OnProgress) -> LookReport:
        started = monotonic()
        if self._stopped or started < self._not_before or not await self._is_any_due():
            return LookReport()
        if not await self._take_turn():
            return LookReport()
        queue = FeedQueue(self._options.rsshub, self._options.host_seconds)
        self._round = LookingRound(
            self._feeds,
            self._maker,
            queue,
            self._clock,
            self._options.at_once,
            self._take_turn,
            self._publish,
            progress,
        )
        _looking.add(self._owner)
        try:
            await self._round.run()
        except Exception:
            self._not_before = monotonic() + _PAUSE_SECONDS
            raise
        finally:
            report, self._round = self._round.report, None
            report.seconds = monotonic() - started
            self._count(report)
            _looking.discard(self._owner)
            await self._leases.release(FEEDS, self._owner)
        if report.new and monotonic() - self._tidied_at > _TIDY_SECONDS:
            self._tidied_at = monotonic()
            await self._maker.tidy()
        _log(report)
        return report

    def _count(self, report: LookReport) -> None:
        self.looks.update({str(trouble): number for trouble, number in report.troubles.items()})
        self.looks["read"] += report.read
        self.looks["unchanged"] += report.looked - report.failed - report.read
        self.articles.update(new=report.new, changed=report.changed, duplicate=report.duplicates)

    async def repair_moments(self) -> int:
        """Make due what waits longer than it can, as after the clock was wrong; return how many feeds that were."""
        return await self._feeds.set_back(self._clock.now(), LONGEST_AHEAD)

    def stop(self) -> None:
        """Begin with no more feeds; those under way are finished."""
        self._stopped = True
        if self._round is not None:
            self._round.stop()

    async def _is_any_due(self) -> bool:
        moment = await self._feeds.next_moment()
        return moment is not None and moment <= self._clock.now()

    async def _take_turn(self) -> bool:
        """Take the turn to look at feeds, from another process too where that has died on this machine."""
        holder = await self._leases.holder(FEEDS)
        instead_of = holder if holder and _is_dead(holder) else ""
        now = self._clock.now()
        return await self._leases.take(FEEDS, self._owner, now, now + _LEASE, instead_of=instead_of)


def _is_dead(owner: str) -> bool:
    """Return whether the process that calls itself so is known to have ended."""
    machine, pid, _ = owner.rsplit(":", 2)
    if machine != platform.node() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        # A container gives each start the same number: whoever had it before is gone.
        return owner not in _looking
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _log(report: LookReport) -> None:
    if report.new or report.changed:
        logger.info(
            "feeds read",
            extra={
                "looked_at": report.looked,
                "failed": report.failed,
                "new": report.new,
                "changed": report.changed,
                "duplicates": report.duplicates,
            },
        )
