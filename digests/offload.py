"""Running CPU-bound work off the event loop: in a thread or, when there is much of it, in a second process.

A process, not more threads: Python runs one thread at a time, and a thread that parses makes every statement of the
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

_NICENESS = 5
_PARENT_CHECK_SECONDS = 2.0


class Offload(Protocol):
    """Calls a blocking function off the event loop.

    The function and its arguments must be picklable, since it may run in another process.
    """

    ahead: int
    """How many calls are worth having under way at once."""

    async def __call__(self, work: Callable[..., ReturnT], *args: object) -> ReturnT:
        """Return the function's result, or raise what it raises."""
        ...


class ThreadOffload:
    """Runs each call in a thread of its own, for small amounts of work."""

    ahead = 1

    async def __call__(self, work: Callable[..., ReturnT], *args: object) -> ReturnT:
        """Return the function's result, or raise what it raises."""
        return await in_own_thread(work, *args)


IN_THREAD = ThreadOffload()


async def in_own_thread(work: Callable[..., ReturnT], *args: object) -> ReturnT:
    """Call a function that may hang, such as one that reads a folder on a host that is gone.

    Unlike with `asyncio.to_thread`, a call that hangs takes no thread from others, and the program can end without it.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[ReturnT] = loop.create_future()

    def settle(result: ReturnT | None, error: BaseException | None) -> None:
        if future.done():
            # The caller was cancelled.
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]  # it is None only if the work returned None

    def run() -> None:
        result, error = None, None
        try:
            result = context.run(work, *args)
        except BaseException as raised:  # noqa: BLE001 - it is for the caller
            error = raised
        with contextlib.suppress(RuntimeError):
            # The loop may be closed by now.
            loop.call_soon_threadsafe(settle, result, error)

    context = contextvars.copy_context()
    threading.Thread(target=run, name=getattr(work, "__qualname__", "work"), daemon=True).start()
    return await future


class ProcessOffload:
    """Runs calls in a second process, which it starts after the first few calls.

    Until the process is up, and after it was lost, calls run in threads.
    """

    ahead = 3

    def __init__(self, threshold: int) -> None:
        self._calls_in_threads = threshold
        self._pool: ProcessPoolExecutor | None = None
        self._started: asyncio.Future[None] | None = None
        self._children: list[BaseProcess] = []
        self._under_way: set[Future[Any]] = set()
        self._broken = False

    async def __call__(self, work: Callable[..., ReturnT], *args: object) -> ReturnT:
        """Return the function's result, or raise what it raises."""
        self._calls_in_threads -= 1
        if self._calls_in_threads < 0 and not self._broken:
            try:
                if pool := self._ready():
                    return await self._in(pool, work, *args)
            except (BrokenProcessPool, OSError) as error:
                if not self._broken:
                    logger.warning("the second process ended; work goes on in this one", extra={"reason": str(error)})
                self._broken = True
        return await IN_THREAD(work, *args)

    async def _in(self, pool: ProcessPoolExecutor, work: Callable[..., ReturnT], *args: object) -> ReturnT:
        calling = pool.submit(work, *args)
        self._under_way.add(calling)
        # Not when the caller is cancelled: the process continues with it.
        calling.add_done_callback(self._under_way.discard)
        return await asyncio.wrap_future(calling)

    def _ready(self) -> ProcessPoolExecutor | None:
        """Return the pool once its process is up, else None; start it if necessary, and raise why it failed to."""
        if self._pool is None or self._started is None:
            # Spawned, not forked: the bot has threads, and a copy of their locks would hang. Not sooner: a pool alone
            # starts a process of Python's that tracks its semaphores, and stays (10 MB).
            context = multiprocessing.get_context("spawn")
            arguments = (os.getpid(),)
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_prepare_process, initargs=arguments)
            others = multiprocessing.active_children()
            self._started = asyncio.get_running_loop().run_in_executor(self._pool, _do_nothing)
            self._children = [child for child in multiprocessing.active_children() if child not in others]
        if not self._started.done():
            return None
        self._started.result()
        return self._pool

    def close(self) -> None:
        """End the process without waiting for it, since it may never finish what it is at."""
        self._broken = True
        if self._pool is None:
            return
        is_starting = self._started is not None and not self._started.done()
        if is_starting and self._started is not None:
            self._started.cancel()
        hangs = is_starting or bool(self._under_way)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if hangs:
            for child in self._children:
                child.kill()


def processors() -> int:
    """Return how many processors this process may use."""
    may_use = getattr(os, "sched_getaffinity", None)
    return len(may_use(0)) if may_use is not None else os.cpu_count() or 1


def _do_nothing() -> None:
    """Do nothing: the first call to the new process, which shows that it is up."""


@contextlib.contextmanager
def process_pool(threshold: int = 8) -> Iterator[ProcessOffload]:
    """Provide a second process for the calls after the first `threshold`, which cost less than starting it."""
    pool = ProcessOffload(threshold)
    try:
        yield pool
    finally:
        pool.close()


def _prepare_process(parent: int) -> None:
    """Make the new process give way to the bot, leave Ctrl+C to it, and exit when it is gone."""
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_exit_with, args=(parent,), daemon=True).start()


def _exit_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(1)


async def ahead(
    values: Iterable[InputT], begin: Callable[[InputT], Awaitable[ReturnT]], number: int
) -> AsyncGenerator[tuple[InputT, ReturnT]]:
    """Yield each value with its result, in order, while the next `number` calls are under way."""
    waiting: deque[tuple[InputT, asyncio.Future[ReturnT]]] = deque()
    try:
        for value in values:
            waiting.append((value, asyncio.ensure_future(begin(value))))
            if len(waiting) > number:
                first, task = waiting.popleft()
                yield first, await task
        while waiting:
            first, task = waiting.popleft()
            yield first, await task
    finally:
        for _, task in waiting:
            task.cancel()
