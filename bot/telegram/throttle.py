"""Decides when a message may leave: keeps to Telegram's rates, and sends to people before bulk.

There are three gates: for all messages together, for each chat, and for each group. A gate is a rate with a small burst
(GCRA: one number per chat, the time at which its bucket would be full again); a group's gate is a window, since
Telegram counts its messages per minute.

What a person waits for passes the common gate before anything that goes to many. Among people, those come first who got
the least lately, and those with more waiting come last, so nobody's flood delays anybody else. While more than a
second's worth of people wait, the newest goes first: somebody has to wait long then, but whoever has just asked need
not. Paid messages have their own common gate, as they do at Telegram.

Between a turn and the moment when the message leaves, the ledger commits, which does not always take equally long. So
`leave` counts again what really left: never more per second than the rate, however the turns bunch up. Where several
processes share the rate, `leave` is where each message waits for a departure that the database gave its process.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Collection
from time import monotonic
from typing import NamedTuple

from bot.limits import CHAT_BURST, CHAT_RATE
from bot.telegram.gates import Gate, RateWindow
from bot.telegram.pacers import HasBacklog, LocalPacer, Sleep
from bot.telegram.shared_pacer import SharedPacer
from digests.ports import RateSource

_EVERYTHING_AFTER = 3
_WITHIN_SECONDS = 1.0
_FORGET_ABOVE = 10_000
_MINUTE = 60.0


def _alone() -> bool:
    return False


class RateUse(NamedTuple):
    """A common rate in messages a second, how many left within the last second and ever, and how many wait.

    Where several processes share a rate, the numbers are those of this process.
    """

    rate: float
    last_second: int
    sent: int
    waiting: int


class Throttle:
    """All rates of the bot. `pass_` returns when a message has its turn; `leave` is called right before it leaves.

    `paid_rate` is the rate of paid messages; None if no message is paid for. `source` shares the rates out to several
    processes; None for a process that sends alone.
    """

    def __init__(
        self,
        rate: float,
        group_rate: float,
        chat_rate: float = CHAT_RATE,
        *,
        paid_rate: float | None = None,
        source: RateSource | None = None,
        now: Callable[[], float] = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._group_rate = group_rate
        self._chat_rate = chat_rate
        self._common = self._pacer("common", rate, source)
        self._paid = self._common if paid_rate is None else self._pacer("paid", paid_rate, source)
        self._chats: dict[int | str, Gate | RateWindow] = {}
        self._told_at: dict[int, float] = {}
        self._refused: deque[tuple[float, int | str]] = deque()
        self.refusals = 0
        """How many requests were told to wait (429)."""

    def _pacer(self, name: str, rate: float, source: RateSource | None) -> LocalPacer | SharedPacer:
        if source is None:
            return LocalPacer(rate, self._now, self._sleep)
        return SharedPacer(name, rate, source, self._now, self._sleep)

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
        pacer = self._paid if paid else self._common
        while True:
            wait = gate.wait_of(self._now())
            if wait > patience:
                return wait
            if wait > 0:
                await self._sleep(wait)
            if await pacer.turn(gate, bulk=bulk, has_backlog=has_backlog):
                return 0.0

    async def leave(self, *, bulk: bool = False, paid: bool = False, patient: bool = True) -> bool:
        """Wait until the message may really leave, which is now or in a moment, and return True.

        Where processes share a rate that is paused, or can't be asked for, it may take long: what is not `patient` gets
        False then, and must not leave.
        """
        pacer = self._paid if paid else self._common
        while not await pacer.leave(bulk=bulk):
            if not patient:
                return False
        pacer.sent += 1
        return True

    def note_elsewhere(self, chat: int, seconds_ago: Collection[float]) -> None:
        """Count what other processes sent to this chat within the last minute, each so many seconds ago.

        What was told before is told again, and counts once.
        """
        now, gate = self._now(), self._gate(chat)
        told_at = self._told_at.get(chat, -math.inf)
        for at in sorted(now - seconds for seconds in seconds_ago):
            if at > told_at:
                gate.note(at)
        if len(self._told_at) > _FORGET_ABOVE:
            self._told_at = {other: at for other, at in self._told_at.items() if at > now - _MINUTE}
        self._told_at[chat] = now

    def refused(self, chat: int | str, seconds: float) -> None:
        """Make this chat wait after a 429; after a 429 for three chats within a second, everything waits."""
        now = self._now()
        self.refusals += 1
        self._gate(chat).pause(now + seconds)
        self._refused.append((now, chat))
        while self._refused and self._refused[0][0] < now - _WITHIN_SECONDS:
            self._refused.popleft()
        if len({refused for _, refused in self._refused}) >= _EVERYTHING_AFTER:
            for pacer in self._pacers():
                pacer.refused(seconds)

    def look_again(self) -> None:
        """Ask at once whether the rate is paused: another process says that it paused it."""
        for pacer in self._pacers():
            if isinstance(pacer, SharedPacer):
                pacer.look_again()

    def _pacers(self) -> list[LocalPacer | SharedPacer]:
        return [self._common] if self._paid is self._common else [self._common, self._paid]

    def use(self) -> dict[str, RateUse]:
        """Return how much of each common rate is used: "free", and "paid" where messages may be paid for."""
        pacers = {"free": self._common} | ({"paid": self._paid} if self._paid is not self._common else {})
        return {
            name: RateUse(pacer.rate, pacer.last_second(), pacer.sent, pacer.waiting) for name, pacer in pacers.items()
        }

    def _gate(self, chat: int | str) -> Gate | RateWindow:
        gate = self._chats.get(chat)
        if gate is None:
            if len(self._chats) > _FORGET_ABOVE:
                now = self._now()
                self._chats = {other: kept for other, kept in self._chats.items() if not kept.is_idle(now)}
            group = isinstance(chat, str) or chat < 0
            gate = RateWindow(self._group_rate, _MINUTE) if group else Gate(self._chat_rate, CHAT_BURST)
            self._chats[chat] = gate
        return gate
