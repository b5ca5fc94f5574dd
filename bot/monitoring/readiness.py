"""Whether the bot may serve: database and disk take what is written, Telegram answers, jobs run, updates come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic

from bot.monitoring.parts import MonitoredParts
from config.masking import mask
from digests.errors import DatabaseAway, StorageError
from digests.offload import in_own_thread
from digests.storage.files.writability import refusal_of

logger = logging.getLogger(__name__)

SILENT = "does not answer"
HELD = "takes no writes: another program holds it; end it, or wait"
_FOLDER = "the data folder"
_PATIENCE_SECONDS = 2.0
_FRESH_SECONDS = 1.0
"""However often somebody asks, the database is asked once in this time."""
_WRITE_SECONDS = 5.0
"""Writes are tried once in this time, and only if somebody asks."""
_HELD_SECONDS = 10.0
"""A write that waits for others is no trouble before."""
_TELEGRAM_SECONDS = 60.0
"""For so long nothing may be answered: a single request fails now and then."""


class Readiness:
    """Says what keeps the bot from serving, without addresses, names of chats or secrets."""

    def __init__(self, parts: MonitoredParts) -> None:
        self._parts = parts
        self._answers = Asking(self._ping, _FRESH_SECONDS, SILENT)
        self._writes = Asking(self._try_write, _WRITE_SECONDS, HELD, grace=_HELD_SECONDS)
        self._room = Asking(self._look_for_room, _WRITE_SECONDS, f"{_FOLDER} {SILENT}: check its disk")

    async def problems(self) -> Mapping[str, str | list[str]]:
        """Return what is wrong, each under the name of the part; empty while all is well."""
        found: dict[str, str | list[str]] = {}
        silent, unwritten, full = await asyncio.gather(
            self._answers.trouble(), self._writes.trouble(), self._room.trouble()
        )
        if trouble := silent or unwritten:
            found["database"] = trouble
        if full:
            found["folder"] = full
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

    async def _ping(self) -> str:
        try:
            await self._parts.measurements.ping()
        except StorageError as error:
            logger.info("the database did not answer when asked whether all is well", extra={"reason": str(error)})
            return SILENT
        return ""

    async def _try_write(self) -> str:
        try:
            await self._parts.measurements.try_write(self._parts.clock.now())
        except DatabaseAway:
            return SILENT
        except StorageError as error:
            logger.info("the database took no write when asked whether all is well", extra={"reason": str(error)})
            return mask(str(error))
        return ""

    async def _look_for_room(self) -> str:
        refused = [await in_own_thread(refusal_of, folder) for folder in self._parts.folders]
        return f"{_FOLDER} {refusal}" if (refusal := next(filter(None, refused), None)) else ""

    async def stop(self) -> None:
        """Ask nothing more."""
        for asking in (self._answers, self._writes, self._room):
            await asking.stop()


class Asking:
    """Asks once for all who want to know at a time, and keeps the answer; what hangs is asked once.

    `silent` is the trouble while no answer comes, once that lasts for `grace` seconds.
    """

    def __init__(self, ask: Callable[[], Awaitable[str]], fresh_seconds: float, silent: str, grace: float = 0) -> None:
        self._ask = ask
        self._silent = silent
        self._grace = grace
        self.fresh_seconds = fresh_seconds
        self.patience = _PATIENCE_SECONDS
        self._asked: asyncio.Task[None] | None = None
        self._asked_at = self._answered_at = float("-inf")
        self._trouble = ""

    async def trouble(self) -> str:
        """Return what is wrong, in words; "" for nothing. An answer is a few seconds old at most."""
        if monotonic() - self._answered_at <= self.fresh_seconds:
            return self._trouble
        if self._asked is None or self._asked.done():
            self._asked_at = monotonic()
            self._asked = asyncio.create_task(self._keep_answer())
        await asyncio.wait([self._asked], timeout=self.patience)
        is_silent = not self._asked.done() and monotonic() - self._asked_at >= self._grace
        return self._silent if is_silent else self._trouble

    async def _keep_answer(self) -> None:
        self._trouble = await self._ask()
        self._answered_at = monotonic()

    async def stop(self) -> None:
        """Ask nothing more."""
        if self._asked is not None:
            self._asked.cancel()
            await asyncio.wait([self._asked])
