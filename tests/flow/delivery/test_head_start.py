"""Deliveries whose mosaic is being made let others go first, for seconds, once; and hold up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from digests.delivery import queue
from digests.delivery.options import DeliveryOptions
from digests.delivery.worker import DeliveryWorker
from digests.model.delivery import DeliveryState, Part, Rendering
from digests.model.ids import DeliveryId
from digests.model.mosaic import Mosaic, Tile, compose_mosaic
from digests.storage.database import Database
from digests.storage.deliveries.plans import DeliveryStore
from tests.factories.deliveries import plan
from tests.factories.places import add_active_place
from tests.factories.times import NOW
from tests.flow.delivery_harness import DeliveryHarness
from tests.waiting import until

SHOWN = compose_mosaic([Tile(1, "a")], b"")


class FakeMosaics:
    """Mosaics that come when the test says so."""

    def __init__(self) -> None:
        self.coming = {SHOWN.key}
        self.arrived = asyncio.Event()
        self.hurried: list[Mosaic] = []
        self.waiting = 0

    def is_coming(self, key: str) -> bool:
        return key in self.coming

    async def arrive(self, key: str) -> None:
        assert key == SHOWN.key
        self.waiting += 1
        await self.arrived.wait()
        self.waiting -= 1

    async def hurry(self, mosaics: Sequence[Mosaic]) -> None:
        self.hurried.extend(mosaics)


class HeadStartHarness(DeliveryHarness):
    """A worker that knows of mosaics, with few places for deliveries under way."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.mosaics = FakeMosaics()
        options = DeliveryOptions(2, timedelta(minutes=2), timedelta(hours=6), False)
        self.worker = DeliveryWorker(
            self.ledger, self.deliveries, self.places, self.sender, self.clock, options, "me", self.mosaics
        )

    async def plan(self, *chats: int, shown: Mosaic | None = SHOWN) -> list[DeliveryId]:
        """Plan a digest for each chat, and return the deliveries' ids."""
        made: list[DeliveryId] = []
        for chat in chats:
            rendering = Rendering("pictured" if shown else "plain", (Part("text", mosaic=shown),))
            place = await add_active_place(self.database, chat)
            made += await DeliveryStore(self.database).commit([plan(place, rendering=rendering)], NOW)
        return made

    @property
    def sent(self) -> list[int]:
        """The chats that got something, in order."""
        return [part.chat_id for part in self.sender.sent]


async def test_others_go_first_and_then_all_with_a_mosaic(database: Database) -> None:
    harness = HeadStartHarness(database)
    await harness.plan(1, 2, 3, 4, 5)
    await harness.plan(6, 7, 8, 9, shown=None)
    delivering = asyncio.ensure_future(harness.worker.deliver_due())
    # More wait than there are places for deliveries under way, and take none of those.
    await until(lambda: sorted(harness.sent) == [6, 7, 8, 9])
    assert harness.mosaics.waiting == 5
    assert not delivering.done()
    harness.mosaics.arrived.set()
    assert await delivering == 9
    # They wait once, even if the mosaic is still said to come.
    assert sorted(harness.sent[4:]) == [1, 2, 3, 4, 5]
    assert await harness.counts() == {DeliveryState.SENT: 9}


async def test_what_does_not_come_is_not_waited_for(database: Database) -> None:
    harness = HeadStartHarness(database)
    harness.mosaics.coming.clear()
    await harness.plan(1, 2)
    assert await harness.worker.deliver_due() == 2
    assert sorted(harness.sent) == [1, 2]


async def test_a_stop_gives_back_what_waits(database: Database) -> None:
    harness = HeadStartHarness(database)
    await harness.plan(1, 2, 3)
    delivering = asyncio.ensure_future(harness.worker.deliver_due())
    await until(lambda: harness.mosaics.waiting == 3)
    harness.worker.stop()
    await delivering
    assert harness.sent == []
    assert len(await harness.ledger.claim("another", NOW, timedelta(minutes=1), 10)) == 3


async def test_a_cancelled_delivery_leaves_no_task_behind(database: Database) -> None:
    harness = HeadStartHarness(database)
    await harness.plan(1)
    before = asyncio.all_tasks()
    delivering = asyncio.ensure_future(harness.worker.deliver_due())
    await until(lambda: harness.mosaics.waiting == 1)
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    await until(lambda: asyncio.all_tasks() <= before)


async def test_for_what_a_person_waits_mosaics_are_hurried(database: Database) -> None:
    harness = HeadStartHarness(database)
    ids = await harness.plan(1)
    assert await harness.worker.deliver_due(ids) == 1
    assert harness.mosaics.hurried == [SHOWN]
    assert harness.sent == [1]


async def test_most_digests_leave_even_if_no_mosaic_ever_comes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_MOST_ASIDE", 3)
    harness = HeadStartHarness(database)
    await harness.plan(*range(1, 11))
    delivering = asyncio.ensure_future(harness.worker.deliver_due())
    await until(lambda: len(harness.sent) == 7)
    assert harness.mosaics.waiting == 3
    harness.mosaics.arrived.set()
    assert await delivering == 10
