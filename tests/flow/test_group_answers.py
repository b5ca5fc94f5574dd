"""In a group, an answer is seen by whoever asked alone, or else can be deleted by them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from digests.model.place import PlaceState
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader
from tests.waiting import until

CLOSE = "🗑 Close"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path, search={"page_size": 2}, digest={"first_items": 2, "max_items": 2}) as opened:
        await opened.publish(*(f"The moon {number}" for number in range(6)))
        yield opened


async def club(harness: BotHarness, kind: str = "supergroup", **more: Any) -> tuple[Reader, Reader, int]:
    """Return the admin of a new group, a member, and the group."""
    robin, kim = await harness.reader(), await harness.reader("Kim")
    group = await robin.found_group("The club", kind, **more)
    await kim.join(group)
    await robin.add_bot(group)
    await robin.wait_for("I send this group one news digest", chat=group)
    return robin, kim, group


async def sees_nothing_of(person: Reader, group: int, word: str) -> bool:
    """Return whether nobody but the person's own messages in a group say this."""
    return not any(word in str(message.get("text")) for message in await person.messages(group))


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_whoever_asks_is_answered_alone(harness: BotHarness, kind: str) -> None:
    robin, kim, group = await club(harness, kind)
    for command, answer in (("/search moon", "6 articles"), ("/latest", "Latest"), ("/help", "/subscribe")):
        await kim.say(command, chat=group)
        shown = await kim.wait_for(answer, chat=group)
        assert shown["ephemeral"]
        assert CLOSE not in str(shown["buttons"])
        assert await sees_nothing_of(robin, group, answer)


async def test_its_pages_turn_and_its_buttons_act_alone_too(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    await kim.say("/search moon", chat=group)
    first = await kim.wait_for("6 articles", chat=group)
    await kim.press("›", group)
    second = await kim.wait_for(lambda shown: "2 / 3" in str(shown["buttons"]), chat=group)
    assert second["message_id"] == first["message_id"]
    await robin.say("/settings", chat=group)
    await robin.wait_for("Your digest", chat=group)
    await robin.press("Close", group)
    await until(lambda: _gone(robin, group, "Your digest"))
    assert await sees_nothing_of(robin, group, "6 articles")


async def _gone(person: Reader, group: int, word: str) -> bool:
    return await sees_nothing_of(person, group, word)


async def test_a_group_is_set_up_without_the_others_seeing_more_than_the_digest(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    await robin.say("/start", chat=group)
    await robin.wait_for("Tick what interests you", chat=group)
    await robin.press("Science", group)
    await robin.press("Done", group)
    await robin.wait_for("All set", chat=group)
    digest = await kim.wait_for("The moon", chat=group)
    assert not digest["ephemeral"]
    assert await sees_nothing_of(kim, group, "All set")
    assert await harness.is_in_state(group, PlaceState.ACTIVE)


async def test_the_rest_of_a_digest_is_for_all_who_read_it(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    await harness.publish(*(f"Fresh {number}" for number in range(4)))
    await harness.next_slot()
    await kim.wait_for("Fresh", chat=group)
    await kim.press("Show", group)
    rest = await robin.wait_for("More of your digest", chat=group)
    assert not rest["ephemeral"]
    assert CLOSE not in str(rest["buttons"])


@pytest.mark.parametrize("server", ["older", "switched off"])
async def test_elsewhere_an_answer_is_closed_by_whoever_asked(tmp_path: Path, server: str) -> None:
    chat = {"ephemeral": server == "older"}
    async with open_harness(tmp_path, chat=chat) as harness:
        await harness.publish("The moon")
        robin, kim, group = await club(harness)
        await robin.post("/sim/settings", ephemeral_messages=False)
        for asks in ("first", "again"):
            said = await kim.say("/search moon", chat=group)
            await kim.wait_for(lambda shown: CLOSE in str(shown["buttons"]), chat=group, after=said)
            seen = await robin.last(group)
            assert "The moon" in seen["text"], asks
            assert not seen["ephemeral"]
            refused = await robin.forge(seen["buttons"][-1][0]["data"], seen["message_id"], group)
            assert refused["text"] == "", "an admin may close it as well"
            await until(lambda: _gone(kim, group, "article"))
            assert any(message["message_id"] == said["message_id"] for message in await kim.messages(group))
        found = await harness.app.stores.places.find(group)
        assert found is not None
        assert found.refuses_ephemeral is (server == "older")
        sent = [call for call in (await robin.get("/sim/ledger/calls"))["calls"] if call["method"] == "sendMessage"]
        assert sum("receiver_user_id" in call["parameters"] for call in sent) == (1 if server == "older" else 0)


async def test_with_the_right_to_it_the_question_goes_as_well(tmp_path: Path) -> None:
    async with open_harness(tmp_path, chat={"ephemeral": False}) as harness:
        await harness.publish("The moon")
        robin, kim, group = await club(harness)
        await robin.promote_bot(group)
        said = await kim.say("/latest", chat=group)
        await kim.wait_for("Latest", chat=group)
        await kim.press(CLOSE, group)
        await until(lambda: _gone(kim, group, "atest"))
        assert all(message["message_id"] != said["message_id"] for message in await kim.messages(group))


async def test_a_refusal_is_remembered_and_answered_in_public(harness: BotHarness) -> None:
    robin, kim, group = await club(harness)
    await robin.fault("refuse", method="sendMessage", description="Bad Request: EPHEMERAL_FORBIDDEN", code=400)
    await kim.say("/latest", chat=group)
    shown = await kim.wait_for("Latest", chat=group)
    assert not shown["ephemeral"]
    assert CLOSE in str(shown["buttons"])
    found = await harness.app.stores.places.find(group)
    assert found is not None
    assert found.refuses_ephemeral


async def test_a_supergroup_is_asked_anew_when_it_was_a_group(harness: BotHarness) -> None:
    robin, _, group = await club(harness, "group")
    await harness.app.stores.places.refuse_ephemeral(group)
    new = await robin.upgrade(group)
    await robin.say("/latest", chat=new)
    assert (await robin.wait_for("Latest", chat=new))["ephemeral"]


async def test_an_anonymous_admin_is_answered_in_public(harness: BotHarness) -> None:
    """Nobody knows who they are, so nobody can be the receiver."""
    robin, _, group = await club(harness)
    await robin.say("/subscribe Science", chat=group, name_of=group)
    shown = await robin.wait_for("You now follow", chat=group)
    assert not shown["ephemeral"]
    found = await harness.app.stores.places.find(group)
    assert found is not None
    assert not found.refuses_ephemeral


async def test_a_question_that_is_deleted_at_once_is_answered_all_the_same(harness: BotHarness) -> None:
    robin, _, group = await club(harness)
    said = await robin.say("/latest", chat=group)
    harness.simulator.world.remove(harness.simulator.world.chats[group].messages[said["message_id"]])
    assert (await robin.wait_for("Latest", chat=group))["ephemeral"]


async def test_an_answer_in_a_topic_stays_there(harness: BotHarness) -> None:
    robin, _, forum = await club(harness, is_forum=True)
    thread = await robin.open_topic(forum, "News desk")
    await robin.say("/settings", chat=forum, thread=thread)
    shown = await robin.wait_for("Your digest", chat=forum, thread=thread)
    assert shown["ephemeral"]
    await robin.press("Quiet", forum)
    await robin.wait_for("keep quiet", chat=forum, thread=thread)
    await robin.press("22:00", forum)
    topic = await harness.app.stores.places.find(forum, thread)
    assert topic is not None
    assert topic.quiet.startswith("22:00")
