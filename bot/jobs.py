"""What runs on a schedule. APScheduler calls; the database says what there is to do.

Late runs are made up for once (`coalesce`, no misfire limit). APScheduler stands still when the wall clock is set
back, so a watchdog on the monotonic clock sets its jobs going again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic, time

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from digests.errors import DigestsError

logger = logging.getLogger(__name__)

_WATCH_SECONDS = 5.0
_JUMP_SECONDS = 2.0

Work = Callable[[], Awaitable[object]]


class Jobs:
    """The scheduler with its jobs; each runs at most once at a time, and a failing one runs again next time."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time,
        steady: Callable[[], float] = monotonic,
        watch_seconds: float = _WATCH_SECONDS,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._watch_seconds = watch_seconds
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
        self._said: dict[str, str] = {}
        self._again: set[str] = set()
        self._running: set[asyncio.Task[object]] = set()
        self._names: set[str] = set()
        self._watchdog: asyncio.Task[None] | None = None

    def add(self, name: str, work: Work, seconds: float, *, at_once: bool = True) -> None:
        first = datetime.now(UTC) + (timedelta() if at_once else timedelta(seconds=seconds))
        self._scheduler.add_job(self._run, "interval", seconds=seconds, id=name, args=[name, work], next_run_time=first)

    def start(self) -> None:
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch())

    def wake(self, name: str) -> None:
        """Runs the job as soon as may be instead of at its next time; one that is running runs once more after that."""
        if name in self._names:
            self._again.add(name)
        elif (job := self._scheduler.get_job(name)) is not None:
            job.modify(next_run_time=datetime.now(UTC))

    async def stop(self, patience: float) -> None:
        """No job begins any more; those under way get `patience` seconds to end."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, name: str, work: Work) -> None:
        if name in self._names:
            # A broadcast may last for hours.
            return
        self._names.add(name)
        # Not waited for here: what APScheduler waits for it cuts off when it stops, and logs that as an error.
        task = asyncio.ensure_future(self._guarded(name, work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _guarded(self, name: str, work: Work) -> None:
        try:
            await work()
        except DigestsError as error:
            # Said once, not at every run: the cause stays until somebody mends it.
            if self._said.get(name) != str(error):
                self._said[name] = str(error)
                logger.error(str(error), extra={"job": name})
        except Exception:
            logger.exception("a job failed; it runs again at its next time", extra={"job": name})
        else:
            if self._said.pop(name, None):
                logger.info("the job works again", extra={"job": name})
        finally:
            self._names.discard(name)
            if name in self._again:
                self._again.discard(name)
                self.wake(name)

    async def _watch(self) -> None:
        wall, steady = self._wall(), self._steady()
        while True:
            await asyncio.sleep(self._watch_seconds)
            behind = (self._steady() - steady) - (self._wall() - wall)
            wall, steady = self._wall(), self._steady()
            if behind > _JUMP_SECONDS:
                logger.warning("the clock was set back", extra={"seconds": round(behind)})
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=datetime.now(UTC))
