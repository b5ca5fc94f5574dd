"""Group commit for the ledger: what happens within a moment is written in one transaction.

Many small commits are what a disk can't do: at a thousand messages a second each commit stands for some thirty.
Nothing leaves before its mark is on the disk, and nobody goes on before his result is.

`bot/updates/writer.py` commits groups, too, and shares none of this, since the two agree in little but that: here a
batch is written until it can be, as whoever waits has nowhere else to go, and each waits a moment for more to come;
there a failure is told at once, as Telegram sends again, and nothing waits, as a person does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from time import monotonic
from typing import Any

from digests.errors import StorageError, level_of
from digests.model.delivery import DeliveryState
from digests.model.waits import growing_wait
from digests.ports import Clock
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.results import PartChange, PartId, Postponed, Replaced, Settled

logger = logging.getLogger(__name__)

_PAUSE = 0.03
"""The least seconds between two commits: a request waits half of it on average, twice."""
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0


@dataclass(slots=True)
class _Batch:
    """What is to be written next, and the futures of those who wait for it."""

    begun: dict[PartId, asyncio.Future[bool]] = field(default_factory=dict)
    changes: list[PartChange] = field(default_factory=list)
    ends: list[Settled | Postponed] = field(default_factory=list)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)


class LedgerWriter:
    """Writes to the ledger for one owner of leases.

    A database that can't be written to holds everything up and loses nothing.
    """

    def __init__(self, ledger: LedgerStore, clock: Clock, owner: str, lease: timedelta) -> None:
        self._ledger = ledger
        self._clock = clock
        self._owner = owner
        self._lease = lease
        self._batch = _Batch()
        self._writer: asyncio.Task[None] | None = None
        self._last = 0.0

    async def begin(self, part: PartId) -> bool:
        """Write down that a part is being sent, and return when that is on the disk.

        False: the delivery belongs to another owner by now, so nothing may leave.
        """
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._batch.begun[part] = waiting
        self._wake()
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and waiting.result():
                self._unbegin(part)
            raise

    async def record(self, changes: Sequence[PartChange], end: Settled | Postponed | None = None) -> None:
        """Write down what came of parts and of a delivery, and return when that is on the disk."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._batch.changes.extend(changes)
        if end is not None:
            self._batch.ends.append(end)
        self._batch.waiting.append(waiting)
        self._wake()
        # What came of a part is written down, even when whoever waited for that was cancelled.
        await asyncio.shield(waiting)

    async def replace(self, replaced: Replaced) -> bool:
        """Let a delivery send another rendering, and return whether it is still ours once that is on the disk.

        In a transaction of its own: that happens to a place once.
        """
        for failures in count():
            try:
                return await self._ledger.replace(self._owner, replaced, self._clock.now() + self._lease)
            except StorageError as error:
                logger.log(
                    level_of(error), "the ledger can't be written to; trying again", extra={"reason": str(error)}
                )
                await asyncio.sleep(growing_wait(failures, _FIRST_WAIT, _LONGEST_WAIT))
        raise AssertionError("it is tried until it is written")

    async def close(self) -> None:
        """Return when everything that is known is on the disk."""
        if self._writer is not None:
            await self._writer

    def _unbegin(self, part: PartId) -> None:
        """Take back that a part is being sent: whoever asked for that was cancelled, and sends nothing.

        Otherwise a pause would take it for one on the line, and a restart for one that may have been received. Whoever
        begins it next comes after this: within a batch, changes are written before beginnings.
        """
        self._batch.changes.append(PartChange(*part, DeliveryState.PENDING))
        self._wake()

    def _wake(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._batch.begun or self._batch.waiting or self._batch.changes:
            early = self._last + _PAUSE - monotonic()
            if early > 0:
                await asyncio.sleep(early)
            self._last = monotonic()
            batch, self._batch = self._batch, _Batch()
            await self._write_batch(batch)

    async def _write_batch(self, batch: _Batch) -> None:
        for failures in count():
            # What was cancelled meanwhile sends nothing, so it must not be called "sending".
            begun = [part for part, waiting in batch.begun.items() if not waiting.done()]
            try:
                until = self._clock.now() + self._lease
                held = await self._ledger.write(self._owner, begun, batch.changes, batch.ends, until)
                break
            except StorageError as error:
                logger.log(
                    level_of(error), "the ledger can't be written to; trying again", extra={"reason": str(error)}
                )
                await asyncio.sleep(growing_wait(failures, _FIRST_WAIT, _LONGEST_WAIT))
            except Exception as error:  # noqa: BLE001  # a fault of ours, raised to whoever waits
                _fail(batch, error)
                return
        for part, begin in batch.begun.items():
            if not begin.done():
                begin.set_result(part[0] in held)
            elif part[0] in held and part in begun:
                self._unbegin(part)
        for waiting in batch.waiting:
            if not waiting.done():
                waiting.set_result(None)


def _fail(batch: _Batch, error: Exception) -> None:
    waiting: list[asyncio.Future[Any]] = [*batch.begun.values(), *batch.waiting]
    for future in waiting:
        if not future.done():
            future.set_exception(error)
