"""The moments at which jobs run, the same for all processes.

A job's moments are the multiples of its seconds since 1970, by the database's clock. Procrastinate's own deferrer goes
by the clock of its host, so that of two hosts that disagree each would defer, and by cron, so that a rhythm of a second
and a half could not be written.
"""

from __future__ import annotations

from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as QueuedJob

from digests.errors import StorageError
from digests.jobs.cluster.manager import SteadyJobManager
from digests.jobs.job import Job
from digests.ports import Clock


def queued(job: Job) -> QueuedJob:
    """Return what waits and runs in Procrastinate's tables for a job.

    Each has a queue of its own, so that a process takes only jobs that it knows. By its locks one run is under way at a
    time, and one waits.
    """
    return QueuedJob(queue=job.name, task_name=job.name, lock=job.name, queueing_lock=job.name)


class Moments:
    """Defers jobs when their moments come. Every process that runs them does, and the database lets one do it."""

    def __init__(self, manager: SteadyJobManager, clock: Clock) -> None:
        self._manager = manager
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._last: dict[str, int] = {}

    def add(self, job: Job) -> None:
        """Begin to defer a job: at once if it is `at_once`, unless another process has just done so."""
        self._jobs[job.name] = job
        if not job.at_once:
            self._last[job.name] = _number(job, self._clock)

    async def defer_due(self) -> None:
        """Defer each job whose moment has come since the last call; raise StorageError while the database is away."""
        for name, job in tuple(self._jobs.items()):
            number = _number(job, self._clock)
            if number == self._last.get(name):
                continue
            try:
                await self._manager.defer_moment(queued(job), int(number * job.seconds * 1000))
            except ConnectorException as error:
                if isinstance(error.__cause__, StorageError):
                    raise error.__cause__ from error
                raise
            self._last[name] = number


def _number(job: Job, clock: Clock) -> int:
    """Return the number of the job's last moment."""
    return int(clock.now().timestamp() // job.seconds)
