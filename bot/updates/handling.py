"""Handling an update so that it has its effect once, whenever the process ends.

What a handler writes first is committed together with the mark that its update is done: after a crash either both are
there, and it is not handled again, or neither, and it is. The same holds when the database goes away meanwhile.
"""

from __future__ import annotations

import asyncio
import logging

from bot.updates.arrivals import Arrival, UpdateKind
from bot.updates.inbox import HandleUpdate
from bot.updates.writer import UpdateWriter
from digests.errors import DatabaseAway, WriteUndone
from digests.ports import Clock
from digests.storage.cluster.updates import ClaimLost, UpdateStore
from digests.storage.engine.first_write import with_first_write

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 1.0


class HandlingOnce:
    """Wraps the handler of updates, and notes which of them are done."""

    def __init__(self, handle: HandleUpdate, store: UpdateStore, writer: UpdateWriter, clock: Clock) -> None:
        self._handle = handle
        self._store = store
        self._writer = writer
        self._clock = clock
        self._suspects = asyncio.Lock()

    async def handle(self, arrival: Arrival) -> None:
        """Handle an update, and mark it as done with the first thing that its handler writes.

        While the database is away it waits, with all that comes after it in its chat; what the database has undone for
        another's change is handled again too.
        """
        while True:
            try:
                return await self._handle_now(arrival)
            except ClaimLost:
                # Another process has handled it, or will; or we have, and did not hear so.
                logger.info("an update was taken over by another process", extra={"update": arrival.update_id})
                arrival.is_done = True
                return None
            except (DatabaseAway, WriteUndone):
                if arrival.is_done or arrival.kind is UpdateKind.INLINE:
                    raise
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _handle_now(self, arrival: Arrival) -> None:
        if arrival.kind is UpdateKind.INLINE:
            await self._handle(arrival)
        elif arrival.tries == 0:
            await self._marked(arrival)
        elif arrival.tries == 1:
            await self._counted(arrival)
        else:
            # One after the other, so that no innocent one is under way, and counted, when one of them ends the process.
            async with self._suspects:
                await self._counted(arrival)

    def done(self, arrival: Arrival) -> None:
        """Note that an update needs no more work."""
        if not arrival.is_done and arrival.kind is not UpdateKind.INLINE:
            self._writer.done(arrival.update_id)
        arrival.is_over = True
        if arrival.on_over is not None:
            arrival.on_over()

    async def _counted(self, arrival: Arrival) -> None:
        if await self._store.begin(arrival.update_id):
            await self._marked(arrival)
        else:
            # It belongs to another process by now.
            arrival.is_done = True

    async def _marked(self, arrival: Arrival) -> None:
        first = self._store.marking(arrival.update_id, arrival.kind.name.lower(), self._clock.now())
        try:
            with with_first_write(first):
                await self._handle(arrival)
        finally:
            arrival.is_done = first.is_written
