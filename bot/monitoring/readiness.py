"""Whether the bot may serve: its database answers, Telegram can be reached, jobs run, and updates are received."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from time import monotonic

from bot.monitoring.parts import MonitoredParts
from digests.errors import StorageError

logger = logging.getLogger(__name__)

_DATABASE_SECONDS = 2.0
_FRESH_SECONDS = 1.0
"""However often somebody asks, the database is asked once in this time."""
_TELEGRAM_SECONDS = 60.0
"""For so long nothing may be answered: a single request fails now and then."""


class Readiness:
    """Says what keeps the bot from serving, without addresses, names of chats or secrets."""

    def __init__(self, parts: MonitoredParts) -> None:
        self._parts = parts
        self._asked: asyncio.Task[None] | None = None
        self._answered_at = float("-inf")
        self._answers = False

    async def problems(self) -> Mapping[str, str | list[str]]:
        """Return what is wrong, each under the name of the part; empty while all is well."""
        found: dict[str, str | list[str]] = {}
        if not await self._database_answers():
            found["database"] = "does not answer"
        reachability = self._parts.reachability
        if reachability.answered_at is None:
            found["telegram"] = "not connected yet"
        elif reachability.failing_seconds > _TELEGRAM_SECONDS:
            found["telegram"] = f"can't be reached for {reachability.failing_seconds:.0f} s"
        if late := self._parts.late_jobs():
            found["jobs"] = sorted(late)
        if self._parts.is_deaf():
            found["updates"] = "are not received"
        return found

    async def _database_answers(self) -> bool:
        """Ask the database, once for all who want to know at a time; one that hangs is asked once."""
        if monotonic() - self._answered_at <= _FRESH_SECONDS:
            return self._answers
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._ask())
        await asyncio.wait([self._asked], timeout=_DATABASE_SECONDS)
        return self._asked.done() and self._answers

    async def _ask(self) -> None:
        try:
            await self._parts.measurements.ping()
            self._answers = True
        except StorageError as error:
            logger.info("the database did not answer when asked whether all is well", extra={"reason": str(error)})
            self._answers = False
        self._answered_at = monotonic()

    async def stop(self) -> None:
        """Ask nothing more."""
        if self._asked is not None:
            self._asked.cancel()
            await asyncio.wait([self._asked])
