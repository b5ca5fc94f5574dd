"""Groups, channels and topics, from both sides."""

from __future__ import annotations

import pytest

from bot.simulator.person.driver import Person, SimulatorError
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot, png


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_being_added_and_removed(bot: RawBot, ada: Person, kind: str) -> None:
    chat = await ada.found_group("News", kind)
    refused = await bot.refused("sendMessage", chat_id=chat, text="x")
    assert refused == f"Forbidden: bot is not a member of the {kind} chat"
    await ada.add_bot(chat)
    added = (await bot.updates())[0]["my_chat_member"]
    assert added["chat"]["title"] == "News"
    assert added["old_chat_member"]["status"] == "left"
    assert added["new_chat_member"]["status"] == ("administrator" if kind == "channel" else "member")
    sent = await bot.send(chat)
    assert sent["message_id"] > 0
    assert (await ada.last(chat))["message_id"] == sent["message_id"]
    await ada.remove_bot(chat)
    refused = await bot.refused("sendMessage", chat_id=chat, text="x")
    assert refused == f"Forbidden: bot was kicked from the {kind} chat"
    assert (await bot.updates())[-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"


async def test_a_channel_needs_an_admin(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("News", "channel", username="news")
    await ada.add_bot(chat)
    sent = await bot.ok("sendMessage", chat_id="@news", text="x")
    assert "from" not in sent
    assert sent["sender_chat"]["username"] == "news"
    await bot.ok("editMessageText", chat_id="@News", message_id=sent["message_id"], text="y")
    await ada.promote_bot(chat, on=False)
    refused = await bot.refused("sendMessage", chat_id=chat, text="x")
    assert refused == "Bad Request: need administrator rights in the channel chat"
    await ada.promote_bot(chat)
    await ada.say("post", chat=chat)
    assert (await bot.updates())[-1]["channel_post"]["text"] == "post"


async def test_topics(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("Forum", "supergroup", is_forum=True, topics=["One"])
    await ada.add_bot(chat)
    two = await ada.open_topic(chat, "Two")
    shown = next(view for view in await ada.chats() if view["id"] == chat)
    assert [topic["name"] for topic in shown["topics"]] == ["General", "One", "Two"]
    sent = await bot.send(chat, message_thread_id=two)
    assert sent["message_thread_id"] == two
    assert sent["is_topic_message"] is True
    assert [message["text"] for message in await ada.messages(chat, thread=two) if "text" in message] == ["hello"]
    assert "message_thread_id" not in await bot.send(chat)
    await ada.change_topic(chat, two, closed=True)
    refused = await bot.refused("sendMessage", chat_id=chat, text="x", message_thread_id=two)
    assert refused == "Bad Request: TOPIC_CLOSED"
    await ada.change_topic(chat, two, closed=False)
    await bot.send(chat, message_thread_id=two)
    await ada.change_topic(chat, two, deleted=True)
    for thread in (two, 1, 4711):
        refused = await bot.refused("sendMessage", chat_id=chat, text="x", message_thread_id=thread)
        assert refused == "Bad Request: message thread not found"
    refused = await bot.refused("sendMessage", chat_id=ada.id, text="x", message_thread_id=2)
    assert refused == "Bad Request: message thread not found"
    await ada.say("/here", chat=chat, thread=shown["topics"][1]["thread"])
    heard = (await bot.updates())[-1]["message"]
    assert heard["is_topic_message"] is True
    assert heard["chat"]["is_forum"] is True


async def test_upgrade(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("Old")
    await ada.add_bot(chat)
    await bot.updates()
    new = await ada.upgrade(chat)
    answer = await bot.call("sendMessage", chat_id=chat, text="x")
    assert answer == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new},
    }
    await bot.send(new)
    messages = [update["message"] for update in await bot.updates()]
    assert [message.get("migrate_to_chat_id") for message in messages] == [new, None]
    assert [message.get("migrate_from_chat_id") for message in messages] == [None, chat]
    with pytest.raises(SimulatorError, match="it is now chat"):
        await ada.say("x", chat=chat)


async def test_a_deleted_group(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("Old")
    await ada.add_bot(chat)
    await ada.post("/sim/groups/delete", chat=chat)
    refused = await bot.refused("sendMessage", chat_id=chat, text="x")
    assert refused == "Forbidden: the group chat was deleted"


async def test_permissions(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("Quiet", "supergroup")
    await ada.add_bot(chat)
    await ada.permit(chat, can_send_photos=False)
    refused = await bot.refused("sendPhoto", chat_id=chat, photo=png(10, 10))
    assert refused == "Bad Request: not enough rights to send photos to the chat"
    await bot.send(chat)
    await ada.permit(chat, can_send_messages=False)
    refused = await bot.refused("sendMessage", chat_id=chat, text="x")
    assert refused == "Bad Request: not enough rights to send text messages to the chat"
    assert (await bot.ok("getChat", chat_id=chat))["permissions"]["can_send_messages"] is False
    await ada.promote_bot(chat)
    await bot.send(chat)
    with pytest.raises(SimulatorError, match="no such permission"):
        await ada.permit(chat, can_fly=True)


async def test_what_reaches_a_bot_in_a_group(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("Talk")
    await ada.add_bot(chat)
    own = await bot.send(chat)
    await bot.updates()
    for text in ("hello all", "/cmd", "/cmd@digest_demo_bot", "/cmd@other_bot", "ask @digest_demo_bot"):
        await ada.say(text, chat=chat)
    await ada.say("yes", chat=chat, reply_to=own["message_id"])
    heard = [update["message"]["text"] for update in await bot.updates()]
    assert heard == ["/cmd", "/cmd@digest_demo_bot", "ask @digest_demo_bot", "yes"]
    await ada.promote_bot(chat)
    await ada.say("hello all", chat=chat)
    assert (await bot.updates())[-1]["message"]["text"] == "hello all"


async def test_members(bot: RawBot, ada: Person, sim: Simulator) -> None:
    chat = await ada.found_group("Talk", "supergroup")
    await ada.add_bot(chat, as_admin=True)
    async with await Person.arrive(sim.url, "Bob") as bob:
        await bob.join(chat)
        assert (await bot.ok("getChatMember", chat_id=chat, user_id=ada.id))["status"] == "creator"
        assert (await bot.ok("getChatMember", chat_id=chat, user_id=bob.id))["status"] == "member"
        await ada.promote(chat, bob)
        admins = await bot.ok("getChatAdministrators", chat_id=chat)
        assert {admin["user"]["first_name"] for admin in admins} == {"Ada", "Bob", "Digest"}
        assert all("can_manage_chat" in admin for admin in admins if admin["status"] == "administrator")
        assert await bot.ok("getChatMemberCount", chat_id=chat) == 3
        await bob.leave(chat)
        assert (await bot.ok("getChatMember", chat_id=chat, user_id=bob.id))["status"] == "left"
        with pytest.raises(SimulatorError, match="not in"):
            await bob.say("x", chat=chat)
    assert await bot.refused("getChatMember", chat_id=chat, user_id=0) == "Bad Request: invalid user_id specified"
    assert await bot.refused("getChatMember", chat_id=chat, user_id=77) == "Bad Request: user not found"
    refused = await bot.refused("getChatAdministrators", chat_id=ada.id)
    assert refused == "Bad Request: there are no administrators in the private chat"
    assert await bot.ok("leaveChat", chat_id=chat) is True
    assert await bot.refused("getChat", chat_id=chat) == "Forbidden: bot is not a member of the supergroup chat"


async def test_reading_private_chats(bot: RawBot, ada: Person, sim: Simulator) -> None:
    shown = await bot.ok("getChat", chat_id=ada.id)
    assert (shown["type"], shown["first_name"]) == ("private", "Ada")
    never = sim.world.add_user("Never")
    assert await bot.refused("getChat", chat_id=never.id) == "Bad Request: chat not found"


async def test_deleting_in_groups(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("Talk", "supergroup")
    await ada.add_bot(chat)
    said = await ada.say("/x", chat=chat)
    where = {"chat_id": chat, "message_id": said["message_id"]}
    assert await bot.refused("deleteMessage", **where) == "Bad Request: message can't be deleted"
    refused = await bot.refused("pinChatMessage", **where)
    assert refused == "Bad Request: not enough rights to manage pinned messages in the chat"
    await ada.promote_bot(chat)
    assert await bot.ok("pinChatMessage", **where) is True
    assert await bot.ok("unpinAllChatMessages", chat_id=chat) is True
    assert await bot.ok("deleteMessage", **where) is True


async def test_hidden_members_are_shown_to_admins_only(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("News", "supergroup")
    await ada.add_bot(chat)
    await ada.hide_members(chat)
    refused = await bot.refused("getChatMember", chat_id=chat, user_id=ada.id)
    assert refused == "Bad Request: member list is inaccessible"
    me = await bot.ok("getMe")
    assert (await bot.ok("getChatMember", chat_id=chat, user_id=me["id"]))["status"] == "member"
    await ada.promote_bot(chat)
    assert (await bot.ok("getChatMember", chat_id=chat, user_id=ada.id))["status"] == "creator"
    with pytest.raises(SimulatorError, match="only supergroups"):
        await ada.hide_members(await ada.found_group("Small", "group"))


async def test_an_anonymous_admin_writes_in_the_groups_name(bot: RawBot, sim: Simulator, ada: Person) -> None:
    chat = await ada.found_group("News", "supergroup")
    await ada.add_bot(chat)
    await ada.say("/start", chat, name_of=chat)
    message = (await bot.updates())[-1]["message"]
    assert (message["from"]["id"], message["from"]["is_bot"]) == (1087968824, True)
    assert message["sender_chat"]["id"] == chat
    assert (await ada.messages(chat))[-1]["outgoing"]
    async with await Person.arrive(sim.url, "Kim") as kim:
        await kim.join(chat)
        with pytest.raises(SimulatorError, match="only admins"):
            await kim.say("/start", chat, name_of=chat)


async def test_a_channel_writes_in_its_group_by_hand_and_by_forwarding(bot: RawBot, ada: Person) -> None:
    channel = await ada.found_group("The channel", "channel")
    chat = await ada.found_group("Its talk", "supergroup")
    await ada.add_bot(chat)
    await ada.link(channel, chat)
    await ada.say("/start by hand", chat, name_of=channel)
    await ada.say("/start by itself", channel)
    by_hand, by_itself = [update["message"] for update in (await bot.updates())[-2:]]
    assert (by_hand["from"]["id"], by_itself["from"]["id"]) == (136817688, 777000)
    assert by_hand["sender_chat"]["id"] == by_itself["sender_chat"]["id"] == channel
    assert by_itself["is_automatic_forward"]
    assert by_itself["forward_origin"]["type"] == "channel"
    group = await ada.found_group("Another", "supergroup")
    with pytest.raises(SimulatorError, match="no channel"):
        await ada.say("x", chat, name_of=group)


async def test_forged_presses_and_presses_on_deleted_messages(bot: RawBot, ada: Person) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    sent = await bot.send(ada.id, reply_markup=keyboard)
    number = sent["message_id"]
    with pytest.raises(SimulatorError, match="no button"):
        await ada.post("/sim/press", user=ada.id, message=number, data="stop")
    pressing = {"user": ada.id, "message": number, "wait": 0}
    await ada.post("/sim/press", **pressing, data="stop", forged=True)
    query = (await bot.updates())[-1]["callback_query"]
    assert query["data"] == "stop"
    assert query["message"]["reply_markup"] == keyboard
    await bot.ok("deleteMessage", chat_id=ada.id, message_id=number)
    await ada.post("/sim/press", **pressing, data="go", gone=True)
    query = (await bot.updates())[-1]["callback_query"]
    assert query["message"] == {"chat": query["message"]["chat"], "message_id": number, "date": 0}


async def test_messages_in_a_topic_reply_to_its_opening(bot: RawBot, ada: Person) -> None:
    chat = await ada.found_group("Forum", "supergroup", is_forum=True)
    await ada.add_bot(chat)
    thread = await ada.open_topic(chat, "News")
    sent = await bot.send(chat, message_thread_id=thread)
    root = sent["reply_to_message"]
    assert (root["message_id"], root["forum_topic_created"]["name"]) == (thread, "News")
    reply = {"message_id": sent["message_id"]}
    answer = await bot.send(chat, message_thread_id=thread, reply_parameters=reply)
    assert answer["reply_to_message"]["message_id"] == sent["message_id"]
    assert "reply_to_message" not in await bot.send(chat)
