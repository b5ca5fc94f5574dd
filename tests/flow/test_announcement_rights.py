"""Who may do what with an announcement, and that a draft which Telegram refuses can still be discarded."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from telegram import InlineKeyboardMarkup

from bot.callbacks import Button, CardButton, DiscardButton
from bot.callbacks.card_actions import CardAction
from bot.keyboards.base import button
from digests.model.announcement import AnnouncementState, Content
from digests.model.ids import AnnouncementId
from tests.factories.pictures import grey_png
from tests.flow.announcing import second_admin, send
from tests.flow.harness import ADMIN, BotHarness
from tests.flow.reader import Reader

SECRET = "Words for admins' eyes"


@pytest.fixture
async def harness(harness: BotHarness) -> BotHarness:
    await harness.publish("News")
    return harness


async def offer(harness: BotHarness, person: Reader, *callbacks: Button) -> None:
    """Send the person buttons that the bot would not offer them: of somebody else, or of an earlier version."""
    rows = [[button(f"Try {number}", callback)] for number, callback in enumerate(callbacks)]
    await harness.app.bot.send_message(person.id, "x", reply_markup=InlineKeyboardMarkup(rows))


async def state_of(harness: BotHarness, number: int = 1) -> AnnouncementState:
    return (await harness.app.stores.announcements.get(AnnouncementId(number))).state


# Reports


@pytest.mark.parametrize("scheduled", [False, True])
async def test_editors_cannot_open_reports_of_others(harness: BotHarness, scheduled: bool) -> None:
    kim = await second_admin(harness, "editor")
    await harness.subscriber()
    owner = await harness.admin()
    await owner.say(f"/announce {SECRET}")
    await owner.wait_for("Announcement 1")
    if scheduled:
        await owner.press("When")
        await owner.press("18:00")
        await owner.press("Back")
        await owner.press("Schedule")
        await owner.press("Yes, schedule it")
        await owner.wait_for("Scheduled")
    else:
        await send(owner, harness)
        await owner.wait_for("The announcement is out")
    await offer(
        harness,
        kim,
        CardButton(1, CardAction.OPEN),
        CardButton(1, CardAction.CARD),
        CardButton(1, CardAction.TEXTS),
        CardButton(1, CardAction.CSV),
    )
    before = await kim.texts()
    for number in range(4):
        await kim.press(f"Try {number}")
        assert "Only an admin" in kim.alert or "sent or discarded" in kim.alert
    assert await kim.texts() == before
    await kim.say("/announcements")
    await kim.wait_for("There are no announcements yet")


async def test_editors_open_their_own_reports_but_no_drafts_of_others(harness: BotHarness) -> None:
    kim = await second_admin(harness, "editor")
    await harness.subscriber()
    owner = await harness.admin()
    await owner.say(f"/announce {SECRET}")
    await owner.wait_for("Announcement 1")
    await offer(
        harness, kim, CardButton(1, CardAction.OPEN), CardButton(1, CardAction.CARD), CardButton(1, CardAction.SHOW)
    )
    before = await kim.texts()
    for number in range(3):
        await kim.press(f"Try {number}")
        assert "This draft now belongs to Ada" in kim.alert
    assert await kim.texts() == before
    # An announcement that an editor wrote and an admin sent stays readable to the editor.
    announcement = await harness.app.stores.announcements.create(kim.id, Content("Kim's words"), harness.clock.now())
    await harness.app.stores.announcements.confirm(announcement.id, harness.clock.now(), by=ADMIN)
    await harness.tick()
    await offer(harness, kim, CardButton(announcement.id, CardAction.OPEN))
    await kim.press("Try 0")
    await kim.wait_for("The announcement is out")


async def test_text_typed_by_an_editor_does_not_reach_a_draft_that_was_taken_over(harness: BotHarness) -> None:
    kim = await second_admin(harness, "editor")
    await harness.subscriber()
    owner = await harness.admin()
    await kim.say("/announce Kim's words")
    await kim.press("Buttons")
    await kim.wait_for("Send me up to")
    await harness.app.stores.announcements.take_over(AnnouncementId(1), ADMIN)
    await harness.app.stores.announcements.confirm(AnnouncementId(1), harness.clock.now(), by=ADMIN)
    before = len(await kim.texts())
    await kim.say("More = https://example.com/")
    await kim.wait_for("already been sent or discarded")
    assert len(await kim.texts()) == before + 1
    assert not (await harness.app.stores.announcements.get(AnnouncementId(1))).buttons
    assert owner.id == ADMIN


# Taking over, sending and discarding at the same time


async def test_sending_a_draft_that_was_taken_over_names_its_new_author(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    robin = await harness.subscriber()
    owner = await harness.admin()
    await owner.say("/announce Hello")
    await owner.press("Send to")
    message, data = await owner.button_data("Yes, send it")
    await harness.app.stores.announcements.take_over(AnnouncementId(1), kim.id)
    answer = await owner.post("/sim/press", user=owner.id, message=message, data=data)
    await harness.tick()
    assert await state_of(harness) is AnnouncementState.DRAFT
    assert "This draft now belongs to Kim" in answer["text"]
    assert not any("Hello" in text for text in await robin.texts())


@pytest.mark.parametrize("attempt", range(3))
async def test_of_a_takeover_and_a_send_at_once_one_wins(harness: BotHarness, attempt: int) -> None:
    kim = await second_admin(harness)
    await harness.subscriber()
    owner = await harness.admin()
    await owner.say("/announce Hello")
    await owner.press("Send to")
    sending = await owner.button_data("Yes, send it")
    await offer(harness, kim, CardButton(1, CardAction.TAKE_OVER), DiscardButton(1))
    taking = await kim.button_data("Try 0")
    presses = [
        owner.post("/sim/press", user=owner.id, message=sending[0], data=sending[1]),
        kim.post("/sim/press", user=kim.id, message=taking[0], data=taking[1]),
    ]
    answers = await asyncio.gather(*(presses if attempt % 2 else reversed(presses)))
    announcement = await harness.app.stores.announcements.get(AnnouncementId(1))
    taken = announcement.author_id == kim.id
    assert taken == (announcement.state is AnnouncementState.DRAFT)
    assert (
        sum(
            "sent or discarded" in answer["text"] or "This draft now belongs to" in answer["text"] for answer in answers
        )
        == 1
    )


async def test_the_first_author_cannot_discard_a_draft_that_was_taken_over(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    owner = await harness.admin()
    await owner.say("/announce Hello")
    await owner.press("Discard")
    await harness.app.stores.announcements.take_over(AnnouncementId(1), kim.id)
    await owner.press("Yes, discard it")
    assert "This draft now belongs to Kim" in owner.alert
    assert await state_of(harness) is AnnouncementState.DRAFT


# Albums


async def send_pictures(person: Reader, count: int, album: str, **more: Any) -> None:
    """Send the pictures of an album without waiting for what the bot says meanwhile."""
    for number in range(count):
        photo = base64.b64encode(grey_png(64 + number)).decode()
        await person.post("/sim/say", user=person.id, photo=photo, album=album, **more)


@pytest.mark.parametrize("albums", [{"one": 13}, {"one": 10, "two": 3}, {"one": 11}])
async def test_an_album_that_is_too_large_keeps_the_first_ten_and_can_be_discarded(
    harness: BotHarness, albums: dict[str, int]
) -> None:
    robin, admin = await harness.subscriber(), await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    for name, count in albums.items():
        await send_pictures(admin, count, name)
    await admin.wait_for("An album holds at most 10")
    await admin.wait_for("Announcement 1")
    assert (
        len(
            [message for message in await admin.messages() if message.get("media_group_id") and not message["outgoing"]]
        )
        == 10
    )
    assert len([text for text in await admin.texts() if "An album holds" in text]) == 1
    assert not [text for text in await admin.texts() if "I can search" in text]
    await admin.press("Discard")
    await admin.press("Yes, discard it")
    await admin.wait_for("Nobody received it")
    await harness.tick()
    assert not [message for message in await robin.messages() if message.get("media_group_id")]


@pytest.mark.parametrize("albums", [(3, 3), (1, 9), (9, 10)])
async def test_of_two_albums_at_once_the_first_is_kept_and_the_admin_is_told(
    harness: BotHarness, albums: tuple[int, int]
) -> None:
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    for number, count in enumerate(albums):
        await send_pictures(admin, count, f"album {number}")
    await admin.wait_for("can hold only one album")
    await admin.wait_for("Announcement 1")
    assert not [text for text in await admin.texts() if "An album holds" in text]
    content = (await harness.app.stores.announcements.get(AnnouncementId(1))).first
    assert len(content.media) == albums[0]


async def test_an_album_that_is_too_large_is_sent_with_its_first_ten(harness: BotHarness) -> None:
    robin, admin = await harness.subscriber(), await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await send_pictures(admin, 12, "one", caption="Look")
    await admin.wait_for("Announcement 1")
    await send(admin, harness)
    await robin.wait_for("Look")
    assert len([message for message in await robin.messages() if message.get("media_group_id")]) == 10


async def broken_draft(harness: BotHarness, author: int) -> None:
    """Store a draft as an earlier version of the bot did, with so many files that Telegram refuses its preview."""
    files = tuple(("photo", f"file-{number}") for number in range(13))
    await harness.app.stores.announcements.create(author, Content("Too many", files), harness.clock.now())


async def test_a_draft_that_telegram_refuses_can_be_opened_and_discarded(harness: BotHarness) -> None:
    admin = await harness.admin()
    await broken_draft(harness, ADMIN)
    await admin.say("/announce")
    await admin.press("Continue")
    await admin.wait_for("Telegram won't accept that")
    await admin.press("Discard")
    await admin.press("Yes, discard it")
    await admin.wait_for("Nobody received it")
    assert await state_of(harness) is AnnouncementState.CANCELLED


async def test_a_refused_draft_of_another_admin_can_be_taken_over_and_discarded(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    await broken_draft(harness, ADMIN)
    await kim.say("/announcements")
    await kim.press("Too many")
    await kim.press("Take it over")
    await kim.press("Discard")
    await kim.press("Yes, discard it")
    await kim.wait_for("Nobody received it")


# Topics


async def test_a_forum_gets_it_once(harness: BotHarness) -> None:
    robin, admin = await harness.reader(), await harness.admin()
    forum = await robin.found_group("The forum", "supergroup", is_forum=True)
    await robin.add_bot(forum)
    threads = [await robin.open_topic(forum, name) for name in ("One", "Two")]
    for thread in threads:
        await robin.say("/subscribe Science", chat=forum, thread=thread)
        await robin.wait_for("You now follow", chat=forum, thread=thread)
    await admin.say("/announce Hello, all")
    assert "1 chat" in (await admin.wait_for("Announcement 1"))["text"]
    await send(admin, harness)
    assert "1 of 1 chat" in (await admin.wait_for("The announcement is out"))["text"]
    heard = [message for message in await robin.messages(forum) if message.get("text") == "Hello, all"]
    assert [message["message_thread_id"] for message in heard] == threads[:1]


# How pictures are shown


@pytest.mark.parametrize(("spoiler", "above"), [(True, False), (False, True), (True, True), (False, False)])
async def test_a_picture_keeps_its_spoiler_and_caption_position(
    harness: BotHarness, spoiler: bool, above: bool
) -> None:
    robin, admin = await harness.subscriber(), await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    photo = base64.b64encode(grey_png()).decode()
    await admin.post("/sim/say", user=admin.id, photo=photo, caption="Look", spoiler=spoiler, above=above)
    preview = await admin.wait_for(lambda shown: shown.get("caption") == "Look")
    await admin.wait_for("Announcement 1")
    await send(admin, harness)
    got = await robin.wait_for("Look")
    for shown in (preview, got):
        assert bool(shown.get("has_media_spoiler")) == spoiler
        assert bool(shown.get("show_caption_above_media")) == above
    await admin.wait_for("The announcement is out")
    await admin.press("Edit")
    await admin.say("Look again")
    await admin.press("Yes, change it")
    await harness.tick()
    edited = await robin.wait_for("Look again")
    assert bool(edited.get("has_media_spoiler")) == spoiler
    assert bool(edited.get("show_caption_above_media")) == above


async def test_an_album_keeps_its_spoilers_and_caption_position(harness: BotHarness) -> None:
    robin, admin = await harness.subscriber(), await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    for number in range(3):
        photo = base64.b64encode(grey_png(64 + number)).decode()
        caption = "Look" if number == 0 else None
        said = {"photo": photo, "caption": caption, "album": "one", "spoiler": number == 1, "above": True}
        await admin.post("/sim/say", user=admin.id, **said)
    await admin.wait_for("Announcement 1")
    await send(admin, harness)
    await robin.wait_for("Look")
    album = [message for message in await robin.messages() if message.get("media_group_id")]
    assert [bool(message.get("has_media_spoiler")) for message in album] == [False, True, False]
    assert all(message.get("show_caption_above_media") for message in album)
