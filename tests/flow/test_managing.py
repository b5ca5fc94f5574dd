"""Groups, topics and channels are set up from a private chat by those who are admins there now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.keyboards.places import CHANNEL_REQUEST, GROUP_REQUEST
from digests.model.place import Place, PlaceState
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader
from tests.waiting import until


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path, digest={"first_items": 2, "max_items": 2}) as opened:
        await opened.publish(*(f"The moon {number}" for number in range(6)))
        yield opened


async def place_of(harness: BotHarness, chat: int, thread: int = 0) -> Place:
    found = await harness.app.stores.places.find(chat, thread)
    assert found is not None
    return found


async def choose_channel(robin: Reader, title: str = "All news") -> int:
    """Make a channel, choose it for the bot, and return its id."""
    await robin.say("/id")
    await robin.wait_for("Your Telegram id")
    channel = await robin.found_group(title, "channel")
    await robin.say("/manage")
    await robin.wait_for("Which chat shall I write to")
    await robin.share_chat(channel, CHANNEL_REQUEST)
    await robin.wait_for("From here on")
    return channel


async def two_admins(harness: BotHarness) -> tuple[Reader, Reader, int]:
    """Return the owner of a channel, another admin whom they made, and the channel, which both set up."""
    robin, kim = await harness.reader(), await harness.reader("Kim")
    channel = await choose_channel(robin)
    await kim.join(channel)
    await robin.promote(channel, kim)
    await kim.say("/manage")
    await kim.share_chat(channel, CHANNEL_REQUEST)
    await kim.wait_for("From here on")
    return robin, kim, channel


async def test_a_channel_is_set_up_from_the_private_chat(harness: BotHarness) -> None:
    robin = await harness.reader()
    channel = await choose_channel(robin)
    shown = await robin.wait_for("It follows nothing yet")
    assert shown["text"].startswith("📢 All news\n")
    (chat,) = [chat for chat in await robin.chats() if chat["id"] == robin.id]
    assert chat["keyboard"] == []
    assert not any("I am in the channel" in text for text in await robin.texts())
    await robin.press("Categories")
    await robin.press("Science")
    await robin.press("Done")
    await robin.wait_for("All set")
    await robin.wait_for("has just gone there")
    posted = await robin.wait_for("The moon", chat=channel)
    assert posted["sender_chat"]["id"] == channel
    assert (await place_of(harness, channel)).state is PlaceState.ACTIVE
    assert (await place_of(harness, robin.id)).state is PlaceState.NEW
    await harness.publish("Fresh news")
    await harness.next_slot()
    await robin.wait_for("Fresh news", chat=channel)
    assert not any("Fresh news" in text for text in await robin.texts())


async def test_commands_concern_it_until_the_way_back(harness: BotHarness) -> None:
    robin = await harness.reader()
    channel = await choose_channel(robin)
    await robin.say("/subscribe Science")
    shown = await robin.wait_for("You now follow Science")
    assert shown["text"].startswith("📢 All news")
    await robin.say("/time 06:15")
    await robin.wait_for("Your digest arrives")
    await robin.say("/id")
    assert "📢" not in (await robin.wait_for("Your Telegram id"))["text"]
    assert (await place_of(harness, channel)).time == "06:15"
    assert (await place_of(harness, robin.id)).time == "08:00"
    await robin.say("/manage")
    await robin.wait_for("You are setting up")
    await robin.press("Back to my own digest")
    await robin.wait_for("your own digest again")
    await robin.say("/time 09:45")
    assert "📢" not in (await robin.wait_for("09:45"))["text"]
    assert (await place_of(harness, channel)).time == "06:15"


async def test_old_buttons_go_on_concerning_what_they_were_about(harness: BotHarness) -> None:
    robin = await harness.reader()
    channel = await choose_channel(robin)
    await robin.say("/settings")
    await robin.wait_for("Your digest")
    await robin.say("/manage")
    await robin.press("Back to my own digest")
    await robin.wait_for("your own digest again")
    await robin.press("Quiet hours")
    await robin.wait_for("keep quiet")
    await robin.press("22:00")
    await robin.wait_for(lambda shown: "22:00" in shown.get("text", ""))
    assert (await place_of(harness, channel)).quiet.startswith("22:00")
    assert (await place_of(harness, robin.id)).quiet == ""


async def test_an_answer_concerns_what_the_question_was_about(harness: BotHarness) -> None:
    robin = await harness.reader()
    channel = await choose_channel(robin)
    wishes = harness.app.parts.readers.wishes
    await robin.say("/subscriptions")
    await robin.press("+ Watch")
    await robin.wait_for("Which words should I watch for?")
    await robin.say("/manage")
    await robin.press("Back to my own digest")
    await robin.wait_for("your own digest again")
    await harness.restart()
    await robin.say("comet")
    assert (await robin.wait_for("No article of the last week"))["text"].startswith("📢 All news")
    await robin.press("Watch in my digest")
    await robin.wait_for("Watching")
    assert [wish.subject.value for wish in await wishes.of(await place_of(harness, channel))] == ["comet"]
    assert await wishes.of(await place_of(harness, robin.id)) == ()
    # The other way round: asked about their own, and at the channel when they answer.
    await robin.say("/timezone")
    await robin.press("Write my city")
    await robin.wait_for("Which city")
    await robin.say("/manage")
    await robin.press("All news")
    await robin.wait_for("From here on")
    await robin.say("Tokyo")
    await robin.wait_for("Tokyo")
    zones = [(await place_of(harness, chat)).timezone for chat in (robin.id, channel)]
    assert zones == ["Asia/Tokyo", "UTC"]


async def test_who_lost_the_right_before_the_answer_changes_nothing(harness: BotHarness) -> None:
    robin, kim, channel = await two_admins(harness)
    await kim.say("/timezone")
    await kim.press("Write my city")
    await kim.wait_for("Which city")
    await kim.say("/manage")
    await kim.press("Back to my own digest")
    await kim.wait_for("your own digest again")
    await robin.promote(channel, kim, on=False)
    await kim.say("Tokyo")
    await kim.wait_for("You are not an admin of “All news”")
    zones = [(await place_of(harness, chat)).timezone for chat in (kim.id, channel)]
    assert zones == ["UTC", "UTC"]


async def test_an_admin_who_loses_the_right_between_two_taps(harness: BotHarness) -> None:
    robin, kim, channel = await two_admins(harness)
    await kim.press("Settings")
    await kim.wait_for("Your digest")
    await robin.promote(channel, kim, on=False)
    answer = await kim.press("Quiet hours")
    assert "not an admin" in answer["text"]
    assert answer["show_alert"]
    before = await place_of(harness, channel)
    await kim.say("/time 05:00")
    await kim.wait_for("05:00")
    assert (await place_of(harness, channel)) == before
    assert (await place_of(harness, kim.id)).time == "05:00", "what they managed is left behind"


@pytest.mark.parametrize("lost", ["demoted", "kicked"])
async def test_a_command_after_the_right_is_lost_changes_nothing(harness: BotHarness, lost: str) -> None:
    robin = await harness.reader()
    channel = await choose_channel(robin)
    before = await place_of(harness, channel)
    if lost == "kicked":
        await robin.remove_bot(channel)
    else:
        harness.simulator.world.chats[channel].members[robin.id] = "member"
    await robin.say("/time 05:00")
    await robin.wait_for("I am not in" if lost == "kicked" else "not an admin")
    assert (await place_of(harness, channel)).time == before.time
    assert (await place_of(harness, robin.id)).time == "08:00", "nor that of their own digest, which they did not mean"
    await robin.say("/time 05:00")
    await robin.wait_for("05:00")
    assert (await place_of(harness, robin.id)).time == "05:00"


async def test_a_channel_where_the_bot_may_not_post(harness: BotHarness) -> None:
    robin = await harness.reader()
    channel = await choose_channel(robin)
    await robin.say("/categories")
    await robin.press("Science")
    await robin.promote_bot(channel, can_post_messages=False)
    await robin.say("/digest")
    await robin.wait_for("Post Messages")
    await until(lambda: harness.is_in_state(channel, PlaceState.UNREACHABLE))
    await robin.say("/manage")
    await robin.press("All news")
    await robin.wait_for("⚠️ I may not post here")
    await robin.promote_bot(channel)
    await until(lambda: harness.is_in_state(channel, PlaceState.ACTIVE))
    await robin.say("/digest")
    await robin.wait_for("The moon", chat=channel)


async def test_who_adds_the_bot_to_a_channel_is_asked_to_set_it_up(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/start")
    await robin.wait_for("Tick what")
    channel = await robin.found_group("All news", "channel")
    await robin.add_bot(channel)
    await robin.wait_for("I am in the channel “All news” now")
    await robin.press("Set it up")
    await robin.wait_for("From here on")
    await robin.say("/subscribe Science", chat=channel)
    await robin.say("/start", chat=channel)
    await robin.say("/id")
    await robin.wait_for("Your Telegram id")
    posts = [message["text"] for message in await robin.messages(channel) if message["service"] is None]
    assert posts == ["/subscribe Science", "/start"]
    assert (await place_of(harness, channel)).state is PlaceState.NEW, "a post is never a command"


async def test_a_group_without_the_bot_cannot_be_set_up_yet(harness: BotHarness) -> None:
    robin = await harness.reader()
    group = await robin.found_group("The club", "supergroup")
    await robin.say("/manage")
    await robin.wait_for("Which chat shall I write to")
    await robin.share_chat(group, GROUP_REQUEST)
    shown = await robin.wait_for("I am not in that group yet")
    assert "startgroup" in shown["buttons"][0][0]["url"]
    assert await harness.app.stores.places.find(group) is None


async def test_a_group_that_was_set_up_in_itself_is_known_to_who_did_it(harness: BotHarness) -> None:
    robin = await harness.reader()
    group = await robin.found_group("The club", "supergroup")
    await robin.add_bot(group)
    await robin.say("/start", chat=group)
    await robin.press("Science", chat=group)
    await robin.press("Done", chat=group)
    await robin.wait_for("The moon", chat=group)
    await robin.say("/manage")
    await robin.press("The club")
    assert "It follows" in (await robin.wait_for("From here on"))["text"]


async def test_a_group_that_hides_its_members(harness: BotHarness) -> None:
    robin = await harness.reader()
    group = await robin.found_group("The club", "supergroup")
    await robin.add_bot(group)
    await robin.hide_members(group)
    await robin.say("/manage")
    await robin.share_chat(group, GROUP_REQUEST)
    await robin.wait_for("make me an admin there")
    await robin.promote_bot(group)
    await robin.say("/manage")
    await robin.wait_for("Which chat shall I write to")
    await robin.share_chat(group, GROUP_REQUEST)
    await robin.wait_for("From here on")


async def test_topics_of_a_forum_are_set_up_one_by_one(harness: BotHarness) -> None:
    robin = await harness.reader()
    forum = await robin.found_group("The forum", "supergroup", is_forum=True)
    await robin.add_bot(forum)
    thread = await robin.open_topic(forum, "News desk")
    await robin.say("/subscribe Science", chat=forum, thread=thread)
    await robin.wait_for("You now follow", chat=forum, thread=thread)
    await robin.say("/manage")
    await robin.share_chat(forum, GROUP_REQUEST)
    await robin.wait_for("From here on")
    await robin.press("Topics")
    await robin.wait_for("Each can have a digest of its own")
    await robin.press("News desk")
    shown = await robin.wait_for(lambda shown: "The forum › News desk" in shown.get("text", ""))
    assert "It follows 1 category" in shown["text"]
    await robin.say("/time 06:15")
    await robin.wait_for("06:15")
    assert (await place_of(harness, forum, thread)).time == "06:15"
    assert (await place_of(harness, forum)).time == "08:00"


async def test_cancelling_puts_the_buttons_away(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/manage")
    await robin.wait_for("Which chat shall I write to")
    await robin.say("✕ Cancel")
    await robin.wait_for("Cancelled")
    (chat,) = await robin.chats()
    assert chat["keyboard"] == []
    await robin.say("/manage")
    await robin.say("moon")
    await robin.wait_for("6 articles")


async def test_the_chat_of_somebody_else_is_nobodys_to_choose(harness: BotHarness) -> None:
    """A modified client shares any chat."""
    robin, kim = await harness.reader(), await harness.reader("Kim")
    channel = await choose_channel(robin)
    await kim.say("/manage")
    await kim.wait_for("Which chat shall I write to")
    world = harness.simulator.world
    user = world.user(kim.id)
    told: dict[str, Any]
    for shared in (channel, robin.id, -4711):
        told = {"chat_shared": {"request_id": CHANNEL_REQUEST, "chat_id": shared, "title": "Mine"}}
        world.post_service_message(world.chats[kim.id], user, told)
        await kim.wait_for(lambda shown: "You are not an admin there" in str(shown) or "I am not in" in str(shown))
        await kim.say("/time 05:00")
        await kim.wait_for("05:00")
        assert (await place_of(harness, channel)).time == "08:00"
        assert (await place_of(harness, robin.id)).time == "08:00"


async def test_an_upgrade_keeps_what_is_managed(harness: BotHarness) -> None:
    robin = await harness.reader()
    group = await robin.found_group("The club", "group")
    await robin.add_bot(group)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    await robin.say("/manage")
    await robin.share_chat(group, GROUP_REQUEST)
    await robin.wait_for("From here on")
    new = await robin.upgrade(group)
    await robin.say("/time 06:15")
    await robin.wait_for("06:15")
    assert (await place_of(harness, new)).time == "06:15"


async def test_the_rest_of_a_channels_digest_is_read_in_private_by_its_readers(harness: BotHarness) -> None:
    robin, kim, lee = await harness.reader(), await harness.reader("Kim"), await harness.reader("Lee")
    channel = await choose_channel(robin)
    await kim.join(channel)
    await robin.say("/subscribe Science")
    await robin.wait_for("You now follow Science")
    await harness.publish(*(f"Fresh {number}" for number in range(5)))
    await harness.next_slot()
    posted = await robin.wait_for("Fresh", chat=channel)
    (row,) = posted["buttons"]
    link = row[0]["url"]
    assert row[0]["text"] == "Show 3 more"
    await kim.open(link)
    shown = await kim.wait_for("More of your digest")
    assert shown["text"].count("Fresh") == 2
    await kim.open(shown["buttons"][-1][0]["url"])
    await kim.wait_for(lambda shown: shown.get("text", "").count("Fresh") == 1)
    await lee.open(link)
    await lee.wait_for("for those who are in the channel")
    assert not any("Fresh" in text for text in await lee.texts())


async def test_the_rest_of_a_private_digest_is_for_its_reader_alone(harness: BotHarness) -> None:
    robin, kim = await harness.subscriber(), await harness.reader("Kim")
    await harness.publish(*(f"Fresh {number}" for number in range(5)))
    await harness.next_slot()
    await robin.wait_for("Fresh")
    for delivery in range(1, 4):
        await kim.open(f"https://t.me/{harness.simulator.world.bot.username}?start=m_{delivery}_0")
        await kim.wait_for("too old to show more")
    assert not any("Fresh" in text for text in await kim.texts())
