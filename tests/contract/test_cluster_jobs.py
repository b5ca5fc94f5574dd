"""Jobs of many processes over one PostgreSQL: each moment once, whatever dies, hangs or is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from digests.errors import NewerDatabase, StorageError
from digests.jobs.cluster import sweep
from digests.jobs.cluster.runner import ClusterJobs
from digests.jobs.cluster.schema import bring_up_tables, steps_to_make
from digests.jobs.job import Job, Retry, Scope
from digests.jobs.runner import JobFunction
from digests.storage.cluster.driver_queries import DriverQueries
from digests.storage.cluster.wakes import Wakes
from digests.storage.database import Database
from tests.postgres import Server
from tests.waiting import until

HOUR = 3600.0
EACH = Scope.PROCESS
TABLE = (
    Job("often", 0.2),
    Job("rare", HOUR, at_once=False),
    Job("failing", HOUR, at_once=False, retry=Retry(0.1, 2)),
    Job("long", HOUR, at_once=False, longest=0.1),
    Job("each", HOUR, scope=EACH, at_once=False),
)


class HostClock:
    """The clock of this host, or of one whose clock is wrong."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        """Return its time."""
        return datetime.now(UTC) + self.ahead


class Machine:
    """A process of the bot, as far as jobs are concerned."""

    def __init__(self, url: str, clock: HostClock | None = None) -> None:
        self.database = Database(url)
        self.jobs = ClusterJobs(TABLE, self.database, clock or HostClock(), Wakes(self.database))
        self.queries = DriverQueries(self.database)

    async def holds(self, statement: str) -> bool:
        """Return whether a query has a number that is not 0, or true, for its only answer."""
        return bool(await self.number(statement))

    async def number(self, statement: str) -> int:
        """Return the number that a query has for its only answer."""
        rows = await self.queries.rows(statement, {})
        return int(next(iter(rows[0].values())))


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as found:
        yield found


@asynccontextmanager
async def machines(url: str, number: int = 1) -> AsyncIterator[list[Machine]]:
    made = [Machine(url) for _ in range(number)]
    await asyncio.gather(*[machine.jobs.open() for machine in made])
    try:
        yield made
    finally:
        await asyncio.gather(*[machine.jobs.stop(2) for machine in made])
        await asyncio.gather(*[machine.database.close() for machine in made])


def counting(runs: list[str], name: str = "run") -> JobFunction:
    async def work() -> None:
        runs.append(name)

    return work


async def test_of_many_schedulers_one_defers_each_moment(url: str) -> None:
    runs: list[str] = []
    async with machines(url, 4) as made:
        began = monotonic()
        for machine in made:
            machine.jobs.add("often", counting(runs))
            machine.jobs.start()
        await until(lambda: len(runs) >= 4)
        # Schedulers look once a second, so of five moments in it one is deferred: not one by each of four.
        assert len(runs) <= monotonic() - began + 2
        assert await made[0].number("SELECT count(*) FROM procrastinate_periodic_defers") <= 2


async def test_a_wake_runs_a_job_in_one_process_and_is_heard_by_processes_without_it(url: str) -> None:
    runs: list[str] = []
    async with machines(url, 3) as made:
        for machine, name in zip(made[:2], "ab", strict=True):
            machine.jobs.add("rare", counting(runs, name))
            machine.jobs.start()
        made[2].jobs.start()
        made[2].jobs.wake("rare")
        await until(lambda: len(runs) == 1)
        await asyncio.sleep(0.3)
        assert len(runs) == 1
        # Nothing is left of it.
        await until(lambda: made[0].holds("SELECT count(*) = 0 FROM procrastinate_jobs"))


async def test_what_is_every_processs_own_is_woken_in_each(url: str) -> None:
    runs: list[str] = []
    async with machines(url, 3) as made:
        for machine, name in zip(made[:2], "ab", strict=True):
            machine.jobs.add("each", counting(runs, name))
        for machine in made:
            machine.jobs.start()
        # Each looks once when it begins to listen.
        await until(lambda: sorted(runs) == ["a", "b"])
        runs.clear()
        made[2].jobs.wake("each")
        await until(lambda: sorted(runs) == ["a", "b"])
        runs.clear()
        made[0].jobs.wake("each")
        await until(lambda: sorted(runs) == ["a", "b"])
        await asyncio.sleep(0.2)
        assert sorted(runs) == ["a", "b"]


async def test_a_job_runs_once_at_a_time_and_once_more_if_it_was_woken_meanwhile(url: str) -> None:
    going, running, runs = asyncio.Event(), [0], []

    async def work() -> None:
        running[0] += 1
        runs.append(running[0])
        await going.wait()
        running[0] -= 1

    async with machines(url, 2) as made:
        for machine in made:
            machine.jobs.add("rare", work)
            machine.jobs.start()
        made[0].jobs.wake("rare")
        await until(lambda: len(runs) == 1)
        for machine in made * 5:
            machine.jobs.wake("rare")
            await asyncio.sleep(0.02)
        # What a busy machine has not sent yet would wake it a third time.
        await until(lambda: all(machine.jobs._waking is None or machine.jobs._waking.done() for machine in made))
        going.set()
        await until(lambda: len(runs) == 2)
        await asyncio.sleep(0.3)
        assert runs == [1, 1]


async def test_a_run_that_fails_is_tried_again_as_its_row_says(url: str, caplog: pytest.LogCaptureFixture) -> None:
    runs: list[str] = []

    async def fail() -> None:
        runs.append("")
        raise StorageError("the disk is full")

    async with machines(url) as (machine,):
        machine.jobs.add("failing", fail)
        machine.jobs.start()
        machine.jobs.wake("failing")
        await until(lambda: len(runs) == 3, 20)
        await until(lambda: machine.holds("SELECT count(*) = 0 FROM procrastinate_jobs"))
    assert caplog.messages.count("the disk is full") == 1


async def test_a_run_that_lasts_too_long_is_late(url: str) -> None:
    going = asyncio.Event()
    async with machines(url) as (machine,):
        machine.jobs.add("long", going.wait)
        machine.jobs.start()
        machine.jobs.wake("long")
        await until(lambda: machine.jobs.late() == ["long"])
        going.set()
        await until(lambda: machine.jobs.late() == [])


async def test_no_job_runs_while_they_are_paused(url: str) -> None:
    runs: list[str] = []
    async with machines(url) as (machine,):
        machine.jobs.add("rare", counting(runs))
        machine.jobs.start()
        async with machine.jobs.paused():
            machine.jobs.wake("rare")
            await until(lambda: machine.holds("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"))
            assert runs == []
        await until(lambda: runs == ["run"])


async def test_a_stop_lets_jobs_end_or_leaves_them_to_others(url: str) -> None:
    runs: list[str] = []

    async def hang() -> None:
        runs.append("begun")
        await asyncio.Event().wait()

    async with machines(url, 2) as (first, second):
        first.jobs.add("rare", hang)
        first.jobs.start()
        first.jobs.wake("rare")
        await until(lambda: runs == ["begun"])
        await first.jobs.stop(1.5)
        second.jobs.add("rare", counting(runs, "other"))
        second.jobs.start()
        await until(lambda: runs == ["begun", "other"])
        assert await second.number("SELECT count(*) FROM procrastinate_workers") == 1


async def test_the_jobs_of_a_worker_that_died_are_taken_up_and_its_end_then_changes_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "STALLED_SECONDS", 0.3)
    runs: list[str] = []
    frozen, going = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        runs.append("frozen")
        await frozen.wait()

    async def again() -> None:
        runs.append("again")
        await going.wait()

    async with machines(url, 2) as (first, second):
        first.jobs.add("rare", work)
        first.jobs.start()
        first.jobs.wake("rare")
        await until(lambda: runs == ["frozen"])
        # As if its loop stood still: no more heartbeats.
        await first.queries.rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'", {})
        second.jobs.add("rare", again)
        second.jobs.start()
        await until(lambda: second.holds("SELECT coalesce(max(id), 0) > 1 FROM procrastinate_workers"))
        sweeper = second.jobs._sweeper
        await sweeper.sweep()
        await asyncio.sleep(0.35)
        await sweeper.sweep()
        await until(lambda: runs == ["frozen", "again"])
        # It wakes up: the run of the other goes on, with its lock.
        frozen.set()
        await asyncio.sleep(0.2)
        assert await second.number("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 1
        going.set()
        await until(lambda: second.holds("SELECT count(*) = 0 FROM procrastinate_jobs"))


async def test_a_job_whose_answer_was_lost_does_not_stay_locked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "STALLED_SECONDS", 0.05)
    runs: list[str] = []
    async with machines(url) as (machine,):
        machine.jobs.add("rare", counting(runs))
        machine.jobs.start()
        await until(lambda: machine.holds("SELECT count(*) FROM procrastinate_workers"))
        async with machine.queries.transaction() as transaction:
            await transaction.rows(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status, worker_id)"
                " SELECT 'rare', 'rare', 'rare', 'rare', 'doing', id FROM procrastinate_workers"
            )
        for _ in range(4):
            await machine.jobs._sweeper.sweep()
            await asyncio.sleep(0.06)
        await until(lambda: runs == ["run"])


async def test_jobs_go_on_by_themselves_once_the_database_answers_again(
    url: str, postgresql: Server, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[str] = []
    name = url.rpartition("/")[2].partition("?")[0]
    async with machines(url) as (machine,):
        machine.jobs.add("often", counting(runs))
        machine.jobs.start()
        await until(lambda: len(runs) >= 2, 20)
        kick = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        await asyncio.to_thread(postgresql._execute, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await asyncio.to_thread(postgresql._execute, kick)
        await asyncio.sleep(3)
        before = len(runs)
        await asyncio.to_thread(postgresql._execute, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await until(lambda: len(runs) >= before + 2, 20)
        await until(lambda: machine.holds("SELECT count(*) <= 1 FROM procrastinate_jobs"))
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(told) == 1, told


async def test_a_sign_of_life_that_fails_is_not_the_last(url: str) -> None:
    async with machines(url) as (machine,):
        manager = machine.jobs._manager
        number = await manager.register_worker()
        await machine.queries.rows("ALTER TABLE procrastinate_workers RENAME TO away", {})
        await manager.update_heartbeat(number)
        await machine.queries.rows("ALTER TABLE away RENAME TO procrastinate_workers", {})
        await machine.queries.rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'", {})
        await manager.update_heartbeat(number)
        fresh = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'"
        assert await machine.number(fresh) == 1


async def test_tables_are_made_once_and_what_is_not_ours_is_left_alone(url: str) -> None:
    async with machines(url, 5) as made:
        assert await made[0].number("SELECT count(*) FROM procrastinate_jobs") == 0
        await made[0].jobs.open()
        await made[0].queries.rows("UPDATE facts SET value = '99' WHERE name = 'jobs schema'", {})
        with pytest.raises(NewerDatabase):
            await made[0].jobs.open()
        await made[0].queries.rows("DELETE FROM facts WHERE name = 'jobs schema'", {})
        with pytest.raises(StorageError, match="a database of its own"):
            await bring_up_tables(made[0].queries, others_are_older=False)


def test_steps_that_take_away_wait_for_older_processes() -> None:
    names = ["3.1_01_pre_a", "3.1_50_post_b", "3.2_01_pre_c", "3.2_50_post_d"]
    assert steps_to_make(names, "3.1_01_pre_a", others_are_older=False) == names[1:]
    assert steps_to_make(names, names[3], others_are_older=True) == []
    assert steps_to_make(names, names[2], others_are_older=True) == []
    assert steps_to_make(names[:2], "3.0", others_are_older=True) == names[:1]
    with pytest.raises(StorageError, match="stop"):
        steps_to_make(names, "3.0", others_are_older=True)


async def test_what_nobody_knows_any_more_is_cleared_away(url: str) -> None:
    async with machines(url) as (machine,):
        async with machine.queries.transaction() as transaction:
            await transaction.rows(
                "INSERT INTO procrastinate_jobs (queue_name, task_name)"
                " VALUES ('scan gone', 'scan gone'), ('new', 'new')"
            )
            await transaction.rows("UPDATE procrastinate_events SET at = now() - interval '2 days' WHERE job_id = 1")
            await transaction.rows(
                "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp)"
                " VALUES ('scan gone', 1), ('rare', 1)"
            )
        await machine.jobs._sweeper.sweep()
        left = await machine.queries.rows("SELECT task_name FROM procrastinate_jobs", {})
        assert [row["task_name"] for row in left] == ["new"]
        left = await machine.queries.rows("SELECT task_name FROM procrastinate_periodic_defers", {})
        assert [row["task_name"] for row in left] == ["rare"]


def test_procrastinate_is_not_loaded_with_sqlite(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = "import sys, bot.process.app, digests.jobs.local; sys.exit('procrastinate' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0
