"""Waiting a little for updates that are being handled."""

from __future__ import annotations

import asyncio


class Moment:
    """A while in which updates may be handled before anything else happens."""

    def __init__(self, number: int) -> None:
        self._left = number
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not number:
            self._over.set_result(None)

    def one_is_over(self) -> None:
        """Note that one of them needs no more work."""
        self._left -= 1
        if not self._left and not self._over.done():
            self._over.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Return once all need no more work, or so many seconds are over."""
        if not self._over.done():
            await asyncio.wait([self._over], timeout=seconds)
