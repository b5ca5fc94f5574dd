"""Places for work: how many updates are dealt with at once, not counting those that only wait for Telegram's rates."""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar


class WorkPermits:
    """So many pieces of work at once. Whoever waits for a rate gives their place to another meanwhile.

    `on_free` is called whenever a place was given up.
    """

    def __init__(self, limit: int, on_free: Callable[[], None] = lambda: None) -> None:
        self._limit = limit
        self._on_free = on_free
        self._taken = 0
        self._waiting: deque[Future[None]] = deque()

    @property
    def pressure(self) -> int:
        """How many work or wait for a place; those that wait for a rate do not count."""
        return self._taken + len(self._waiting)

    @asynccontextmanager
    async def acquired(self, has_backlog: Callable[[], bool]) -> AsyncIterator[None]:
        """Hold a place inside the block. `is_crowding` says whether whoever it is for has more waiting behind it."""
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
        """Take a place again at once, though that may be one too many: whoever has begun ends before others begin."""
        self._taken += 1

    def leave(self) -> None:
        self._taken -= 1
        while self._waiting and self._taken < self._limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._taken += 1
                turn.set_result(None)
        self._on_free()


class Work:
    """One piece of work that holds a place."""

    __slots__ = ("_permits", "has_backlog")

    def __init__(self, permits: WorkPermits, has_backlog: Callable[[], bool]) -> None:
        self._permits = permits
        self.has_backlog = has_backlog

    @contextmanager
    def pausing(self) -> Iterator[None]:
        self._permits.leave()
        try:
            yield
        finally:
            self._permits.come_back()


_work: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def permit_given_up() -> Iterator[None]:
    """Give the place of the work that is under way, if any, to others inside the block."""
    work = _work.get()
    if work is None:
        yield
        return
    with work.pausing():
        yield


def backlog_check() -> Callable[[], bool]:
    """Return what says whether the work under way is for somebody who has more of it waiting."""
    work = _work.get()
    return work.has_backlog if work is not None else _never


def _never() -> bool:
    return False
