"""A round of looks: as long as feeds are due, so many are asked at once, and what comes of it is stored in batches."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from digests.feeds.look import FinishedLook, HostRest, LookMaker
from digests.feeds.queue import FeedQueue
from digests.model.feed import Feed, FeedId, FeedLook, FeedTrouble
from digests.ports import Clock, OnProgress
from digests.storage.feeds.feeds import FeedStore

_PAGE = 250
_MOST_WAITING = 2_000
_BATCH = 50
_STORE_SECONDS = 2.0
_ASK_AGAIN_SECONDS = 5.0
_PUBLISH_SECONDS = 10.0
_TURN_SECONDS = 15.0


@dataclass(slots=True)
class LookReport:
    """What a round came to: feeds that were looked at, that failed, and whose body was read; articles; and its time.

    `troubles` are why looks failed, and how many of them.
    """

    looked: int = 0
    failed: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    troubles: Counter[FeedTrouble] = field(default_factory=Counter)

    def add(self, finished: FinishedLook) -> None:
        """Count a look."""
        self.looked += 1
        if (fault := finished.look.state.fault) is not None:
            self.failed += 1
            self.troubles[fault.trouble] += 1
        self.read += finished.is_read
        self.new += finished.report.new
        self.changed += finished.report.changed
        self.duplicates += finished.report.duplicates


class LookingRound:
    """Looks at each feed that is due, once. `keep_turn` returns whether this process may go on looking."""

    def __init__(
        self,
        feeds: FeedStore,
        maker: LookMaker,
        queue: FeedQueue,
        clock: Clock,
        at_once: int,
        keep_turn: Callable[[], Awaitable[bool]],
        publish: Callable[[], Awaitable[None]],
        progress: OnProgress,
    ) -> None:
        self.report = LookReport()
        self._feeds = feeds
        self._maker = maker
        self._queue = queue
        self._clock = clock
        self._at_once = at_once
        self._keep_turn = keep_turn
        self._publish = publish
        self._progress = progress
        self._running: dict[asyncio.Task[FinishedLook], Feed] = {}
        self._known: set[FeedId] = set()
        self._last: Feed | None = None
        self._exhausted_at: float | None = None
        self._finished: list[FeedLook] = []
        self._rests: list[HostRest] = []
        self._resting: set[FeedId] = set()
        self._stored_at = self._published_at = self._turn_at = monotonic()
        self._unpublished = 0
        self._publishing: asyncio.Task[None] | None = None
        self._stopped = False

    def stop(self) -> None:
        """Begin with no more feeds."""
        self._stopped = True

    async def run(self) -> None:
        """Look until nothing is due any more.

        Raises:
            DigestsError: Nothing can be stored or read; what is under way is abandoned, and due again.
        """
        try:
            while await self._fill() or self._running:
                await self._wait()
                await self._store(at_least=_BATCH)
                await self._keep()
        finally:
            await self._end()
        await self._publish_now()

    async def _fill(self) -> bool:
        """Have as many feeds asked as may be at once, and return whether any is left to wait for."""
        while not self._stopped and len(self._running) < self._at_once:
            feed = self._queue.take(monotonic())
            if feed is not None:
                self._running[asyncio.ensure_future(self._maker.look(feed))] = feed
            elif not await self._more():
                break
        return bool(self._queue) and not self._stopped

    async def _more(self) -> bool:
        """Have more of what is due wait, and return whether there may be still more."""
        if len(self._queue) >= _MOST_WAITING:
            return False
        if self._exhausted_at is not None and monotonic() - self._exhausted_at < _ASK_AGAIN_SECONDS:
            return False
        page = await self._feeds.due(self._clock.now(), _PAGE, self._last)
        self._exhausted_at = None if len(page) == _PAGE else monotonic()
        if page:
            self._last = page[-1]
        fresh = [feed for feed in page if feed.id not in self._known]
        self._known.update(feed.id for feed in fresh)
        self._queue.add(fresh)
        return bool(page)

    async def _wait(self) -> None:
        """Wait until a look has ended, or a host may be asked again."""
        waits = [_STORE_SECONDS]
        if len(self._running) < self._at_once and (wait := self._queue.seconds_to_wait(monotonic())) is not None:
            waits.append(max(wait, 0.0))
        if not self._running:
            await asyncio.sleep(min(waits))
            return
        await asyncio.wait(self._running, timeout=min(waits), return_when=asyncio.FIRST_COMPLETED)
        for error in self._collect():
            raise error

    def _collect(self) -> list[BaseException]:
        """Note the looks that have ended, and return the errors that others ended with."""
        errors = []
        for task in [task for task in self._running if task.done()]:
            feed = self._running.pop(task)
            self._queue.done(feed, monotonic())
            if task.cancelled():
                continue
            if (error := task.exception()) is not None:
                errors.append(error)
            else:
                self._note(task.result())
        return errors

    def _note(self, finished: FinishedLook) -> None:
        self._finished.append(finished.look)
        if (rest := finished.rest) is not None:
            self._rests.append(rest)
            self._resting.update(feed.id for feed in self._queue.give_up(rest.host))
        self.report.add(finished)
        self._unpublished += finished.report.new + finished.report.changed
        self._progress(self.report.looked, self.report.looked + len(self._running) + len(self._queue))

    async def _store(self, at_least: int) -> None:
        """Store what looks have left, if it is so much, or has waited for some time."""
        is_late = monotonic() - self._stored_at > _STORE_SECONDS
        if self._finished and (is_late or len(self._finished) >= at_least):
            looks, self._finished = self._finished, []
            await self._feeds.store_looks(looks)
            self._known.difference_update(look.feed.id for look in looks)
            await self._store_rests()
        if not self._finished:
            self._stored_at = monotonic()

    async def _store_rests(self) -> None:
        """Have the feeds of hosts that want to be left alone wait; they were known, so that none was asked since."""
        rests, self._rests = self._rests, []
        for rest in rests:
            await self._feeds.rest_host(rest.host, rest.until, has_routes=rest.has_routes)
        self._known.difference_update(self._resting)
        self._resting.clear()

    async def _keep(self) -> None:
        """Keep the turn to look at feeds, and have news published now and then in a long round."""
        now = monotonic()
        if now - self._turn_at > _TURN_SECONDS:
            self._turn_at = now
            if not await self._keep_turn():
                self.stop()
        is_free = self._publishing is None or self._publishing.done()
        if self._unpublished and is_free and now - self._published_at > _PUBLISH_SECONDS:
            self._publishing = asyncio.ensure_future(self._publish_now())

    async def _publish_now(self) -> None:
        if self._unpublished:
            self._unpublished = 0
            await self._publish()
            self._published_at = monotonic()

    async def _end(self) -> None:
        """Abandon what is still under way, after a fault or when the bot stops, and store what has ended."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=1)
            self._collect()
        await self._store(at_least=1)
        if self._publishing is not None:
            await self._publishing
