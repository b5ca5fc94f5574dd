"""Work that goes on after its update is done, so that the chat's next update does not wait for it."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Coroutine

logger = logging.getLogger(__name__)

_AT_ONCE = 4
_MOST = 64


class BackgroundWork:
    """Runs pieces of work, each under a key: at most `at_once` of them at once, and `most` that wait or run.

    What it runs can be begun again by a button after a restart: nothing but time is lost.
    """

    def __init__(self, at_once: int = _AT_ONCE, most: int = _MOST) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._most = most
        self._running: dict[str, asyncio.Task[None]] = {}

    def may_begin(self, key: str) -> bool:
        """Return whether there is room for work, and none under this key."""
        return key not in self._running and len(self._running) < self._most

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
            async with self._turn:
                await work()
        except Exception:
            logger.exception("work in the background failed")
        finally:
            if self._running.get(key) is asyncio.current_task():
                del self._running[key]

    def drop(self, key: str) -> None:
        """End the work under a key, if there is any, because nobody wants it any more."""
        if task := self._running.pop(key, None):
            task.cancel()

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
