"""What announcements do by themselves: pause, come to their end, catch up with changes; on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digests.announcements.broadcast import announcement_rendering
from digests.model.announcement import Announcement, AnnouncementState, Content
from digests.model.copy_change import CopyChange, CopyChangeKind, CopyState
from digests.model.delivery import DeliveryState
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.copy_changes import CopyChangeStore
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import Settled
from digests.storage.people.audit import AuditLog
from tests.contract.scripted_worker import LEASE, ScriptedWorker, send_copies
from tests.factories.announcements import add_announcement, make_broadcaster, make_upkeep
from tests.factories.places import add_active_place
from tests.factories.times import HOUR, NOW


@dataclass
class FakeReport:
    """Remembers what it was asked to show."""

    progress: list[int] = field(default_factory=list)
    changes: list[tuple[int, dict[CopyState, int], bool]] = field(default_factory=list)
    paused: list[Announcement] = field(default_factory=list)

    async def show_progress(self, announcement: Announcement, now: datetime) -> None:
        self.progress.append(announcement.id)

    async def show_change(self, change: CopyChange, counts: Mapping[CopyState, int]) -> None:
        self.changes.append((change.id, dict(counts), change.finished_at is not None))

    async def tell_paused(self, announcement: Announcement) -> None:
        self.paused.append(announcement)


async def fail(database: Database, number: int) -> None:
    worker = ScriptedWorker(database)
    for delivery in await worker.claim("me", NOW, LEASE, number):
        await worker.settle(delivery.id, DeliveryState.FAILED, "odd", NOW)


async def test_failures_pause_it_with_their_reason(database: Database) -> None:
    announcement, broadcaster = await add_announcement(database, 30), make_broadcaster(database)
    await fail(database, 20)
    assert await make_upkeep(database, percent=50).pause_if_failing(announcement, NOW) == ""
    assert await make_upkeep(database).pause_if_failing(announcement, NOW) == "odd"
    paused = await AnnouncementStore(database).get(announcement.id)
    assert (paused.state, paused.reason) == (AnnouncementState.PAUSED, "odd")
    assert await make_upkeep(database).pause_if_failing(paused, NOW) == ""
    await broadcaster.resume(announcement.id, NOW + HOUR)
    resumed = await AnnouncementStore(database).get(announcement.id)
    assert await make_upkeep(database).pause_if_failing(resumed, NOW + HOUR) == ""
    assert await broadcaster.failures(announcement.id, 3) == [("odd", 20)]


async def test_doubts_left_by_a_crash_do_not_pause_it(database: Database) -> None:
    announcement, ledger = await add_announcement(database, 30), LedgerStore(database)
    claimed = await ledger.claim("dead", NOW, LEASE, 25)
    await ledger.write("dead", [(delivery.id, 0) for delivery in claimed], [], [], NOW + LEASE)
    later = NOW + 2 * LEASE
    for delivery in await ledger.claim("me", later, LEASE, 25):
        (part,) = delivery.parts
        assert part.state is DeliveryState.UNCERTAIN
        await ledger.write("me", [], [], [Settled(delivery.id, DeliveryState.UNCERTAIN, part.error, later)], later)
    assert (await DeliveryStore(database).progress(announcement.id))[DeliveryState.UNCERTAIN] == 25
    assert await make_upkeep(database, at_once=0).pause_if_failing(announcement, later) == ""


async def test_an_automatic_pause_is_announced_and_logged_once(database: Database) -> None:
    announcement, report = await add_announcement(database, 30), FakeReport()
    await fail(database, 20)
    for _ in range(2):
        await make_upkeep(database).enforce(NOW, report)
    (told,) = report.paused
    assert (told.id, told.state, told.reason) == (announcement.id, AnnouncementState.PAUSED, "odd")
    entries, _ = await AuditLog(database).page(0, 9)
    assert [(entry.user_id, entry.act, entry.details) for entry in entries] == [
        (0, "autopause", {"announcement": announcement.id, "reason": "odd"})
    ]
    assert (await DeliveryStore(database).progress(announcement.id))[DeliveryState.PAUSED] == 10


async def test_deliveries_follow_the_state_of_their_announcement(database: Database) -> None:
    first, store = await add_announcement(database, 2), AnnouncementStore(database)
    draft = await store.draft(1, "Another", None, [], NOW)
    await store.confirm(draft.id, NOW, by=1)
    await make_broadcaster(database).plan_confirmed(NOW)
    # Both died in the middle: the state is written, the rows are not.
    await store.pause(first.id)
    await store.stop(draft.id)
    report = FakeReport()
    await make_upkeep(database).enforce(NOW, report)
    deliveries = DeliveryStore(database)
    assert await deliveries.progress(first.id) == {DeliveryState.PAUSED: 2}
    assert await deliveries.progress(draft.id) == {DeliveryState.CANCELLED: 2}
    assert report == FakeReport()


async def test_an_announcement_is_finished_when_nothing_of_it_is_open(database: Database) -> None:
    announcement, store, report = await add_announcement(database, 2), AnnouncementStore(database), FakeReport()
    upkeep = make_upkeep(database)
    await send_copies(database, 1)
    assert not await upkeep.settle(NOW, report)
    assert (await store.get(announcement.id)).state is AnnouncementState.SENDING
    await send_copies(database)
    assert not await upkeep.settle(NOW + HOUR, report)
    done = await store.get(announcement.id)
    assert (done.state, done.finished_at) == (AnnouncementState.DONE, NOW + HOUR)
    # The report of its end is shown too, and then no more.
    await upkeep.settle(NOW + HOUR, report)
    assert report.progress == [announcement.id, announcement.id]


async def test_an_announcement_without_a_plan_is_not_finished(database: Database) -> None:
    store, report = AnnouncementStore(database), FakeReport()
    await add_active_place(database, 1)
    draft = await store.draft(1, "Hello", None, [], NOW)
    await store.confirm(draft.id, NOW, by=1)
    await make_upkeep(database).settle(NOW, report)
    assert (await store.get(draft.id)).state is AnnouncementState.SENDING
    assert report.progress == []
    # Cancelled before it was planned, it never will have rows.
    await store.stop(draft.id)
    await make_upkeep(database).settle(NOW, report)
    assert (await store.get(draft.id)).finished_at == NOW
    assert report.progress == [draft.id]


async def test_an_edit_ends_when_copies_that_were_being_sent_have_caught_up(database: Database) -> None:
    announcement, changes, report = await add_announcement(database, 2), CopyChangeStore(database), FakeReport()
    upkeep = make_upkeep(database)
    await send_copies(database, 1)
    (on_the_line,) = await ScriptedWorker(database).claim("me", NOW, LEASE, 1)
    store = AnnouncementStore(database)
    await store.rewrite(announcement.id, "", Content("Hello!"))
    new = announcement_rendering(await store.get(announcement.id), "")
    await changes.keep(new, NOW)
    edit = await changes.begin(announcement.id, CopyChangeKind.EDIT, 1, NOW, new.key)
    assert not await upkeep.settle(NOW, report), "its copies are still to be changed"
    (copy,) = await changes.claim(NOW, LEASE, 9)
    await changes.settle(copy, CopyState.EDITED)
    assert await upkeep.settle(NOW, report), "one is still being sent"
    await ScriptedWorker(database).settle_part(on_the_line.id, 0, DeliveryState.SENT, 50)
    await ScriptedWorker(database).settle(on_the_line.id, DeliveryState.SENT, "", NOW)
    assert await upkeep.settle(NOW, report)
    (copy,) = await changes.claim(NOW, LEASE, 9)
    await changes.settle(copy, CopyState.EDITED)
    assert not await upkeep.settle(NOW, report)
    assert [(counts, is_over) for _, counts, is_over in report.changes] == [
        ({CopyState.PENDING: 1}, False),
        ({CopyState.EDITED: 1}, False),
        ({CopyState.EDITED: 1, CopyState.PENDING: 1}, False),
        ({CopyState.EDITED: 2}, True),
    ]
    last = await changes.last(announcement.id)
    assert last is not None
    assert (last.id, last.finished_at) == (edit.id, NOW)
    await upkeep.settle(NOW, report)
    assert len(report.changes) == 4


async def test_a_halted_recall_is_finished_and_leaves_the_other_copies(database: Database) -> None:
    announcement, changes, report = await add_announcement(database, 2), CopyChangeStore(database), FakeReport()
    await send_copies(database)
    recall = await changes.begin(announcement.id, CopyChangeKind.RECALL, 1, NOW)
    (copy,) = await changes.claim(NOW, LEASE, 1)
    await changes.settle(copy, CopyState.DELETED)
    await changes.stop(announcement.id)
    assert not await make_upkeep(database).settle(NOW, report)
    assert report.changes == [(recall.id, {CopyState.DELETED: 1, CopyState.CANCELLED: 1}, True)]
    assert await changes.open() == ()
