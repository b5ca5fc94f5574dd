"""Drafts of announcements: what is stored, who may change it, and their states."""

from __future__ import annotations

import asyncio

import pytest

from digests.errors import NotFound
from digests.model.announcement import AnnouncementState, Audience, Content, LinkButton, Timing, When
from digests.model.ids import AnnouncementId, MessageRef
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.database import Database
from tests.factories.times import HOUR, NOW


async def test_a_draft_keeps_everything(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("Hello"), NOW)
    await store.put_content(draft.id, "zh_CN", Content("你好", (("photo", "a"),)))
    await store.set_buttons(draft.id, [LinkButton("More", "https://example.com")])
    await store.set_audience(draft.id, Audience(languages=("en",), ids=(1, 2)))
    await store.set_timing(draft.id, Timing(When.AT, at=NOW))
    await store.set_options(draft.id, silent=True, pinned=True, paid=True, despite_quiet=True)
    await store.show_in(draft.id, 9, (7, 8))
    found = await store.get(draft.id)
    assert found.contents == {"": Content("Hello"), "zh_CN": Content("你好", (("photo", "a"),))}
    assert found.buttons == (LinkButton("More", "https://example.com"),)
    assert (found.audience, found.timing) == (Audience(languages=("en",), ids=(1, 2)), Timing(When.AT, at=NOW))
    assert (found.silent, found.pinned, found.card, found.previews) == (True, True, 9, (7, 8))
    assert (found.paid, found.despite_quiet) == (True, True)
    assert await store.drafts(5) == (found,)
    assert await store.drafts(6) == ()
    await store.put_content(draft.id, "", None)
    await store.put_content(draft.id, "zh_CN", None)
    assert (await store.get(draft.id)).contents.keys() == {"zh_CN"}, "the last text stays"
    with pytest.raises(NotFound):
        await store.put_content(AnnouncementId(99), "", Content("x"))


async def test_an_album_grows_file_by_file(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("", (("photo", "a"),), group="g"), NOW)
    await store.add_to_album(draft.id, "", Content("Words", (("photo", "b"),), group="g"), 10)
    assert await store.add_to_album(draft.id, "", Content("", (("photo", "c"),), group="other"), 10) is None
    assert (await store.get(draft.id)).first == Content("Words", (("photo", "a"), ("photo", "b")), group="g")


async def test_each_change_of_state_happens_once(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("Hello"), NOW)
    assert await store.confirm(draft.id, NOW + HOUR, by=5, now=NOW)
    assert not await store.confirm(draft.id, NOW + HOUR, by=6, now=NOW)
    assert not await store.set_audience(draft.id, Audience())
    assert (await store.get(draft.id)).state is AnnouncementState.SCHEDULED
    assert await store.take_back(draft.id)
    assert not await store.take_back(draft.id)
    assert await store.take_over(draft.id, 6)
    assert await store.confirm(draft.id, NOW, by=6)
    assert not await store.take_over(draft.id, 5)
    assert await store.pause(draft.id, "why")
    assert not await store.pause(draft.id)
    assert (await store.get(draft.id)).reason == "why"
    assert await store.resume(draft.id, NOW)
    assert await store.stop(draft.id)
    assert not await store.resume(draft.id, NOW)
    assert [announcement.id for announcement in await store.unsettled()] == [draft.id]
    assert await store.finish(draft.id, NOW)
    assert (await store.get(draft.id)).state is AnnouncementState.CANCELLED
    assert await store.unsettled() == ()


async def test_an_album_holds_at_most_ten_files(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("", (("photo", "0"),), group="g"), NOW)
    taken = [
        await store.add_to_album(draft.id, "", Content("", (("photo", str(number)),), group="g"), 10)
        for number in range(1, 13)
    ]
    assert [added is not None for added in taken] == [True] * 9 + [False] * 3
    assert [file for _, file in (await store.get(draft.id)).first.media] == [str(number) for number in range(10)]


async def test_spoilers_and_captions_above_are_kept_with_their_files(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("x", (("photo", "a"),), group="g", spoilers=(0,)), NOW)
    await store.add_to_album(draft.id, "", Content("", (("photo", "b"),), group="g"), 10)
    last = Content("", (("video", "c"),), group="g", spoilers=(0,), caption_above=True)
    await store.add_to_album(draft.id, "", last, 10)
    kept = (await store.get(draft.id)).first
    assert (kept.spoilers, kept.caption_above) == ((0, 2), True)
    part = (await store.get(draft.id)).part("")
    assert (part.spoilers, part.caption_above) == ((0, 2), True)


async def test_only_its_author_sends_or_discards_a_draft(database: Database) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("Hello"), NOW)
    assert not await store.confirm(draft.id, NOW, by=6, author=6)
    assert not await store.cancel(draft.id, author=6)
    assert not await store.take_over(draft.id, 7, author=6)
    assert await store.take_over(draft.id, 6, author=5)
    assert not await store.confirm(draft.id, NOW, by=5, author=5)
    assert not await store.cancel(draft.id, author=5)
    assert await store.confirm(draft.id, NOW + HOUR, by=6, now=NOW, author=6)
    assert await store.take_back(draft.id, by=5)
    assert (await store.get(draft.id)).author_id == 5


@pytest.mark.parametrize("attempt", range(5))
async def test_of_a_takeover_and_a_send_at_once_one_wins(database: Database, attempt: int) -> None:
    store = AnnouncementStore(database)
    draft = await store.create(5, Content("Hello"), NOW)
    deeds = [
        store.take_over(draft.id, 6, author=5),
        store.confirm(draft.id, NOW + attempt * HOUR, by=5, author=5),
        store.take_over(draft.id, 7, author=5),
        store.cancel(draft.id, author=5),
    ]
    won = await asyncio.gather(*deeds)
    assert sorted(won) == [False, False, False, True]
    announcement = await store.get(draft.id)
    assert (announcement.author_id == 5) == (won[1] or won[3])
    assert (announcement.state is AnnouncementState.DRAFT) == (won[0] or won[2])


async def test_discarded_drafts_are_not_listed(database: Database) -> None:
    store = AnnouncementStore(database)
    made = [await store.create(5 + number % 2, Content(str(number)), NOW) for number in range(5)]
    await store.cancel(made[0].id)
    found, total = await store.page(0, 3)
    assert ([announcement.id for announcement in found], total) == ([made[4].id, made[3].id, made[2].id], 4)
    assert [announcement.id for announcement in (await store.page(0, 9, author_id=6))[0]] == [made[3].id, made[1].id]


async def test_a_message_that_holds_a_question_shows_no_count_until_it_is_back(database: Database) -> None:
    store = AnnouncementStore(database)
    first, second = await store.create(1, Content("one"), NOW), await store.create(1, Content("two"), NOW)
    shown = MessageRef(7, 70)
    await store.report_to(first.id, shown)
    await store.report_to(second.id, MessageRef(7, 71))
    await store.report_no_more(shown)
    assert (await store.get(first.id)).report is None
    assert (await store.get(second.id)).report == MessageRef(7, 71)
    await store.report_to(first.id, shown)
    assert (await store.get(first.id)).report == shown
