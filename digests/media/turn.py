"""One process at a time looks after the pictures: hosts are asked by one alone, and files deleted by one alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from secrets import token_hex

from digests.errors import StorageError
from digests.ports import Clock
from digests.storage.cluster.leases import LeaseStore

logger = logging.getLogger(__name__)

_LEASE = timedelta(seconds=60)
_RENEW_SECONDS = 15.0
_TASK = "pictures"


class PicturesTurn:
    """The turn of this process among all; `owner` names it. A process that dies loses its turn within a minute."""

    def __init__(self, leases: LeaseStore, owner: str, clock: Clock, renew_seconds: float = _RENEW_SECONDS) -> None:
        self._leases = leases
        self._owner = owner
        self._clock = clock
        self._renew_seconds = renew_seconds

    @asynccontextmanager
    async def take(self, lose: Callable[[], None]) -> AsyncIterator[bool]:
        """Say whether it is this process's turn, for as long as the block lasts; call `lose` if it ends before.

        Raises StorageError.
        """
        # Each turn is one of its own: what else this process does with pictures waits for it too.
        holder = f"{self._owner} {token_hex(4)}"
        if not await self._renew(holder):
            yield False
            return
        keeping = asyncio.create_task(self._keep(holder, lose))
        try:
            yield True
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            try:
                await self._leases.release(_TASK, holder)
            except StorageError as error:
                logger.warning("others wait a minute for the turn", extra={"reason": str(error)})

    async def _renew(self, holder: str) -> bool:
        now = self._clock.now()
        return await self._leases.take(_TASK, holder, now, now + _LEASE)

    async def _keep(self, holder: str, lose: Callable[[], None]) -> None:
        ends = self._clock.now() + _LEASE
        while True:
            await asyncio.sleep(self._renew_seconds)
            try:
                if not await self._renew(holder):
                    break
                ends = self._clock.now() + _LEASE
            except StorageError:
                # Left before the lease ends: by then another process may have begun.
                if self._clock.now() > ends - timedelta(seconds=2 * self._renew_seconds):
                    break
        logger.warning("another process looks after the pictures now")
        lose()
