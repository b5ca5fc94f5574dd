"""The clock that the page's button moves."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clockwork(Protocol):
    """What the page's clock button moves."""

    def now(self) -> datetime: ...

    async def next_moment(self) -> datetime | None:
        """When something will happen next, if anything will."""

    async def move_to_next(self) -> datetime | None:
        """Moves the clock there; None when nothing is to come."""
