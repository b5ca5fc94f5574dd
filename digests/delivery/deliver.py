"""Sends what is planned: claim -> send -> settle. A crash at any point loses nothing and hides nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from digests.delivery.outcomes import Again, Done, Follow, Form, GiveUp, Later, Step, Wait, next_step
from digests.ports import Clock, Sender
from digests.storage.deliveries import DeliveryStore
from digests.storage.places import PlaceStore
from digests.types import Delivery, DeliveryId, DeliveryState, Part, PlaceState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """How patiently is delivered."""

    workers: int
    lease: timedelta
    retry_for: timedelta
    resend_unknown: bool


class Courier:
    """Delivers what is due, several at once, until nothing is or `stop` was called."""

    def __init__(
        self, deliveries: DeliveryStore, places: PlaceStore, sender: Sender, clock: Clock, terms: Terms, owner: str
    ) -> None:
        self._deliveries = deliveries
        self._places = places
        self._sender = sender
        self._clock = clock
        self._terms = terms
        self._owner = owner
        self._stopping = False

    def stop(self) -> None:
        """No part is begun after this; what is under way comes to its end."""
        self._stopping = True

    async def deliver_due(self, only: Collection[DeliveryId] | None = None) -> int:
        """Sends every delivery that is due (or those of `only`); how many were taken up."""
        taken = 0
        while not self._stopping:
            batch = await self._deliveries.claim(
                self._owner, self._clock.now(), self._terms.lease, self._terms.workers, only
            )
            if not batch:
                break
            taken += len(batch)
            async with asyncio.TaskGroup() as group:
                for delivery in batch:
                    group.create_task(self._guarded(delivery, urgent=only is not None))
        return taken

    async def _guarded(self, delivery: Delivery, *, urgent: bool) -> None:
        try:
            await self._deliver(delivery, urgent=urgent)
        except Exception:
            # A fault in one delivery is left to its lease: it is tried again, and the others go on.
            logger.exception("delivery interrupted", extra={"delivery": delivery.id, "place": delivery.place.id})

    async def _deliver(self, delivery: Delivery, *, urgent: bool) -> None:
        # Who asks for a digest while it is stopped gets that one.
        if delivery.place.state in (PlaceState.UNREACHABLE, PlaceState.STOPPED) and not urgent:
            await self._deliveries.settle(
                delivery.id, DeliveryState.CANCELLED, f"the place is {delivery.place.state}", self._clock.now()
            )
            return
        rendering = await self._deliveries.rendering(delivery.rendering)
        if rendering is None:
            await self._settle(delivery, GiveUp(DeliveryState.FAILED, "its text is gone from the database"))
            return
        for row in delivery.parts:
            if row.state is DeliveryState.SENT:
                continue
            if row.state is DeliveryState.UNCERTAIN and not self._terms.resend_unknown:
                continue
            if self._stopping:
                await self._deliveries.postpone(delivery.id, self._clock.now(), "the bot was stopped", failed=False)
                return
            last = row.number == len(rendering.parts) - 1
            rest = len(rendering.rest) if last else 0
            step = await self._send_part(delivery, row.number, rendering.parts[row.number], rest, urgent=urgent)
            if not isinstance(step, Done):
                await self._settle(delivery, step)
                if not (isinstance(step, GiveUp) and step.state is DeliveryState.UNCERTAIN):
                    return
        await self._close(delivery)

    async def _send_part(self, delivery: Delivery, number: int, part: Part, rest: int, *, urgent: bool) -> Step:
        """Sends one part in ever simpler forms until it is gone, or is to be tried later, or never."""
        form = Form.WHOLE
        while True:
            await self._deliveries.begin_part(delivery.id, number)
            outcome = await self._sender.send(delivery, part, form, rest=rest, urgent=urgent)
            now = self._clock.now()
            give_up_at = delivery.created_at + self._terms.retry_for
            step = next_step(
                outcome, form, delivery.attempts, now, give_up_at, resend_unknown=self._terms.resend_unknown
            )
            match step:
                case Done(message_id):
                    await self._deliveries.settle_part(delivery.id, number, DeliveryState.SENT, message_id)
                case Again(simpler, reason):
                    logger.warning(
                        "part is sent in a simpler form",
                        extra={"delivery": delivery.id, "form": simpler.name, "reason": reason},
                    )
                    form = simpler
                    continue
                case Follow(chat_id):
                    logger.info("chat moved", extra={"from": delivery.place.chat_id, "to": chat_id})
                    await self._places.move_chat(delivery.place.chat_id, chat_id)
                    await self._deliveries.settle_part(delivery.id, number, DeliveryState.PENDING)
                    return Later(now, "the chat has a new id")
                case Later(_, reason):
                    await self._deliveries.settle_part(delivery.id, number, DeliveryState.PENDING, error=reason)
                    if isinstance(outcome, Wait):
                        logger.info("told to wait", extra={"place": delivery.place.id, "seconds": outcome.seconds})
                case GiveUp(state, reason):
                    await self._deliveries.settle_part(delivery.id, number, state, error=reason)
            return step

    async def _settle(self, delivery: Delivery, step: Step) -> None:
        now = self._clock.now()
        match step:
            case Later(at, reason):
                waited = reason.startswith(("rate limit", "the chat has"))
                await self._deliveries.postpone(delivery.id, at, reason, failed=not waited)
            case GiveUp(state, reason, lost_chat, lost_topic):
                logger.warning(
                    "delivery ended",
                    extra={"delivery": delivery.id, "place": delivery.place.id, "state": state, "reason": reason},
                )
                if state is not DeliveryState.UNCERTAIN:
                    await self._deliveries.settle(delivery.id, state, reason, now)
                if lost_chat:
                    await self._places.lose(delivery.place.chat_id, reason)
                if lost_topic:
                    await self._places.silence(delivery.place.id, PlaceState.UNREACHABLE, reason)
                    await self._sender.topic_gone(delivery.place)
            case _:
                raise AssertionError(f"a part ended with {step}")

    async def _close(self, delivery: Delivery) -> None:
        """Every part was tried: the delivery is sent, or uncertain when one of its parts is."""
        now = self._clock.now()
        current = await self._deliveries.get(delivery.id)
        rows = current.parts if current else ()
        unsure = [row for row in rows if row.state is DeliveryState.UNCERTAIN]
        if unsure:
            await self._deliveries.settle(delivery.id, DeliveryState.UNCERTAIN, unsure[0].error, now)
        else:
            await self._deliveries.settle(delivery.id, DeliveryState.SENT, "", now)
