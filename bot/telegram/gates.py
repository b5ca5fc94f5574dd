"""Gates: what one chat, one group or one process may send, each a rate with the little state that it needs.

Times are seconds of a monotonic clock.
"""

from __future__ import annotations

from collections import deque


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

    def note(self, at: float) -> None:
        """Count what passed elsewhere at that time."""
        self._ready = max(self._ready, at) + self._interval

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

    def note(self, at: float) -> None:
        """Count what passed elsewhere at that time."""
        self._times = deque(sorted((*self._times, at)), maxlen=self._times.maxlen)

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
