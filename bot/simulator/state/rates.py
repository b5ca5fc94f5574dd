"""Telegram's rates: all messages together, each chat, each group. Times are seconds of one monotonic clock."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from bot.simulator.refusal import Refusal

_FORGET_ABOVE = 20_000
_SMALL_UPLOAD = 100_000
_LONGEST_QUEUE = 5.0
# A sender that keeps exactly to the rate is not punished for what the network does to its rhythm.
_TOLERANCE = 1.1


@dataclass
class RateLimits:
    """`rate` and `paid_rate` messages a second, `chat_burst` at once to one person and then one a second,
    `group_rate` within any minute to one group or channel."""

    strict_rates: bool = False
    rate: float = 30.0
    paid_rate: float = 1000.0
    chat_burst: int = 5
    group_rate: float = 20.0


class Bucket:
    """`rate` a second on the long run, `depth` at once."""

    __slots__ = ("_full_at",)

    def __init__(self) -> None:
        self._full_at = 0.0

    def wait(self, now: float, rate: float, depth: float) -> float:
        """How long the next place is away."""
        return max(0.0, max(self._full_at, now) - now - (depth - 1) / rate)

    def spend(self, now: float, rate: float) -> None:
        self._full_at = max(self._full_at, now) + 1 / rate

    def is_full(self, now: float) -> bool:
        return self._full_at <= now


class SlidingWindow:
    """At most so many within any `span` seconds."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._times: deque[float] = deque()

    def wait(self, now: float, most: float) -> float:
        while self._times and self._times[0] <= now - self._span:
            self._times.popleft()
        return self._times[0] + self._span - now if len(self._times) >= most else 0.0

    def spend(self, now: float) -> None:
        self._times.append(now)


class Uploads:
    """The Bot API server lets large uploads of one size through one by one."""

    def __init__(self) -> None:
        self._last: dict[int, float] = {}

    def delay(self, size: int, now: float) -> float:
        """How long this upload waits. Raises Refusal (429) when 5 s of them wait already."""
        if size <= _SMALL_UPLOAD:
            return 0.0
        last = self._last.get(size, 0.0)
        if last > now + _LONGEST_QUEUE:
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        last = max(last + min(max(size * 1e-7, 0.2), 0.9), now - 1.0)
        self._last[size] = last
        return max(0.0, last - now)


class Rates:
    """Every message passes here when the rates are strict; one that is too much is refused and counts for nothing."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self._common = {paid: (SlidingWindow(1), Bucket()) for paid in (False, True)}
        self.uploads = Uploads()
        self._people: dict[int, Bucket] = {}
        self._groups: dict[int, SlidingWindow] = {}

    def check(self, chat_id: int, now: float, *, paid: bool, count: int = 1) -> None:
        """Raises Refusal (429) with the seconds to wait."""
        if not self.limits.strict_rates:
            return
        rate = self.limits.paid_rate if paid else self.limits.rate
        window, bucket = self._common[paid]
        most = rate * _TOLERANCE
        wait = max(window.wait(now, most), bucket.wait(now, rate, most), self._chat_wait(chat_id, now))
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        for _ in range(count):
            window.spend(now)
            bucket.spend(now, rate)
            if chat_id < 0:
                self._groups[chat_id].spend(now)
            else:
                self._people[chat_id].spend(now, 1.0)

    def _chat_wait(self, chat_id: int, now: float) -> float:
        if chat_id < 0:
            return self._groups.setdefault(chat_id, SlidingWindow(60)).wait(now, self.limits.group_rate)
        bucket = self._people.get(chat_id)
        if bucket is None:
            if len(self._people) > _FORGET_ABOVE:
                self._people = {one: kept for one, kept in self._people.items() if not kept.is_full(now)}
            bucket = self._people[chat_id] = Bucket()
        return bucket.wait(now, 1.0, self.limits.chat_burst)
