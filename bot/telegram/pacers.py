"""A pacer: a common rate, and the order in which messages pass it. What one process alone sends keeps to it here."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from bot.telegram.gates import Gate, RateWindow

# How long the system takes until a message is on its way; this matters at low rates.
_SLACK = (0.003, 0.012)
# Turns are a little slower than messages may leave; otherwise messages with a turn would pile up.
_PACE = 0.003
# How much of a stall is made up for. It is more at high rates: `leave` still counts every second, and the number of
# messages under way is bounded elsewhere.
_CATCH_UP_SECONDS = 0.1
_CATCH_UP_AT_SPEED = 0.25
_SPEED = 100.0

# The lowest rank goes first: people by how much they got lately, then people with more of their own waiting, then what
# goes to many.
_STEPS = 4
_CROWDING = _STEPS + 1
_BULK = 2 * _CROWDING

Sleep = Callable[[float], Awaitable[None]]
HasBacklog = Callable[[], bool]
"""Returns whether the chat has more waiting behind what waits here."""


def _rank(chat: Gate | RateWindow, has_backlog: HasBacklog, now: float) -> int:
    return int(_STEPS * chat.load(now)) + (_CROWDING if has_backlog() else 0)


class Pacer(ABC):
    """What waits for its turn at a common rate, in the order in which it passes."""

    def __init__(self, rate: float, now: Callable[[], float], sleep: Sleep) -> None:
        self.rate = rate
        self.sent = 0
        self._now = now
        self._sleep = sleep
        self._second = 1 + min(max(0.36 / rate, _SLACK[0]), _SLACK[1])
        self._is_fast = rate >= _SPEED
        catch_up = _CATCH_UP_AT_SPEED if self._is_fast else _CATCH_UP_SECONDS
        self._gate = Gate(rate / (self._second + _PACE), max(1, math.ceil(rate * catch_up)))
        self._waiting: list[tuple[int, int, asyncio.Future[bool], Gate | RateWindow, HasBacklog]] = []
        self._order = itertools.count(1)
        self._people = 0
        self._many = max(1, math.ceil(rate))
        self._pump: asyncio.Task[None] | None = None

    def turn(self, chat: Gate | RateWindow, *, bulk: bool, has_backlog: HasBacklog) -> asyncio.Future[bool]:
        """Return a future: True once a place here and one of the chat's are taken, False if the chat's is gone."""
        now = self._now()
        if self._is_fast and not self._waiting and self._is_idle(now):
            # Nothing was delayed, so there is nothing to make up for: a burst of hundreds at the start of a broadcast
            # would recur in every following second.
            self._gate.pause(now)
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        rank, order = _BULK, next(self._order)
        if not bulk:
            rank = _rank(chat, has_backlog, now)
            order = -order if self._people >= self._many else order
            self._people += 1
            turn.add_done_callback(self._one_less)
        heapq.heappush(self._waiting, (rank, order, turn, chat, has_backlog))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._let_pass())
        return turn

    @property
    def waiting(self) -> int:
        """How many messages wait for their turn."""
        return len(self._waiting)

    @abstractmethod
    def last_second(self) -> int:
        """Return how many messages left within the last second."""

    def _one_less(self, _turn: asyncio.Future[bool]) -> None:
        self._people -= 1

    @abstractmethod
    def _is_idle(self, now: float) -> bool:
        """Return whether nothing left within the last second."""

    @abstractmethod
    async def leave(self, *, bulk: bool) -> bool:
        """Return True when a message that had its turn may leave; False if that takes so long that it should not."""

    @abstractmethod
    def refused(self, seconds: float) -> None:
        """Let nothing pass for so long: the service said so."""

    async def _has_room(self, *, bulk: bool) -> bool:
        """Return whether one more may have its turn; if not, return once that may have changed."""
        return True

    async def _let_pass(self) -> None:
        while self._waiting:
            wait = self._gate.wait_of(self._now())
            if wait > 0:
                await self._sleep(wait)
                continue
            if not await self._has_room(bulk=self._waiting[0][0] >= _BULK):
                continue
            rank, order, turn, chat, has_backlog = heapq.heappop(self._waiting)
            # A cancelled task, which no longer waits, takes no place.
            if turn.done():
                continue
            now = self._now()
            if rank < _BULK and rank < (worse := _rank(chat, has_backlog, now)):
                heapq.heappush(self._waiting, (worse, order, turn, chat, has_backlog))
                continue
            if chat.wait_of(now) > 0:
                turn.set_result(False)
                continue
            chat.reserve(now)
            self._gate.reserve(now)
            turn.set_result(True)


class LocalPacer(Pacer):
    """The rate of a process that sends alone: it counts what left within the last second by itself."""

    def __init__(self, rate: float, now: Callable[[], float], sleep: Sleep) -> None:
        super().__init__(rate, now, sleep)
        self._left = RateWindow(rate, self._second)

    def _is_idle(self, now: float) -> bool:
        return self._left.is_idle(now)

    def last_second(self) -> int:
        """Return how many messages left within the last second."""
        return self._left.count_since(self._now() - 1.0)

    async def leave(self, *, bulk: bool) -> bool:
        """Return True when a message that had its turn may leave, which is now or in a moment."""
        while (wait := self._left.wait_of(self._now())) > 0:
            await self._sleep(wait)
        self._left.reserve(self._now())
        return True

    def refused(self, seconds: float) -> None:
        """Let nothing pass for so long."""
        self._gate.pause(self._now() + seconds)
