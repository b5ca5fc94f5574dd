"""Turns: how many requests are under way at once, to one host and in all, and how soon one follows another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic


@dataclass(slots=True)
class _HostTurns:
    """The turns of one host; `users` have one or wait for one, and the next may begin at `free_at`."""

    free: asyncio.Semaphore
    users: int = 0
    free_at: float = 0.0


class Turns:
    """Gives turns in the order in which they are asked for, host by host.

    Whoever waits for a busy host, or for the pause after its last request, holds none of the turns that all hosts
    share, and no host waits for more of those than it may have: so a slow host, however much is wanted of it, delays
    nobody else's.
    """

    def __init__(self, per_host: int, in_all: int, host_seconds: float = 0.0) -> None:
        """Create it; a turn with a host begins `host_seconds` after the end of the one before, or later."""
        self._per_host = per_host
        self._in_all = asyncio.Semaphore(in_all)
        self._host_seconds = host_seconds
        self._hosts: dict[str, _HostTurns] = {}
        self._paused: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn with this host, and keep it inside the block."""
        turns = self._hosts.get(host)
        if turns is None:
            turns = _HostTurns(asyncio.Semaphore(self._per_host), free_at=self._paused.pop(host, 0.0))
            self._hosts[host] = turns
        turns.users += 1
        try:
            async with turns.free:
                await _until(turns)
                async with self._in_all:
                    try:
                        yield
                    finally:
                        turns.free_at = monotonic() + self._host_seconds
        finally:
            turns.users -= 1
            if not turns.users:
                self._leave(host)

    def _leave(self, host: str) -> None:
        """Remember of a host that nobody wants only its pause, and of the others what is not over."""
        now = monotonic()
        while self._paused and next(iter(self._paused.values())) <= now:
            del self._paused[next(iter(self._paused))]
        if (free_at := self._hosts.pop(host).free_at) > now:
            self._paused[host] = free_at


async def _until(turns: _HostTurns) -> None:
    # Another request may have prolonged the pause meanwhile.
    while (left := turns.free_at - monotonic()) > 0:  # noqa: ASYNC110 - it is a time that is waited for
        await asyncio.sleep(left)
