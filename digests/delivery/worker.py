"""Sends what is planned: claim -> wait for a turn -> write it down -> send -> settle, for very many side by side.

A crash at any point loses nothing and hides nothing: what was under way is uncertain, the rest goes on. One slow
chat holds up nobody else: deliveries are claimed ahead of need, and each that comes to its end makes room for the
next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from time import monotonic

from digests.delivery.attempt import AttemptServices, DeliveryAttempt
from digests.delivery.ledger_writer import LedgerWriter
from digests.delivery.options import DeliveryOptions
from digests.delivery.queue import DeliveryQueue
from digests.delivery.renderings import RenderingCache
from digests.delivery.tally import DeliveryTally
from digests.errors import StorageError, level_of
from digests.model.delivery import Delivery
from digests.model.ids import DeliveryId
from digests.model.step import LONGEST_WAIT
from digests.ports import Clock, MosaicsToCome, Sender
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.places.places import PlaceStore
from digests.telemetry.traces import traced

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
"""How often to look for what has become due while other deliveries are still under way."""


class DeliveryWorker:
    """Delivers what is due, several at once, until nothing is or `stop` was called."""

    def __init__(
        self,
        ledger: LedgerStore,
        deliveries: DeliveryStore,
        places: PlaceStore,
        sender: Sender,
        clock: Clock,
        options: DeliveryOptions,
        owner: str,
        mosaics: MosaicsToCome | None = None,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._options = options
        self._owner = owner
        self._ledger_writer = LedgerWriter(ledger, clock, owner, options.lease)
        self._renderings = RenderingCache(deliveries)
        self.tally = DeliveryTally()
        self._services = AttemptServices(
            self._ledger_writer, self._renderings, places, sender, clock, options, self.tally
        )
        self._mosaics = mosaics
        self._queue = DeliveryQueue(self._renderings, mosaics, self._go_on)
        self._running: dict[asyncio.Task[None], DeliveryAttempt] = {}
        self._urgent = 0
        self._asked_at = 0.0
        self._behind: dict[asyncio.Task[None], Delivery] = {}
        self._room = asyncio.Event()
        self._pumping = asyncio.Lock()
        self._stopping = False
        self._looked_at = datetime.max.replace(tzinfo=UTC)

    @property
    def is_busy(self) -> bool:
        """Whether very many deliveries are under way: what can wait gives way to them."""
        return 2 * len(self._running) > self._options.at_once

    def stop(self) -> None:
        """Begin no part after this; what is under way comes to its end."""
        self._stopping = True
        for task, attempt in self._running.items():
            attempt.stopped = True
            if not attempt.begun:
                task.cancel()
        self._room.set()

    async def deliver_due(self, only: Collection[DeliveryId] | None = None) -> int:
        """Send every delivery that is due (or those of `only`, before all others); return how many were claimed."""
        if only is not None:
            return await self._deliver_now(only)
        async with self._pumping:
            try:
                return await self._pump()
            finally:
                await self._end_all()

    async def _pump(self) -> int:
        taken = 0
        empty_at: float | None = None
        while not self._stopping:
            await self._let_go()
            if self._queue.ready < self._options.at_once and self._may_look(empty_at):
                batch = self._renewed(await self._claim_ahead())
                taken += len(batch)
                self._queue.extend(batch)
                empty_at = None if batch else monotonic()
            self._start()
            if empty_at is not None and not self._running and not self._queue and not self._urgent:
                break
            if self._queue.ready >= self._options.at_once or not self._may_look(empty_at):
                await self._wait_for_room()
        await self._give_back()
        return taken

    async def _let_go(self) -> None:
        """Drop what was taken away, because its announcement was paused or stopped.

        It would wait for its turn, and others behind it, only to learn that it may not leave.
        """
        if monotonic() - self._asked_at < _LOOK_SECONDS:
            return
        self._asked_at = monotonic()
        mine = [delivery.id for delivery in self._in_hand() if delivery.announcement_id is not None]
        if not mine:
            return
        try:
            self._drop(set(mine) - await self._ledger.still_leased(self._owner, mine))
        except StorageError as error:
            logger.log(level_of(error), "what is in hand can't be looked after", extra={"reason": str(error)})

    def _in_hand(self) -> list[Delivery]:
        """Return what was claimed and not begun."""
        return [*self._queue, *(attempt.delivery for attempt in self._running.values() if not attempt.begun)]

    def _drop(self, ids: Collection[DeliveryId]) -> None:
        if not ids:
            return
        self._queue.drop(ids)
        for task, attempt in self._running.items():
            if attempt.delivery.id in ids and not attempt.begun:
                task.cancel()

    def _may_look(self, empty_at: float | None) -> bool:
        """Return whether to look for more: at once if the last look found some; else now and then, and when idle."""
        busy = self._running or self._queue or self._urgent
        return empty_at is None or not busy or monotonic() - empty_at > _LOOK_SECONDS

    def _renewed(self, batch: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
        """Return what is new of a batch, and drop what it replaces: deliveries that were taken away and released again.

        What is in hand of those is out of date; one of the two is sent, not both.
        """
        begun = {attempt.delivery.id: task for task, attempt in self._running.items() if attempt.begun}
        for delivery in batch:
            if delivery.id in begun:
                # It is about to end; if it sent the part under this lease, the lease is gone then.
                self._behind[begun[delivery.id]] = delivery
        fresh = tuple(delivery for delivery in batch if delivery.id not in begun)
        self._drop({delivery.id for delivery in fresh} & {delivery.id for delivery in self._in_hand()})
        return fresh

    async def _wait_for_room(self) -> None:
        self._room.clear()
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._room.wait()
        except TimeoutError:
            return

    def _start(self) -> None:
        """Start as many as there is room for; called again whenever one ends."""
        while len(self._running) < self._options.at_once and not self._stopping:
            delivery = self._queue.next()
            if delivery is None:
                return
            attempt = DeliveryAttempt(delivery, self._services)
            task = asyncio.create_task(self._run(attempt))
            self._running[task] = attempt
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        if (next_one := self._behind.pop(task, None)) is not None:
            self._queue.extend([next_one])
        self._go_on()

    def _go_on(self) -> None:
        self._start()
        if not self._running or self._queue.ready < self._options.at_once:
            self._room.set()

    async def _run(self, attempt: DeliveryAttempt) -> None:
        delivery = attempt.delivery
        try:
            with traced("deliver", kind=delivery.kind, chat=delivery.place.chat_id):
                await attempt.run()
        except asyncio.CancelledError:
            # `stop` cancels what has not begun; whatever else ends a task leaves the delivery to its lease.
            if not self._stopping or attempt.begun:
                raise
            await attempt.give_back("the bot was stopped")
        except Exception:
            logger.exception("delivery interrupted", extra={"delivery": delivery.id, "place": delivery.place.id})
            await attempt.interrupted()

    async def _deliver_now(self, only: Collection[DeliveryId]) -> int:
        if self._stopping:
            return 0
        # What is planned for the same places waits for these, and the pump with it.
        self._urgent += 1
        try:
            batch = await self._claim(len(only), only)
            await self._hurry(batch)
            async with asyncio.TaskGroup() as group:
                for delivery in batch:
                    group.create_task(self._run(DeliveryAttempt(delivery, self._services, urgent=True)))
        finally:
            self._urgent -= 1
            self._room.set()
        return len(batch)

    async def _hurry(self, batch: Sequence[Delivery]) -> None:
        """Wait a few seconds at most for the mosaics of what people wait for."""
        mosaics = [mosaic for delivery in batch for mosaic in self._renderings.mosaics_of(delivery.rendering)]
        if self._mosaics is not None and mosaics:
            await self._mosaics.hurry(mosaics)

    async def _claim_ahead(self) -> tuple[Delivery, ...]:
        try:
            return await self._claim(max(2 * self._options.at_once, 100))
        except StorageError as error:
            if not self._running and not self._queue:
                raise
            # What is in hand goes on; the next look tries again.
            logger.log(level_of(error), "nothing can be claimed", extra={"reason": str(error)})
            return ()

    async def _claim(self, limit: int, only: Collection[DeliveryId] | None = None) -> tuple[Delivery, ...]:
        now = self._clock.now()
        if now < self._looked_at:
            # Set back, perhaps while no bot ran.
            await self._ledger.set_back(now, LONGEST_WAIT, self._options.lease)
        self._looked_at = now
        batch = await self._ledger.claim(self._owner, now, self._options.lease, limit, only)
        for delivery in batch:
            if delivery.sent_by_others:
                self._services.sender.note_elsewhere(delivery.place.chat_id, delivery.sent_by_others)
        try:
            await self._renderings.fetch(delivery.rendering for delivery in batch)
        except StorageError as error:
            # They are ours already: dropped here, they would wait for their leases to run out. Each asks again.
            logger.log(level_of(error), "texts can't be read ahead", extra={"reason": str(error)})
        return batch

    async def _give_back(self) -> None:
        """Give back what was claimed and not begun, once what is under way has ended."""
        if self._running:
            await asyncio.wait(list(self._running))
        if waiting := self._queue.clear():
            await self._ledger.release(self._owner, [delivery.id for delivery in waiting])

    async def _end_all(self) -> None:
        """End what is under way when the pump was cancelled; its leases say what it held."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._queue.clear()
