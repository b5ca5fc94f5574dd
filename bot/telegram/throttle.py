"""Decides when a message may leave: keeps to Telegram's rates, and sends to people before bulk.

There are three gates: for all messages together, for each chat, and for each group. A gate is a rate with a small burst
(GCRA: one number per chat, the time at which its bucket would be full again); a group's gate is a window, since
Telegram counts its messages per minute.

What a person waits for passes the common gate before anything that goes to many. Among people, those come first who got
the least lately, and those with more waiting come last, so nobody's flood delays anybody else. While more than a
second's worth of people wait, the newest goes first: somebody has to wait long then, but whoever has just asked need
not. Paid messages have their own common gate, as they do at Telegram.

Between a turn and the moment when the message leaves, the ledger commits, which does not always take equally long. So
`leave` counts again what really left: never more per second than the rate, however the turns bunch up.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple

from bot.limits import CHAT_BURST, CHAT_RATE

_EVERYTHING_AFTER = 3
_WITHIN_SECONDS = 1.0
_FORGET_ABOVE = 10_000
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


def _alone() -> bool:
    return False


class Gate:
    """A rate with a burst, whose state is one number. Times are seconds of a monotonic clock."""

    __slots__ = ("_burst", "_interval", "_ready")

    def __init__(self, rate: float, burst: int) -> None:
        self._interval = 1 / rate
        self._burst = (burst - 1) / rate
        self._ready = 0.0

    def reserve(self, now: float) -> float:
        """Take the next place, and return how long to wait for it."""
        at = max(self._ready, now)
        self._ready = at + self._interval
        return max(0.0, at - self._burst - now)

    def wait_of(self, now: float) -> float:
        """Return how far away the next place is, without taking it."""
        return max(0.0, max(self._ready, now) - self._burst - now)

    def pause(self, until: float) -> None:
        """Give no place before `until`, and no burst right after it."""
        self._ready = max(self._ready, until + self._burst)

    def is_idle(self, now: float) -> bool:
        """Return whether it is as if nothing had ever passed."""
        return self._ready <= now

    def load(self, now: float) -> float:
        """Return how much of the burst is used up, from 0 to 1."""
        return min(1.0, max(0.0, self._ready - now) / max(self._burst, self._interval))


class RateWindow:
    """At most `limit` messages in any `seconds`, however they are spread."""

    __slots__ = ("_earliest", "_seconds", "_times")

    def __init__(self, limit: float, seconds: float) -> None:
        places = max(1, int(limit))
        self._seconds = seconds * places / limit
        self._earliest = 0.0
        self._times: deque[float] = deque(maxlen=places)

    def reserve(self, now: float) -> float:
        """Take the next place, and return how long to wait for it."""
        at = now + self.wait_of(now)
        self._times.append(at)
        return at - now

    def wait_of(self, now: float) -> float:
        """Return how far away the next place is, without taking it."""
        at = max(now, self._earliest)
        if len(self._times) == self._times.maxlen:
            at = max(at, self._times[0] + self._seconds)
        return at - now

    def pause(self, until: float) -> None:
        """Give no place before `until`."""
        self._earliest = max(self._earliest, until)

    def count_since(self, since: float) -> int:
        """Return how many of the last messages, at most `limit`, passed since then."""
        return sum(at > since for at in self._times)

    def is_idle(self, now: float) -> bool:
        """Return whether it is as if nothing had ever passed."""
        return self._earliest <= now and (not self._times or self._times[-1] + self._seconds <= now)

    def load(self, now: float) -> float:
        """Return how much of the limit is used up, from 0 to 1."""
        recent = sum(at + self._seconds > now for at in self._times)
        return recent / (self._times.maxlen or 1)


def _rank(chat: Gate | RateWindow, has_backlog: HasBacklog, now: float) -> int:
    return int(_STEPS * chat.load(now)) + (_CROWDING if has_backlog() else 0)


class _Lane:
    """A common rate: what waits for a turn, and what left within the last second."""

    def __init__(self, rate: float, now: Callable[[], float], sleep: Sleep) -> None:
        self._now = now
        self._sleep = sleep
        second = 1 + min(max(0.36 / rate, _SLACK[0]), _SLACK[1])
        self._is_fast = rate >= _SPEED
        catch_up = _CATCH_UP_AT_SPEED if self._is_fast else _CATCH_UP_SECONDS
        self._gate = Gate(rate / (second + _PACE), max(1, math.ceil(rate * catch_up)))
        self._left = RateWindow(rate, second)
        self._waiting: list[tuple[int, int, asyncio.Future[bool], Gate | RateWindow, HasBacklog]] = []
        self._order = itertools.count(1)
        self.rate = rate
        self.sent = 0
        self._people = 0
        self._many = max(1, math.ceil(rate))
        self._pump: asyncio.Task[None] | None = None

    def turn(self, chat: Gate | RateWindow, *, bulk: bool, has_backlog: HasBacklog) -> asyncio.Future[bool]:
        """Return a future: True once a place here and one of the chat's are taken, False if the chat's is gone."""
        now = self._now()
        if self._is_fast and not self._waiting and self._left.is_idle(now):
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

    def _one_less(self, _turn: asyncio.Future[bool]) -> None:
        self._people -= 1

    async def leave(self) -> None:
        while (wait := self._left.wait_of(self._now())) > 0:
            await self._sleep(wait)
        self._left.reserve(self._now())
        self.sent += 1

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def sent_within(self, seconds: float) -> int:
        return self._left.count_since(self._now() - seconds)

    def pause(self, until: float) -> None:
        self._gate.pause(until)

    async def _let_pass(self) -> None:
        while self._waiting:
            wait = self._gate.wait_of(self._now())
            if wait > 0:
                await self._sleep(wait)
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


class LaneUse(NamedTuple):
    """A common rate in messages a second, how many left within the last second and ever, and how many wait."""

    rate: float
    last_second: int
    sent: int
    waiting: int


class Throttle:
    """All rates of the bot. `pass_` returns when a message has its turn; `leave` is called right before it leaves.

    `paid_rate` is the rate of paid messages; None if no message is paid for.
    """

    def __init__(
        self,
        rate: float,
        group_rate: float,
        chat_rate: float = CHAT_RATE,
        *,
        paid_rate: float | None = None,
        now: Callable[[], float] = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._group_rate = group_rate
        self._chat_rate = chat_rate
        self._common = _Lane(rate, now, sleep)
        self._paid = self._common if paid_rate is None else _Lane(paid_rate, now, sleep)
        self._chats: dict[int | str, Gate | RateWindow] = {}
        self._refused: deque[tuple[float, int | str]] = deque()
        self.refusals = 0
        """How many requests were told to wait (429)."""

    async def pass_(
        self,
        chat: int | str,
        *,
        bulk: bool = False,
        paid: bool = False,
        patience: float = math.inf,
        has_backlog: HasBacklog = _alone,
    ) -> float:
        """Wait for the chat's gate and for the common one, where a person's message overtakes `bulk`.

        Returns 0 when the message may leave. If the chat's turn is farther away than `patience`, returns at once how
        many seconds away it is, and takes nothing.
        """
        gate = self._gate(chat)
        lane = self._paid if paid else self._common
        while True:
            wait = gate.wait_of(self._now())
            if wait > patience:
                return wait
            if wait > 0:
                await self._sleep(wait)
            if await lane.turn(gate, bulk=bulk, has_backlog=has_backlog):
                return 0.0

    async def leave(self, *, paid: bool = False) -> None:
        """Wait until the message may really leave, which is now or in a moment."""
        await (self._paid if paid else self._common).leave()

    def refused(self, chat: int | str, seconds: float) -> None:
        """Make this chat wait after a 429; after a 429 for three chats within a second, everything waits."""
        now = self._now()
        self.refusals += 1
        self._gate(chat).pause(now + seconds)
        self._refused.append((now, chat))
        while self._refused and self._refused[0][0] < now - _WITHIN_SECONDS:
            self._refused.popleft()
        if len({refused for _, refused in self._refused}) >= _EVERYTHING_AFTER:
            self._common.pause(now + seconds)
            self._paid.pause(now + seconds)

    def use(self) -> dict[str, LaneUse]:
        """Return how much of each common rate is used: "free", and "paid" where messages may be paid for."""
        lanes = {"free": self._common} | ({"paid": self._paid} if self._paid is not self._common else {})
        return {
            name: LaneUse(lane.rate, lane.sent_within(1.0), lane.sent, lane.waiting) for name, lane in lanes.items()
        }

    def _gate(self, chat: int | str) -> Gate | RateWindow:
        gate = self._chats.get(chat)
        if gate is None:
            if len(self._chats) > _FORGET_ABOVE:
                now = self._now()
                self._chats = {other: kept for other, kept in self._chats.items() if not kept.is_idle(now)}
            group = isinstance(chat, str) or chat < 0
            gate = RateWindow(self._group_rate, 60) if group else Gate(self._chat_rate, CHAT_BURST)
            self._chats[chat] = gate
        return gate
