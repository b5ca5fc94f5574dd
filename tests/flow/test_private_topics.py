"""A topic of the private chat for each category that is followed: off until asked for, and undone without loss."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.model.place import Place, PlaceState
from tests.flow.announcing import send
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader
from tests.waiting import until


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path) as opened:
        opened.simulator.world.has_private_topics = True
        # The bot asks once, when it starts.
        await opened.restart()
        await opened.publish("The moon", categories=["Science"])
        await opened.publish("The match", categories=["Sport"])
        await opened.publish("The play", categories=["Theatre"])
        yield opened


async def topics_of(harness: BotHarness, person: Reader) -> dict[str, Place]:
    """Return the topics of a person by their names."""
    return {place.title: place for place in await harness.app.parts.private_topics.of(person.id)}


async def with_topics(harness: BotHarness) -> Reader:
    """Return somebody who follows two categories, each with its topic."""
    robin = await harness.reader()
    for name in ("Science", "Sport"):
        await robin.say(f"/subscribe {name}")
        await robin.wait_for(f"You now follow {name}")
    await robin.say("/settings")
    await robin.press("A topic for each category")
    await robin.wait_for("Each category that you follow gets a topic")
    await robin.press("Turn it on")
    await robin.wait_for("It is on: 2 topics")
    return robin


async def test_each_category_has_a_digest_in_its_topic(harness: BotHarness) -> None:
    robin = await with_topics(harness)
    topics = await topics_of(harness, robin)
    assert set(topics) == {"Science", "Sport"}
    await harness.publish("A comet", categories=["Science"])
    await harness.publish("A goal", categories=["Sport"])
    await harness.next_slot()
    for name, news, other in (("Science", "A comet", "A goal"), ("Sport", "A goal", "A comet")):
        thread = topics[name].thread_id
        shown = await robin.wait_for(news, thread=thread)
        assert other not in str(shown)
        assert shown["message_thread_id"] == thread
    assert not any("A comet" in text for text in [m.get("text", "") for m in await robin.messages(thread=0)])


async def test_settings_in_a_topic_are_its_own_and_those_of_the_chat_for_all(harness: BotHarness) -> None:
    robin = await with_topics(harness)
    science = (await topics_of(harness, robin))["Science"]
    await robin.say("/time 06:15", thread=science.thread_id)
    await robin.wait_for("06:15", thread=science.thread_id)
    topics = await topics_of(harness, robin)
    assert (topics["Science"].time, topics["Sport"].time) == ("06:15", "08:00")
    await robin.say("/time 09:45")
    await robin.wait_for("09:45", thread=0)
    assert {place.time for place in (await topics_of(harness, robin)).values()} == {"09:45"}
    await robin.say("/pause")
    await robin.wait_for("Paused")
    assert {place.state for place in (await topics_of(harness, robin)).values()} == {PlaceState.PAUSED}
    await robin.say("/resume")
    await robin.wait_for("on again")
    assert {place.state for place in (await topics_of(harness, robin)).values()} == {PlaceState.ACTIVE}


async def test_what_is_newly_followed_gets_a_topic_and_what_is_not_followed_is_left(harness: BotHarness) -> None:
    robin = await with_topics(harness)
    await robin.say("/subscribe Theatre")
    await robin.wait_for("You now follow Theatre")
    await harness.publish("A new play", categories=["Theatre"])
    await harness.next_slot()
    theatre = (await topics_of(harness, robin))["Theatre"]
    await robin.wait_for("A new play", thread=theatre.thread_id)
    await robin.say("/unsubscribe Science")
    await robin.wait_for("no longer follow Science")
    await harness.publish("A comet", categories=["Science"])
    await harness.next_slot()
    assert not any("A comet" in str(message) for message in await robin.messages())


async def test_off_again_everything_comes_in_one_digest(harness: BotHarness) -> None:
    robin = await with_topics(harness)
    await robin.press("Turn it off")
    await robin.wait_for("Turn topics off?")
    assert len(await topics_of(harness, robin)) == 2
    await robin.press("Yes, delete the topics")
    await robin.wait_for("Each category that you follow gets a topic")
    assert await topics_of(harness, robin) == {}
    (chat,) = await robin.chats()
    assert [topic["name"] for topic in chat["topics"]] == ["General"]
    await harness.publish("A comet", categories=["Science"])
    await harness.publish("A goal", categories=["Sport"])
    await harness.next_slot()
    shown = await robin.wait_for("A comet", thread=0)
    assert "A goal" in str(shown)


async def test_a_topic_that_its_reader_deleted_comes_back_to_the_chat(harness: BotHarness) -> None:
    robin = await with_topics(harness)
    science = (await topics_of(harness, robin))["Science"]
    await robin.change_topic(robin.id, science.thread_id, deleted=True)
    await harness.publish("A comet", categories=["Science"])
    await harness.next_slot()
    await robin.wait_for("The topic “Science” is gone", thread=0)
    await harness.tick()
    await robin.wait_for("A comet", thread=0)
    assert set(await topics_of(harness, robin)) == {"Sport"}
    await harness.publish("Another comet", categories=["Science"])
    await harness.next_slot()
    await robin.wait_for("Another comet", thread=0)
    assert set(await topics_of(harness, robin)) == {"Sport"}, "no new topic is forced on them"


async def test_whoever_follows_nothing_is_told_to(harness: BotHarness) -> None:
    robin = await harness.reader()
    await robin.say("/settings")
    await robin.press("A topic for each category")
    await robin.wait_for("Each category that you follow gets a topic")
    assert "Follow a category first" in (await robin.press("Turn it on"))["text"]


async def test_without_the_switch_nothing_is_offered(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("The moon")
        await robin.say("/settings")
        shown = await robin.wait_for("Your digest")
        assert "topic" not in str(shown["buttons"])


async def test_blocked_and_back_all_is_as_it_was(harness: BotHarness) -> None:
    robin = await with_topics(harness)
    await robin.say("/pause")
    await robin.wait_for("Paused")
    await robin.block()

    async def is_lost() -> bool:
        return all(place.state is PlaceState.UNREACHABLE for place in (await topics_of(harness, robin)).values())

    await until(is_lost)
    await robin.unblock()
    await robin.say("/id")
    await robin.wait_for("Your Telegram id")
    places = [await harness.place(robin), *(await topics_of(harness, robin)).values()]
    assert [place.state for place in places] == [PlaceState.PAUSED] * 3


async def test_an_announcement_comes_once(harness: BotHarness) -> None:
    robin = await with_topics(harness)
    admin = await harness.admin()
    await admin.say("/announce Hello, everybody")
    await send(admin, harness)
    await robin.wait_for("Hello, everybody")
    await harness.tick()
    heard = [message for message in await robin.messages() if "Hello, everybody" in str(message.get("text"))]
    assert len(heard) == 1
    assert "message_thread_id" not in heard[0]
