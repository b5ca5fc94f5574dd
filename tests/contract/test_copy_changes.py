"""Editing and recalling copies of an announcement."""

from __future__ import annotations

from dataclasses import replace

from digests.announcements.broadcast import announcement_rendering
from digests.model.announcement import Content
from digests.model.copy_change import CopyChangeKind, CopyState
from digests.model.delivery import DeliveryState
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.announcements.copy_changes import CopyChangeStore
from digests.storage.announcements.rows import AnnouncementRows
from digests.storage.database import Database
from tests.contract.scripted_worker import LEASE, ScriptedWorker, send_copies
from tests.factories.announcements import add_announcement
from tests.factories.times import HOUR, NOW


async def test_an_edit_has_a_row_per_copy_of_its_language(database: Database) -> None:
    announcement, copy_changes, store = (
        await add_announcement(database),
        CopyChangeStore(database),
        AnnouncementStore(database),
    )
    await send_copies(database, 2)
    await store.rewrite(announcement.id, "", Content("Hello!"))
    new = announcement_rendering(await store.get(announcement.id), "")
    await copy_changes.keep(new, NOW)
    change = await copy_changes.begin(announcement.id, CopyChangeKind.EDIT, 1, NOW, new.key)
    assert await copy_changes.progress(change.id) == {CopyState.PENDING: 2}
    assert not await copy_changes.catch_up(change, NOW)
    claimed = await copy_changes.claim(NOW, LEASE, 9)
    assert {(copy.chat_id, copy.messages) for copy in claimed} == {(1, (1001,)), (2, (1002,))}
    assert {copy.part.html for copy in claimed} == {"Hello!"}
    assert await copy_changes.claim(NOW, LEASE, 9) == (), "claimed copies come up again after their lease"
    assert len(await copy_changes.claim(NOW + LEASE, LEASE, 9)) == 2
    first, second = claimed
    await copy_changes.settle(first, CopyState.EDITED)
    await copy_changes.postpone(second, NOW + HOUR, "502", failed=True)
    (again,) = await copy_changes.claim(NOW + HOUR, LEASE, 9)
    assert again.attempts == 1
    await copy_changes.settle(again, CopyState.FAILED, "odd")
    assert await copy_changes.progress(change.id) == {CopyState.EDITED: 1, CopyState.FAILED: 1}
    # A copy that had not been sent yet is sent with the new text, and needs no change afterwards.
    (last,) = await send_copies(database)
    assert last.rendering == new.key
    assert not await copy_changes.catch_up(change, NOW)
    assert await copy_changes.finish(change.id, NOW)
    assert await copy_changes.open() == ()


async def test_a_recall_replaces_an_edit_and_waits_for_copies_under_way(database: Database) -> None:
    announcement, copy_changes, store = (
        await add_announcement(database),
        CopyChangeStore(database),
        AnnouncementStore(database),
    )
    await send_copies(database, 1)
    await AnnouncementRows(database).keep_album(1, (7, 8, 9))
    new = announcement_rendering(replace(announcement, contents={"": Content("New")}), "")
    await copy_changes.keep(new, NOW)
    edit = await copy_changes.begin(announcement.id, CopyChangeKind.EDIT, 1, NOW, new.key)
    (on_the_line,) = await ScriptedWorker(database).claim("me", NOW, LEASE, 1)
    await store.stop(announcement.id)
    recall = await copy_changes.begin(announcement.id, CopyChangeKind.RECALL, 1, NOW)
    assert await copy_changes.progress(edit.id) == {CopyState.CANCELLED: 1}
    assert await copy_changes.recalled(announcement.id)
    assert await copy_changes.catch_up(recall, NOW), "a copy may still arrive"
    await ScriptedWorker(database).settle_part(on_the_line.id, 0, DeliveryState.SENT, 50)
    await ScriptedWorker(database).settle(on_the_line.id, DeliveryState.SENT, "", NOW)
    assert await copy_changes.catch_up(recall, NOW)
    assert not await copy_changes.catch_up(recall, NOW)
    assert {copy.messages for copy in await copy_changes.claim(NOW, LEASE, 9)} == {(7, 8, 9), (50,)}
