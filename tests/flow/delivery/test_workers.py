"""Workers that stop, share their work, or cannot read what they are to send."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import sqlalchemy as sa

from digests.errors import StorageError
from digests.model.delivery import Delivery, DeliveryState, Part, Rendering
from digests.model.digest import Window
from digests.model.outcome import Form, Outcome
from digests.storage.deliveries.plan import Plan
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.schema.delivery_tables import renderings
from tests.flow.delivery_harness import EIGHT, DeliveryHarness


async def test_a_worker_that_stops_begins_no_further_part(harness: DeliveryHarness) -> None:
    for chat in range(1, 30):
        await harness.reader(chat)
    await harness.publish("One")
    harness.move_to_eight()
    worker = harness.worker

    def answer(_delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        worker.stop()
        return None

    harness.sender.answer = answer
    await harness.planner.plan_due(harness.clock.now())
    await worker.deliver_due()
    first = len(harness.sender.sent)
    assert 0 < first <= 8
    harness.sender.answer = lambda _d, _p, _f: None
    await harness.new_worker().deliver_due()
    assert sorted(part.chat_id for part in harness.sender.sent) == list(range(1, 30))
    assert await harness.counts() == {DeliveryState.SENT: 29}


async def test_workers_share_the_work_without_doubling_it(harness: DeliveryHarness) -> None:
    for chat in range(1, 60):
        await harness.reader(chat)
    await harness.publish("One")
    harness.move_to_eight()
    await harness.planner.plan_due(harness.clock.now())
    await asyncio.gather(*[harness.new_worker().deliver_due() for _ in range(3)])
    assert sorted(part.chat_id for part in harness.sender.sent) == list(range(1, 60))


async def test_a_stop_between_two_parts_leaves_the_second_for_the_next_start(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    two = Rendering("two", (Part("first"), Part("second")))
    window = Window(place.window_from, place.window_from)
    await harness.deliveries.commit([Plan(place.id, window, EIGHT, None, two)], harness.clock.now())
    worker = harness.worker

    def answer(_delivery: Delivery, _part: Part, _form: Form) -> Outcome | None:
        worker.stop()
        return None

    harness.sender.answer = answer
    await worker.deliver_due()
    assert [part.html for part in harness.sender.sent] == ["first"]
    harness.sender.answer = lambda _d, _p, _f: None
    await harness.new_worker().deliver_due()
    assert [part.html for part in harness.sender.sent] == ["first", "second"]
    assert await harness.counts() == {DeliveryState.SENT: 1}


async def test_a_rendering_that_changed_since_the_plan_is_not_sent(harness: DeliveryHarness) -> None:
    place = await harness.reader()
    window = Window(place.window_from, place.window_from)
    text = Rendering("text", (Part("planned"),))
    await harness.deliveries.commit([Plan(place.id, window, EIGHT, None, text)], harness.clock.now())
    async with harness.database.write() as connection:
        await connection.execute(sa.update(renderings).values(parts=[{"html": "x", "picture": None, "photo": None}]))
    await harness.worker.deliver_due()
    assert harness.sender.tried == []
    assert await harness.counts() == {DeliveryState.FAILED: 1}


class UnreadableTexts(DeliveryStore):
    """A store whose renderings cannot be read the first time."""

    failures = 1

    async def renderings(self, keys: Collection[str]) -> tuple[Rendering, ...]:
        if self.failures:
            self.failures -= 1
            raise StorageError("held by another program")
        return await super().renderings(keys)


async def test_renderings_that_cannot_be_prefetched_are_read_later(harness: DeliveryHarness) -> None:
    await harness.reader()
    await harness.publish("One")
    harness.move_to_eight()
    await harness.planner.plan_due(harness.clock.now())
    harness.deliveries = UnreadableTexts(harness.database)
    await harness.new_worker().deliver_due()
    assert await harness.counts() == {DeliveryState.SENT: 1}
