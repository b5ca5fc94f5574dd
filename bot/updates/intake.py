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
from functools import partial

from bot.updates.arrivals import Arrival, RawUpdate, UpdateKind, read_arrival
from bot.updates.inbox import Inbox
from bot.updates.lanes import LaneKeeper
from bot.updates.moment import Moment
from bot.updates.writer import UpdateWriter
from digests.errors import StorageError
from digests.ports import Clock
from digests.storage.cluster.updates import NewUpdate, UpdateStore

logger = logging.getLogger(__name__)

_MOMENT = 0.015
_PATIENCE = 5.0
_WAIT_FOR_HANDLERS = 5.0

Announce = Callable[[], Awaitable[None]]
"""Tells the other processes that there is something for them."""


class Intake:
    """Stores updates and hands them to the inbox; its lanes bring what other processes left behind."""

    def __init__(
        self, inbox: Inbox, store: UpdateStore, writer: UpdateWriter, clock: Clock, announce: Announce | None = None
    ) -> None:
        self._inbox = inbox
        self._store = store
        self._writer = writer
        self._lanes = LaneKeeper(inbox, store, writer, clock)
        self._announce = announce
        self._taking: dict[int, asyncio.Future[None]] = {}
        self._trouble = ""
        self._highest = 0

    async def start(self) -> None:
        """Take over what waits, now and whenever another process leaves something. May raise StorageError."""
        self._highest = await self._store.highest()
        await self._lanes.start()

    async def stop(self) -> None:
        """Write down what is done, and give up the rest, so that another process, or the next start, takes it at once.

        Raises:
            StorageError: That could not be written; it is taken over when the leases are over, or at the next start.
        """
        await self._lanes.stop()
        await asyncio.gather(*self._taking.values(), return_exceptions=True)
        await self._writer.close()
        await self._store.release()
        await self._tell_others()

    def wake(self) -> None:
        """Look soon whether another process has stored something for this one."""
        self._lanes.wake()

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
                await self._lanes.claim()
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
