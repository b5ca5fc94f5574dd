"""Group commit for updates: those that come, and those that are done, are written together, as soon as can be.

While one transaction is on its way to the disk, all that comes meanwhile gathers for the next. That an update is done
may wait a moment, since nobody waits for it.

`digests/delivery/ledger_writer.py` says why it does not share what it has in common with this.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from digests.errors import StorageError, level_of
from digests.model.waits import growing_wait
from digests.ports import Clock
from digests.storage.cluster.updates import NewUpdate, Stored, UpdateStore

logger = logging.getLogger(__name__)

_DONE_SECONDS = 0.05
"""How long it may take until it is written that an update is done: after a crash within it, one that wrote nothing
is handled again."""
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0
_MOST = 500


class UpdateWriter:
    """Writes updates for one process."""

    def __init__(self, store: UpdateStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._new: list[NewUpdate] = []
        self._stored: asyncio.Future[Stored] | None = None
        self._done: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._failures = 0

    def store(self, new: Sequence[NewUpdate]) -> asyncio.Future[Stored]:
        """Store updates; the future is done once they are on the disk, or fails with StorageError.

        Its result is about all that was written at once, so there may be more in it.
        """
        if self._stored is None or len(self._new) + len(new) > _MOST:
            self._stored = asyncio.get_running_loop().create_future()
        self._new.extend(new)
        self._wake()
        return self._stored

    def done(self, number: int) -> None:
        """Note that an update is done, soon."""
        self._done.add(number)
        if self._timer is None and self._task is None:
            self._timer = asyncio.get_running_loop().call_later(_DONE_SECONDS, self._wake)

    async def close(self) -> None:
        """Return when all that is known is on the disk, or can't be written."""
        if self._done:
            self._wake()
        if self._task is not None:
            await self._task

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is None:
            self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            await self._write_batch()
            # What comes while one is written is in the next.
            while self._stored is not None:
                await self._write_batch()
        finally:
            self._task = None
            if self._done:
                wait = growing_wait(self._failures - 1, _FIRST_WAIT, _LONGEST_WAIT) if self._failures else _DONE_SECONDS
                self._timer = asyncio.get_running_loop().call_later(wait, self._wake)

    async def _write_batch(self) -> None:
        new, stored, done = self._new, self._stored, self._done
        self._new, self._stored, self._done = [], None, set()
        try:
            result = await self._store.write(new, done, self._clock.now())
        except Exception as error:  # a fault of ours is raised to whoever waits
            self._done |= done
            self._failures += 1
            if stored is not None and not stored.done():
                stored.set_exception(error)
                # Whoever waited for it may have given up.
                stored.exception()
            if not isinstance(error, StorageError):
                logger.exception("updates could not be written")
            elif stored is None and self._failures == 1:
                logger.log(
                    level_of(error), "what was done can't be written down; trying again", extra={"reason": str(error)}
                )
        else:
            self._failures = 0
            if stored is not None and not stored.done():
                stored.set_result(result)
