"""Clocks: the real one, and one that a demo or a test can move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The real clock."""

    def now(self) -> datetime:
        """Return the current time, in UTC."""
        return datetime.now(UTC)


class MovableClock:
    """A clock that runs `ahead` of the real one, and can be moved further ahead."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        """Return the time that this clock shows, in UTC."""
        return datetime.now(UTC) + self._ahead

    def move(self, by: timedelta) -> None:
        """Move the clock ahead.

        Raises:
            ValueError: when `by` is negative, since a clock that goes back would send things twice.
        """
        if by < timedelta():
            raise ValueError("a clock that goes back would send things twice")
        self._ahead += by
