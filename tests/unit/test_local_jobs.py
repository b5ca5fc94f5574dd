"""Jobs on a wall clock that somebody sets, for APScheduler and for us."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from apscheduler.schedulers import base

import digests.jobs.local as jobs_module
from digests.errors import DigestsError
from digests.jobs.job import Job, Retry
from digests.jobs.local import LocalJobs, SteadyTrigger
from tests.waiting import until

DAY = timedelta(days=1)


class Wall:
    """The wall clock that jobs see: the real one, ahead by `ahead`."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def time(self) -> float:
        return time.time() + self.ahead.total_seconds()


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    clock = Wall()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + clock.ahead

    monkeypatch.setattr(base, "datetime", Shifted)
    monkeypatch.setattr(jobs_module, "datetime", Shifted)
    return clock


@pytest.mark.parametrize(
    "by",
    [
        timedelta(seconds=3),
        timedelta(hours=1),
        400 * DAY,
        3653 * DAY,
        timedelta(seconds=-3),
        timedelta(hours=-1),
        -400 * DAY,
        -3653 * DAY,
        None,
    ],
    ids=str,
)
async def test_jobs_keep_their_pace_however_the_clock_is_set(wall: Wall, by: timedelta | None) -> None:
    if by is None:
        by = datetime(9999, 12, 31, 23, 59, 50, tzinfo=UTC) - datetime.now(UTC)
    jumps: list[None] = []
    runs: list[float] = []
    rare: list[float] = []

    async def often() -> None:
        runs.append(time.monotonic())

    async def seldom() -> None:
        rare.append(time.monotonic())

    jobs = LocalJobs(
        [Job("often", 0.05), Job("seldom", 3600, at_once=False)],
        wall=wall.time,
        watch_seconds=0.02,
        on_jump=lambda: jumps.append(None),
    )
    jobs.add("often", often)
    jobs.add("seldom", seldom)
    jobs.start()
    try:
        await until(lambda: len(runs) > 1)
        runs.clear()
        wall.ahead = by
        set_at = time.monotonic()
        await until(lambda: len(runs) >= 8)
        assert jumps
        # No missed run is made up for, and none is left waiting.
        assert 0.25 < time.monotonic() - set_at < 1.5
        assert by < timedelta() or not rare
        wall.ahead = timedelta()
        runs.clear()
        await until(lambda: len(runs) >= 4)
        assert not jobs.late()
    finally:
        await jobs.stop(1)


async def test_a_jump_of_ten_years_does_not_hold_up_the_loop(wall: Wall) -> None:
    runs: list[None] = []

    async def work() -> None:
        runs.append(None)

    jobs = LocalJobs([Job(f"work {number}", 1.0) for number in range(10)], wall=wall.time, watch_seconds=0.02)
    for number in range(10):
        jobs.add(f"work {number}", work)
    jobs.start()
    try:
        await until(lambda: len(runs) >= 10)
        wall.ahead = 3653 * DAY
        longest, last = 0.0, time.monotonic()
        while len(runs) < 20:
            # How long the loop takes for a short sleep is what is measured.
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert longest < 0.3
    finally:
        await jobs.stop(1)


def test_a_trigger_lists_one_run_however_many_were_missed() -> None:
    steady = [100.0]
    trigger = SteadyTrigger(1.0, lambda: steady[0], at_once=True)
    now = datetime(2026, 11, 25, tzinfo=UTC)
    for later in (0, 5, 400 * 86400, 3653 * 86400):
        steady[0] += later
        assert trigger.get_next_fire_time(now, now + timedelta(seconds=later)) > now + timedelta(seconds=later)
    assert trigger.fire()
    assert not trigger.fire()


async def test_a_wake_runs_the_job_at_once_and_once_more_after_one_under_way() -> None:
    runs: list[str] = []
    going = asyncio.Event()

    async def work() -> None:
        runs.append("begun")
        await going.wait()

    jobs = LocalJobs([Job("work", 3600, at_once=False)])
    jobs.add("work", work)
    jobs.start()
    try:
        jobs.wake("work")
        await until(lambda: len(runs) == 1)
        jobs.wake("work")
        jobs.wake("work")
        going.set()
        await until(lambda: len(runs) == 2)
        # A third run would begin at once.
        await asyncio.sleep(0.05)
        assert len(runs) == 2
    finally:
        await jobs.stop(1)


async def test_jobs_that_come_due_during_a_pause_run_after_it() -> None:
    runs: list[str] = []

    async def work() -> None:
        runs.append("begun")
        await asyncio.sleep(0.02)
        runs.append("done")

    jobs = LocalJobs([Job("work", 0.01)])
    jobs.add("work", work)
    jobs.start()
    try:
        await until(lambda: bool(runs))
        async with jobs.paused():
            assert runs[-1] == "done"
            before = len(runs)
            jobs.wake("work")
            # Ten runs would be due meanwhile.
            await asyncio.sleep(0.1)
            assert len(runs) == before
        await until(lambda: len(runs) > before)
    finally:
        await jobs.stop(1)


async def test_a_job_that_does_not_run_or_does_not_end_is_late() -> None:
    steady = [0.0]
    hanging = asyncio.Event()

    async def hang() -> None:
        await hanging.wait()

    jobs = LocalJobs(
        [Job("hang", 1, longest=60), Job("patient", 1)],
        steady=lambda: steady[0],
        wall=lambda: steady[0],
        watch_seconds=3600,
    )
    jobs.add("hang", hang)
    jobs.add("patient", hang)
    jobs.start()
    try:
        steady[0] = 1.0
        jobs.wake("hang")
        jobs.wake("patient")
        await until(lambda: len(jobs._running()) == 2)
        assert jobs.late() == []
        steady[0] += 61
        assert jobs.late() == ["hang"]
        hanging.set()
        await until(lambda: not jobs._running())
        assert jobs.late() == []
        # As if APScheduler had lost its timer.
        jobs._scheduler.pause()
        steady[0] += 34
        assert jobs.late() == ["hang", "patient"]
    finally:
        await jobs.stop(1)


async def test_a_lost_timer_of_the_scheduler_is_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[None] = []

    async def work() -> None:
        runs.append(None)

    monkeypatch.setattr(jobs_module, "_LATE_SECONDS", 0.05)
    jobs = LocalJobs([Job("work", 0.02)], watch_seconds=0.02)
    jobs.add("work", work)
    jobs.start()
    try:
        await until(lambda: bool(runs))
        jobs._scheduler._stop_timer()
        runs.clear()
        await until(lambda: len(runs) > 1)
    finally:
        await jobs.stop(1)


async def test_jobs_go_on_when_the_wall_clock_is_set_back() -> None:
    ran = []
    wall = [1000.0]
    steady = [1000.0]
    jobs = LocalJobs(
        [Job("work", 3600, at_once=False)], wall=lambda: wall[0], steady=lambda: steady[0], watch_seconds=0.01
    )

    async def work() -> None:
        ran.append(wall[0])

    jobs.add("work", work)
    jobs.start()
    # The watch has to have looked at both clocks once.
    await asyncio.sleep(0.05)
    steady[0] += 60
    wall[0] -= 3600
    try:
        await until(lambda: bool(ran))
    finally:
        await jobs.stop(1)


@pytest.mark.parametrize(("patience", "outcome"), [(5.0, "done"), (0.05, "cut off")])
async def test_a_running_job_gets_time_to_finish(
    patience: float, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[str] = []
    jobs = LocalJobs([Job("work", 0.01)])

    async def work() -> None:
        events.append("begun")
        try:
            await asyncio.sleep(0.3)
        except asyncio.CancelledError:
            events.append("cut off")
            raise
        events.append("done")

    jobs.add("work", work)
    jobs.start()
    await until(lambda: bool(events))
    # More runs come due while the first one is under way, and after the stop: none of them is worth a warning.
    await asyncio.sleep(0.05)
    await jobs.stop(patience)
    assert events == ["begun", outcome]
    await asyncio.sleep(0.05)
    assert [record.getMessage() for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


async def test_a_rare_job_that_fails_is_tried_again_soon() -> None:
    runs: list[None] = []

    async def fail() -> None:
        runs.append(None)
        raise DigestsError("the disk is full")

    jobs = LocalJobs([Job("rare", 3600, retry=Retry(seconds=0.01, times=2))])
    jobs.add("rare", fail)
    jobs.start()
    try:
        await until(lambda: len(runs) == 3)
        await asyncio.sleep(0.05)
        assert len(runs) == 3
    finally:
        await jobs.stop(1)


async def test_a_cause_that_many_jobs_meet_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    is_away = True

    async def work() -> None:
        if is_away:
            raise DigestsError("the database is away")

    caplog.set_level(logging.INFO)
    jobs = LocalJobs([Job(name, 0.01) for name in "abc"])
    for name in "abc":
        jobs.add(name, work)
    jobs.start()
    try:
        await until(lambda: "the database is away" in caplog.messages)
        await asyncio.sleep(0.05)
        is_away = False
        await until(lambda: "the job works again" in caplog.messages)
        await asyncio.sleep(0.05)
    finally:
        await jobs.stop(1)
    assert caplog.messages.count("the database is away") == 1
    assert caplog.messages.count("the job works again") == 1


async def test_a_name_that_is_not_in_the_table_is_a_mistake() -> None:
    jobs = LocalJobs([Job("work", 1)])
    with pytest.raises(LookupError):
        jobs.wake("wrok")
    with pytest.raises(LookupError):
        jobs.add("wrok", asyncio.Event().wait)
    # Another process has it.
    jobs.wake("work")
