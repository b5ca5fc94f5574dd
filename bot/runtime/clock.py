"""The clocks: the real one, and one whose hands a demo or a test can move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """Runs like the real one, `ahead` of it by what it was moved; it never goes back."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, by: timedelta) -> None:
        if by < timedelta():
            raise ValueError("a clock that goes back would send things twice")
        self._ahead += by
