"""Announcements on their way: pauses, blocks and quiet hours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from digests.model.delivery import Delivery, DeliveryKind, DeliveryState, Part
from digests.model.ids import DeliveryId
from digests.model.outcome import Form, NotAccepted, Throttled, Unreachable
from digests.ports import Turn
from digests.storage.places.places import PlaceStore
from tests.factories.announcements import make_upkeep
from tests.factories.times import NOW
from tests.fakes import FakeSender
from tests.flow.delivery_harness import DeliveryHarness, sender_with
from tests.waiting import until


async def test_an_announcement_reaches_its_audience_once(harness: DeliveryHarness) -> None:
    for chat in (1, 2):
        await harness.reader(chat)
    await harness.reader(3, category="sport")
    ids = await harness.categories.ensure([("news",)])
    announcement = await harness.announcements.draft(9, "<b>Hello</b>", None, list(ids.values()), harness.clock.now())
    assert await harness.broadcaster.plan_confirmed(harness.clock.now()) == 0
    await harness.announcements.confirm(announcement.id, harness.clock.now())
    for _ in range(2):
        await harness.broadcaster.plan_confirmed(harness.clock.now())
        await harness.worker.deliver_due()
    assert sorted(part.chat_id for part in harness.sender.sent) == [1, 2]
    progress = await harness.broadcaster.progress(announcement)
    assert (progress.total, progress.done, progress.open) == (2, 2, 0)
    delivery = await harness.deliveries.get(DeliveryId(1))
    assert delivery is not None
    assert delivery.kind is DeliveryKind.ANNOUNCEMENT


async def test_blocks_do_not_pause_an_announcement_however_many_there_are_at_once(harness: DeliveryHarness) -> None:
    for chat in range(1, 31):
        await harness.reader(chat)
    announcement = await harness.announcement()
    # A single failure of ours would be enough.
    upkeep, reasons = make_upkeep(harness.database, percent=1, at_once=8), []

    class Watched(PlaceStore):
        async def mark_lost(self, chat_id: int, reason: str) -> None:
            reasons.append(await upkeep.pause_if_failing(await harness.announcements.get(announcement.id), NOW))
            await super().mark_lost(chat_id, reason)

    harness.places = Watched(harness.database)
    harness.use_sender(sender_with(Unreachable("blocked")))
    await harness.worker.deliver_due()
    assert reasons == [""] * 30
    assert (await harness.broadcaster.progress(announcement)).counts == {DeliveryState.FAILED: 30}
    assert await upkeep.pause_if_failing(await harness.announcements.get(announcement.id), NOW) == ""


class SlowSender(FakeSender):
    """A sender whose parts wait for their turn and then for their answer, as at Telegram's rates."""

    @asynccontextmanager
    async def turn(
        self, delivery: Delivery, part: Part, form: Form, *, last: bool, rest: int, items: int, urgent: bool
    ) -> AsyncIterator[Turn | Throttled]:
        await asyncio.sleep(0.2 * (delivery.id % 7))
        async with super().turn(delivery, part, form, last=last, rest=rest, items=items, urgent=urgent) as turn:
            yield turn
        await asyncio.sleep(0.2)


async def test_quick_pauses_and_resumes_send_nothing_twice(harness: DeliveryHarness) -> None:
    for chat in range(1, 25):
        await harness.reader(chat)
    harness.use_sender(SlowSender())
    announcement = await harness.announcement()
    work = asyncio.create_task(harness.worker.deliver_due())
    for number in range(8):
        # Pauses and resumes that meet parts in every stage: waiting, begun, answered.
        await asyncio.sleep(0.15)
        assert await harness.broadcaster.pause(announcement.id)
        await asyncio.sleep(0.6 if number % 4 == 0 else 0.05)
        assert await harness.broadcaster.resume(announcement.id, NOW)
    await work
    await harness.worker.deliver_due()
    assert sorted(part.chat_id for part in harness.sender.sent) == list(range(1, 25))
    assert await harness.deliveries.progress(announcement.id) == {DeliveryState.SENT: 24}


async def test_a_pause_that_is_applied_late_holds_nothing_back(harness: DeliveryHarness) -> None:
    """An admin resumes the announcement after the report has read it as paused, before it holds the rows."""
    for chat in range(1, 9):
        await harness.reader(chat)
    harness.use_sender(SlowSender())
    announcement = await harness.announcement()
    work = asyncio.create_task(harness.worker.deliver_due())
    await until(lambda: bool(harness.sender.tried))
    assert await harness.broadcaster.pause(announcement.id)
    as_read = await harness.announcements.get(announcement.id)
    assert await harness.broadcaster.resume(announcement.id, NOW)
    await harness.broadcaster.align(as_read, NOW)
    await work
    await harness.worker.deliver_due()
    assert sorted(part.chat_id for part in harness.sender.sent) == list(range(1, 9))
    assert await harness.deliveries.progress(announcement.id) == {DeliveryState.SENT: 8}


async def announce_before_quiet_hours(harness: DeliveryHarness, *, despite_quiet: bool) -> None:
    """Plan an announcement to a reader who sets quiet hours afterwards."""
    place = await harness.reader()
    await harness.announcement(despite_quiet=despite_quiet)
    await harness.places.set_schedule(place.id, NOW, quiet="07:00-09:00")


async def test_an_announcement_due_in_quiet_hours_waits_for_their_end(harness: DeliveryHarness) -> None:
    await announce_before_quiet_hours(harness, despite_quiet=False)
    harness.sender.answer = lambda _d, _p, _f: NotAccepted("down") if harness.clock.now().minute == 0 else None
    await harness.worker.deliver_due()
    assert harness.sender.tried == []
    harness.clock.move(timedelta(hours=1, minutes=30))
    await harness.worker.deliver_due()
    assert await harness.counts() == {DeliveryState.PENDING: 1}, "the quiet hours do not count as time spent retrying"
    harness.clock.move(timedelta(minutes=1))
    await harness.worker.deliver_due()
    assert [part.silent for part in harness.sender.sent] == [False]


async def test_an_announcement_despite_quiet_hours_is_silent(harness: DeliveryHarness) -> None:
    await announce_before_quiet_hours(harness, despite_quiet=True)
    await harness.worker.deliver_due()
    assert [part.silent for part in harness.sender.sent] == [True]
