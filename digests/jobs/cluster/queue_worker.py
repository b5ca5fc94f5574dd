"""A worker of Procrastinate inside the bot's event loop, which begins again by itself whatever ends it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from procrastinate import App as JobApp
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition
from procrastinate.jobs import Job as QueuedJob
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker

from digests.errors import DigestsError
from digests.jobs.cluster.connector import DatabaseConnector
from digests.jobs.cluster.manager import SteadyJobManager
from digests.jobs.cluster.sweep import STALLED_SECONDS, OwnWorker
from digests.jobs.job import Job
from digests.jobs.runner import JobFunction
from digests.jobs.tally import JobTally
from digests.jobs.troubles import JobTroubles
from digests.ports import Clock

logger = logging.getLogger(__name__)

_HEARTBEAT_SECONDS = 2.0
# Procrastinate misses what is deferred while it looks for jobs: after a look that found none, it clears the event that
# a notice may have set meanwhile (Worker._fetch_and_process_jobs of 3.10).
_POLL_SECONDS = 1.0
_AGAIN_SECONDS = 1.0
_SILENT_SECONDS = 30.0
_CANCEL_SECONDS = 0.5
_MOST_AT_ONCE = 100
"""More than there are jobs: each runs once at a time, so nothing else bounds how many run."""
_ALL = "queue of jobs"


@dataclass(slots=True)
class _JobRun:
    """A run of a job in its task; `began` is None while it is held."""

    job: Job
    task: asyncio.Task[object] | None
    began: float | None = None


class QueueWorker:
    """Runs the jobs that have work attached, whenever Procrastinate's tables have one for it."""

    def __init__(self, connector: DatabaseConnector, manager: SteadyJobManager, clock: Clock, tally: JobTally) -> None:
        self._tally = tally
        # What it writes about every job that runs is of no use, and of what fails we write ourselves.
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
        self._app = JobApp(connector=connector)
        self._app.job_manager = manager
        self._manager = manager
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        # Procrastinate reads it at each look for jobs, so it may grow.
        self._queues: list[str] = []
        self._running: dict[int, _JobRun] = {}
        self._held = 0
        self._free = asyncio.Event()
        self._free.set()
        self._troubles = JobTroubles()
        self._worker: Worker | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def add(self, job: Job, work: JobFunction) -> None:
        """Attach work to a job, also while the worker runs."""

        async def run(context: JobContext, timestamp: int = 0) -> None:
            await self._perform(job, work, context.job.id or 0)

        retry = JobRetry(job, self._clock, self)
        self._app.task(name=job.name, queue=job.name, pass_context=True, retry=retry)(run)
        self._jobs[job.name] = job
        self._queues.append(job.name)
        if self._task is None:
            self._manager.answered_at = monotonic()
            self._task = asyncio.create_task(self._keep_working())

    @property
    def is_stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping

    def own(self) -> OwnWorker:
        """Return the worker as it is now."""
        number = self._worker.worker_id if self._worker is not None else None
        return OwnWorker(number, frozenset(self._running) | frozenset(self._manager.unfinished))

    def late(self) -> list[str]:
        """Return the jobs that run for too long here; all of them if the worker has found none for a while."""
        now = monotonic()
        if self._task is not None and now - self._manager.answered_at > _SILENT_SECONDS:
            return list(self._queues)
        return [
            run.job.name
            for run in self._running.values()
            if run.began is not None and run.job.longest is not None and now - run.began > run.job.longest
        ]

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Begin no job inside the block, after those under way came to their end."""
        self._held += 1
        self._free.clear()
        try:
            runs = [run for run in self._running.values() if run.began is not None]
            if under_way := [run.task for run in runs if run.task is not None]:
                await asyncio.wait(under_way)
            yield
        finally:
            self._held -= 1
            if not self._held:
                self._free.set()

    async def stop(self, patience: float) -> None:
        """Take no more jobs; those that have not ended after so many seconds are cancelled, for others to run."""
        self._stopping = True
        self._free.set()
        if (worker := self._worker) is not None:
            worker.shutdown_graceful_timeout = max(0.1, patience - 2 * _CANCEL_SECONDS)
            worker.stop()  # type: ignore[no-untyped-call]
        if (task := self._task) is not None:
            _, late = await asyncio.wait({task}, timeout=patience)
            for hanging in late:
                # The database does not answer: the jobs are taken up once this process gives no sign of life.
                hanging.cancel()
                await asyncio.wait(late, timeout=_CANCEL_SECONDS)

    async def _keep_working(self) -> None:
        while not self._stopping:
            self._worker = worker = Worker(
                app=self._app,
                queues=self._queues,
                concurrency=_MOST_AT_ONCE,
                fetch_job_polling_interval=_POLL_SECONDS,
                # If the row of the worker is gone, others run its jobs: what runs here must end.
                shutdown_graceful_timeout=_CANCEL_SECONDS,
                delete_jobs=DeleteJobCondition.ALWAYS,
                install_signal_handlers=False,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
            )
            try:
                await worker.run()  # type: ignore[no-untyped-call]
                self._troubles.works(_ALL)
            except ConnectorException as error:
                if isinstance(error.__cause__, DigestsError):
                    self._troubles.failed(_ALL, error.__cause__)
                else:
                    logger.warning("the worker of jobs begins anew", extra={"reason": str(error)})
            except Exception:
                logger.exception("the worker of jobs ended, and begins anew")
            self._worker = None
            if not self._stopping:
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _perform(self, job: Job, work: JobFunction, number: int) -> None:
        """Run a job; raise JobFailedError if it failed and is to be tried again earlier than at its next moment."""
        run = self._running[number] = _JobRun(job, asyncio.current_task())
        try:
            await self._free.wait()
            run.began = monotonic()
            with self._tally.run(job.name):
                await work()
        except DigestsError as error:
            self._troubles.failed(job.name, error)
            self._fail(job)
        except Exception:
            logger.exception("a job failed; it runs again when it is next due", extra={"job": job.name})
            self._fail(job)
        else:
            self._troubles.works(job.name)
        finally:
            del self._running[number]

    def _fail(self, job: Job) -> None:
        if job.retry is not None:
            raise JobFailedError


class JobFailedError(Exception):
    """Tells Procrastinate that a run failed; why is in the log already."""


class JobRetry(BaseRetryStrategy):
    """When a run that failed is tried again, by the row of the table; by the database's clock, never the host's."""

    def __init__(self, job: Job, clock: Clock, worker: QueueWorker) -> None:
        self._job = job
        self._clock = clock
        self._worker = worker

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        """Return when; None: at the job's next moment. What a stop has interrupted, another process may run now."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=self._clock.now()) if self._worker.is_stopping else None
        retry = self._job.retry
        if retry is None or job.attempts >= retry.times:
            return None
        return RetryDecision(retry_at=self._clock.now() + timedelta(seconds=retry.seconds))
