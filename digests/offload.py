"""Work that takes the processor, done off the event loop: in a thread, or, when there is much of it, in a process.

A process and not more threads: Python runs one thread at a time, and a thread that parses makes every statement of the
database wait for its turn (measured: threads x 0.6, a second process x 1.35 to 2.1).
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import Any, Protocol, TypeVar

logger = logging.getLogger(__name__)

ReturnT = TypeVar("ReturnT")
InputT = TypeVar("InputT")

_NICER = 5
_LOOK_SECONDS = 2.0


class Offload(Protocol):
    """Calls a function that blocks. What is called and given must be picklable: it may run in another process."""

    ahead: int
    """How many such calls it pays to have under way."""

    async def __call__(self, work: Callable[..., ReturnT], *given: object) -> ReturnT: ...


class ThreadOffload:
    """For little work."""

    ahead = 1

    async def __call__(self, work: Callable[..., ReturnT], *given: object) -> ReturnT:
        return await in_own_thread(work, *given)


IN_THREAD = ThreadOffload()


async def in_own_thread(work: Callable[..., ReturnT], *given: object) -> ReturnT:
    """Calls what may hang: a folder on a host that is gone, a pipe that nobody writes to.

    Unlike `asyncio.to_thread`, one call that hangs takes no thread from others, and the program can end without it.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[ReturnT] = loop.create_future()

    def settle(result: ReturnT | None, error: BaseException | None) -> None:
        if future.done():
            # Whoever waited was cancelled.
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only where the work gives None

    def run() -> None:
        result, error = None, None
        try:
            result = context.run(work, *given)
        except BaseException as raised:  # noqa: BLE001 - it belongs to whoever waits
            error = raised
        with contextlib.suppress(RuntimeError):
            # The loop may be closed by now.
            loop.call_soon_threadsafe(settle, result, error)

    context = contextvars.copy_context()
    threading.Thread(target=run, name=getattr(work, "__qualname__", "work"), daemon=True).start()
    return await future


class ProcessOffload:
    """One process beside this one, started when there proves to be much to do. Until it is up, and when it is lost,
    threads do the work."""

    ahead = 3

    def __init__(self, little: int) -> None:
        self._left = little
        self._pool: ProcessPoolExecutor | None = None
        self._up: asyncio.Future[None] | None = None
        self._workers: list[BaseProcess] = []
        self._under_way: set[Future[Any]] = set()
        self._broken = False

    async def __call__(self, work: Callable[..., ReturnT], *given: object) -> ReturnT:
        self._left -= 1
        if self._left < 0 and not self._broken:
            try:
                if pool := self._ready():
                    return await self._in(pool, work, *given)
            except (BrokenProcessPool, OSError) as error:
                if not self._broken:
                    logger.warning("the second process ended; work goes on in this one", extra={"reason": str(error)})
                self._broken = True
        return await IN_THREAD(work, *given)

    async def _in(self, pool: ProcessPoolExecutor, work: Callable[..., ReturnT], *given: object) -> ReturnT:
        calling = pool.submit(work, *given)
        self._under_way.add(calling)
        # Not when its waiter is cancelled: the process goes on with it.
        calling.add_done_callback(self._under_way.discard)
        return await asyncio.wrap_future(calling)

    def _ready(self) -> ProcessPoolExecutor | None:
        """Once the process is up. Starts it at the first asking; raises what kept it from starting."""
        if self._pool is None or self._up is None:
            # Anew, never forked: the bot has threads, and a copy of their locks would hang. Not sooner: a pool alone
            # starts a process of Python's that looks after its semaphores, and stays (10 MB).
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_settle, initargs=(os.getpid(),))
            others = multiprocessing.active_children()
            self._up = asyncio.get_running_loop().run_in_executor(self._pool, _answer)
            self._workers = [child for child in multiprocessing.active_children() if child not in others]
        if not self._up.done():
            return None
        self._up.result()
        return self._pool

    def close(self) -> None:
        """Ends the process, which is not waited for: one that is at something may never answer."""
        self._broken = True
        if self._pool is None:
            return
        is_starting = self._up is not None and not self._up.done()
        if is_starting and self._up is not None:
            self._up.cancel()
        hangs = is_starting or bool(self._under_way)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if hangs:
            for worker in self._workers:
                worker.kill()


def _answer() -> None:
    """The first thing that is asked of the new process."""


@contextlib.contextmanager
def process_pool(little: int = 8) -> Iterator[ProcessOffload]:
    """For the calls that come after the first few, which cost less than to start it."""
    pool = ProcessOffload(little)
    try:
        yield pool
    finally:
        pool.close()


def _settle(parent: int) -> None:
    """In the new process: give way to the bot, leave Ctrl+C to it, and end when it is gone."""
    with contextlib.suppress(OSError):
        os.nice(_NICER)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


async def ahead(
    given: Iterable[InputT], begin: Callable[[InputT], Awaitable[ReturnT]], number: int
) -> AsyncGenerator[tuple[InputT, ReturnT]]:
    """Each with its result, in their order, while the next `number` are under way."""
    waiting: deque[tuple[InputT, asyncio.Future[ReturnT]]] = deque()
    try:
        for one in given:
            waiting.append((one, asyncio.ensure_future(begin(one))))
            if len(waiting) > number:
                first, task = waiting.popleft()
                yield first, await task
        while waiting:
            first, task = waiting.popleft()
            yield first, await task
    finally:
        for _, task in waiting:
            task.cancel()
