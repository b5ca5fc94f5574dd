"""The book on a ledger in memory: many at once, nothing before it is written, nothing that nobody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import pytest

from digests.delivery import ledger_writer as book_module
from digests.delivery.ledger_writer import LedgerWriter
from digests.errors import StorageError
from digests.model.delivery import DeliveryState
from digests.model.ids import DeliveryId
from digests.storage.deliveries.results import PartChange, PartId, Postponed, Settled
from tests.builders import NOW
from tests.fakes import FakeClock


class MemoryLedger:
    """Keeps each transaction; fails as often as it is told to."""

    def __init__(self) -> None:
        self.pages: list[tuple[list[PartId], int, int]] = []
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
        await asyncio.sleep(0.001)
        if self.failures:
            raise self.failures.pop(0)
        self.pages.append((list(begun), len(changes), len(ends)))
        self.states |= {(one.delivery, one.number): one.state for one in changes}
        self.states |= {one: DeliveryState.SENDING for one in begun if one[0] not in self.others}
        return frozenset(delivery for delivery, _ in begun if delivery not in self.others)


def opened() -> tuple[MemoryLedger, LedgerWriter]:
    ledger = MemoryLedger()
    return ledger, LedgerWriter(ledger, FakeClock(NOW), "me", timedelta(minutes=2))  # type: ignore[arg-type]


def part(number: int) -> PartId:
    return DeliveryId(number), 0


def sent(number: int) -> tuple[list[PartChange], Settled]:
    delivery = DeliveryId(number)
    return [PartChange(delivery, 0, DeliveryState.SENT, 1)], Settled(delivery, DeliveryState.SENT, "", NOW)


async def test_what_happens_within_a_moment_is_one_transaction() -> None:
    ledger, ledger_writer = opened()
    await ledger_writer.begin(part(0))
    begun = [ledger_writer.begin(part(number)) for number in range(1, 30)]
    results = await asyncio.gather(*begun, ledger_writer.record(*sent(0)))
    assert all(results[:-1])
    assert [(len(page[0]), *page[1:]) for page in ledger.pages] == [(1, 0, 0), (29, 1, 1)]


async def test_what_another_holds_must_not_leave() -> None:
    ledger, ledger_writer = opened()
    ledger.others.add(DeliveryId(2))
    assert list(await asyncio.gather(ledger_writer.begin(part(1)), ledger_writer.begin(part(2)))) == [True, False]


async def test_a_database_that_is_away_holds_up_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book_module, "_FIRST_WAIT", 0.01)
    ledger, ledger_writer = opened()
    ledger.failures = [StorageError("full"), StorageError("full")]
    assert await ledger_writer.begin(part(1))
    assert ledger.pages == [([part(1)], 0, 0)]


async def test_who_gave_up_is_not_called_sending() -> None:
    ledger, ledger_writer = opened()
    await ledger_writer.begin(part(0))
    given_up = asyncio.create_task(ledger_writer.begin(part(1)))
    other = asyncio.create_task(ledger_writer.begin(part(2)))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await other
    assert ledger.pages[-1][0] == [part(2)]


@pytest.mark.parametrize("moment", ["while it is written", "once it is written"])
async def test_who_gives_up_just_then_does_not_stay_sending(moment: str) -> None:
    """A pause would take it for one on the line; a restart for one that may have come."""
    ledger, ledger_writer = opened()
    asked = asyncio.create_task(ledger_writer.begin(part(1)))
    while not ledger.writing:
        await asyncio.sleep(0)
    if moment == "once it is written":
        while not ledger.pages:
            await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await ledger_writer.close()
    assert ledger.states[part(1)] is DeliveryState.PENDING
    # Whoever took it up anew meanwhile has the last word.
    assert await ledger_writer.begin(part(1))
    assert ledger.states[part(1)] is DeliveryState.SENDING


async def test_a_fault_of_ours_is_told_to_whoever_waits() -> None:
    ledger, ledger_writer = opened()
    ledger.failures = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        await ledger_writer.begin(part(1))
    assert await ledger_writer.begin(part(2))
