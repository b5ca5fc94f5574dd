"""Work that goes on after its update is done, so that the chat's next update does not wait for it."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from bot.handlers.work_claims import WorkClaims

logger = logging.getLogger(__name__)

_AT_ONCE = 4
_MOST = 64


class BackgroundWork:
    """Runs pieces of work, each under a key: at most `at_once` of them at once, and `most` that wait or run.

    What it runs can be begun again by a button after a restart: nothing but time is lost. With `claims`, what is
    claimed before it is begun is under way in one process at a time.
    """

    def __init__(self, at_once: int = _AT_ONCE, most: int = _MOST, claims: WorkClaims | None = None) -> None:
        self._claims = claims
        self._claimed: set[str] = set()
        self._turn = asyncio.Semaphore(at_once)
        self._most = most
        self._running: dict[str, asyncio.Task[None]] = {}

    def may_begin(self, key: str) -> bool:
        """Return whether there is room for work, and none under this key."""
        return key not in self._running and len(self._running) < self._most

    @asynccontextmanager
    async def claim(self, key: str, *, takes_over: bool = False) -> AsyncIterator[bool]:
        """Say whether work may be begun in the block, as `may_begin` does for all processes together.

        What is not begun there is free again after it. With `takes_over`, what is under way under the key ends.
        May raise StorageError.
        """
        if takes_over:
            await self.drop(key)
        is_free = self.may_begin(key) and (self._claims is None or await self._claims.take(key))
        if is_free:
            self._claimed.add(key)
        try:
            yield is_free
        finally:
            if is_free and key not in self._running:
                await self._give_back(key)

    async def is_ours(self, key: str) -> bool:
        """Return whether what was claimed still is this process's. May raise StorageError."""
        return self._claims is None or key not in self._claimed or await self._claims.is_ours(key)

    async def _give_back(self, key: str) -> None:
        if key in self._claimed:
            self._claimed.discard(key)
            if self._claims is not None:
                await self._claims.give_back(key)

    def begin(self, key: str, work: Callable[[], Coroutine[None, None, None]]) -> bool:
        """Begin the work, and return True; False if work of the same key is under way, or too much is."""
        if not self.may_begin(key):
            return False
        # A context of its own: the work permit of the update that begins it is not this work's.
        task = asyncio.create_task(self._run(key, work), context=contextvars.Context())
        self._running[key] = task
        return True

    async def _run(self, key: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            if self._claims is None or key not in self._claimed:
                await self._take_turn(work)
            else:
                await self._while_claimed(key, self._claims, work)
        except Exception:
            logger.exception("work in the background failed")
        finally:
            if self._running.get(key) is asyncio.current_task():
                del self._running[key]
                await self._give_back(key)

    async def _take_turn(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        async with self._turn:
            await work()

    async def _while_claimed(
        self, key: str, claims: WorkClaims, work: Callable[[], Coroutine[None, None, None]]
    ) -> None:
        """Do the work for as long as no other process has taken it over."""
        keeping = asyncio.create_task(claims.keep(key))
        doing = asyncio.create_task(self._take_turn(work))
        try:
            await asyncio.wait((keeping, doing), return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                logger.info("work in the background is another process's now")
        finally:
            for task in (keeping, doing):
                task.cancel()
            _, outcome = await asyncio.gather(keeping, doing, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome

    async def drop(self, key: str) -> None:
        """End the work under a key, in whichever process, because nobody wants it any more. May raise StorageError."""
        if task := self._running.pop(key, None):
            task.cancel()
        self._claimed.discard(key)
        if self._claims is not None:
            await self._claims.take_away(key)

    async def settle(self) -> None:
        """Wait until all that was begun is done."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def stop(self) -> None:
        """End all that is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # What was ended before its first step could not do this itself.
        for key in list(self._claimed):
            await self._give_back(key)
