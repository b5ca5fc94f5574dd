"""Planning, pausing, stopping and repeating an announcement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from digests.model.announcement import Announcement, AnnouncementState, Content, Timing, When
from digests.model.delivery import DeliveryKind, DeliveryState
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import PartChange, Postponed, Settled
from digests.storage.places.places import PlaceStore
from tests.contract.scripted_worker import LEASE, ScriptedWorker
from tests.factories.announcements import add_announcement, make_broadcaster
from tests.factories.deliveries import plan
from tests.factories.places import add_active_place
from tests.factories.times import HOUR, NOW


class ChangingStore(DeliveryStore):
    """A store that lets somebody change their settings after the first group has been planned."""

    def __init__(self, database: Database, change: Callable[[], Awaitable[object]]) -> None:
        super().__init__(database)
        self._change: Callable[[], Awaitable[object]] | None = change

    async def plan_announcement(self, *args: Any, **kwargs: Any) -> int:
        number = await super().plan_announcement(*args, **kwargs)
        if self._change is not None:
            change, self._change = self._change, None
            await change()
        return number


async def test_each_language_gets_its_text_and_each_zone_its_moment(database: Database) -> None:
    store, deliveries = AnnouncementStore(database), ScriptedWorker(database)
    await add_active_place(database, 1)
    await add_active_place(database, 2, language="zh_CN", timezone="Asia/Shanghai")
    await add_active_place(database, 3, language="fr", timezone="Asia/Shanghai")
    draft = await store.create(1, Content("Hello"), NOW)
    await store.put_content(draft.id, "zh_CN", Content("你好"))
    await store.set_timing(draft.id, Timing(When.LOCAL, time="08:00"))
    announcement = await store.get(draft.id)
    reach = await make_broadcaster(database).reach(announcement, NOW)
    assert (reach.chats, reach.first) == (3, NOW.replace(hour=8, minute=0))
    await store.confirm(draft.id, reach.first, by=1, now=NOW)
    assert await make_broadcaster(database).plan_confirmed(NOW) == 0
    for _ in range(2):
        assert await make_broadcaster(database).plan_confirmed(reach.first) == 1
    (first,) = await deliveries.claim("me", reach.first, LEASE, 9)
    assert first.place.chat_id == 1
    later = await deliveries.claim("me", NOW + timedelta(hours=17), LEASE, 9)
    found = {each.place.chat_id: await deliveries.rendering(each.rendering) for each in later}
    texts = {chat: each.parts[0].html for chat, each in found.items() if each}
    assert {chat: texts[chat] for chat in (2, 3)} == {2: "你好", 3: "Hello"}


@pytest.mark.parametrize("changed", [{"timezone": "UTC"}, {"timezone": "Asia/Tokyo"}, {"quiet": "01:00-02:00"}])
async def test_a_chat_whose_clock_changes_during_planning_is_not_left_out(
    database: Database, changed: dict[str, str]
) -> None:
    """It changes to a zone that is planned already, to one that nobody had, or to quiet hours that nobody had."""
    places, store = PlaceStore(database), AnnouncementStore(database)
    await add_active_place(database, 1)
    mover = await add_active_place(database, 2, timezone="Asia/Shanghai")
    draft = await store.create(1, Content("Hello"), NOW)
    await store.set_timing(draft.id, Timing(When.LOCAL, time="08:00"))
    await store.confirm(draft.id, NOW, now=NOW)
    deliveries = ChangingStore(database, lambda: places.set_schedule(mover.id, NOW, **changed))
    await make_broadcaster(database, deliveries).plan_confirmed(NOW)
    assert sum((await deliveries.progress(draft.id)).values()) == 2
    assert (await store.get(draft.id)).planned_at == NOW


async def test_a_chat_whose_language_changes_during_planning_is_not_left_out(database: Database) -> None:
    places, store = PlaceStore(database), AnnouncementStore(database)
    await add_active_place(database, 1, language="zh_CN")
    mover = await add_active_place(database, 2)
    draft = await store.create(1, Content("Hello"), NOW)
    await store.put_content(draft.id, "zh_CN", Content("你好"))
    await store.confirm(draft.id, NOW, now=NOW)
    deliveries = ChangingStore(database, lambda: places.set_language(mover.id, "zh_CN"))
    await make_broadcaster(database, deliveries).plan_confirmed(NOW)
    assert sum((await deliveries.progress(draft.id)).values()) == 2


async def quiet_chats(database: Database, quiet: str = "06:00-09:00") -> Announcement:
    """Store a draft, a chat without quiet hours, and two with them: in Shanghai (15:30 there) and in UTC (07:30)."""
    places = PlaceStore(database)
    await add_active_place(database, 1)
    for chat, zone in ((2, "Asia/Shanghai"), (3, "UTC")):
        place = await add_active_place(database, chat, timezone=zone)
        await places.set_schedule(place.id, NOW, quiet=quiet)
    return await AnnouncementStore(database).create(1, Content("Hello"), NOW)


async def claimed_chats(database: Database, now: datetime) -> set[int]:
    """Return the chats that get it now."""
    worker = ScriptedWorker(database)
    claimed = await worker.claim("me", now, LEASE, 9)
    for delivery in claimed:
        await worker.settle(delivery.id, DeliveryState.SENT, "", now)
    return {delivery.place.chat_id for delivery in claimed}


async def test_quiet_hours_are_kept_chat_by_chat(database: Database) -> None:
    announcement, broadcaster = await quiet_chats(database), make_broadcaster(database)
    assert (await broadcaster.reach(announcement, NOW)).waiting == 1
    await AnnouncementStore(database).confirm(announcement.id, NOW)
    await broadcaster.plan_confirmed(NOW)
    assert sum((await DeliveryStore(database).progress(announcement.id)).values()) == 3
    assert await claimed_chats(database, NOW) == {1, 2}
    nine = NOW.replace(hour=9, minute=0)
    assert await AnnouncementRows(database).last_due(announcement.id) == nine
    assert await claimed_chats(database, nine - timedelta(seconds=1)) == set()
    (last,) = await ScriptedWorker(database).claim("me", nine, LEASE, 9)
    assert (last.place.chat_id, last.resent_at) == (3, nine), "from then on it is retried as long as any other"


async def test_an_announcement_can_be_sent_despite_quiet_hours(database: Database) -> None:
    announcement, broadcaster, store = (
        await quiet_chats(database),
        make_broadcaster(database),
        AnnouncementStore(database),
    )
    await store.set_options(announcement.id, silent=False, pinned=False, paid=False, despite_quiet=True)
    announcement = await store.get(announcement.id)
    assert (await broadcaster.reach(announcement, NOW)).waiting == 0
    await store.confirm(announcement.id, NOW)
    await broadcaster.plan_confirmed(NOW)
    assert await claimed_chats(database, NOW) == {1, 2, 3}


async def test_a_local_time_in_quiet_hours_becomes_their_end(database: Database) -> None:
    announcement, broadcaster, store = (
        await quiet_chats(database),
        make_broadcaster(database),
        AnnouncementStore(database),
    )
    await store.set_timing(announcement.id, Timing(When.LOCAL, time="08:00"))
    announcement = await store.get(announcement.id)
    reach = await broadcaster.reach(announcement, NOW)
    assert (reach.first, reach.waiting) == (NOW.replace(hour=8, minute=0), 2)
    await store.confirm(announcement.id, reach.first, now=NOW)
    await broadcaster.plan_confirmed(reach.first)
    assert await claimed_chats(database, reach.first) == {1}
    assert await claimed_chats(database, NOW.replace(hour=9, minute=0)) == {3}
    assert await claimed_chats(database, NOW.replace(hour=9, minute=0) + timedelta(hours=16)) == {2}


async def test_a_digest_does_not_wait_for_a_later_announcement(database: Database) -> None:
    announcement, broadcaster = await quiet_chats(database, "06:00-23:00"), make_broadcaster(database)
    await AnnouncementStore(database).confirm(announcement.id, NOW)
    await broadcaster.plan_confirmed(NOW)
    assert await claimed_chats(database, NOW) == {1}
    place = await PlaceStore(database).find(3)
    assert place is not None
    await DeliveryStore(database).commit([plan(place, slot=NOW + HOUR)], NOW + HOUR)
    (digest,) = await ScriptedWorker(database).claim("me", NOW + HOUR, LEASE, 9)
    assert (digest.place.chat_id, digest.kind) == (3, DeliveryKind.DIGEST)


async def test_a_pause_holds_waiting_deliveries(database: Database) -> None:
    announcement, deliveries, broadcaster = (
        await add_announcement(database),
        ScriptedWorker(database),
        make_broadcaster(database),
    )
    (claimed,) = await deliveries.claim("me", NOW, LEASE, 1)
    assert await broadcaster.pause(announcement.id)
    assert not await broadcaster.pause(announcement.id)
    assert await deliveries.claim("me", NOW + HOUR, LEASE, 9) != (), "what is under way stays with its worker"
    await deliveries.postpone(claimed.id, NOW, "rate limit", failed=False)
    await broadcaster.align(await AnnouncementStore(database).get(announcement.id), NOW)
    assert await deliveries.progress(announcement.id) == {DeliveryState.PAUSED: 3}
    assert await deliveries.claim("me", NOW + HOUR, LEASE, 9) == ()
    assert await broadcaster.resume(announcement.id, NOW + HOUR)
    assert len(await deliveries.claim("me", NOW + HOUR, LEASE, 9)) == 3


async def test_claimed_deliveries_can_be_held_and_cancelled(database: Database) -> None:
    announcement, ledger, broadcaster = (
        await add_announcement(database),
        LedgerStore(database),
        make_broadcaster(database),
    )
    for act in (broadcaster.pause(announcement.id), broadcaster.stop(announcement.id, NOW)):
        first, *others = claimed = await ledger.claim("me", NOW, LEASE, 9)
        assert await ledger.write("me", [(first.id, 0)], [], [], NOW + LEASE) == {first.id}
        assert await act
        asked = [(each.id, 0) for each in others]
        assert await ledger.write("me", asked, [], [], NOW + LEASE) == frozenset(), "they must not be sent"
        counts = await DeliveryStore(database).progress(announcement.id)
        assert counts[DeliveryState.SENDING] == 1
        assert sum(counts.values()) == 3
        late = Settled(others[0].id, DeliveryState.SENT, "", NOW)
        change = PartChange(first.id, 0, DeliveryState.PENDING)
        await ledger.write("me", [], [change], [late, Postponed(first.id, NOW, "later", failed=False)], NOW)
        await broadcaster.resume(announcement.id, NOW)
        assert len(claimed) == 3
    assert await DeliveryStore(database).progress(announcement.id) == {
        DeliveryState.CANCELLED: 2,
        DeliveryState.PENDING: 1,
    }


async def test_a_pause_that_is_applied_late_holds_nothing(database: Database) -> None:
    """The job that applies pauses has read "paused" before an admin resumes it: nobody would release those rows."""
    announcement, ledger, broadcaster = (
        await add_announcement(database),
        LedgerStore(database),
        make_broadcaster(database),
    )
    assert await broadcaster.pause(announcement.id)
    as_read = await AnnouncementStore(database).get(announcement.id)
    assert await broadcaster.resume(announcement.id, NOW)
    (claimed,) = await ledger.claim("me", NOW, LEASE, 1)
    await broadcaster.align(as_read, NOW)
    counts = await DeliveryStore(database).progress(announcement.id)
    assert counts == {DeliveryState.SENDING: 1, DeliveryState.PENDING: 2}
    assert await ledger.still_leased("me", [claimed.id]) == {claimed.id}


async def test_a_stop_that_is_applied_late_cancels_nothing(database: Database) -> None:
    announcement, deliveries, broadcaster = (
        await add_announcement(database, 2),
        ScriptedWorker(database),
        make_broadcaster(database),
    )
    (claimed,) = await deliveries.claim("me", NOW, LEASE, 1)
    await deliveries.settle(claimed.id, DeliveryState.FAILED, "odd", NOW)
    assert await broadcaster.stop(announcement.id, NOW)
    as_read = await AnnouncementStore(database).get(announcement.id)
    assert await broadcaster.resend(announcement.id, NOW) == 1
    await broadcaster.align(as_read, NOW)
    assert await deliveries.progress(announcement.id) == {DeliveryState.PENDING: 1, DeliveryState.CANCELLED: 1}


async def test_a_resume_survives_a_crash(database: Database) -> None:
    announcement, store, broadcaster = (
        await add_announcement(database),
        AnnouncementStore(database),
        make_broadcaster(database),
    )
    assert await broadcaster.pause(announcement.id)
    assert await store.resume(announcement.id, NOW)
    assert await DeliveryStore(database).progress(announcement.id) == {DeliveryState.PAUSED: 3}
    await broadcaster.align(await store.get(announcement.id), NOW)
    assert await DeliveryStore(database).progress(announcement.id) == {DeliveryState.PENDING: 3}


async def test_a_stop_cancels_waiting_and_postponed_deliveries(database: Database) -> None:
    announcement, deliveries, broadcaster = (
        await add_announcement(database),
        ScriptedWorker(database),
        make_broadcaster(database),
    )
    (claimed,) = await deliveries.claim("me", NOW, LEASE, 1)
    assert await broadcaster.stop(announcement.id, NOW)
    assert await deliveries.progress(announcement.id) == {DeliveryState.SENDING: 1, DeliveryState.CANCELLED: 2}
    await deliveries.postpone(claimed.id, NOW, "rate limit", failed=False)
    await broadcaster.align(await AnnouncementStore(database).get(announcement.id), NOW)
    assert await deliveries.progress(announcement.id) == {DeliveryState.CANCELLED: 3}


async def test_failed_and_uncertain_deliveries_are_sent_again(database: Database) -> None:
    announcement, deliveries, broadcaster = (
        await add_announcement(database, 4),
        ScriptedWorker(database),
        make_broadcaster(database),
    )
    first, second, third, fourth = await deliveries.claim("me", NOW, LEASE, 9)
    await deliveries.settle_part(first.id, 0, DeliveryState.SENT, 5)
    await deliveries.settle(first.id, DeliveryState.SENT, "", NOW)
    await deliveries.settle_part(second.id, 0, DeliveryState.UNCERTAIN, error="cut")
    await deliveries.settle(second.id, DeliveryState.UNCERTAIN, "cut", NOW)
    for each in (third, fourth):
        await deliveries.settle_part(each.id, 0, DeliveryState.FAILED, error="odd")
        await deliveries.settle(each.id, DeliveryState.FAILED, "odd", NOW)
    await PlaceStore(database).mark_lost(fourth.place.chat_id, "blocked")
    await AnnouncementStore(database).finish(announcement.id, NOW)
    assert await broadcaster.to_resend(announcement.id) == {DeliveryState.UNCERTAIN: 1, DeliveryState.FAILED: 1}
    assert await broadcaster.resend(announcement.id, NOW + HOUR) == 2
    again = await deliveries.claim("me", NOW + HOUR, LEASE, 9)
    assert {each.id for each in again} == {second.id, third.id}
    assert all(part.state is DeliveryState.PENDING for each in again for part in each.parts)
    assert (await AnnouncementStore(database).get(announcement.id)).state is AnnouncementState.SENDING
    outcomes = {row.chat_id: (row.state, row.reason) for row in await broadcaster.outcomes(announcement.id)}
    assert outcomes[first.place.chat_id] == (DeliveryState.SENT, "")
    assert outcomes[fourth.place.chat_id] == (DeliveryState.FAILED, "odd")
