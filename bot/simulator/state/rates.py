"""Telegram's rate limits: for all messages together, for each chat and for each group.

All times are seconds of one monotonic clock.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from bot.simulator.refusal import Refusal

_MAX_BUCKETS = 20_000
_MAX_UNLIMITED_UPLOAD = 100_000
_MAX_UPLOAD_QUEUE = 5.0
# A sender that keeps exactly to the rate is not punished for what the network does to its timing.
_TOLERANCE = 1.1


@dataclass
class RateLimits:
    """The limits, which apply only while `strict_rates` is set.

    `rate` and `paid_rate` are messages a second. A person gets `chat_burst` messages at once and then one a second; a
    group or channel gets `group_rate` within any minute.
    """

    strict_rates: bool = False
    rate: float = 30.0
    paid_rate: float = 1000.0
    chat_burst: int = 5
    group_rate: float = 20.0


class LeakyBucket:
    """A limit of `rate` a second in the long run, and of `depth` at once."""

    __slots__ = ("_full_at",)

    def __init__(self) -> None:
        self._full_at = 0.0

    def wait(self, now: float, rate: float, depth: float) -> float:
        """Return how many seconds from now the next message is allowed."""
        return max(0.0, max(self._full_at, now) - now - (depth - 1) / rate)

    def consume(self, now: float, rate: float) -> None:
        """Count a message."""
        self._full_at = max(self._full_at, now) + 1 / rate

    def is_full(self, now: float) -> bool:
        """Return whether the whole depth is available again, so that the bucket can be forgotten."""
        return self._full_at <= now


class SlidingWindow:
    """A limit of so many messages within any `span` seconds."""

    def __init__(self, span: float) -> None:
        self._span = span
        self._times: deque[float] = deque()

    def wait(self, now: float, limit: float) -> float:
        """Return how many seconds from now the next message is allowed."""
        while self._times and self._times[0] <= now - self._span:
            self._times.popleft()
        return self._times[0] + self._span - now if len(self._times) >= limit else 0.0

    def consume(self, now: float) -> None:
        """Count a message."""
        self._times.append(now)


class UploadQueue:
    """The Bot API server's queue for large uploads: those of the same size pass one after the other."""

    def __init__(self) -> None:
        self._last: dict[int, float] = {}

    def delay(self, size: int, now: float) -> float:
        """Return how many seconds an upload waits; raise Refusal (429) when 5 s of them are queued already."""
        if size <= _MAX_UNLIMITED_UPLOAD:
            return 0.0
        last = self._last.get(size, 0.0)
        if last > now + _MAX_UPLOAD_QUEUE:
            raise Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
        last = max(last + min(max(size * 1e-7, 0.2), 0.9), now - 1.0)
        self._last[size] = last
        return max(0.0, last - now)


class RateLimiter:
    """Refuses messages above the limits while these are strict; a refused message counts for nothing."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self._common = {paid: (SlidingWindow(1), LeakyBucket()) for paid in (False, True)}
        self.uploads = UploadQueue()
        self._people: dict[int, LeakyBucket] = {}
        self._groups: dict[int, SlidingWindow] = {}

    def check(self, chat_id: int, now: float, *, paid: bool, count: int = 1) -> None:
        """Count messages, or raise Refusal (429) with the seconds to wait."""
        if not self.limits.strict_rates:
            return
        rate = self.limits.paid_rate if paid else self.limits.rate
        window, bucket = self._common[paid]
        depth = rate * _TOLERANCE
        wait = max(window.wait(now, depth), bucket.wait(now, rate, depth), self._chat_wait(chat_id, now))
        if wait > 0:
            seconds = max(1, math.ceil(wait))
            raise Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        for _ in range(count):
            window.consume(now)
            bucket.consume(now, rate)
            if chat_id < 0:
                self._groups[chat_id].consume(now)
            else:
                self._people[chat_id].consume(now, 1.0)

    def _chat_wait(self, chat_id: int, now: float) -> float:
        if chat_id < 0:
            return self._groups.setdefault(chat_id, SlidingWindow(60)).wait(now, self.limits.group_rate)
        bucket = self._people.get(chat_id)
        if bucket is None:
            if len(self._people) > _MAX_BUCKETS:
                self._people = {user_id: kept for user_id, kept in self._people.items() if not kept.is_full(now)}
            bucket = self._people[chat_id] = LeakyBucket()
        return bucket.wait(now, 1.0, self.limits.chat_burst)
