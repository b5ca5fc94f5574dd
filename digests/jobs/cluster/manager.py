"""What a worker of Procrastinate tells the database, so that it survives a database that is away."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from time import monotonic
from typing import Any

from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from digests.errors import StorageError, level_of

logger = logging.getLogger(__name__)


class SteadyJobManager(JobManager):
    """Keeps a worker going while the database is away: it finds no jobs then, and its results are written later.

    Procrastinate's own ends the worker, with all that runs in it, when one heartbeat or one look for jobs fails, and
    leaves a job whose end can't be written locked for as long as its worker lives.
    """

    def __init__(self, connector: Any) -> None:
        super().__init__(connector)
        self.unfinished: dict[int, QueuedJob] = {}
        """The jobs that came to their end while the database was away."""
        self.answered_at = monotonic()
        """When the database last said whether there is a job."""

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> QueuedJob | None:
        """Return the next job; None also while the database is away, and when another worker was faster."""
        try:
            job = await super().fetch_job(queues, worker_id)
        except UniqueViolation:
            return None
        except ConnectorException as error:
            self._must_be_away(error)
            return None
        self.answered_at = monotonic()
        return job

    async def update_heartbeat(self, worker_id: int) -> None:
        """Give a sign of life, or leave it to the next: an error would end them for as long as the worker lives."""
        try:
            await super().update_heartbeat(worker_id)
        except ConnectorException as error:
            logger.log(level_of(error.__cause__ or error), "no sign of life of the worker of jobs: %s", error)

    async def finish_job(self, job: QueuedJob, status: Status, delete_job: bool) -> None:
        """Write that a job came to its end, now or once the database is back."""
        try:
            await super().finish_job(job, status, delete_job)
        except ConnectorException as error:
            if isinstance(error.__cause__, StorageError):
                self.unfinished[_id_of(job)] = job
            else:
                logger.info("another process has taken the job over", extra={"job": job.task_name})

    async def retry_job(
        self,
        job: QueuedJob,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Have a job tried again; where that can't be written, or it waits already, it is at its end."""
        try:
            await super().retry_job(job, retry_at, priority, queue, lock)
        except ConnectorException:
            await self.finish_job(job, Status.FAILED, delete_job=True)

    async def finish_rest(self) -> None:
        """Write what could not be written before; raise StorageError while the database is away."""
        for number, job in tuple(self.unfinished.items()):
            try:
                await super().finish_job(job, Status.FAILED, delete_job=True)
            except ConnectorException as error:
                if isinstance(error.__cause__, StorageError):
                    raise error.__cause__ from error
                logger.info("another process has taken the job over", extra={"job": job.task_name})
            self.unfinished.pop(number, None)

    async def defer(self, job: QueuedJob) -> None:
        """Have a job run as soon as possible; it runs once, however often it is deferred before it begins."""
        try:
            await self.defer_job_async(job)
        except AlreadyEnqueued:
            return

    async def defer_moment(self, job: QueuedJob, moment: int) -> None:
        """Have a job run at one of its moments, by whichever process defers it first."""
        timed = job.evolve(task_kwargs={"timestamp": moment})
        try:
            await self.defer_periodic_job(timed, periodic_id="", defer_timestamp=moment)
        except AlreadyEnqueued:
            # It still waits, for the run before this one.
            return

    def _must_be_away(self, error: ConnectorException) -> None:
        """Raise any error but that the database is away."""
        if not isinstance(error.__cause__, StorageError):
            raise error


def _id_of(job: QueuedJob) -> int:
    if job.id is None:
        raise ValueError("a job that runs has an id")
    return job.id
