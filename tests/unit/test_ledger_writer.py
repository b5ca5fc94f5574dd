"""The ledger's writer over a ledger in memory: changes in groups, and nothing sent before it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import pytest

from digests.delivery import ledger_writer as writer_module
from digests.delivery.ledger_writer import LedgerWriter
from digests.errors import StorageError
from digests.model.delivery import DeliveryState
from digests.model.ids import DeliveryId
from digests.storage.deliveries.results import PartChange, PartId, Postponed, Settled
from tests.factories.times import NOW
from tests.fakes import FakeClock


class MemoryLedger:
    """A ledger that keeps each transaction, and fails as often as the test says."""

    def __init__(self) -> None:
        self.transactions: list[tuple[list[PartId], int, int]] = []
        self.failures: list[Exception] = []
        self.others: set[DeliveryId] = set()
        self.states: dict[PartId, DeliveryState] = {}
        self.writing = False

    async def write(
        self,
        owner: str,
        begun: Collection[PartId],
        changes: Sequence[PartChange],
        ends: Sequence[Settled | Postponed],
        lease_until: datetime,
    ) -> frozenset[DeliveryId]:
        self.writing = True
        # A database takes a while.
        await asyncio.sleep(0.001)
        if self.failures:
            raise self.failures.pop(0)
        self.transactions.append((list(begun), len(changes), len(ends)))
        self.states |= {(change.delivery, change.number): change.state for change in changes}
        self.states |= {part_id: DeliveryState.SENDING for part_id in begun if part_id[0] not in self.others}
        return frozenset(delivery for delivery, _ in begun if delivery not in self.others)


def open_writer() -> tuple[MemoryLedger, LedgerWriter]:
    ledger = MemoryLedger()
    return ledger, LedgerWriter(ledger, FakeClock(NOW), "me", timedelta(minutes=2))  # type: ignore[arg-type]


def part(number: int) -> PartId:
    return DeliveryId(number), 0


def sent(number: int) -> tuple[list[PartChange], Settled]:
    delivery = DeliveryId(number)
    return [PartChange(delivery, 0, DeliveryState.SENT, 1)], Settled(delivery, DeliveryState.SENT, "", NOW)


async def test_simultaneous_changes_share_a_transaction() -> None:
    ledger, writer = open_writer()
    await writer.begin(part(0))
    beginning = [writer.begin(part(number)) for number in range(1, 30)]
    results = await asyncio.gather(*beginning, writer.record(*sent(0)))
    assert all(results[:-1])
    assert [(len(begun), *counts) for begun, *counts in ledger.transactions] == [(1, 0, 0), (29, 1, 1)]


async def test_a_part_held_by_another_worker_does_not_begin() -> None:
    ledger, writer = open_writer()
    ledger.others.add(DeliveryId(2))
    assert list(await asyncio.gather(writer.begin(part(1)), writer.begin(part(2)))) == [True, False]


async def test_an_unavailable_database_delays_but_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "_FIRST_WAIT", 0.01)
    ledger, writer = open_writer()
    ledger.failures = [StorageError("full"), StorageError("full")]
    assert await writer.begin(part(1))
    assert ledger.transactions == [([part(1)], 0, 0)]


async def test_a_cancelled_begin_is_not_written() -> None:
    ledger, writer = open_writer()
    await writer.begin(part(0))
    given_up = asyncio.create_task(writer.begin(part(1)))
    other = asyncio.create_task(writer.begin(part(2)))
    # Both have to be waiting in the same group.
    await asyncio.sleep(0)
    given_up.cancel()
    assert await other
    assert ledger.transactions[-1][0] == [part(2)]


@pytest.mark.parametrize("moment", ["while it is written", "once it is written"])
async def test_a_begin_cancelled_while_it_is_written_is_undone(moment: str) -> None:
    """A pause would take it for a part that is on its way, a restart for one that may have arrived."""
    ledger, writer = open_writer()
    asked = asyncio.create_task(writer.begin(part(1)))
    # The loop's very next turn: `until` would come too late.
    while not ledger.writing:
        await asyncio.sleep(0)
    if moment == "once it is written":
        while not ledger.transactions:
            await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await writer.close()
    assert ledger.states[part(1)] is DeliveryState.PENDING
    # A worker that begins it anew has the last word.
    assert await writer.begin(part(1))
    assert ledger.states[part(1)] is DeliveryState.SENDING


async def test_an_unexpected_error_reaches_whoever_waits() -> None:
    ledger, writer = open_writer()
    ledger.failures = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await writer.begin(part(1))
    assert await writer.begin(part(2))
