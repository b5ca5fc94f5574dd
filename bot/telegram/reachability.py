"""Whether Telegram can be reached, and what time it is there, by what requests to it came to."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic, time

_ASK_AGAIN_SECONDS = 30.0
_HALF_A_SECOND = 0.5


class Reachability:
    """What is known of the way to Telegram, for all pools of connections together.

    Attributes:
        answered_at: When a request was last answered, on the monotonic clock; None before the first.
        failing_since: Since when no request has been answered any more; None while they are.
        skew: By how many seconds this machine's clock is ahead of Telegram's, to about one; None while not known.
    """

    def __init__(self, now: Callable[[], float] = monotonic, wall: Callable[[], float] = time) -> None:
        self.answered_at: float | None = None
        self.failing_since: float | None = None
        self.skew: float | None = None
        self._now = now
        self._wall = wall
        self._timed_at = float("-inf")

    @property
    def failing_seconds(self) -> float:
        """For how long no request has been answered any more; 0 while they are."""
        return 0.0 if self.failing_since is None else self._now() - self.failing_since

    def answered(self, status: int, date: str) -> None:
        """Take note of an answer, with its Date header ("" for none). One of 500 and above is none of Telegram's."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.failed()
            return
        now = self._now()
        self.answered_at, self.failing_since = now, None
        if date and now - self._timed_at >= _ASK_AGAIN_SECONDS:
            self._timed_at = now
            self._compare(date)

    def failed(self) -> None:
        """Take note of a request that could not be made, or got no answer."""
        if self.failing_since is None:
            self.failing_since = self._now()

    def _compare(self, date: str) -> None:
        """Compare the clocks: the header has whole seconds (RFC 9110), so half a second is added on average."""
        try:
            there = parsedate_to_datetime(date).timestamp()
        except (ValueError, OverflowError):
            # A proxy may write what it likes; that says nothing of the clock.
            return
        self.skew = self._wall() - (there + _HALF_A_SECOND)
