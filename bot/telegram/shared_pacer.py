"""A pacer whose rate several processes share: the database says how many messages may leave, and when.

Each process lets messages have their turns as if it were alone, while few of those are ready to leave. Whatever is
ready waits for a *departure*, a moment at which one message of one process may leave. Those are taken in batches, for
what is ready alone, so a process that is idle or killed has none that it could use later; and they lie evenly one
behind the other, whichever process has them.

A message that is late, since this process was busy, needs another departure: at high rates only after a second, since
what is late there is a small part of the rate. But within any second no more leave than had their departures within
that second: in all processes together never more than the rate.

While the database does not answer, nothing that goes to many leaves. Answers to people do, at a tenth of the rate in
each process.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
from collections.abc import Callable

from bot.telegram.departures import SECOND, DatabaseMoments, Departures
from bot.telegram.gates import Gate, RateWindow
from bot.telegram.pacers import HasBacklog, Pacer, Sleep
from digests.errors import StorageError, level_of
from digests.model.waits import growing_wait
from digests.ports import RateSource

logger = logging.getLogger(__name__)

_LATE_SECONDS = 0.025
"""How late a message may be at low rates: as much as what is kept back of the rate makes up for."""
BATCH_SECONDS = 0.1
"""How much of the rate is taken at once at most."""
_READY_SECONDS = 0.05
"""How much of the rate may be ready to leave before turns wait: enough to use every departure."""
_CAREFUL = 0.1
"""The share of the rate at which each process answers people while the database is away."""
_ANSWER_SECONDS = 2.0
"""How long to wait for the database's answer before it counts as away."""
_LONGEST_PAUSE = 10.0
"""How often to ask again during a pause, in case it was lifted or extended."""
_MOST_SECONDS = 4.0
"""How long a message waits that had its turn: less than any lease on its delivery."""
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0


def _give_up(ready: asyncio.Future[float | None]) -> None:
    if not ready.done():
        ready.set_result(None)


class SharedPacer(Pacer):
    """One process's part of a rate that `source` shares out under `name`."""

    def __init__(self, name: str, rate: float, source: RateSource, now: Callable[[], float], sleep: Sleep) -> None:
        super().__init__(rate, now, sleep)
        self._name = name
        self._source = source
        self._moments = DatabaseMoments()
        self._departures = Departures(SECOND if self._is_fast else _LATE_SECONDS)
        self._careful = Gate(max(rate * _CAREFUL, min(rate, 1.0)), 1)
        # Ready to leave: people before bulk, each in the order in which they came.
        self._ready: list[tuple[bool, int, asyncio.Future[float | None]]] = []
        self._ready_people = 0
        self._most_ready = max(2, math.ceil(rate * _READY_SECONDS))
        self._room = asyncio.Event()
        self._granted = asyncio.Event()
        self._changed = asyncio.Event()
        self._is_idling = False
        self._paused_until = 0.0
        self._untold_until = 0.0
        self._failures = 0
        self._taker: asyncio.Task[None] | None = None
        self._releaser: asyncio.Task[None] | None = None

    def turn(self, chat: Gate | RateWindow, *, bulk: bool, has_backlog: HasBacklog) -> asyncio.Future[bool]:
        """Return a future, as `Pacer.turn` says."""
        turn = super().turn(chat, bulk=bulk, has_backlog=has_backlog)
        if not bulk:
            # There may be room for a person where there is none for bulk.
            self._room.set()
        return turn

    def _is_idle(self, now: float) -> bool:
        return not self._ready and not self._departures.left(now)

    def last_second(self) -> int:
        """Return how many messages of this process left within the last second."""
        return self._departures.left(self._now())

    async def _has_room(self, *, bulk: bool) -> bool:
        if (len(self._ready) if bulk else self._ready_people) < self._most_ready:
            return True
        self._room.clear()
        await self._room.wait()
        return False

    async def leave(self, *, bulk: bool) -> bool:
        """Return True once there is a departure for a message that had its turn; False if there is none for seconds."""
        order, loop = next(self._order), asyncio.get_running_loop()
        while True:
            ready: asyncio.Future[float | None] = loop.create_future()
            given_up = loop.call_later(_MOST_SECONDS, _give_up, ready)
            heapq.heappush(self._ready, (bulk, order, ready))
            self._ready_people += not bulk
            self._run(bulk=bulk)
            try:
                moment = await ready
            except asyncio.CancelledError:
                if ready.done() and not ready.cancelled() and (unused := ready.result()) is not None:
                    self._departures.give_back(unused)
                    self._granted.set()
                self._drop_cancelled()
                raise
            finally:
                given_up.cancel()
                self._ready_people -= not bulk
                self._room.set()
            if moment is None:
                self._drop_cancelled()
                return False
            if self._departures.use(moment, self._now()):
                return True

    def refused(self, seconds: float) -> None:
        """Let nothing pass for so long, in no process."""
        until = self._now() + seconds
        self._pause(until)
        self._untold_until = max(self._untold_until, until)
        self._changed.set()
        self._run(bulk=True)

    def look_again(self) -> None:
        """Let nothing leave before the source is asked again: another process has paused the rate."""
        self._departures.clear()
        self._changed.set()

    def _pause(self, until: float) -> None:
        self._paused_until = max(self._paused_until, until)
        self._gate.pause(until)
        self._departures.clear()

    def _run(self, *, bulk: bool) -> None:
        if self._failures and not bulk:
            self._grant_carefully()
        elif self._is_idling or not bulk:
            self._changed.set()
        if self._taker is None or self._taker.done():
            self._taker = asyncio.create_task(self._take_while_needed())
        if self._releaser is None or self._releaser.done():
            self._releaser = asyncio.create_task(self._release())

    async def _release(self) -> None:
        """Let what is ready leave, each at its departure."""
        while self._drop_cancelled():
            now = self._now()
            bulk, _, ready = self._ready[0]
            if self._failures and bulk:
                upcoming = None
            elif now < self._paused_until:
                upcoming = self._paused_until
            elif (moment := self._departures.lend(now)) is not None:
                heapq.heappop(self._ready)
                ready.set_result(moment)
                continue
            else:
                upcoming = self._departures.next
            if upcoming is not None and upcoming > now:
                await self._sleep(upcoming - now)
                continue
            if self._is_idling:
                # What was there for it may have run out while it was late.
                self._changed.set()
            self._granted.clear()
            await self._granted.wait()

    def _drop_cancelled(self) -> int:
        """Drop what was cancelled from the head of the queue, and return how many are ready."""
        while self._ready and self._ready[0][2].done():
            heapq.heappop(self._ready)
        return len(self._ready)

    async def _take_while_needed(self) -> None:
        try:
            while self._drop_cancelled() or self._untold_until > self._now():
                wait = await self._take_or_fail()
                if wait > 0:
                    await self._changed_within(wait)
        except Exception as error:
            # A fault of ours: whoever waits must learn of it.
            for _, _, ready in self._ready:
                if not ready.done():
                    ready.set_exception(error)
            raise

    async def _take_or_fail(self) -> float:
        """Take departures for what is ready; return how long to wait before asking again."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                if (untold := self._untold_until - self._now()) > 0:
                    await self._source.pause(self._name, self.rate, untold)
                self._untold_until = 0.0
                wait = await self._take()
        except (StorageError, TimeoutError) as error:
            reason = str(error) or f"no answer within {_ANSWER_SECONDS:g} seconds"
            if not self._failures:
                logger.log(
                    level_of(error), "the rate can't be asked for: nothing goes to many", extra={"reason": reason}
                )
            self._failures += 1
            for _ in range(self._ready_people - self._departures.upcoming):
                self._grant_carefully()
            return growing_wait(self._failures - 1, _FIRST_WAIT, _LONGEST_WAIT)
        if self._failures:
            logger.info("the rate can be asked for again")
            self._failures = 0
            self._granted.set()
        return wait

    async def _take(self) -> float:
        covered = self._departures.unused(self._now()) + self._departures.upcoming
        people = self._ready_people - covered
        missing = len(self._ready) - covered
        if missing <= 0:
            return math.inf
        most = people if people > 0 else min(missing, max(1, math.ceil(self.rate * BATCH_SECONDS)))
        taken = await self._source.take(self._name, self.rate, most, urgent=people > 0)
        now = self._now()
        ahead = self._moments.learn(taken.at, now) + taken.at
        if taken.paused > 0:
            self._pause(ahead + taken.paused)
            return min(taken.paused, _LONGEST_PAUSE)
        if not taken.tokens:
            return max(taken.wait, 0.001)
        self._departures.add(ahead + taken.wait + number * taken.interval for number in range(taken.tokens))
        self._granted.set()
        return 0.0

    def _grant_carefully(self) -> None:
        """Give people a departure of this process's own, while the database is away."""
        now = self._now()
        self._departures.add([now + self._careful.reserve(now)])
        self._granted.set()

    async def _changed_within(self, seconds: float) -> None:
        """Return when something has changed, or so many seconds have passed."""
        self._changed.clear()
        if seconds == math.inf:
            self._is_idling = True
            try:
                await self._changed.wait()
            finally:
                self._is_idling = False
            return
        waits = [asyncio.ensure_future(self._changed.wait()), asyncio.ensure_future(self._sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
