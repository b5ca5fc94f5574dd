"""What other processes draw, as deliveries of this one need to know of it: looked up for all that wait, at once."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from digests.errors import StorageError
from digests.storage.media.mosaics import MosaicStore

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.25
_FORGET_SECONDS = 900.0
_KNOWN = 20_000


class MosaicWatch:
    """Waits for mosaics that any process may be drawing, each for `head_start` seconds from when it was asked for."""

    def __init__(self, store: MosaicStore, head_start: float, steady: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._head_start = head_start
        self._steady = steady
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._looking: asyncio.Task[None] | None = None

    def is_open(self, key: str) -> bool:
        """Return whether a mosaic may come: it was asked for a moment ago, now at the earliest."""
        now = self._steady()
        asked = self._asked.get(key)
        if asked is None or now - asked > _FORGET_SECONDS:
            asked = self._asked[key] = now
            self._asked.move_to_end(key)
            if len(self._asked) > _KNOWN:
                self._asked.popitem(last=False)
        return now - asked < self._head_start

    async def settled(self, key: str) -> bool:
        """Return True once a mosaic is made or given up, and False when its head start is over."""
        if not self.is_open(key):
            return False
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            if self._looking is None:
                self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(future)

    def note(self, key: str) -> None:
        """Take note that this process has settled a mosaic."""
        self._end(key, is_settled=True)

    async def stop(self) -> None:
        """Let go whoever waits."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        for key in list(self._waiting):
            self._end(key, is_settled=False)

    async def _look(self) -> None:
        try:
            while self._waiting:
                try:
                    for key in await self._store.settled(list(self._waiting)):
                        self._end(key, is_settled=True)
                except StorageError as error:
                    logger.warning("mosaics can't be looked up", extra={"reason": str(error)})
                for key in [key for key in self._waiting if not self.is_open(key)]:
                    self._end(key, is_settled=False)
                if self._waiting:
                    await asyncio.sleep(_LOOK_SECONDS)
        finally:
            self._looking = None

    def _end(self, key: str, *, is_settled: bool) -> None:
        future = self._waiting.pop(key, None)
        if future is not None and not future.done():
            future.set_result(is_settled)
