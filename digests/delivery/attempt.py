"""One delivery on its way: its parts in their order, each in ever simpler forms until it is gone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from digests.delivery.fallback import fallback_key, fallen_back, replacement, takes_rich
from digests.delivery.ledger_writer import LedgerWriter
from digests.delivery.lost_places import mark_lost, return_to_chat, store_move
from digests.delivery.options import DeliveryOptions
from digests.delivery.quiet import quiet_until, silenced
from digests.delivery.renderings import CachedRendering, RenderingCache
from digests.delivery.tally import DeliveryTally, outcome_name
from digests.model.delivery import Delivery, DeliveryState, Part, Rendering
from digests.model.outcome import Form, NotAccepted, Outcome, Throttled, Unknown
from digests.model.place import PlaceState
from digests.model.step import (
    Done,
    FallBack,
    GiveUp,
    RetryAtNewChat,
    RetryLater,
    RetrySimpler,
    SendAgain,
    Step,
    end_of_retries,
    next_step,
    retry_wait,
)
from digests.ports import Clock, Sender
from digests.storage.deliveries.results import PartChange, Postponed, Settled
from digests.storage.places.places import PlaceStore
from digests.telemetry.traces import traced

logger = logging.getLogger(__name__)

_SILENT = (PlaceState.UNREACHABLE, PlaceState.STOPPED)


@dataclass(frozen=True, slots=True)
class AttemptServices:
    """What all attempts share."""

    ledger_writer: LedgerWriter
    renderings: RenderingCache
    places: PlaceStore
    sender: Sender
    clock: Clock
    options: DeliveryOptions
    tally: DeliveryTally = field(default_factory=DeliveryTally)


class _NotOursError(Exception):
    """The lease is gone: it had run out and another worker took the delivery up, or its announcement was paused."""


@dataclass(slots=True)
class DeliveryAttempt:
    """One delivery, part by part.

    `begun` while a part of it may be on its way; once `stopped` it begins no other. When `run` returns, the ledger says
    what came of it.
    """

    delivery: Delivery
    services: AttemptServices
    urgent: bool = False
    begun: bool = False
    stopped: bool = False
    _number: int = 0
    _over: bool = False
    _unsure: list[str] = field(default_factory=list)
    _since: float = field(default_factory=monotonic)

    async def run(self) -> None:
        """Send what is left of the delivery, and write down what came of it."""
        delivery = self.delivery
        # A reader who asks for a digest while theirs are stopped gets that one.
        if delivery.place.state in _SILENT and not self.urgent:
            await self._settle(DeliveryState.CANCELLED, f"the place is {delivery.place.state}")
            return
        rendering = await self.services.renderings.of(delivery.rendering)
        if rendering is None:
            await self._settle(DeliveryState.FAILED, "its text is gone from the database")
        elif rendering.hashes != tuple(row.hash for row in delivery.parts):
            logger.error("a text is not the one that was planned", extra={"delivery": delivery.id})
            await self._settle(DeliveryState.FAILED, "its text is not the one that was planned")
        elif (until := quiet_until(delivery, rendering.rendering.parts[0], self.services.clock.now())) is not None:
            await self._settle_later(until)
        else:
            try:
                await self._send_parts(await self._shown_there(rendering))
            except _NotOursError:
                logger.info("the delivery was taken away", extra={"delivery": delivery.id})

    async def give_back(self, reason: str) -> None:
        """Put the delivery back into the ledger: nothing of the present part was sent."""
        if not self._over:
            await self._postpone(RetryLater(self.services.clock.now(), reason))

    async def interrupted(self) -> None:
        """Write down a fault of ours: whether the present part was sent is known only when it had not begun."""
        reason = "interrupted by a fault"
        if not self._over:
            await self._apply(self._step_after(Unknown(reason) if self.begun else NotAccepted(reason), Form.WHOLE))

    async def _settle_later(self, until: datetime) -> None:
        await self.services.ledger_writer.record([], Postponed(self.delivery.id, until, "", failed=False, anew=True))
        self._over = True
        self.services.tally.put_off(self.delivery.kind, failed=False)

    async def _send_parts(self, rendering: CachedRendering) -> None:
        resend = self.services.options.resend_unknown
        for row in self.delivery.parts:
            if row.state is DeliveryState.UNCERTAIN and not resend:
                self._unsure.append(row.error)
            elif row.state is not DeliveryState.SENT:
                if self.stopped:
                    self._number = row.number
                    await self.give_back("the bot was stopped")
                    return
                # A part is on the disk before the next of the same place is begun.
                self._number, self.begun = row.number, False
                step = await self._send_part(rendering, row.number)
                if isinstance(step, FallBack):
                    fallback = await self._fallback_of(rendering)
                    assert fallback is not None
                    await self._send_parts(await self._fall_back(fallback, step))
                    return
                if not await self._apply(step):
                    return
        if not self._over:
            await self._close()

    async def _shown_there(self, rendering: CachedRendering) -> CachedRendering:
        """Return the rendering, or its fallback for a place that is sent no rich messages, without trying."""
        is_rich = any(part.rich is not None for part in rendering.rendering.parts)
        if is_rich and not takes_rich(self.delivery.place):
            fallback = await self._fallback_of(rendering)
            if fallback is not None:
                step = FallBack("the place is sent no rich messages", for_good=True)
                return await self._fall_back(fallback, step)
        return rendering

    async def _fallback_of(self, rendering: CachedRendering) -> CachedRendering | None:
        """Return what the delivery can send instead, before any part of it was sent."""
        key = fallback_key(self.delivery, rendering, resend_unknown=self.services.options.resend_unknown)
        return await self.services.renderings.of(key) if key and not self._number else None

    async def _fall_back(self, fallback: CachedRendering, step: FallBack) -> CachedRendering:
        """Let the delivery send its fallback, which is stored first, and return that."""
        # Refused, so nothing of the part is under way: whatever fails here, it may be sent again.
        self.begun = False
        if not await self.services.ledger_writer.replace(replacement(self.delivery, fallback, step)):
            raise _NotOursError
        extra = {"delivery": self.delivery.id, "place": self.delivery.place.id, "for_good": step.for_good}
        logger.warning("a digest is sent in another layout", extra={**extra, "reason": step.reason})
        self.delivery = fallen_back(self.delivery, fallback, step)
        return fallback

    async def _send_part(self, rendering: CachedRendering, number: int) -> Step:
        part = silenced(rendering.rendering.parts[number], self.delivery.place, self.services.clock.now())
        last = number == len(rendering.rendering.parts) - 1
        has_fallback = part.rich is not None and await self._fallback_of(rendering) is not None
        form, repeats = Form.WHOLE, 0
        while True:
            outcome = await self._send_in(form, part, rendering.rendering, last=last)
            step = self._step_after(outcome, form, repeats, has_fallback=has_fallback)
            if not isinstance(step, RetrySimpler | SendAgain):
                return step
            extra = {"hash": rendering.hashes[number], "form": form.name, "reason": step.reason}
            if isinstance(step, SendAgain):
                # Refused, so nothing is under way. Beginning anew extends the lease: there may be many tries.
                repeats, self.begun = repeats + 1, False
                logger.info("part is sent again", extra=extra)
            else:
                form, repeats = step.form, 0
                logger.warning("part is sent in a simpler form", extra={**extra, "form": form.name})

    async def _send_in(self, form: Form, part: Part, whole: Rendering, *, last: bool) -> Outcome:
        rest, items = len(whole.rest), len(whole.items)
        turns = self.services.sender.turn
        async with turns(self.delivery, part, form, last=last, rest=rest, items=items, urgent=self.urgent) as turn:
            if isinstance(turn, Throttled):
                return turn
            await self._begin()
            with traced("send", kind=self.delivery.kind, part=self._number, form=form.name) as note:
                outcome = await turn.send()
                note("outcome", outcome_name(outcome))
            self.services.tally.sent(self.delivery.kind, outcome)
            return outcome

    async def _begin(self) -> None:
        """Write down that the part is being sent: once, in whatever simpler forms it is sent then."""
        if not self.begun:
            if not await self.services.ledger_writer.begin((self.delivery.id, self._number)):
                raise _NotOursError
            self.begun = True

    def _step_after(self, outcome: Outcome, form: Form, repeats: int = 0, *, has_fallback: bool = False) -> Step:
        delivery, options = self.delivery, self.services.options
        now = self.services.clock.now()
        since = delivery.resent_at or delivery.created_at
        return next_step(
            outcome,
            form,
            delivery.attempts,
            now,
            end_of_retries(since, delivery.attempts, now, options.retry_for),
            resend_unknown=options.resend_unknown,
            repeats=repeats,
            has_fallback=has_fallback,
        )

    async def _apply(self, step: Step) -> bool:
        """Write down what the present part came to; return whether the next part may be sent."""
        match step:
            case Done(message_id):
                await self._finish_part(PartChange(self.delivery.id, self._number, DeliveryState.SENT, message_id))
                return True
            case GiveUp(state=DeliveryState.UNCERTAIN, reason=reason):
                self._unsure.append(reason)
                await self._finish_part(self._changed(DeliveryState.UNCERTAIN, reason))
                return True
            case RetryLater():
                await self._postpone(step)
            case RetryAtNewChat(chat_id):
                await self._follow(chat_id)
            case GiveUp():
                await self._give_up(step)
            case RetrySimpler() | SendAgain() | FallBack():
                raise AssertionError("other forms are tried before anything is written down")
        return False

    async def _finish_part(self, change: PartChange) -> None:
        if self._number == self.delivery.parts[-1].number:
            await self._close([change])
        else:
            await self.services.ledger_writer.record([change])

    async def _close(self, changes: Sequence[PartChange] = ()) -> None:
        """Settle the delivery after every part was tried: it is uncertain when one of its parts is, else sent."""
        if self._unsure:
            await self._settle(DeliveryState.UNCERTAIN, self._unsure[0], changes)
        else:
            await self._settle(DeliveryState.SENT, "", changes)

    async def _settle(self, state: DeliveryState, reason: str, changes: Sequence[PartChange] = ()) -> None:
        end = Settled(self.delivery.id, state, reason, self.services.clock.now())
        await self.services.ledger_writer.record(changes, end)
        self._over = True
        self.services.tally.settled(self.delivery, state, end.at, monotonic() - self._since)

    async def _postpone(self, step: RetryLater) -> None:
        end = Postponed(self.delivery.id, step.at, step.reason, step.failed)
        await self.services.ledger_writer.record([self._changed(DeliveryState.PENDING, step.reason)], end)
        self._over = True
        self.services.tally.put_off(self.delivery.kind, failed=step.failed)

    async def _follow(self, chat_id: int) -> None:
        """Send it to the chat's new id, which is stored first: at once, except for a chat that moves on and on."""
        delivery = self.delivery
        logger.info("chat moved", extra={"from_chat": delivery.place.chat_id, "to_chat": chat_id})
        await store_move(self.services.places, delivery.place.chat_id, chat_id)
        wait = retry_wait(delivery.attempts) if delivery.attempts else timedelta()
        await self._postpone(RetryLater(self.services.clock.now() + wait, "the chat has a new id", failed=True))

    async def _give_up(self, step: GiveUp) -> None:
        place = self.delivery.place
        logger.warning(
            "delivery ended",
            extra={"delivery": self.delivery.id, "place": place.id, "state": step.state, "reason": step.reason},
        )
        # The chat first: a failure of one that is not marked as lost yet would be taken for a fault of ours, and many
        # of them at once pause an announcement.
        marked = await mark_lost(self.services.places, place, step)
        await self._settle(step.state, step.reason, [self._changed(step.state, step.reason)])
        if step.lost_topic and marked:
            await return_to_chat(self.services.places, place, self.services.clock.now())
            await self.services.sender.topic_gone(place)

    def _changed(self, state: DeliveryState, reason: str) -> PartChange:
        return PartChange(self.delivery.id, self._number, state, None, reason)
