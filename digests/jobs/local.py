"""Jobs in one process. APScheduler starts them; the database says what there is to do.

Jobs repeat by the monotonic clock. APScheduler goes by the wall clock, so it is given due times of the wall clock as it
is at that moment. However far the wall clock is set, no missed run is made up for and none begins early: a watch
compares the two clocks, and gives APScheduler new due times after a jump.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic, time

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from digests.errors import DigestsError
from digests.jobs.job import Job
from digests.jobs.runner import JobFunction
from digests.jobs.tally import JobTally
from digests.jobs.troubles import JobTroubles

logger = logging.getLogger(__name__)

_WATCH_SECONDS = 1.0
_JUMP_SECONDS = 2.0
_CANCEL_SECONDS = 0.5
# The two clocks are never read at exactly the same moment.
_EARLY_SECONDS = 0.005
# A job is late when it has not begun within this many of its intervals, plus this long.
_LATE_INTERVALS = 3
_LATE_SECONDS = 30.0


def _nothing() -> None:
    """Do nothing, for callers that need not know."""


class SteadyTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires every so many seconds of the monotonic clock. It lists only the next run, never missed ones."""

    def __init__(self, seconds: float, steady: Callable[[], float], *, at_once: bool) -> None:
        self.seconds = seconds
        self._steady = steady
        self._is_due = False
        self._due = steady() + (0 if at_once else seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Return the next due time, always later than `now`, or APScheduler would ask forever."""
        if self.left() <= _EARLY_SECONDS:
            self._is_due = True
            self._due = self._steady() + self.seconds
        return _after(now, max(self.left(), _EARLY_SECONDS))

    def left(self) -> float:
        """Return the seconds until the next run."""
        return self._due - self._steady()

    def hasten(self) -> None:
        """Make the next run due at once."""
        self._due = self._steady()

    def bring_forward(self, seconds: float) -> None:
        """Make the next run due in so many seconds, unless it is due earlier."""
        self._due = min(self._due, self._steady() + seconds)

    def fire(self) -> bool:
        """Return whether a run is due, and count it as begun."""
        is_due, self._is_due = self._is_due, False
        return is_due


@dataclass(slots=True)
class _Running:
    """A job with its work and its state."""

    job: Job
    work: JobFunction
    trigger: SteadyTrigger
    ran_at: float
    task: asyncio.Task[None] | None = None
    again: bool = False
    failures: int = 0


class LocalJobs:
    """The scheduler and its jobs: all of the table that have work attached run in this process.

    No job runs twice at a time, and one that fails runs again when it is next due, or as its row says. `on_jump` is
    called whenever the wall clock was set, ahead or back.
    """

    def __init__(
        self,
        table: Iterable[Job],
        *,
        wall: Callable[[], float] = time,
        steady: Callable[[], float] = monotonic,
        watch_seconds: float = _WATCH_SECONDS,
        on_jump: Callable[[], None] = _nothing,
    ) -> None:
        self.on_jump = on_jump
        self._wall = wall
        self._steady = steady
        self._watch_seconds = watch_seconds
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
        self._table = {job.name: job for job in table}
        self._jobs: dict[str, _Running] = {}
        self._troubles = JobTroubles()
        self._held = 0
        self._stopped = False
        self._watchdog: asyncio.Task[None] | None = None
        self.tally = JobTally()

    async def open(self) -> None:
        """Do nothing: all is in this process."""

    def add(self, name: str, work: JobFunction) -> None:
        """Attach work to a job of the table; raise LookupError for a name that is not there."""
        job = self._table[name]
        trigger = SteadyTrigger(job.seconds, self._steady, at_once=job.at_once)
        running = self._jobs[name] = _Running(job, work, trigger, self._steady())
        first = _after(datetime.now(UTC), trigger.left())
        self._scheduler.add_job(self._run, trigger, id=name, args=[running], next_run_time=first)

    def start(self) -> None:
        """Begin to run the jobs."""
        self._scheduler.start()
        self._watchdog = asyncio.create_task(self._watch())

    def wake(self, name: str) -> None:
        """Run the job as soon as possible instead of when it is due; if it is running, run it once more afterwards.

        Raise LookupError for a name that is not in the table.
        """
        # A name that is not in the table is a mistake; one that has no work here is another process's.
        job = self._jobs.get(self._table[name].name)
        if job is None or self._stopped:
            return
        if job.task is not None or self._held:
            job.again = True
        else:
            job.trigger.hasten()
            self._tell(job)

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Run no job inside the block: wait for those under way, and run those that become due after the block."""
        self._held += 1
        try:
            if running := self._running():
                await asyncio.wait(running)
            yield
        finally:
            self._held -= 1
            for job in self._jobs.values():
                if job.again and not self._held:
                    job.again = False
                    self.wake(job.job.name)

    def late(self) -> list[str]:
        """Return the names of the jobs that should have run and did not, and of those that run for too long."""
        now = self._steady()
        return [name for name, job in self._jobs.items() if self._is_late(job, now)]

    def _is_late(self, job: _Running, now: float) -> bool:
        if job.task is not None:
            return (longest := job.job.longest) is not None and now - job.ran_at > longest
        return not self._held and now - job.ran_at > _LATE_INTERVALS * job.trigger.seconds + _LATE_SECONDS

    async def stop(self, patience: float) -> None:
        """Start no more jobs, and give those under way `patience` seconds to finish before they are cancelled."""
        self._stopped = True
        if self._watchdog is not None:
            self._watchdog.cancel()
        if self._scheduler.running:
            self._scheduler.remove_all_jobs()
            # APScheduler's shutdown would cancel a call that it has just begun, and log that as an error.
            await asyncio.sleep(0)
            self._scheduler.shutdown(wait=False)
        if running := self._running():
            _, late = await asyncio.wait(running, timeout=patience)
            for task in late:
                task.cancel()
            if late:
                # Not forever: a task may hang while it cleans up.
                await asyncio.wait(late, timeout=_CANCEL_SECONDS)

    def _running(self) -> list[asyncio.Task[None]]:
        return [job.task for job in self._jobs.values() if job.task is not None]

    async def _run(self, job: _Running) -> None:
        if not job.trigger.fire() or self._stopped:
            # The wall clock was set ahead, so APScheduler took the job for due.
            return
        if job.task is not None:
            # A broadcast may last for hours.
            return
        if self._held:
            job.again = True
            return
        job.ran_at = self._steady()
        # Not awaited here: APScheduler cancels what it awaits when it stops, and logs that as an error.
        job.task = asyncio.ensure_future(self._guarded(job))

    async def _guarded(self, job: _Running) -> None:
        name, succeeded = job.job.name, False
        try:
            with self.tally.run(name):
                await job.work()
        except DigestsError as error:
            self._troubles.failed(name, error)
        except Exception:
            logger.exception("a job failed; it runs again when it is next due", extra={"job": name})
        else:
            succeeded = True
            self._troubles.works(name)
        finally:
            job.task = None
            job.ran_at = self._steady()
            self._retry(job, succeeded=succeeded)
            if job.again and not self._held:
                job.again = False
                self.wake(name)

    def _retry(self, job: _Running, *, succeeded: bool) -> None:
        """Have a run that failed tried again earlier than it would be, where its row of the table says so."""
        job.failures = 0 if succeeded else job.failures + 1
        retry = job.job.retry
        if retry is not None and 0 < job.failures <= retry.times and not self._stopped:
            job.trigger.bring_forward(retry.seconds)
            self._tell(job)

    def _tell(self, job: _Running) -> None:
        """Tells APScheduler when the job is due, by the wall clock as it is now."""
        scheduled = self._scheduler.get_job(job.job.name)
        if scheduled is not None:
            scheduled.modify(next_run_time=_after(datetime.now(UTC), job.trigger.left()))

    async def _watch(self) -> None:
        apart = self._wall() - self._steady()
        while True:
            await asyncio.sleep(self._watch_seconds)
            jump = self._wall() - self._steady() - apart
            if abs(jump) > _JUMP_SECONDS:
                apart += jump
                logger.warning(
                    "the clock was set %s", "ahead" if jump > 0 else "back", extra={"seconds": round(abs(jump))}
                )
                self._follow_clock(back=jump < 0)
            elif self.late() and self._scheduler.running:
                # When APScheduler's timer dies of an error, no job runs any more.
                self._scheduler.wakeup()

    def _follow_clock(self, *, back: bool) -> None:
        for job in self._jobs.values():
            if back:
                # Some may have become due while APScheduler still waited for the old time.
                job.trigger.hasten()
            self._tell(job)
        self.on_jump()


def _after(now: datetime, seconds: float) -> datetime:
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        # Somebody has set the clock to the end of time.
        return datetime.max.replace(tzinfo=UTC)
