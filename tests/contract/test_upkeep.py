"""What announcements do by themselves: pause, come to their end, catch up with changes; on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digests.announcements.broadcast import announcement_rendering
from digests.announcements.upkeep import AnnouncementUpkeep, PausePolicy
from digests.model.announcement import Announcement, AnnouncementState, Content
from digests.model.copy_change import CopyChange, CopyChangeKind, CopyState
from digests.model.delivery import DeliveryState
from digests.storage.announcements.acts import CopyChangeStore
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.audit import AuditLog
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import Settled
from digests.storage.places import PlaceStore
from tests.builders import NOW
from tests.contract.test_announcements import HOUR, LEASE, Worker, announcer, going, sent
from tests.contract.test_places import active


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


def upkeep_of(database: Database, *, percent: float = 20, workers: int = 128) -> AnnouncementUpkeep:
    return AnnouncementUpkeep(
        AnnouncementStore(database),
        announcer(database),
        AnnouncementRows(database),
        CopyChangeStore(database),
        AuditLog(database),
        PausePolicy(percent, workers),
    )


async def fail(database: Database, number: int) -> None:
    worker = Worker(database)
    for delivery in await worker.claim("me", NOW, LEASE, number):
        await worker.settle(delivery.id, DeliveryState.FAILED, "odd", NOW)


async def test_failures_pause_it_with_their_reason(database: Database) -> None:
    announcement, broadcaster = await going(database, 30), announcer(database)
    await fail(database, 20)
    assert await upkeep_of(database, percent=50).pause_if_failing(announcement, NOW) == ""
    assert await upkeep_of(database).pause_if_failing(announcement, NOW) == "odd"
    paused = await AnnouncementStore(database).get(announcement.id)
    assert (paused.state, paused.reason) == (AnnouncementState.PAUSED, "odd")
    assert await upkeep_of(database).pause_if_failing(paused, NOW) == ""
    await broadcaster.resume(announcement.id, NOW + HOUR)
    resumed = await AnnouncementStore(database).get(announcement.id)
    assert await upkeep_of(database).pause_if_failing(resumed, NOW + HOUR) == ""
    assert await broadcaster.failures(announcement.id, 3) == [("odd", 20)]


async def test_what_our_own_end_left_behind_pauses_nothing(database: Database) -> None:
    announcement, ledger = await going(database, 30), LedgerStore(database)
    claimed = await ledger.claim("dead", NOW, LEASE, 25)
    await ledger.write("dead", [(delivery.id, 0) for delivery in claimed], [], [], NOW + LEASE)
    later = NOW + 2 * LEASE
    for delivery in await ledger.claim("me", later, LEASE, 25):
        (part,) = delivery.parts
        assert part.state is DeliveryState.UNCERTAIN
        await ledger.write("me", [], [], [Settled(delivery.id, DeliveryState.UNCERTAIN, part.error, later)], later)
    assert (await DeliveryStore(database).progress(announcement.id))[DeliveryState.UNCERTAIN] == 25
    assert await upkeep_of(database, workers=0).pause_if_failing(announcement, later) == ""


async def test_admins_are_told_once_and_the_log_says_who_it_was(database: Database) -> None:
    announcement, report = await going(database, 30), FakeReport()
    await fail(database, 20)
    for _ in range(2):
        await upkeep_of(database).enforce(NOW, report)
    (told,) = report.paused
    assert (told.id, told.state, told.reason) == (announcement.id, AnnouncementState.PAUSED, "odd")
    entries, _ = await AuditLog(database).page(0, 9)
    assert [(entry.user_id, entry.act, entry.details) for entry in entries] == [
        (0, "autopause", {"announcement": announcement.id, "reason": "odd"})
    ]
    assert (await DeliveryStore(database).progress(announcement.id))[DeliveryState.PAUSED] == 10


async def test_rows_follow_what_each_announcement_was_told(database: Database) -> None:
    first, store = await going(database, 2), AnnouncementStore(database)
    draft = await store.draft(1, "Another", None, [], NOW)
    await store.confirm(draft.id, NOW, by=1)
    await announcer(database).plan_confirmed(NOW)
    # Both died in the middle: the state is written, the rows are not.
    await store.pause(first.id)
    await store.stop(draft.id)
    report = FakeReport()
    await upkeep_of(database).enforce(NOW, report)
    deliveries = DeliveryStore(database)
    assert await deliveries.progress(first.id) == {DeliveryState.PAUSED: 2}
    assert await deliveries.progress(draft.id) == {DeliveryState.CANCELLED: 2}
    assert report == FakeReport()


async def test_an_announcement_is_finished_when_nothing_of_it_is_open(database: Database) -> None:
    announcement, store, report = await going(database, 2), AnnouncementStore(database), FakeReport()
    upkeep = upkeep_of(database)
    await sent(database, 1)
    assert not await upkeep.settle(NOW, report)
    assert (await store.get(announcement.id)).state is AnnouncementState.SENDING
    await sent(database)
    assert not await upkeep.settle(NOW + HOUR, report)
    done = await store.get(announcement.id)
    assert (done.state, done.finished_at) == (AnnouncementState.DONE, NOW + HOUR)
    # The report of its end is shown too, and then no more.
    await upkeep.settle(NOW + HOUR, report)
    assert report.progress == [announcement.id, announcement.id]


async def test_what_is_not_planned_yet_is_not_done(database: Database) -> None:
    store, report = AnnouncementStore(database), FakeReport()
    await active(PlaceStore(database), database, 1)
    draft = await store.draft(1, "Hello", None, [], NOW)
    await store.confirm(draft.id, NOW, by=1)
    await upkeep_of(database).settle(NOW, report)
    assert (await store.get(draft.id)).state is AnnouncementState.SENDING
    assert report.progress == []
    # Cancelled before it was planned, it never will have rows.
    await store.stop(draft.id)
    await upkeep_of(database).settle(NOW, report)
    assert (await store.get(draft.id)).finished_at == NOW
    assert report.progress == [draft.id]


async def test_an_edit_ends_when_copies_that_were_being_sent_have_caught_up(database: Database) -> None:
    announcement, changes, report = await going(database, 2), CopyChangeStore(database), FakeReport()
    upkeep = upkeep_of(database)
    await sent(database, 1)
    (on_the_line,) = await Worker(database).claim("me", NOW, LEASE, 1)
    store = AnnouncementStore(database)
    await store.rewrite(announcement.id, "", Content("Hello!"))
    new = announcement_rendering(await store.get(announcement.id), "")
    await changes.keep(new, NOW)
    edit = await changes.begin(announcement.id, CopyChangeKind.EDIT, 1, NOW, new.key)
    assert not await upkeep.settle(NOW, report), "its copies are still to be changed"
    (copy,) = await changes.claim(NOW, LEASE, 9)
    await changes.settle(copy, CopyState.EDITED)
    assert await upkeep.settle(NOW, report), "one is still being sent"
    await Worker(database).settle_part(on_the_line.id, 0, DeliveryState.SENT, 50)
    await Worker(database).settle(on_the_line.id, DeliveryState.SENT, "", NOW)
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


async def test_a_halted_recall_leaves_the_rest_and_is_over(database: Database) -> None:
    announcement, changes, report = await going(database, 2), CopyChangeStore(database), FakeReport()
    await sent(database)
    recall = await changes.begin(announcement.id, CopyChangeKind.RECALL, 1, NOW)
    (copy,) = await changes.claim(NOW, LEASE, 1)
    await changes.settle(copy, CopyState.DELETED)
    await changes.stop(announcement.id)
    assert not await upkeep_of(database).settle(NOW, report)
    assert report.changes == [(recall.id, {CopyState.DELETED: 1, CopyState.CANCELLED: 1}, True)]
    assert await changes.open() == ()
