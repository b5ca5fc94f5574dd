"""The chats of this process: it takes over what others left behind, and keeps those that there is work for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from datetime import timedelta
from math import inf
from time import monotonic

from bot.updates.arrivals import read_arrival
from bot.updates.inbox import Inbox
from bot.updates.writer import UpdateWriter
from digests.errors import StorageError, level_of
from digests.ports import Clock
from digests.storage.cluster.updates import KEPT, OpenUpdate, UpdateStore

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long a chat stays with a process after its last update, or after a crash."""
_KEEP_SECONDS = 10.0
_CHECK_SECONDS = 2.0
_MOST_TRIES = 5
"""Of these, all but the first two were one after the other, so that an innocent one is hardly ever among them."""
_MOST_CLAIMED = 100


class LaneKeeper:
    """Claims the updates of lanes that nobody has, a *lane* being a chat whose updates one process handles in order."""

    def __init__(self, inbox: Inbox, store: UpdateStore, writer: UpdateWriter, clock: Clock) -> None:
        self._inbox = inbox
        self._store = store
        self._writer = writer
        self._clock = clock
        self._claiming = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._kept_at = monotonic()
        self._looked_at = -inf
        self._dead: frozenset[str] = frozenset()

    async def start(self) -> None:
        """Take over what waits, now and whenever another process leaves something. May raise StorageError."""
        self._dead = await self._store.dead_owners(self._clock.now())
        await self._free_lanes()
        await self.claim()
        self._task = asyncio.create_task(self._look_out())

    async def stop(self) -> None:
        """Take over nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """Look soon whether another process has stored something for this one."""
        self._wake.set()

    async def _look_out(self) -> None:
        """Take over what waits as there is room; where this process is alone, until nothing is left."""
        while True:
            self._wake.clear()
            found = 0
            try:
                if self._store.is_alone:
                    await self._inbox.wait_for_room()
                await self._free_lanes()
                await self._keep_lanes()
                if self._inbox.room:
                    found = await self.claim()
                if self._store.is_alone and not found:
                    return
            except StorageError as error:
                logger.log(level_of(error), "updates can't be taken over; trying again", extra={"reason": str(error)})
            except Exception:
                logger.exception("updates could not be taken over; trying again")
            if not found:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _CHECK_SECONDS)

    async def claim(self) -> int:
        """Take over what nobody handles, and return how many updates that were."""
        async with self._claiming:
            now = self._clock.now()
            room = max(1, min(self._inbox.room, _MOST_CLAIMED))
            found = await self._store.claim(now, room)
            old = [update for update in found if now - update.received_at >= KEPT]
            bad = [update for update in found if update.tries > _MOST_TRIES and update not in old]
            if old:
                logger.warning("updates that waited for a day were passed over", extra={"number": len(old)})
            for update in bad:
                logger.error(
                    "an update was put aside: the program ended each time it was handled",
                    extra={"update": update.id, "kind": update.kind, "tries": update.tries},
                )
            skipped = frozenset(update.id for update in (*old, *bad))
            # All that can be handled comes first: it is this process's now, and nobody else would.
            unread = [update.id for update in found if update.id not in skipped and not self._take_over(update)]
            if passed := [*skipped, *unread]:
                await self._store.put_aside(passed, now)
            return len(found)

    def _take_over(self, update: OpenUpdate) -> bool:
        """Hand an update over to the inbox; return False if what is stored of it can't be read."""
        try:
            arrival = read_arrival(json.loads(update.body))
        except (ValueError, RecursionError):
            logger.error("an update was put aside: it can't be read", extra={"update": update.id, "kind": update.kind})
            return False
        if arrival is None:
            # Of an older version, which heeded more.
            self._writer.done(update.id)
            return True
        arrival.tries = update.tries
        self._inbox.take_over(arrival)
        return True

    async def _free_lanes(self) -> None:
        """Free the lanes of processes that died.

        Of those that were dead at the last look, too: for a moment after the database was restarted, all seem to be.
        """
        if self._store.is_alone or monotonic() < self._looked_at + _CHECK_SECONDS:
            return
        self._looked_at = monotonic()
        dead = await self._store.dead_owners(self._clock.now())
        if gone := dead & self._dead:
            logger.warning("chats of processes that are gone are taken over", extra={"processes": len(gone)})
            await self._store.free_lanes(gone)
        self._dead = dead

    async def _keep_lanes(self) -> None:
        """Keep the chats that there is work for, and leave the work of those that were lost."""
        if self._store.is_alone or monotonic() - self._kept_at < _KEEP_SECONDS:
            return
        self._kept_at = monotonic()
        busy = self._inbox.busy_chats
        kept = await self._store.keep_lanes([str(chat) for chat in busy], self._clock.now())
        for chat in busy:
            if str(chat) not in kept:
                logger.warning("a chat was taken over by another process")
                self._inbox.drop_chat(chat)
