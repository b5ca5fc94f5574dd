"""Which processes there are, the database's clock, and wakes between processes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

import digests.storage.cluster.server_clock as server_clock
from bot.monitoring.parts import worst_skew
from bot.telegram.reachability import Reachability
from digests.model.process import ALL_ROLES, ProcessRole
from digests.storage.cluster.connection import alone
from digests.storage.cluster.processes import ALIVE_FOR, ProcessStore
from digests.storage.cluster.server_clock import ServerClock
from digests.storage.cluster.wakes import MISSED, Wakes
from digests.storage.database import Database
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.waiting import until

SECOND = timedelta(seconds=1)


async def note(
    store: ProcessStore, name: str, at: datetime, *, host: str = "h", began: datetime = NOW, skew: float = 0.0
) -> bool:
    return await store.note(name, host, [ProcessRole.JOBS, ProcessRole.UPDATES], "1.2", began, at, skew)


async def test_a_process_is_alive_for_a_while_after_each_sign_of_life(database: Database) -> None:
    store = ProcessStore(database)
    assert await note(store, "a", NOW, skew=1.5)
    assert await note(store, "b", NOW + 60 * SECOND)
    a, _ = await store.alive(NOW + ALIVE_FOR)
    assert (a.name, a.host, a.version, a.skew, a.seen_at) == ("a", "h", "1.2", 1.5, NOW)
    assert a.roles == {ProcessRole.JOBS, ProcessRole.UPDATES} < ALL_ROLES
    assert [process.name for process in await store.alive(NOW + ALIVE_FOR + SECOND)] == ["b"]
    assert await note(store, "a", NOW + ALIVE_FOR + SECOND)
    assert [process.name for process in await store.alive(NOW + ALIVE_FOR + SECOND)] == ["a", "b"]
    await store.forget("b")
    assert [process.name for process in await store.alive(NOW + ALIVE_FOR + SECOND)] == ["a"]


async def test_a_sign_that_lies_ahead_says_nothing(database: Database) -> None:
    store = ProcessStore(database)
    await note(store, "a", NOW + timedelta(hours=1))
    assert not await store.alive(NOW)


async def test_of_two_processes_with_one_name_the_first_keeps_it_while_it_lives(database: Database) -> None:
    store = ProcessStore(database)
    assert await note(store, "worker", NOW)
    assert not await note(store, "worker", NOW + SECOND, began=NOW + SECOND)
    assert not await note(store, "worker", NOW + SECOND, host="other")
    assert await note(store, "worker", NOW + 20 * SECOND)
    # It is dead, and was started again.
    later = NOW + 20 * SECOND + ALIVE_FOR + SECOND
    assert await note(store, "worker", later, began=later)
    assert [process.started_at for process in await store.alive(later)] == [later]


async def test_processes_that_are_long_gone_are_forgotten(database: Database) -> None:
    store = ProcessStore(database)
    await note(store, "old", NOW)
    await note(store, "new", NOW + SECOND)
    await store.tidy(NOW + SECOND)
    assert [process.name for process in await store.alive(NOW)] == ["new"]


async def test_a_role_of_a_newer_program_is_no_trouble(database: Database) -> None:
    store = ProcessStore(database)
    await store.note("new", "h", ["jobs", "juggling"], "9", NOW, NOW, 0.0)  # type: ignore[list-item]
    assert [process.roles for process in await store.alive(NOW)] == [{ProcessRole.JOBS}]


class ComparedFakeClock(FakeClock):
    """A clock that goes by a server's, which is 2 seconds behind this machine's."""

    skew = 2.0


async def test_the_wrong_clock_of_another_machine_is_seen_by_whichever_process_looks(database: Database) -> None:
    store, clock, reachability = ProcessStore(database), ComparedFakeClock(NOW), Reachability()
    assert await worst_skew(clock, reachability, store) == 2.0
    await note(store, "a", NOW, skew=2.0)
    await note(store, "b", NOW, skew=-300.0)
    await note(store, "dead", NOW - ALIVE_FOR - SECOND, skew=900.0)
    assert await worst_skew(clock, reachability, store) == -300.0
    reachability.skew = 7.0
    assert await worst_skew(FakeClock(NOW), reachability, store) == 7.0, "with SQLite there is one process"


async def test_the_clock_is_the_databases_whatever_this_hosts_says(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ServerClock(database)
    await clock.refresh()
    true = datetime.now(UTC)
    assert abs(clock.now() - true) < 2 * SECOND
    assert clock.now().tzinfo is UTC

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(minutes=5)

    monkeypatch.setattr(server_clock, "datetime", Ahead)
    assert abs(clock.now() - datetime.now(UTC)) < 5 * SECOND
    assert 290 < clock.skew < 310
    if not database.is_sqlite:
        await clock.refresh()
        assert abs(clock.now() - datetime.now(UTC)) < 5 * SECOND


async def test_the_clock_goes_on(database: Database) -> None:
    clock = ServerClock(database)
    await clock.refresh()
    before = clock.now()
    await until(lambda: clock.now() - before >= timedelta(milliseconds=20))


@asynccontextmanager
async def listening(wakes: Wakes, on_wake: Callable[[str], None]) -> AsyncIterator[None]:
    task = asyncio.create_task(wakes.listen(on_wake))
    try:
        await asyncio.sleep(0)
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_wake_reaches_all_who_listen_here_and_elsewhere(database: Database) -> None:
    wakes = Wakes(database)
    heard: list[str] = []
    others: list[str] = []
    elsewhere: list[str] = []
    other = Wakes(database)
    async with listening(wakes, heard.append), listening(wakes, others.append):
        async with listening(other, elsewhere.append):
            if not database.is_sqlite:
                await until(lambda: MISSED in heard and MISSED in elsewhere)
            await wakes.notify("deliver")
            await until(lambda: "deliver" in heard and "deliver" in others)
            if not database.is_sqlite:
                await until(lambda: "deliver" in elsewhere)
        await other.notify("updates")
        if not database.is_sqlite:
            await until(lambda: "updates" in heard)
    heard.clear()
    await wakes.notify("late")
    assert heard == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_listening_comes_back_by_itself(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    heard: list[str] = []
    wakes = Wakes(database)
    async with listening(wakes, heard.append):
        await until(lambda: heard == [MISSED])
        async with database.write() as connection:
            await connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%%' AND datname = current_database() AND pid <> pg_backend_pid()"
            )
        await until(lambda: heard == [MISSED, MISSED])
        await wakes.notify("deliver")
        await until(lambda: heard[-1] == "deliver")
    assert len([line for line in caplog.messages if "does not wake" in line]) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_one_process_at_a_time_is_alone(database: Database) -> None:
    inside: list[str] = []

    async def enter(name: str) -> None:
        async with alone(database, "start"):
            inside.append(name)
            await asyncio.sleep(0.05)
            inside.append(name)

    await asyncio.gather(enter("a"), enter("b"), enter("c"))
    assert all(inside[number] == inside[number + 1] for number in range(0, 6, 2))
