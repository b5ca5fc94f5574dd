"""The numbers that need queries: asked for at most every 15 seconds, by one task, however many want to know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from bot.monitoring.parts import MonitoredParts
from digests.alerts.model import AlertKind
from digests.alerts.stored import STORED_ALERTS, load_states
from digests.errors import StorageError
from digests.model.backup import LAST_BACKUP
from digests.storage.statistics.measurements import Measurement

logger = logging.getLogger(__name__)

_FRESH_SECONDS = 15.0
_FEEDS_SECONDS = 60.0
_STALE_SECONDS = 120.0
"""What is older is not shown any more: it would look like the present."""
_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What the database said, and when; `alerts` are those that are on."""

    at: datetime
    numbers: Measurement
    feeds: Mapping[str, int]
    alerts: frozenset[AlertKind]
    last_backup_at: datetime | None


class MeasuredCache:
    """Keeps what the database said last."""

    def __init__(self, parts: MonitoredParts) -> None:
        self._parts = parts
        self._known: Measured | None = None
        self._known_at = self._feeds_at = float("-inf")
        self._feeds: Mapping[str, int] = {}
        self._asking: asyncio.Task[None] | None = None

    async def get(self) -> Measured | None:
        """Return the numbers, at most 15 seconds old if the database answers soon; None if they are too old to show."""
        if monotonic() - self._known_at > _FRESH_SECONDS:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            await asyncio.wait([self._asking], timeout=_PATIENCE_SECONDS)
        return self._known if monotonic() - self._known_at <= _STALE_SECONDS else None

    async def stop(self) -> None:
        """Ask nothing more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    async def _ask(self) -> None:
        parts, now = self._parts, self._parts.clock.now()
        try:
            numbers = await parts.measurements.measure(now)
            if monotonic() - self._feeds_at > _FEEDS_SECONDS:
                counts = (await parts.feeds.overview(now)).counts
                self._feeds = {str(health): number for health, number in counts.items()}
                self._feeds_at = monotonic()
            stored = await parts.people.fact(STORED_ALERTS)
            backup = await parts.people.fact(LAST_BACKUP)
        except StorageError as error:
            logger.info("the database can't be measured", extra={"reason": str(error)})
            return
        except Exception:
            logger.exception("the database can't be measured")
            return
        states = load_states(stored[0]) if stored else {}
        self._known = Measured(
            at=now,
            numbers=numbers,
            feeds=self._feeds,
            alerts=frozenset(kind for kind, state in states.items() if state.is_on),
            last_backup_at=backup[1] if backup else None,
        )
        self._known_at = monotonic()
