"""What the simulator holds of places: ephemeral messages, topics in private chats, chats picked for the bot, rights."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator.person.driver import Person, SimulatorError
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot

BUTTON = {"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]}


@pytest.fixture
async def kim(sim: Simulator, ada: Person) -> Any:
    async with await Person.arrive(sim.url, "Kim", "en") as person:
        yield person


async def club(ada: Person, kim: Person, kind: str = "supergroup") -> int:
    chat = await ada.found_group("The club", kind)
    await kim.join(chat)
    await ada.add_bot(chat)
    return chat


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_an_ephemeral_message_is_seen_by_its_receiver_alone(
    bot: RawBot, ada: Person, kim: Person, kind: str
) -> None:
    chat = await club(ada, kim, kind)
    sent = await bot.send(chat, "secret", receiver_user_id=ada.id, reply_markup=BUTTON)
    assert sent["message_id"] == 0
    assert sent["receiver_user"]["id"] == ada.id
    shown = await ada.last(chat)
    assert (shown["text"], shown["ephemeral"]) == ("secret", True)
    assert "only for you" in await ada.transcript(chat)
    assert all(message.get("text") != "secret" for message in await kim.messages(chat))
    assert all((found["last_message"] or {}).get("text") != "secret" for found in await kim.chats())


async def test_presses_on_an_ephemeral_message_name_it(bot: RawBot, ada: Person, kim: Person) -> None:
    chat = await club(ada, kim)
    sent = await bot.send(chat, "secret", receiver_user_id=ada.id, reply_markup=BUTTON)
    number = sent["ephemeral_message_id"]
    await bot.updates()
    shown = await ada.last(chat)
    with pytest.raises(SimulatorError, match="no message"):
        await kim.forge("m", shown["message_id"], chat)
    press = {"user": ada.id, "chat": chat, "message": shown["message_id"], "data": "m", "wait": 0.01}
    await ada.post("/sim/press", **press)
    query = (await bot.updates())[0]["callback_query"]
    assert query["message"]["message_id"] == 0
    assert query["message"]["ephemeral_message_id"] == number
    own = {"chat_id": chat, "receiver_user_id": ada.id}
    again = await bot.ok("sendMessage", text="more", callback_query_id=query["id"], **own)
    assert again["ephemeral_message_id"] == number + 1
    foreign = await bot.refused("sendMessage", text="x", callback_query_id="1", **own)
    assert foreign == "Bad Request: QUERY_ID_INVALID"
    which = own | {"ephemeral_message_id": number}
    assert await bot.ok("editEphemeralMessageText", text="changed", reply_markup=BUTTON, **which) is True
    assert "not modified" in await bot.refused("editEphemeralMessageText", text="changed", reply_markup=BUTTON, **which)
    assert await bot.ok("editEphemeralMessageReplyMarkup", **which) is True
    (message,) = [found for found in await ada.messages(chat) if found["message_id"] == -number]
    assert (message["text"], message["buttons"]) == ("changed", [])
    other = which | {"receiver_user_id": kim.id}
    assert "not found" in await bot.refused("editEphemeralMessageText", text="x", **other)
    assert await bot.ok("deleteEphemeralMessage", **which) is True
    assert "not found" in await bot.refused("deleteEphemeralMessage", **which)


async def test_other_methods_do_not_know_ephemeral_messages(bot: RawBot, ada: Person, kim: Person) -> None:
    chat = await club(ada, kim)
    sent = await bot.send(chat, "secret", receiver_user_id=ada.id)
    for number in (0, -sent["ephemeral_message_id"]):
        await bot.refused("editMessageText", chat_id=chat, message_id=number, text="x")
        await bot.refused("deleteMessage", chat_id=chat, message_id=number)


async def test_where_ephemeral_messages_are_refused(sim: Simulator, bot: RawBot, ada: Person, kim: Person) -> None:
    channel = await ada.found_group("News", "channel")
    await ada.add_bot(channel)
    for chat in (ada.id, channel):
        assert "only to group" in await bot.refused("sendMessage", chat_id=chat, text="x", receiver_user_id=ada.id)
    chat = await club(ada, kim)
    await kim.leave(chat)
    for number in (kim.id, sim.world.bot.id, 1087968824):
        refused = await bot.refused("sendMessage", chat_id=chat, text="x", receiver_user_id=number)
        assert refused == "Bad Request: USER_NOT_PARTICIPANT"
    gone = {"message_id": 999, "allow_sending_without_reply": True}
    await bot.send(chat, reply_parameters=gone)
    refused = await bot.refused("sendMessage", chat_id=chat, text="x", receiver_user_id=ada.id, reply_parameters=gone)
    assert "replied not found" in refused


async def test_an_older_server_passes_over_the_receiver(bot: RawBot, ada: Person, kim: Person) -> None:
    await ada.post("/sim/settings", ephemeral_messages=False)
    chat = await club(ada, kim)
    sent = await bot.send(chat, "for all", receiver_user_id=ada.id)
    assert sent["message_id"] > 0
    assert (await kim.last(chat))["text"] == "for all"
    which = {"chat_id": chat, "receiver_user_id": ada.id, "ephemeral_message_id": 1}
    assert await bot.refused("deleteEphemeralMessage", **which) == "Not Found"


async def test_topics_in_a_private_chat(bot: RawBot, ada: Person) -> None:
    assert (await bot.ok("getMe"))["has_topics_enabled"] is False
    assert "not a forum" in await bot.refused("createForumTopic", chat_id=ada.id, name="Science")
    await ada.post("/sim/settings", private_topics=True)
    assert (await bot.ok("getMe"))["has_topics_enabled"] is True
    thread = (await bot.ok("createForumTopic", chat_id=ada.id, name="Science"))["message_thread_id"]
    sent = await bot.send(ada.id, message_thread_id=thread)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
    (chat,) = await ada.chats()
    assert [topic["name"] for topic in chat["topics"]] == ["General", "Science"]
    await ada.say("/settings", thread=thread)
    assert (await bot.updates())[-1]["message"]["message_thread_id"] == thread
    await bot.ok("editForumTopic", chat_id=ada.id, message_thread_id=thread, name="Sciences")
    assert "not a supergroup" in await bot.refused("closeForumTopic", chat_id=ada.id, message_thread_id=thread)
    own = await ada.open_topic(ada.id, "My own")
    await ada.change_topic(ada.id, own, deleted=True)
    assert await bot.ok("deleteForumTopic", chat_id=ada.id, message_thread_id=thread) is True
    for gone in (own, thread):
        refused = await bot.refused("sendMessage", chat_id=ada.id, text="x", message_thread_id=gone)
        assert refused == "Bad Request: message thread not found"


def keyboard(request: dict[str, Any]) -> dict[str, Any]:
    return {"keyboard": [[{"text": "Choose", "request_chat": {"request_id": 1, "request_title": True, **request}}]]}


async def test_a_channel_is_picked_for_the_bot_which_gets_its_rights(bot: RawBot, ada: Person, kim: Person) -> None:
    rights = {"can_post_messages": True}
    request = {"chat_is_channel": True, "user_administrator_rights": rights, "bot_administrator_rights": rights}
    channel, group = await ada.found_group("News", "channel"), await ada.found_group("Club", "supergroup")
    await kim.join(channel)
    await kim.say("/start")
    for person in (ada, kim):
        await bot.send(person.id, reply_markup=keyboard(request))
    await bot.updates()
    for person, chat in ((ada, group), (kim, channel)):
        with pytest.raises(SimulatorError, match="not among"):
            await person.share_chat(chat)
    listed = await ada.get("/sim/share", user=ada.id, request_id=1)
    assert [chat["id"] for chat in listed["chats"]] == [channel]
    await ada.share_chat(channel)
    added, told = await bot.updates()
    assert added["my_chat_member"]["new_chat_member"]["can_post_messages"] is True
    assert added["my_chat_member"]["new_chat_member"]["can_delete_messages"] is False
    assert told["message"]["chat_shared"] == {"request_id": 1, "chat_id": channel, "title": "News"}
    await bot.send(channel)
    await bot.send(ada.id, reply_markup={"remove_keyboard": True})
    with pytest.raises(SimulatorError, match="no such button"):
        await ada.share_chat(channel)


async def test_requests_for_chats_are_checked(bot: RawBot, ada: Person, kim: Person) -> None:
    chat = await club(ada, kim)
    right = {"chat_is_channel": False}
    assert "only to private" in await bot.refused("sendMessage", chat_id=chat, text="x", reply_markup=keyboard(right))
    for wrong in ({}, {"chat_is_channel": 1}, {"chat_is_channel": True, "bot_administrator_rights": {"x": True}}):
        await bot.refused("sendMessage", chat_id=ada.id, text="x", reply_markup=keyboard(wrong))


async def test_rights_that_the_bot_lacks(bot: RawBot, ada: Person, kim: Person) -> None:
    channel, chat = await ada.found_group("News", "channel"), await club(ada, kim)
    await ada.add_bot(channel)
    await bot.updates()
    await ada.promote_bot(channel, can_post_messages=False)
    change = (await bot.updates())[0]["my_chat_member"]
    assert change["old_chat_member"]["can_post_messages"] is True
    assert change["new_chat_member"]["can_post_messages"] is False
    assert "need administrator rights" in await bot.refused("sendMessage", chat_id=channel, text="x")
    said = await kim.say("/hello", chat=chat)
    await ada.promote_bot(chat, can_delete_messages=False)
    await bot.refused("deleteMessage", chat_id=chat, message_id=said["message_id"])
    await ada.promote_bot(chat)
    await bot.ok("deleteMessage", chat_id=chat, message_id=said["message_id"])
