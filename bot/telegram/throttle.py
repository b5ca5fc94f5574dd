"""When a message may leave: Telegram's rates, kept by us, with people before bulk.

Three gates: all messages together, each chat, each group. A gate is a rate with a small burst (GCRA: one number
per chat, the time at which its bucket would be full again); a group's is a window, since Telegram counts its minute.
What a person waits for passes the common gate before anything that goes to many.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from bot.telegram.limits import CHAT_BURST, CHAT_RATE

_EVERYTHING_AFTER = 3
_WITHIN_SECONDS = 1.0
_FORGET_ABOVE = 10_000


class Gate:
    """A rate with a burst. Times are seconds of one monotonic clock; pure but for its one number."""

    __slots__ = ("_burst", "_interval", "_ready")

    def __init__(self, rate: float, burst: int) -> None:
        self._interval = 1 / rate
        self._burst = (burst - 1) / rate
        self._ready = 0.0

    def reserve(self, now: float) -> float:
        """Takes the next place; how long to wait for it."""
        at = max(self._ready, now)
        self._ready = at + self._interval
        return max(0.0, at - self._burst - now)

    def wait_of(self, now: float) -> float:
        """How long the next place is away, without taking it."""
        return max(0.0, max(self._ready, now) - self._burst - now)

    def pause(self, until: float) -> None:
        """Nothing before `until`, and no burst right after it."""
        self._ready = max(self._ready, until + self._burst)

    def is_idle(self, now: float) -> bool:
        return self._ready <= now


class Window:
    """At most `limit` messages in any `seconds`: what a group allows, however they are spread."""

    __slots__ = ("_earliest", "_seconds", "_times")

    def __init__(self, limit: float, seconds: float) -> None:
        self._seconds = seconds
        self._earliest = 0.0
        self._times: deque[float] = deque(maxlen=max(1, int(limit)))

    def reserve(self, now: float) -> float:
        at = max(now, self._earliest)
        if len(self._times) == self._times.maxlen:
            at = max(at, self._times[0] + self._seconds)
        self._times.append(at)
        return at - now

    def pause(self, until: float) -> None:
        self._earliest = max(self._earliest, until)

    def is_idle(self, now: float) -> bool:
        return self._earliest <= now and (not self._times or self._times[-1] + self._seconds <= now)


class Throttle:
    """One for the whole bot. `pass_` returns when the message may leave."""

    def __init__(
        self,
        rate: float,
        group_rate: float,
        chat_rate: float = CHAT_RATE,
        *,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._group_rate = group_rate
        self._chat_rate = chat_rate
        # One message at a time, evenly: a burst would put more than `rate` into some one second.
        self._common = Gate(rate, 1)
        self._chats: dict[int | str, Gate | Window] = {}
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._pump: asyncio.Task[None] | None = None
        self._refused: deque[tuple[float, int | str]] = deque()

    async def pass_(self, chat: int | str, *, bulk: bool = False) -> None:
        """Waits for the chat's gate, then for the common one; a person's message overtakes `bulk` there."""
        wait = self._gate(chat).reserve(self._now())
        if wait > 0:
            await self._sleep(wait)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (bulk, next(self._order), turn))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._let_pass())
        await turn

    def refused(self, chat: int | str, seconds: float) -> None:
        """Telegram said 429: this chat waits; when three chats are told so within a second, all do."""
        now = self._now()
        self._gate(chat).pause(now + seconds)
        self._refused.append((now, chat))
        while self._refused and self._refused[0][0] < now - _WITHIN_SECONDS:
            self._refused.popleft()
        if len({one for _, one in self._refused}) >= _EVERYTHING_AFTER:
            self._common.pause(now + seconds)

    async def _let_pass(self) -> None:
        while self._waiting:
            wait = self._common.wait_of(self._now())
            if wait > 0:
                await self._sleep(wait)
                continue
            _, _, turn = heapq.heappop(self._waiting)
            # Who gave up waiting (a cancelled task) takes no place.
            if not turn.done():
                self._common.reserve(self._now())
                turn.set_result(None)

    def _gate(self, chat: int | str) -> Gate | Window:
        gate = self._chats.get(chat)
        if gate is None:
            if len(self._chats) > _FORGET_ABOVE:
                now = self._now()
                self._chats = {one: kept for one, kept in self._chats.items() if not kept.is_idle(now)}
            group = isinstance(chat, str) or chat < 0
            gate = Window(self._group_rate, 60) if group else Gate(self._chat_rate, CHAT_BURST)
            self._chats[chat] = gate
        return gate
