"""In a group its admins decide, whoever asked turns the pages, and the bot's admins are answered in private."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telegram import ReplyParameters

from bot.i18n import translator
from bot.keyboards.digest import resend_keyboard
from digests.model.place import PlaceState
from digests.model.role import Role
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

ONLY_ADMINS = "Only this group's admins"
MAKE_ME_ADMIN = "Please make me an admin here"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    options = {"page_size": 2}
    # What everybody sees is what others may try to press.
    chat = {"ephemeral": False}
    async with open_harness(tmp_path, search=options, chat=chat, digest={"first_items": 2, "max_items": 2}) as opened:
        await opened.publish(*(f"The moon {number}" for number in range(6)))
        yield opened


async def club(harness: BotHarness, **more: bool) -> tuple[Reader, Reader, int]:
    """Return the admin of a new group, a member, and the group."""
    robin, kim = await harness.reader(), await harness.reader("Kim")
    group = await robin.found_group("The club", "supergroup", **more)
    await kim.join(group)
    await robin.add_bot(group)
    await robin.wait_for("I send this group one news digest", chat=group)
    return robin, kim, group


# Who is an admin


CHANGING = ("/start", "/time 07:00", "/timezone Asia/Tokyo", "/days mon", "/quiet 22:00-07:00", "/subscribe Science",
            "/pause", "/resume", "/stop", "/digest", "/unsubscribe Science")  # fmt: skip


@pytest.mark.parametrize("command", CHANGING)
async def test_a_group_that_hides_its_members_asks_to_make_the_bot_an_admin(harness: BotHarness, command: str) -> None:
    robin, _, group = await club(harness)
    await robin.hide_members(group)
    said = await robin.say(command, chat=group)
    await robin.wait_for(MAKE_ME_ADMIN, chat=group)
    answers = [message for message in await robin.messages(group, after=said["seq"]) if not message["outgoing"]]
    assert len(answers) == 1
    await robin.promote_bot(group)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)


async def test_presses_in_a_group_that_hides_its_members_say_so_in_an_alert(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    await robin.say("/start", chat=group)
    await robin.wait_for("Hello, The club!", chat=group)
    await robin.hide_members(group)
    answer = await robin.press("Science", chat=group)
    assert MAKE_ME_ADMIN in answer["text"]
    assert answer["show_alert"]
    answer = await kim.press("Done", chat=group)
    assert MAKE_ME_ADMIN in answer["text"]
    await robin.say("/latest", chat=group)
    await robin.wait_for("Latest", chat=group)
    await robin.press("›", chat=group)
    await robin.wait_for("The moon 3", chat=group)


async def test_an_anonymous_admin_sets_the_group_up(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    for command in ("/start", "/subscribe Science", "/time 07:00"):
        await robin.say(command, chat=group, name_of=group)
    await robin.wait_for("Your digest arrives", chat=group)
    # A press names its person, so Telegram says that a member is no admin, whoever the message is from.
    await robin.say("/days", chat=group, name_of=group)
    await kim.press("Mon", chat=group)
    assert ONLY_ADMINS in kim.alert
    await robin.press("Mon", chat=group)
    place = await harness.app.stores.places.find(group)
    assert place is not None
    assert (place.weekdays, place.time, place.state) == ("234567", "07:00", PlaceState.ACTIVE)


async def test_a_message_in_the_groups_name_lets_no_member_press(harness: BotHarness) -> None:
    """Messages of the bot may bear the group's name too; they say nothing about who presses."""
    robin, kim, group = await club(harness)
    await robin.say("/start", chat=group)
    await robin.wait_for("Hello, The club!", chat=group)
    message = next(message for message in reversed(await robin.messages(group)) if message["buttons"])
    stored = harness.simulator.world.chats[group].messages[message["message_id"]]
    stored.sender_chat = harness.simulator.world.chats[group]
    await kim.press("Science", chat=group)
    assert ONLY_ADMINS in kim.alert
    await robin.press("Science", chat=group)
    await robin.press("Done", chat=group)
    await robin.wait_for("The moon 5", chat=group)


@pytest.mark.parametrize("by_itself", [False, True])
async def test_a_channel_that_writes_in_a_group_has_no_admin_rights(harness: BotHarness, by_itself: bool) -> None:
    robin, _, group = await club(harness)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    before = await harness.app.stores.places.find(group)
    channel = await robin.found_group("The channel", "channel")
    await robin.link(channel, group)
    for command in ("/stop", "/time 05:00", "/unsubscribe Science"):
        if by_itself:
            await robin.say(command, chat=channel)
        else:
            await robin.say(command, chat=group, name_of=channel)
        await robin.wait_for(ONLY_ADMINS, chat=group)
    assert await harness.app.stores.places.find(group) == before


async def test_a_role_does_not_count_when_writing_as_a_channel(harness: BotHarness) -> None:
    owner = await harness.admin()
    group = await owner.found_group("The club", "supergroup")
    await owner.add_bot(group)
    channel = await owner.found_group("The channel", "channel")
    await owner.wait_for("Your Telegram id")
    before = await owner.texts()
    for name_of in (channel, group):
        await owner.say("/invite", chat=group, name_of=name_of)
    await owner.say("/latest", chat=group)
    await owner.wait_for("Latest", chat=group)
    assert await owner.texts() == before
    assert not any("t.me" in text for text in await owner.texts(group))


# Whose list it is


@pytest.mark.parametrize(
    ("command", "page"),
    [("/latest", "›"), ("/search moon", "›"), ("/category Science", "›"), ("/search moon", "Newest first")],
)
async def test_only_the_asker_and_admins_turn_the_pages(harness: BotHarness, command: str, page: str) -> None:
    robin, kim, group = await club(harness)
    sasha = await harness.reader("Sasha")
    await sasha.join(group)
    await kim.say(command, chat=group)
    shown = await kim.wait_for("The moon", chat=group)
    await sasha.press(page, chat=group)
    assert "belongs to whoever asked" in sasha.alert
    unchanged = await kim.wait_for("The moon", chat=group)
    assert unchanged["seq"] == shown["seq"]
    await kim.press(page, chat=group)
    turned = await kim.wait_for("The moon", chat=group)
    assert turned["edited"]
    await robin.press(lambda button: button["text"] in ("‹", "⭐ Best first"), chat=group)
    assert robin.alert == ""


async def test_opening_a_topic_does_not_make_someone_the_asker(harness: BotHarness) -> None:
    robin, kim, forum = await club(harness, is_forum=True)
    thread = await kim.open_topic(forum, "Kim's topic")
    await robin.say("/subscribe Science", chat=forum, thread=thread)
    await robin.wait_for("You now follow", chat=forum, thread=thread)
    await robin.say("/latest", chat=forum, thread=thread)
    await robin.wait_for("Latest", chat=forum, thread=thread)
    await kim.press("›", chat=forum)
    assert "belongs to whoever asked" in kim.alert
    await harness.app.bot.send_message(
        forum, "by itself", message_thread_id=thread, reply_markup=resend_keyboard(translator("en"))
    )
    await kim.press("Close", chat=forum)
    assert ONLY_ADMINS in kim.alert
    await robin.press("Close", chat=forum)


async def test_the_asker_can_look_at_settings_but_not_change_them(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    await kim.say("/settings", chat=group)
    await kim.press("Days", chat=group)
    await kim.press("Mon", chat=group)
    assert ONLY_ADMINS in kim.alert
    await kim.press("Back", chat=group)
    await kim.press("Without a sound", chat=group)
    assert ONLY_ADMINS in kim.alert
    await kim.press("Close", chat=group)
    assert kim.alert == ""
    assert not any("On which days" in text for text in await robin.texts(group))


async def test_members_cannot_close_what_somebody_else_asked_for(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    await robin.say("/settings", chat=group)
    await kim.press("Close", chat=group)
    assert ONLY_ADMINS in kim.alert
    await robin.press("Close", chat=group)
    assert not any("Your digest" in text for text in await robin.texts(group))


async def test_once_the_question_is_deleted_only_admins_turn_the_pages(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    said = await kim.say("/latest", chat=group)
    await kim.wait_for("Latest", chat=group)
    world = harness.simulator.world
    world.remove(world.chats[group].messages[said["message_id"]])
    await kim.press("›", chat=group)
    assert "belongs to whoever asked" in kim.alert
    await robin.press("›", chat=group)
    await robin.wait_for("The moon 3", chat=group)


async def test_an_answer_is_sent_even_if_its_question_was_deleted(harness: BotHarness) -> None:
    robin, _, group = await club(harness)
    await robin.say("/latest", chat=group)
    await robin.wait_for("Latest", chat=group)
    bot = harness.app.bot
    sent = await bot.send_message(
        group, "x", reply_parameters=ReplyParameters(999_999, allow_sending_without_reply=True)
    )
    assert sent.reply_to_message is None


async def test_every_member_can_open_the_rest_of_a_groups_digest(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    await harness.publish(*(f"Fresh {number}" for number in range(4)))
    await harness.next_slot()
    await kim.press("Show 2 more", chat=group)
    await kim.wait_for("More of your digest", chat=group)


async def test_a_button_of_a_deleted_digest_acts_in_its_topic(harness: BotHarness) -> None:
    robin, kim, forum = await club(harness, is_forum=True)
    thread = await robin.open_topic(forum, "News desk")
    await robin.say("/subscribe Science", chat=forum, thread=thread)
    await robin.wait_for("You now follow", chat=forum, thread=thread)
    await harness.publish(*(f"Fresh {number}" for number in range(4)))
    await harness.next_slot()
    digest = await robin.wait_for(lambda shown: bool(shown["buttons"]), chat=forum, thread=thread)
    data = digest["buttons"][0][0]["data"]
    answer = await kim.forge(data, digest["message_id"], forum, gone=True)
    assert "too old for its buttons" in answer["text"]
    assert answer["show_alert"]
    await robin.forge(data, digest["message_id"], forum, gone=True)
    await robin.wait_for("More of your digest", chat=forum, thread=thread)
    # Where another message stood is unknown.
    answer = await robin.forge(data, digest["message_id"] + 1, forum, gone=True)
    assert "too old for its buttons" in answer["text"]


# Admins of the bot


REVEALING = {
    "/stats": "Readers",
    "/doctor": "Health",
    "/version": "digestbot",
    "/invite": "This link lets one person in",
    "/uncertain": "Nothing is unconfirmed",
    "/hide": "Name a category",
    "/hidden": "Nothing is hidden",
    "/show": "Nothing is hidden",
    "/withdraw": "Add a link",
    "/withdraw moon": "Which article",
    "/unwithdraw": "No withdrawn article",
}


@pytest.mark.parametrize("command", REVEALING)
async def test_an_admin_who_asks_in_a_group_is_answered_in_private(harness: BotHarness, command: str) -> None:
    owner = await harness.admin()
    _, _, group = await club(harness)
    await owner.join(group)
    said = await owner.say(command, chat=group)
    await owner.wait_for("I've answered in our private chat", chat=group)
    assert any(REVEALING[command] in text for text in await owner.texts())
    answers = [message for message in await owner.messages(group, after=said["seq"]) if not message["outgoing"]]
    assert len(answers) == 1


async def test_the_buttons_of_a_private_answer_work(harness: BotHarness) -> None:
    owner = await harness.admin()
    _, _, group = await club(harness)
    await owner.join(group)
    await owner.say("/hide Tidewater", chat=group)
    await owner.wait_for("I've answered in our private chat", chat=group)
    await owner.press("Source Tidewater")
    await owner.press("Show it again")
    assert any("Readers see" in text for text in await owner.texts())
    assert not any("Tidewater" in text for text in await owner.texts(group))


@pytest.mark.parametrize("blocked", [False, True])
async def test_an_admin_who_cannot_be_written_to_is_told_in_the_group(harness: BotHarness, blocked: bool) -> None:
    robin, kim, group = await club(harness)
    await harness.app.stores.people.grant(kim.id, Role.ADMIN, harness.clock.now())
    if blocked:
        await kim.say("/id")
        await kim.wait_for("Your Telegram id")
        await kim.block()
    await kim.say("/stats", chat=group)
    await kim.wait_for("I can't message you privately yet", chat=group)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    assert await harness.is_in_state(group, PlaceState.ACTIVE)


async def test_help_in_a_group_names_no_admin_command(harness: BotHarness) -> None:
    owner = await harness.admin()
    _, _, group = await club(harness)
    await owner.join(group)
    await owner.say("/help", chat=group)
    assert "/announce" not in (await owner.wait_for("What I do", chat=group))["text"]
    await owner.say("/help")
    assert "/announce" in (await owner.wait_for("What I do"))["text"]


async def test_a_button_for_admins_does_nothing_in_a_group(harness: BotHarness) -> None:
    """An earlier version sent such buttons to groups, where their answers were public."""
    owner = await harness.admin()
    _, _, group = await club(harness)
    await owner.join(group)
    await harness.app.bot.send_message(group, "x", reply_markup=resend_keyboard(translator("en")))
    await owner.press("Send them again", chat=group)
    assert "older message" in owner.alert
