"""Which process does a piece of work that goes on after its update: another may handle the chat's next one."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import timedelta

from digests.errors import StorageError
from digests.ports import Clock
from digests.storage.cluster.leases import LeaseStore

logger = logging.getLogger(__name__)

_LEASE = timedelta(seconds=30)
_RENEW_SECONDS = 8.0


class WorkClaims:
    """Leases of pieces of work, by their keys; `owner` names this process. What a process that died had is soon free.

    Methods may raise StorageError, but for `keep` and `give_back`.
    """

    def __init__(self, leases: LeaseStore, owner: str, clock: Clock, renew_seconds: float = _RENEW_SECONDS) -> None:
        self._leases = leases
        self._owner = owner
        self._clock = clock
        self._renew_seconds = renew_seconds

    async def take(self, key: str) -> bool:
        """Claim a piece of work, or go on with it; False if another process is at it."""
        now = self._clock.now()
        return await self._leases.take(_task(key), self._owner, now, now + _LEASE)

    async def is_ours(self, key: str) -> bool:
        """Return whether nobody has taken it away."""
        return await self._leases.holder(_task(key)) == self._owner

    async def take_away(self, key: str) -> None:
        """End the work of whoever is at it: what it finds out is shown no more."""
        await self._leases.end(_task(key))

    async def keep(self, key: str) -> None:
        """Renew a claim; return once it is lost."""
        ends = self._clock.now() + _LEASE
        while True:
            await asyncio.sleep(self._renew_seconds)
            try:
                # Not `take`: what was taken away must not be taken back.
                now = self._clock.now()
                if not await self._leases.renew(_task(key), self._owner, now + _LEASE):
                    return
                ends = now + _LEASE
            except StorageError:
                # Left before it ends: by then another process may have begun.
                if self._clock.now() > ends - timedelta(seconds=2 * self._renew_seconds):
                    return

    async def give_back(self, key: str) -> None:
        """Let others have it."""
        try:
            await self._leases.release(_task(key), self._owner)
        except StorageError as error:
            logger.info("work in the background stays claimed for a moment", extra={"reason": str(error)})


def _task(key: str) -> str:
    # Addresses may be longer than an index of PostgreSQL takes.
    return f"background {hashlib.sha256(key.encode()).hexdigest()[:32]}"
