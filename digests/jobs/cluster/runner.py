"""Runs the jobs of the table in many processes: each moment of a job once, by whichever process is free.

Which jobs wait and which run is in Procrastinate's tables. This process has a worker of Procrastinate for the jobs that
have work attached here, and runs what is every process's own by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextvars import Context
from importlib.metadata import version

from procrastinate.exceptions import ConnectorException

from digests.errors import StorageError
from digests.jobs.cluster.connector import DatabaseConnector
from digests.jobs.cluster.manager import SteadyJobManager
from digests.jobs.cluster.moments import Moments, queued
from digests.jobs.cluster.queue_worker import QueueWorker
from digests.jobs.cluster.schema import bring_up_tables
from digests.jobs.cluster.sweep import Sweeper
from digests.jobs.job import Job, Scope
from digests.jobs.local import LocalJobs
from digests.jobs.runner import JobFunction
from digests.ports import Clock
from digests.storage.cluster.driver_queries import DriverQueries
from digests.storage.cluster.processes import ProcessStore
from digests.storage.cluster.wakes import MISSED, Wakes
from digests.storage.database import Database

logger = logging.getLogger(__name__)

_MOMENTS = Job("moments", 1.0, scope=Scope.PROCESS)
_SWEEP = Job("sweep", 2.0, scope=Scope.PROCESS)


class ClusterJobs:
    """The engine of several processes; a process without jobs of its own only wakes those of others."""

    def __init__(self, table: Iterable[Job], database: Database, clock: Clock, wakes: Wakes) -> None:
        self._table = {job.name: job for job in table}
        self._clock = clock
        self._wakes = wakes
        self._processes = ProcessStore(database)
        self._queries = DriverQueries(database)
        connector = DatabaseConnector(self._queries)
        self._manager = SteadyJobManager(connector)
        self._moments = Moments(self._manager, clock)
        every = (job for job in self._table.values() if job.scope is Scope.PROCESS)
        self._local = LocalJobs([*every, _MOMENTS, _SWEEP])
        self.tally = self._local.tally
        self._worker = QueueWorker(connector, self._manager, clock, self.tally)
        self._sweeper = Sweeper(self._queries, self._manager, self._table, self._worker.own)
        self._works: dict[str, JobFunction] = {}
        self._is_started = False
        self._stopped = False
        self._to_wake: set[str] = set()
        self._waking: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        # Our own wakes come back to us; what they are for has begun by then.
        self._echoes: Counter[str] = Counter()

    @property
    def on_jump(self) -> Callable[[], None]:
        """What is called when this host's clock was set."""
        return self._local.on_jump

    @on_jump.setter
    def on_jump(self, on_jump: Callable[[], None]) -> None:
        self._local.on_jump = on_jump

    async def open(self) -> None:
        """Make or upgrade Procrastinate's tables; raise StorageError where that can't be done."""
        alive = await self._processes.alive(self._clock.now())
        ours = version("digestbot")
        await bring_up_tables(self._queries, others_are_older=any(other.version != ours for other in alive))

    def add(self, name: str, work: JobFunction) -> None:
        """Attach work to a job of the table; raise LookupError for a name that is not there."""
        job = self._table[name]
        if job.scope is Scope.PROCESS:
            self._local.add(name, work)
            return
        if not self._works:
            self._local.add(_MOMENTS.name, self._moments.defer_due)
            self._local.add(_SWEEP.name, self._sweeper.sweep)
        self._works[name] = work
        if self._is_started:
            self._begin(job)

    def start(self) -> None:
        """Begin to run what is attached, and to listen to other processes."""
        self._is_started = True
        for name in self._works:
            self._begin(self._table[name])
        self._local.start()
        self._listening = asyncio.create_task(self._wakes.listen(self._woken))

    def _begin(self, job: Job) -> None:
        self._worker.add(job, self._works[job.name])
        self._moments.add(job)

    def wake(self, name: str) -> None:
        """Run the job as soon as possible, in whichever process it is attached; raise LookupError for an unknown name.

        What is every process's own runs in each of them.
        """
        if self._table[name].scope is Scope.PROCESS:
            self._local.wake(name)
        if self._stopped:
            return
        self._to_wake.add(name)
        if self._waking is None or self._waking.done():
            # Of nobody's context: what the first write of a handler is to do must not be done by a wake.
            self._waking = asyncio.create_task(self._send_wakes(), context=Context())

    async def _send_wakes(self) -> None:
        """Send what is to be woken. While the database is away, all looks by itself once it is back."""
        while self._to_wake:
            job = self._table[self._to_wake.pop()]
            try:
                if job.scope is Scope.PROCESS:
                    self._echoes[job.name] += 1
                    await self._wakes.notify(job.name)
                else:
                    await self._manager.defer(queued(job))
            except (StorageError, ConnectorException) as error:
                logger.debug("a wake is lost", extra={"job": job.name, "reason": str(error)})

    def _woken(self, name: str) -> None:
        if name == MISSED:
            self._echoes.clear()
            for job in self._table.values():
                if job.scope is Scope.PROCESS:
                    self._local.wake(job.name)
        elif self._echoes[name] > 0:
            self._echoes[name] -= 1
        elif (woken := self._table.get(name)) is not None and woken.scope is Scope.PROCESS:
            self._local.wake(name)

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Run no job here inside the block: wait for those under way, and run those that become due after the block."""
        async with self._local.paused(), self._worker.paused():
            yield

    def late(self) -> list[str]:
        """Return the names of the jobs that should have run and did not, and of those that run for too long here."""
        return [*self._local.late(), *self._worker.late()]

    async def stop(self, patience: float) -> None:
        """Start no more jobs, and give those under way `patience` seconds to finish before they are cancelled."""
        self._stopped = True
        for task in (self._listening, self._waking):
            if task is not None:
                task.cancel()
                await asyncio.wait({task}, timeout=0.5)
        await asyncio.gather(self._local.stop(patience), self._worker.stop(patience))
