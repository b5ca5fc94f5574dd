"""The way of updates into the inbox: each is stored, or done, before Telegram is told that it came.

What people type in inline mode is not stored: its answer means something for seconds only, and each letter would be a
transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from math import inf
from time import monotonic

from bot.updates.arrivals import Arrival, RawUpdate, UpdateKind, read_arrival
from bot.updates.inbox import Inbox
from bot.updates.writer import UpdateWriter
from digests.errors import StorageError, level_of
from digests.ports import Clock
from digests.storage.cluster.updates import KEPT, NewUpdate, OpenUpdate, UpdateStore

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long a chat stays with a process after its last update, or after a crash."""
_KEEP_SECONDS = 10.0
_CHECK_SECONDS = 2.0
_MOST_TRIES = 5
"""Of these, all but the first two were one after the other, so that an innocent one is hardly ever among them."""
_MOST_CLAIMED = 100
_MOMENT = 0.015
_PATIENCE = 5.0
_WAIT_FOR_HANDLERS = 5.0

Announce = Callable[[], Awaitable[None]]
"""Tells the other processes that there is something for them."""


class Intake:
    """Stores updates, hands them to the inbox, and takes over what other processes left behind."""

    def __init__(
        self, inbox: Inbox, store: UpdateStore, writer: UpdateWriter, clock: Clock, announce: Announce | None = None
    ) -> None:
        self._inbox = inbox
        self._store = store
        self._writer = writer
        self._clock = clock
        self._announce = announce
        self._taking: dict[int, asyncio.Future[None]] = {}
        self._claiming = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._kept_at = monotonic()
        self._looked_at = -inf
        self._dead: frozenset[str] = frozenset()
        self._trouble = ""
        self._highest = 0

    async def start(self) -> None:
        """Take over what waits, now and whenever another process leaves something. May raise StorageError."""
        self._highest = await self._store.highest()
        self._dead = await self._store.dead_owners(self._clock.now())
        await self._free_lanes()
        await self._claim()
        self._task = asyncio.create_task(self._look_out())

    async def stop(self) -> None:
        """Write down what is done, and give up the rest, so that another process, or the next start, takes it at once.

        Raises:
            StorageError: That could not be written; it is taken over when the leases are over, or at the next start.
        """
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*self._taking.values(), return_exceptions=True)
        await self._writer.close()
        await self._store.release()
        await self._tell_others()

    def wake(self) -> None:
        """Look soon whether another process has stored something for this one."""
        self._wake.set()

    async def take(self, updates: Sequence[RawUpdate]) -> None:
        """Take updates, and return once Telegram may forget them.

        Raises:
            StorageError: They could not be stored, and have to be sent again.
        """
        if self._inbox.is_stopped:
            raise StorageError("The bot is stopping: it takes no more updates.")
        arrivals: dict[int, Arrival] = {}
        others: list[asyncio.Future[None]] = []
        for update in updates:
            arrival = read_arrival(update)
            if arrival is None:
                continue
            if not self._inbox.expect(arrival):
                # Its first copy may still be on its way to the disk.
                if (taking := self._taking.get(arrival.update_id)) is not None:
                    others.append(taking)
            elif arrival.kind is UpdateKind.INLINE:
                self._inbox.enter(arrival)
            else:
                arrivals[arrival.update_id] = arrival
        if arrivals:
            await self._take_new(arrivals)
        for taking in others:
            await asyncio.shield(taking)

    async def _take_new(self, arrivals: dict[int, Arrival]) -> None:
        taking = asyncio.ensure_future(
            self._handle_or_store(arrivals) if self._store.is_alone else self._store_and_enter(arrivals)
        )
        self._taking.update(dict.fromkeys(arrivals, taking))
        taking.add_done_callback(partial(self._taken, arrivals))
        # Whoever waits may be cancelled; they are taken all the same.
        await asyncio.shield(taking)

    def _taken(self, arrivals: Iterable[int], taking: asyncio.Future[None]) -> None:
        for number in arrivals:
            self._taking.pop(number, None)
        if not taking.cancelled():
            # Whoever waited for it may be gone.
            taking.exception()

    async def _known(self, arrivals: dict[int, Arrival]) -> frozenset[int]:
        """Return which of these came before this process began; telling that of the others takes no look-up."""
        if min(arrivals) > self._highest:
            self._highest = max(arrivals)
            return frozenset()
        try:
            return await self._store.known(list(arrivals))
        except StorageError:
            self._forget(arrivals)
            raise

    def _forget(self, arrivals: dict[int, Arrival]) -> None:
        """Leave updates to Telegram, which sends them again."""
        for arrival in arrivals.values():
            self._inbox.forget(arrival)

    async def _handle_or_store(self, arrivals: dict[int, Arrival]) -> None:
        """Handle updates at once, and store those that are not done within a moment.

        No other process could have them. Most are done by then, so that an answer waits for no disk.
        """
        known = await self._known(arrivals)
        for number in known:
            # Its press was answered when it came for the first time, or is when whoever has it handles it.
            arrivals[number].answered = True
        entered = [arrival for number, arrival in arrivals.items() if number not in known]
        moment = Moment(len(entered))
        for arrival in entered:
            arrival.on_over = moment.one_is_over
            self._inbox.enter(arrival)
        await moment.wait(_MOMENT)
        left = {arrival.update_id: arrival for arrival in entered if not arrival.is_over}
        try:
            if rows := _rows_of(left.values()):
                async with asyncio.timeout(_PATIENCE):
                    await asyncio.shield(self._writer.store(rows))
            self._trouble = ""
        except (StorageError, TimeoutError) as error:
            # On a full disk people can at least look things up.
            if self._trouble != str(error):
                self._trouble = str(error)
                reason = str(error) or "the database is busy"
                logger.error("updates can't be stored, and are handled all the same", extra={"reason": reason})
            await moment.wait(_WAIT_FOR_HANDLERS)

    async def _store_and_enter(self, arrivals: dict[int, Arrival]) -> None:
        """Store updates, and handle those of the chats that are this process's."""
        try:
            stored = await self._writer.store(_rows_of(arrivals.values()))
        except StorageError:
            self._forget(arrivals)
            raise
        if stored.waits:
            # Older ones of the same chats go first.
            with contextlib.suppress(StorageError):
                await self._claim()
        others = False
        for number, arrival in arrivals.items():
            owner = stored.owners.get(number)
            if owner == self._store.owner:
                self._inbox.enter(arrival)
            else:
                # Another process has it, or had it: that one answers its press.
                arrival.answered = True
                others |= owner is not None
        if others:
            await self._tell_others()

    async def _tell_others(self) -> None:
        if self._announce is None:
            return
        try:
            await self._announce()
        except StorageError as error:
            logger.info("other processes were not told of updates", extra={"reason": str(error)})

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
                    found = await self._claim()
                if self._store.is_alone and not found:
                    return
            except StorageError as error:
                logger.log(level_of(error), "updates can't be taken over; trying again", extra={"reason": str(error)})
            except Exception:
                logger.exception("updates could not be taken over; trying again")
            if not found:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), _CHECK_SECONDS)

    async def _claim(self) -> int:
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


def _rows_of(arrivals: Iterable[Arrival]) -> list[NewUpdate]:
    """Return updates as they are stored, without those that are nested too deeply to be written."""
    rows = []
    for arrival in arrivals:
        try:
            body = json.dumps(arrival.raw, separators=(",", ":"))
        except RecursionError:
            logger.error("an update can't be stored", extra={"update": arrival.update_id})
            continue
        rows.append(NewUpdate(arrival.update_id, str(arrival.chat_id), arrival.kind.name.lower(), body))
    return rows
