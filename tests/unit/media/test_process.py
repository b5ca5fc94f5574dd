"""The second process: never this one, started when needed, bounded, and gone with the bot."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import tests
from digests.isolation.child import read_answer
from digests.isolation.process import ProcessUnavailable, WorkLost
from digests.media.judged import Judged, Unusable
from digests.media.process import DrawingProcess
from digests.media.work import judge_picture
from tests.factories.drawn_pictures import encoded, png_chunk, png_with, striped, zeros
from tests.factories.feeds import FAULT
from tests.factories.times import HOUR, NOW
from tests.program import is_alive
from tests.unit.media import process_calls
from tests.waiting import until


@pytest.fixture
async def drawing() -> AsyncIterator[DrawingProcess]:
    """Return a second process, which is ended after the test."""
    made = DrawingProcess()
    yield made
    await made.close()


async def test_nothing_runs_in_this_process_not_even_the_first_call(drawing: DrawingProcess) -> None:
    first = await drawing(process_calls.process_id)
    assert first == drawing.pid != os.getpid()
    assert await drawing(process_calls.process_id) == first


async def test_pictures_are_judged_there(drawing: DrawingProcess) -> None:
    judged = await drawing.judge(encoded(striped()))
    assert isinstance(judged, Judged)
    assert judged == judge_picture(encoded(striped()))
    assert await drawing.judge(b"<svg/>") == Unusable("an SVG drawing")


async def test_many_callers_get_each_their_answer(drawing: DrawingProcess) -> None:
    texts = [str(number) * 100_000 for number in range(10)]
    assert await asyncio.gather(*[drawing(process_calls.say, text) for text in texts]) == texts


async def test_faults_are_raised_here(drawing: DrawingProcess) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await drawing(int, "x")
    with pytest.raises(RuntimeError, match="_OddError: odd fault"):
        await drawing(process_calls.fail_foreign)
    assert await drawing(abs, -3) == 3


async def test_a_call_that_hangs_ends_the_process_and_the_next_has_another() -> None:
    drawing = DrawingProcess(call_seconds=1.5)
    first = await drawing(process_calls.process_id)
    with pytest.raises(WorkLost, match=r"hang took longer than 1.5 s"):
        await drawing(process_calls.hang, 600)
    assert not is_alive(first)
    assert await drawing(process_calls.process_id) != first
    await drawing.close()


async def test_a_call_that_kills_the_process_is_lost_and_the_next_goes_on(drawing: DrawingProcess) -> None:
    others = asyncio.gather(*[drawing(abs, -number) for number in range(3)])
    with pytest.raises(WorkLost, match="ended during die"):
        await drawing(process_calls.die)
    assert await others == [0, 1, 2]
    assert await drawing(abs, -3) == 3


async def test_a_picture_that_ends_the_process_is_unusable(
    drawing: DrawingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.media.process.judge_picture", _dying)
    assert await drawing.judge(b"") == Unusable("takes too much time or memory")
    monkeypatch.undo()
    assert isinstance(await drawing.judge(encoded(striped())), Judged)


def _dying(_data: bytes) -> None:
    process_calls.die()


async def test_a_process_that_somebody_killed_is_started_anew(drawing: DrawingProcess) -> None:
    first = await drawing(process_calls.process_id)
    os.kill(first, signal.SIGKILL)
    await until(lambda: drawing.pid is None)
    assert await drawing(process_calls.process_id) != first


async def test_its_memory_is_bounded(drawing: DrawingProcess) -> None:
    with pytest.raises(MemoryError):
        await drawing(process_calls.fill_memory, 3000)
    assert await drawing(abs, -3) == 3


async def test_bombs_cost_neither_time_nor_the_process(drawing: DrawingProcess) -> None:
    first = await drawing(process_calls.process_id)
    huge = png_with(png_chunk(b"IDAT", zeros(50)), width=50_000, height=50_000)
    text = png_with(png_chunk(b"zTXt", b"k\0\0" + zeros(1000)), png_chunk(b"IDAT", zeros(1)), png_chunk(b"IEND", b""))
    for bomb in (huge, text):
        assert isinstance(await drawing.judge(bomb), Unusable)
    # The largest that is accepted is decoded within the bounds.
    assert isinstance(await drawing.judge(encoded(striped(8000, 5000), "PNG", compress_level=1)), Judged)
    assert await drawing(process_calls.process_id) == first


async def test_it_gives_way_and_knows_no_secret(drawing: DrawingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTBOT_TELEGRAM__TOKEN", "secret")
    assert await drawing(process_calls.niceness) >= os.nice(0) + 5 or os.nice(0) > 14
    assert not any("DIGESTBOT" in name for name in await drawing(process_calls.variables))


async def test_it_ends_when_idle_and_comes_back() -> None:
    drawing = DrawingProcess(idle_seconds=0.05)
    first = await drawing(process_calls.process_id)
    await until(lambda: not is_alive(first))
    assert drawing.pid is None
    assert await drawing(process_calls.process_id) != first
    await drawing.close()


async def test_a_cancelled_call_leaves_no_answer_behind(drawing: DrawingProcess) -> None:
    call = asyncio.ensure_future(drawing(process_calls.hang, 600))
    await until(lambda: drawing.pid is not None)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await drawing(process_calls.say, "mine") == "mine"


async def test_after_the_stop_nothing_runs_and_nothing_starts() -> None:
    drawing = DrawingProcess()
    other = await drawing(process_calls.process_id)
    hanging = asyncio.ensure_future(drawing(process_calls.hang, 600))
    waiting = asyncio.ensure_future(drawing(abs, -1))
    await asyncio.sleep(0)
    await drawing.close()
    assert not is_alive(other)
    for call in (hanging, waiting):
        with pytest.raises((WorkLost, ProcessUnavailable)):
            await call
    with pytest.raises(ProcessUnavailable, match="stopping"):
        await drawing(abs, -1)
    await drawing.close()


async def test_a_process_that_cannot_be_started_is_not_the_pictures_trouble(
    drawing: DrawingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ProcessUnavailable, match="can't be started"):
        await drawing.judge(encoded(striped()))
    monkeypatch.undo()
    assert isinstance(await drawing.judge(encoded(striped())), Judged)


async def test_an_answer_is_data(drawing: DrawingProcess) -> None:
    with pytest.raises(RuntimeError, match="Foreign"):
        await drawing(process_calls.make_foreign)
    for hostile in (os.system, subprocess.Popen, eval, process_calls.die):
        with pytest.raises(pickle.UnpicklingError):
            read_answer(pickle.dumps((True, hostile)))
    data = (True, [Unusable("no"), FAULT, NOW, NOW.date(), HOUR])
    assert read_answer(pickle.dumps(data)) == data


ROOT = str(Path(tests.__file__).parents[1])
_PARENT = """
import asyncio, os, sys
from digests.media.process import DrawingProcess
from tests.unit.media import process_calls
async def main():
    drawing = DrawingProcess()
    print(await drawing(process_calls.process_id), "PIL" in sys.modules, flush=True)
    await drawing(process_calls.hang, 600)
asyncio.run(main())
"""


async def test_it_ends_with_the_bot_even_in_the_middle_of_a_call() -> None:
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": ROOT}) as bot:
        assert bot.stdout is not None
        pid, has_pillow = bot.stdout.readline().split()
        bot.kill()
    assert has_pillow == "False"
    await until(lambda: not is_alive(int(pid)), 10)


async def test_pillow_is_loaded_there_alone(drawing: DrawingProcess) -> None:
    await drawing.judge(encoded(striped()))
    assert await drawing(process_calls.loaded, "PIL")


async def test_drawing_does_not_queue_behind_the_pictures_of_strangers(
    drawing: DrawingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.media.process.judge_picture", process_calls.slow_say)
    judged = [asyncio.ensure_future(drawing.judge(b"0.2")) for _ in range(20)]
    await until(lambda: drawing.pid is not None)
    assert await drawing(abs, -3) == 3
    assert sum(call.done() for call in judged) <= 2
    for call in judged:
        call.cancel()


async def test_a_picture_is_judged_in_less_time_than_a_call_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = DrawingProcess(judge_seconds=0.7)
    monkeypatch.setattr("digests.media.process.judge_picture", process_calls.slow_say)
    assert await drawing.judge(b"600") == Unusable("takes too much time or memory")
    await drawing.close()


async def test_pictures_that_wait_are_in_memory_once() -> None:
    drawing = DrawingProcess()
    process = await drawing(process_calls.process_id)
    os.kill(process, signal.SIGSTOP)
    pictures = [bytes([number]) * 5_000_000 for number in range(12)]
    tracemalloc.start()
    judged = [asyncio.ensure_future(drawing.judge(picture)) for picture in pictures]
    await asyncio.sleep(0.2)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 3 * 5_000_000
    for call in judged:
        call.cancel()
    await drawing.close()
