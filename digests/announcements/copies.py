"""Changes copies that were sent, at the bulk rate: claim -> edit or delete -> settle. Repeating does no harm."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Protocol

from digests.model.copy_change import Copy, CopyChangeKind, CopyState
from digests.model.outcome import Moved, NotAccepted, Outcome, Sent, Throttled, Unchanged, Unknown, Wait
from digests.model.step import retry_wait
from digests.ports import Clock
from digests.storage.announcements.copy_changes import CopyChangeStore
from digests.storage.places.places import PlaceStore

logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=2)


class CopyEditor(Protocol):
    """Changes what was sent. Never raises for what the service answers, nor for a broken network."""

    async def edit(self, copy: Copy) -> Outcome:
        """Make the copy say what its part says."""
        ...

    async def delete(self, copy: Copy) -> Outcome:
        """Delete the copy; Refused when the service does not allow that."""
        ...

    async def withdraw(self, copy: Copy) -> Outcome:
        """Make the copy say that it was withdrawn."""
        ...


class CopyChangeWorker:
    """Changes the copies that are due, `at_once` together, until none is or `stop` was called.

    What fails is tried again for as long as `patience`. Copies that are older than `deletable_for` can't be deleted.
    """

    def __init__(
        self,
        copy_changes: CopyChangeStore,
        places: PlaceStore,
        copy_editor: CopyEditor,
        clock: Clock,
        *,
        at_once: int,
        patience: timedelta,
        deletable_for: timedelta,
    ) -> None:
        self._copy_changes = copy_changes
        self._places = places
        self._copy_editor = copy_editor
        self._clock = clock
        self._at_once = at_once
        self._patience = patience
        self._deletable_for = deletable_for
        self._stopping = False

    def stop(self) -> None:
        """Claim no more copies; what is under way comes to its end."""
        self._stopping = True

    async def work(self) -> int:
        """Change what is due, and return how many copies were claimed."""
        taken = 0
        while not self._stopping:
            batch = await self._copy_changes.claim(self._clock.now(), _LEASE, self._at_once)
            if not batch:
                break
            taken += len(batch)
            async with asyncio.TaskGroup() as group:
                for copy in batch:
                    group.create_task(self._guarded(copy))
        return taken

    async def _guarded(self, copy: Copy) -> None:
        try:
            await self._change(copy)
        except Exception:
            logger.exception("a copy could not be changed", extra={"act": copy.act_id, "delivery": copy.delivery_id})

    async def _change(self, copy: Copy) -> None:
        if not copy.messages:
            await self._copy_changes.settle(copy, CopyState.FAILED, "its message is not known")
            return
        done = CopyState.EDITED
        if copy.kind is CopyChangeKind.EDIT:
            outcome = await self._copy_editor.edit(copy)
        else:
            outcome, done = await self._recall(copy)
        await self._settle(copy, outcome, done, self._clock.now())

    async def _recall(self, copy: Copy) -> tuple[Outcome, CopyState]:
        """Delete the copy while the service lets us; else make it say that it was withdrawn."""
        if self._clock.now() - copy.sent_at < self._deletable_for:
            outcome = await self._copy_editor.delete(copy)
            if isinstance(outcome, Sent | Unchanged | Wait | Throttled | NotAccepted | Unknown | Moved):
                return outcome, CopyState.DELETED
        return await self._copy_editor.withdraw(copy), CopyState.EDITED

    async def _settle(self, copy: Copy, outcome: Outcome, done: CopyState, now: datetime) -> None:
        match outcome:
            case Sent() | Unchanged():
                await self._copy_changes.settle(copy, done)
            case Wait(seconds) | Throttled(seconds):
                wait = timedelta(seconds=max(seconds, 1))
                await self._copy_changes.postpone(copy, now + wait, f"rate limit, {seconds:g} s", failed=False)
            case Moved(chat_id):
                await self._places.move_chat(copy.chat_id, chat_id)
                await self._copy_changes.postpone(copy, now, "the chat has a new id", failed=False)
            case NotAccepted(reason) | Unknown(reason):
                at = now + retry_wait(copy.attempts)
                if at < copy.act_at + self._patience:
                    await self._copy_changes.postpone(copy, at, reason, failed=True)
                else:
                    await self._copy_changes.settle(copy, CopyState.FAILED, f"too late: {reason}")
            case _:
                await self._copy_changes.settle(copy, CopyState.FAILED, outcome.reason)
