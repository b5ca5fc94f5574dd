"""Who uploads what: each picture is uploaded by one delivery, however many show it, and few at a time.

The Bot API server spaces uploads of over 100 kB that are equally large by up to a second; a file_id costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from time import monotonic

from digests.model.outcome import Throttled

_MOST_AT_ONCE = 4
"""Requests with uploads under way at once: each holds its files in memory."""
_PATIENCE = 1.0
"""Seconds that a delivery waits here for another's upload, before it lets others go first."""


class UploadClaims:
    """Keys of pictures whose uploads are under way."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._under_way: dict[str, float] = {}
        self._requests = 0
        self._changed = asyncio.Event()

    async def claim(self, wanted: Callable[[], Collection[str]]) -> frozenset[str] | Throttled:
        """Claim the uploads of what `wanted` returns, all or none; Throttled if they have to wait longer than a moment.

        It is asked again after a wait: others may have uploaded some of it meanwhile. Whatever is returned, also if
        it is nothing, has to be released.
        """
        began = self._now()
        while True:
            keys = frozenset(wanted())
            if not keys:
                return keys
            busy = keys & self._under_way.keys()
            if not busy and self._requests < _MOST_AT_ONCE:
                self._under_way.update(dict.fromkeys(keys, self._now()))
                self._requests += 1
                return keys
            age = self._now() - min((self._under_way[key] for key in busy), default=began)
            left = _PATIENCE - max(age, self._now() - began)
            if left <= 0:
                # A slow upload is asked for ever more rarely.
                return Throttled(max(1.0, age))
            await self._wait(left)

    def release(self, keys: Collection[str]) -> None:
        """Let others have what was claimed, whatever became of it."""
        if not keys:
            return
        for key in keys:
            self._under_way.pop(key, None)
        self._requests -= 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait(self, seconds: float) -> None:
        """Wait for a release, and no longer than that."""
        changed = self._changed
        try:
            async with asyncio.timeout(seconds):
                await changed.wait()
        except TimeoutError:
            return
