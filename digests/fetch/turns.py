"""Turns: how many requests are under way at once, to one host and in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class _HostTurns:
    """The turns of one host; `users` have one or wait for one."""

    free: asyncio.Semaphore
    users: int = 0


class Turns:
    """Gives turns in the order in which they are asked for, host by host.

    Whoever waits for a busy host holds none of the turns that all hosts share, and no host waits for more of those than
    it may have: so a slow host, however much is wanted of it, delays nobody else's.
    """

    def __init__(self, per_host: int, in_all: int) -> None:
        self._per_host = per_host
        self._in_all = asyncio.Semaphore(in_all)
        self._hosts: dict[str, _HostTurns] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn with this host, and keep it inside the block."""
        turns = self._hosts.setdefault(host, _HostTurns(asyncio.Semaphore(self._per_host)))
        turns.users += 1
        try:
            async with turns.free, self._in_all:
                yield
        finally:
            turns.users -= 1
            if not turns.users:
                self._hosts.pop(host, None)
