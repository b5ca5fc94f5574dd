"""Work outside the event loop: little of it in threads, much in a process, all of it even if that process dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digests.offload import IN_THREAD, ProcessOffload, ahead, in_own_thread, process_pool
from tests.program import is_alive
from tests.waiting import until


async def other_process(offload: ProcessOffload) -> int:
    """Wait until the second process has started, and return its id; until then this process does the work."""
    processes: list[int] = []

    async def is_another() -> bool:
        processes.append(await offload(os.getpid))
        return processes[-1] != os.getpid()

    await until(is_another, 30)
    return processes[-1]


# Prints how many processes there are: the second one, and the resource tracker that Python starts with it.
_PROGRAM = """
import asyncio, os, sys, psutil
from digests.offload import process_pool
async def main():
    with process_pool(threshold=2) as offload:
        for _ in range(int(sys.argv[1])):
            await offload(os.getpid)
        print(len(psutil.Process().children()))
asyncio.run(main())
"""


@pytest.mark.parametrize(("calls", "processes"), [(2, 0), (3, 2)])
def test_little_work_starts_no_process(calls: int, processes: int) -> None:
    command = [sys.executable, "-c", _PROGRAM, str(calls)]
    assert int(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout) == processes


async def test_much_work_goes_to_one_other_process_which_ends() -> None:
    with process_pool(threshold=0) as offload:
        other = await other_process(offload)
        assert {await offload(os.getpid) for _ in range(3)} == {other}
        with pytest.raises(ValueError, match="invalid literal"):
            await offload(int, "x")
    await until(lambda: not is_alive(other), 10)


async def test_work_does_not_wait_for_the_process_to_start() -> None:
    with process_pool(threshold=0) as offload:
        assert await offload(os.getpid) == os.getpid()


async def test_work_goes_on_without_a_process_that_died() -> None:
    with process_pool(threshold=0) as offload:
        os.kill(await other_process(offload), signal.SIGKILL)
        assert await offload(abs, -3) == 3
        assert await offload(os.getpid) == os.getpid()


async def test_results_come_in_order_while_later_ones_are_computed() -> None:
    most, running = 0, 0

    async def begin(number: int) -> int:
        nonlocal most, running
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02 if number % 2 else 0)
        running -= 1
        return number * 10

    assert [pair async for pair in ahead(range(7), begin, 2)] == [(number, number * 10) for number in range(7)]
    assert 1 < most <= 3
    assert await IN_THREAD(abs, -1) == 1


async def test_pending_work_is_cancelled_when_its_consumer_stops() -> None:
    ended: list[int] = []

    async def begin(number: int) -> int:
        try:
            await asyncio.sleep(0 if number == 0 else 60)
        finally:
            ended.append(number)
        return number

    results = ahead(range(3), begin, 2)
    async for _ in results:
        break
    await results.aclose()
    # The cancelled tasks end in the loop's next turn.
    await asyncio.sleep(0)
    assert sorted(ended) == [0, 1, 2]


async def test_a_process_that_hangs_is_not_waited_for() -> None:
    with process_pool(threshold=0) as offload:
        other = await other_process(offload)
        hanging = asyncio.ensure_future(offload(time.sleep, 600))
        # The process has to have begun: what it has not begun is cancelled without it.
        await asyncio.sleep(0.1)
        hanging.cancel()
    await until(lambda: not is_alive(other))


_HANGING = """
import asyncio, os, sys, threading
from digests.offload import in_own_thread
def hang():
    with open(sys.argv[1]) as pipe:
        pipe.read()
async def main():
    tasks = [asyncio.ensure_future(in_own_thread(hang)) for _ in range(40)]
    await asyncio.sleep(0.1)
    # As many others as the program has threads of its own are not held up.
    print(sum([await in_own_thread(int, "1") + await asyncio.to_thread(int, "1") for _ in range(20)]), flush=True)
asyncio.run(main())
"""


def test_the_program_ends_even_if_threads_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    command = [sys.executable, "-c", _HANGING, str(tmp_path / "pipe")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=10)
    assert (done.stdout, done.stderr) == ("40\n", "")


async def test_work_in_a_thread_of_its_own_returns_or_raises() -> None:
    assert await in_own_thread(int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await in_own_thread(int, "x")
