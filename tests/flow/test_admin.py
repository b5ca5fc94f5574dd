"""What admins, strangers and groups may do, and who may use the bot."""

from __future__ import annotations

from pathlib import Path

from telegram import InlineKeyboardMarkup

from bot.callbacks.card_actions import CardAction
from bot.i18n import translator
from bot.keyboards.announcements import sure_keyboard
from digests.model.place import PlaceKind, PlaceState
from tests.flow.announcing import confirm
from tests.flow.harness import ADMIN, BotHarness, open_harness
from tests.waiting import until


def question_of(announcement: int) -> InlineKeyboardMarkup:
    return sure_keyboard(announcement, "Send to everybody", CardAction.SEND, translator("en"))


async def test_an_announcement_with_its_report(harness: BotHarness) -> None:
    await harness.publish("News")
    readers = [await harness.subscriber(name) for name in ("Robin", "Kim", "Sasha")]
    await readers[2].block()
    await until(lambda: harness.is_in_state(readers[2], PlaceState.UNREACHABLE))
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.say("Big news: soon!", entities=[{"type": "bold", "offset": 0, "length": 8}])
    preview = await admin.wait_for("Big news: soon!")
    assert preview["entities"][0]["type"] == "bold"
    await admin.press("Send to 2 chats")
    await confirm(admin)
    await harness.tick()
    for reader in readers[:2]:
        got = await reader.wait_for("Big news: soon!")
        assert got["entities"][0]["type"] == "bold"
    report = await admin.wait_for("The announcement is out")
    assert "2 of 2 chats" in report["text"]
    assert "sent: 2" in report["text"]


async def test_an_announcement_to_a_category_with_a_photo(harness: BotHarness) -> None:
    await harness.publish("One")
    await harness.publish("Two", categories=("Books", "Margin", "News"))
    science = await harness.subscriber("Robin", category="Science")
    books = await harness.subscriber("Kim", category="Books")
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.send_photo(caption="A picture for readers of books")
    await admin.press("Audience")
    await admin.press("Categories")
    await admin.press("Books")
    await admin.press("Back")
    await admin.press("Back")
    await admin.press("Send to 1 chat")
    await confirm(admin)
    await harness.tick()
    got = await books.wait_for("A picture for readers of books")
    assert got["photo"]
    assert not any("A picture" in str(message) for message in await science.messages())


async def test_an_announcement_can_be_discarded(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("News")
    admin = await harness.admin()
    await admin.say("/announce Never mind")
    await admin.press("Discard")
    await admin.press("Yes, discard it")
    await admin.wait_for("Nobody received it")
    await harness.tick()
    assert not any("Never mind" in str(message) for message in await robin.messages())


async def test_strangers_learn_nothing_about_admin_commands(harness: BotHarness) -> None:
    robin = await harness.reader()
    for command in ("/announce x", "/stats", "/doctor", "/invite"):
        await robin.say(command)
        await robin.wait_for("I don't know that command")
    await robin.say("/nonsense")
    await robin.wait_for("I don't know that command")
    unknown = set(await robin.texts())
    assert len(unknown) == 1
    await robin.say("/help")
    assert "announce" not in (await robin.wait_for("What I do"))["text"]
    assert not {"announce", "stats", "doctor", "invite"} & {command["command"] for command in await robin.commands()}


async def test_strangers_cannot_press_buttons_for_admins(harness: BotHarness) -> None:
    await harness.subscriber_of("News")
    admin = await harness.admin()
    await admin.say("/announce Secret")
    message, _ = await admin.button_data("Send to")
    group = await admin.found_group("The club")
    robin = await harness.reader()
    await robin.join(group)
    await admin.add_bot(group)
    # The data of an admin's keyboard, on a message that strangers can press.
    await harness.app.bot.send_message(group, "a copy", reply_markup=question_of(1))
    assert message
    await robin.press("Send to everybody", chat=group)
    assert "older message" in robin.alert
    await harness.tick()
    assert (await harness.app.stores.announcements.sending()) == ()


async def test_admins_see_their_commands_and_counts(harness: BotHarness) -> None:
    await harness.subscriber_of("News")
    (harness.posts / "broken.md").write_text("no front matter at all")
    await harness.app.scan()
    admin = await harness.admin()
    await admin.say("/stats")
    shown = await admin.wait_for("Readers")
    assert "active 1" in shown["caption"]
    assert shown["photo"]
    await admin.press("7 days")
    changed = await admin.wait_for("last 7 days")
    assert changed["message_id"] == shown["message_id"]
    assert changed["photo"] != shown["photo"]
    await admin.say("/doctor")
    assert "broken.\u2060md" in (await admin.wait_for("Health"))["text"]
    await admin.say("/help")
    await admin.wait_for("For admins")
    assert "announce" in {command["command"] for command in await admin.commands()}


async def test_everybody_can_ask_for_their_id(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))


async def test_the_first_start_prints_a_link_that_makes_an_owner(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram={"admins": []}) as harness:
        link = harness.app.owner_link
        assert link is not None
        robin = await harness.reader()
        await robin.open(link)
        await robin.wait_for("You are now the owner")
        kim = await harness.reader("Kim")
        await kim.open(link)
        await kim.wait_for("There are no articles yet")
        assert await harness.app.parts.access.admins() == {robin.id}
        await robin.say("/stats")
        await robin.wait_for("Readers")
        await harness.restart()
        assert harness.app.owner_link is None


async def test_an_invitation_lets_one_person_in(tmp_path: Path) -> None:
    async with open_harness(tmp_path, chat={"access": "invite"}) as harness:
        await harness.publish("News")
        robin = await harness.reader()
        await robin.say("/start")
        await robin.wait_for("for invited readers only")
        admin = await harness.admin()
        await admin.say("/invite")
        message = await admin.wait_for("This link lets one person in")
        link = next(line for line in message["text"].splitlines() if line.startswith("https://t.me/"))
        await robin.open(link)
        await robin.wait_for("Hello, Robin!")
        kim = await harness.reader("Kim")
        await kim.open(link)
        await kim.wait_for("for invited readers only")


async def test_only_chats_on_the_list_are_let_in(tmp_path: Path) -> None:
    async with open_harness(tmp_path, chat={"access": "list", "allowed": [501]}) as harness:
        robin = await harness.reader(user_id=501)
        await robin.say("/help")
        await robin.wait_for("What I do")
        kim = await harness.reader("Kim")
        await kim.say("/help")
        await kim.wait_for("for invited readers only")


async def test_a_group_is_set_up_by_its_admins(harness: BotHarness) -> None:
    await harness.publish("News")
    robin = await harness.reader()
    kim = await harness.reader("Kim")
    group = await robin.found_group("The club", kind="supergroup")
    await kim.join(group)
    await robin.add_bot(group)
    await robin.wait_for("I send this group one news digest", chat=group)
    await robin.say("/start", chat=group)
    await robin.wait_for("Hello, The club!", chat=group)
    # It is the answer to Robin alone.
    assert "Hello, The club!" not in await kim.transcript(group)
    await robin.press("Science", chat=group)
    await robin.press("Done", chat=group)
    await robin.wait_for("Your digest", chat=group)
    await harness.publish("Fresh news")
    await harness.next_slot()
    assert "Fresh news" in (await kim.last(chat=group))["text"]
    await robin.say("we talk about digests", chat=group)
    await robin.remove_bot(group)
    await until(lambda: harness.is_in_state(group, PlaceState.UNREACHABLE))
    await robin.add_bot(group)
    await until(lambda: harness.is_in_state(group, PlaceState.ACTIVE))


async def test_a_group_that_becomes_a_supergroup_keeps_its_digest(harness: BotHarness) -> None:
    await harness.publish("News")
    robin = await harness.reader()
    group = await robin.found_group("The club", kind="group")
    await robin.add_bot(group)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    moved = await robin.upgrade(group)
    await harness.publish("Fresh news")
    await harness.next_slot()
    await robin.wait_for("Fresh news", chat=moved)
    place = await harness.app.stores.places.find(moved)
    assert place is not None
    assert place.kind is PlaceKind.SUPERGROUP


async def test_a_topic_has_a_digest_of_its_own_until_it_closes(harness: BotHarness) -> None:
    await harness.publish("News")
    robin = await harness.reader()
    forum = await robin.found_group("News & <views>", "supergroup", is_forum=True)
    thread = await robin.open_topic(forum, "News desk")
    await robin.add_bot(forum)
    await robin.say("/subscribe Science", chat=forum, thread=thread)
    await robin.wait_for("You now follow", chat=forum, thread=thread)
    await harness.publish("Fresh news")
    await harness.next_slot()
    await robin.wait_for("Fresh news", chat=forum, thread=thread)
    await robin.change_topic(forum, thread, closed=True)
    await harness.publish("Fresher news")
    await harness.next_slot()
    told = await robin.wait_for("I can no longer write to the topic", chat=forum)
    assert "“News & <views> › News desk”" in told["text"]


async def test_the_admin_is_the_configured_one(harness: BotHarness) -> None:
    assert await harness.app.parts.access.admins() == {ADMIN}
