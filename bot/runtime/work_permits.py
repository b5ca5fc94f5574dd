"""Permits for work: how many updates are handled at once, not counting those that only wait for Telegram's rates."""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar


class WorkPermits:
    """At most `limit` pieces of work at once. Work that waits for a rate gives up its permit meanwhile.

    `on_free` is called whenever a permit was given up.
    """

    def __init__(self, limit: int, on_free: Callable[[], None] = lambda: None) -> None:
        self._limit = limit
        self._on_free = on_free
        self._taken = 0
        self._waiting: deque[Future[None]] = deque()

    @property
    def pressure(self) -> int:
        """How many hold a permit or wait for one; those that wait for a rate do not count."""
        return self._taken + len(self._waiting)

    @asynccontextmanager
    async def acquired(self, has_backlog: Callable[[], bool]) -> AsyncIterator[None]:
        """Hold a permit inside the block. `has_backlog` says whether the same chat has more work waiting."""
        await self._take()
        token = _work.set(Work(self, has_backlog))
        try:
            yield
        finally:
            _work.reset(token)
            self.leave()

    async def _take(self) -> None:
        if self._taken < self._limit and not self._waiting:
            self._taken += 1
            return
        turn: Future[None] = get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.leave()
            raise

    def come_back(self) -> None:
        """Take a permit again at once, even above the limit: work that has begun finishes before other work begins."""
        self._taken += 1

    def leave(self) -> None:
        """Give up a permit."""
        self._taken -= 1
        while self._waiting and self._taken < self._limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
        self._on_free()


class Work:
    """A piece of work that holds a permit."""

    __slots__ = ("_permits", "has_backlog")

    def __init__(self, permits: WorkPermits, has_backlog: Callable[[], bool]) -> None:
        self._permits = permits
        self.has_backlog = has_backlog

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """Give up the permit inside the block."""
        self._permits.leave()
        try:
            yield
        finally:
            self._permits.come_back()


_work: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def permit_given_up() -> Iterator[None]:
    """Give up the permit of the current work, if any, inside the block."""
    work = _work.get()
    if work is None:
        yield
        return
    with work.pausing():
        yield


def backlog_check() -> Callable[[], bool]:
    """Return a function that says whether the chat of the current work has more work waiting."""
    work = _work.get()
    return work.has_backlog if work is not None else _never


def _never() -> bool:
    return False
