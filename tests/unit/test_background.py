"""Work in the background: once per key, bounded, and ended when the bot stops."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bot.handlers.background import BackgroundWork


async def test_work_of_one_key_runs_once_at_a_time() -> None:
    background, done, go = BackgroundWork(), list[str](), asyncio.Event()

    async def work(name: str) -> None:
        await go.wait()
        done.append(name)

    assert background.begin("a", partial(work, "first"))
    assert not background.begin("a", partial(work, "second"))
    assert background.begin("b", partial(work, "other"))
    go.set()
    await background.settle()
    assert sorted(done) == ["first", "other"]
    assert background.begin("a", partial(work, "third"))
    await background.settle()
    assert done[-1] == "third"


async def test_no_more_than_a_few_run_at_once_and_no_more_than_some_wait() -> None:
    background, running, most = BackgroundWork(at_once=2, most=5), 0, 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    begun = [background.begin(str(number), work) for number in range(7)]
    await background.settle()
    assert begun == [True] * 5 + [False] * 2
    assert most == 2


async def test_a_failure_is_logged_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    background = BackgroundWork()

    async def fail() -> None:
        raise RuntimeError("as a test wants it")

    background.begin("a", fail)
    await background.settle()
    assert "work in the background failed" in caplog.text
    assert background.may_begin("a")


async def test_what_is_under_way_is_ended_by_a_stop() -> None:
    background = BackgroundWork()
    background.begin("a", asyncio.Event().wait)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await background.stop()
    assert background.may_begin("a")


async def test_work_that_nobody_wants_any_more_ends_and_makes_room_for_other_of_its_key() -> None:
    background, go, done = BackgroundWork(), asyncio.Event(), list[str]()

    async def work(name: str) -> None:
        await go.wait()
        done.append(name)

    assert background.begin("a", partial(work, "first"))
    await asyncio.sleep(0)
    await background.drop("a")
    await background.drop("nothing")
    assert background.begin("a", partial(work, "second"))
    await asyncio.sleep(0)
    assert not background.may_begin("a")
    go.set()
    await background.settle()
    assert done == ["second"]
