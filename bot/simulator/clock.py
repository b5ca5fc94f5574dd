"""The clock that the page's button moves."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class SimulatedClock(Protocol):
    """A clock that can jump to the next moment at which something happens."""

    def now(self) -> datetime:
        """Return the simulated time, aware and in UTC."""

    async def next_moment(self) -> datetime | None:
        """Return when something will happen next; None when nothing will."""

    async def move_to_next(self) -> datetime | None:
        """Move the clock to its next moment, and return that; None when there is nothing to move to."""
