"""Which engine runs the jobs of a bot."""

from __future__ import annotations

import asyncio
import sys

import pytest

from bot.errors import StartError
from bot.process.job_engine import build_jobs
from bot.runtime.clock import SystemClock
from digests.jobs.local import LocalJobs
from digests.jobs.table import JobPace, all_jobs
from digests.storage.cluster.wakes import Wakes
from digests.storage.database import Database

TABLE = all_jobs(JobPace(60, 5), ["posts"])


async def test_with_sqlite_jobs_run_in_this_process() -> None:
    database = Database("sqlite://")
    assert isinstance(build_jobs(TABLE, database, SystemClock(), Wakes(database)), LocalJobs)
    await database.close()


async def test_with_postgresql_nothing_runs_twice_because_something_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database("postgresql://me@127.0.0.1:1/none")
    build_jobs(TABLE, database, SystemClock(), Wakes(database))
    for name in list(sys.modules):
        if name.startswith("digests.jobs.cluster"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with pytest.raises(StartError, match=r"digestbot\[cluster\]"):
        build_jobs(TABLE, database, SystemClock(), Wakes(database))
    await asyncio.sleep(0)
    await database.close()
