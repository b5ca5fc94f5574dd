"""Takes up the jobs of workers that died, and clears away what nobody will run.

Every process that runs jobs sweeps. It is no job of Procrastinate's itself: its lock would outlive a sweeper that dies.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from time import monotonic
from typing import NamedTuple

from procrastinate import sql
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status

from digests.jobs.cluster.manager import SteadyJobManager
from digests.storage.cluster.connection import lock_key
from digests.storage.cluster.driver_queries import DriverQueries, DriverRow, DriverTransaction

logger = logging.getLogger(__name__)

STALLED_SECONDS = 8.0
"""How long a worker may give no sign of life before its jobs are taken up, by the database's clock.

It gives one every two seconds. A loop that stands still for longer loses its jobs to others, and they run twice at
worst, which all of them bear. What is late after a death is the next tick, if the dead process was just planning.
"""
_TIDY_SECONDS = 3600.0
_STATEMENT_SECONDS = 5

# A job that no process knows any more, such as the scan of an origin that was removed, is taken by nobody.
_DELETE_UNKNOWN = """
DELETE FROM procrastinate_jobs AS job
WHERE job.status = 'todo' AND job.queue_name <> ALL(%(names)s) AND NOT EXISTS (
    SELECT 1 FROM procrastinate_events AS event
    WHERE event.job_id = job.id AND event.at > now() - interval '1 day'
)"""
# A worker that is only slow may finish a job at this moment.
_HOLD = """
SELECT id FROM procrastinate_jobs WHERE id = ANY(%(ids)s) AND status = 'doing' ORDER BY id FOR UPDATE SKIP LOCKED"""
_DELETE_MOMENTS = """
DELETE FROM procrastinate_periodic_defers
WHERE job_id IS NULL AND task_name <> ALL(%(names)s)"""


class OwnWorker(NamedTuple):
    """The worker of this process: its number in the database, if it has one, and the jobs that it is running."""

    number: int | None
    running: Collection[int]


class Sweeper:
    """Does so. One sweeps at a time; the others find the lock taken, and leave it at that."""

    def __init__(
        self,
        queries: DriverQueries,
        manager: SteadyJobManager,
        names: Collection[str],
        worker: Callable[[], OwnWorker],
    ) -> None:
        self._queries = queries
        self._manager = manager
        self._names = sorted(names)
        self._worker = worker
        self._suspects: frozenset[int] = frozenset()
        self._steady_since: float | None = None
        self._tidied_at = 0.0

    async def sweep(self) -> None:
        """Sweep once; raise StorageError when the database is away.

        While it was away nobody could give a sign of life, so nobody is judged until all had the time for it.
        """
        since, self._steady_since = self._steady_since, None
        await self._manager.finish_rest()
        if since is not None and monotonic() - since > STALLED_SECONDS:
            await self._take_up()
        else:
            await self._queries.rows("SELECT 1 AS answer", {})
        self._steady_since = monotonic() if since is None else since
        if monotonic() - self._tidied_at > _TIDY_SECONDS:
            await self._tidy()
            self._tidied_at = monotonic()

    async def _take_up(self) -> None:
        """Have the jobs of dead workers run again.

        A new row takes the place of each: if its worker was only frozen, it must not end the run of another.
        """
        taken: list[QueuedJob] = []
        async with self._queries.transaction(_STATEMENT_SECONDS) as transaction:
            lock = await transaction.rows(
                "SELECT pg_try_advisory_xact_lock(%(key)s) AS held", {"key": lock_key("sweep")}
            )
            if not lock[0]["held"]:
                return
            limits = {"queue": None, "task_name": None, "seconds_since_heartbeat": STALLED_SECONDS}
            rows = await transaction.rows(sql.queries["select_stalled_jobs_by_heartbeat"], limits)
            found = {row["id"]: row for row in (*rows, *await self._lost(transaction))}
            held = await transaction.rows(_HOLD, {"ids": sorted(found)}) if found else []
            for job in (QueuedJob.from_row(found[row["id"]]) for row in held):
                end = {"job_id": job.id, "status": Status.FAILED.value, "delete_job": True}
                await transaction.rows(sql.queries["finish_job"], end)
                taken.append(job)
        for job in taken:
            logger.warning("a job of a process that died is taken up", extra={"job": job.task_name})
            await self._manager.defer(job.evolve(id=None, status=None, task_kwargs={}, worker_id=None, attempts=0))

    async def _lost(self, transaction: DriverTransaction) -> list[DriverRow]:
        """Return the jobs that this process has, by the database, and does not know of.

        The answer that it got them was lost with the connection. A job is given to it a moment before it knows, so one
        look is not enough.
        """
        own = self._worker()
        if own.number is None:
            return []
        every = dict.fromkeys(("id", "queue_name", "task_name", "lock", "queueing_lock"))
        rows = await transaction.rows(
            sql.queries["list_jobs"], {**every, "status": Status.DOING.value, "worker_id": own.number}
        )
        unknown = {row["id"]: row for row in rows if row["id"] not in own.running}
        lost = [row for number, row in unknown.items() if number in self._suspects]
        self._suspects = frozenset(unknown)
        return lost

    async def _tidy(self) -> None:
        for statement in (_DELETE_UNKNOWN, _DELETE_MOMENTS):
            await self._queries.rows(statement, {"names": self._names})
