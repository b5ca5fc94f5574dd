"""The stalls of a busy machine: moments when the event loop could run nothing, which no program can answer for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

_BEAT = 0.01
_LEAST = 0.03
"""Seconds; a shorter delay of a beat is the ordinary work of the program."""


class Stalls:
    """What a heartbeat missed. Bot, simulator and test share one loop, so a stall delays whatever is measured."""

    def __init__(self) -> None:
        self._missed: list[tuple[float, float]] = []

    def within(self, began: float, ended: float) -> float:
        """Return for how many seconds between these moments of the monotonic clock the loop stood still."""
        return sum(max(0.0, min(ended, to) - max(began, since)) for since, to in self._missed)

    async def beat(self) -> None:
        """Watch the loop until cancelled."""
        last = monotonic()
        while True:
            await asyncio.sleep(_BEAT)
            now = monotonic()
            if now - last > _BEAT + _LEAST:
                self._missed.append((last + _BEAT, now))
            last = now


class Stopwatch:
    """Measures how long something takes, without the stalls of the machine."""

    def __init__(self, stalls: Stalls) -> None:
        self._stalls = stalls
        self._began = monotonic()

    @property
    def seconds(self) -> float:
        """How much time has passed since the beginning in which the loop could run."""
        now = monotonic()
        return now - self._began - self._stalls.within(self._began, now)


@asynccontextmanager
async def stopwatch() -> AsyncIterator[Stopwatch]:
    """Measure what is done inside the block; the seconds are to be asked for there."""
    async with counted_stalls() as stalls:
        yield Stopwatch(stalls)


@asynccontextmanager
async def counted_stalls() -> AsyncIterator[Stalls]:
    """Count the stalls inside the block, to be taken off what is measured there."""
    stalls = Stalls()
    beating = asyncio.create_task(stalls.beat())
    try:
        yield stalls
    finally:
        beating.cancel()
