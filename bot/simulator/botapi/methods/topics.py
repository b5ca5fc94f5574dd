"""The methods createForumTopic, editForumTopic, closeForumTopic, reopenForumTopic and deleteForumTopic."""

from __future__ import annotations

from bot.simulator.botapi.access import check_may_send, writable_chat
from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad_request
from bot.simulator.state.chats import Chat, Message, Topic
from bot.simulator.text.formatted import Json

_MAX_NAME = 128
_COLOURS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def create_forum_topic(call: Call) -> Json:
    """Open a topic in a forum, or in a private chat where the bot has topics."""
    chat, _ = writable_chat(call)
    _check_may_manage(call, chat, "can_manage_topics")
    name = call.text("name").strip()
    if not 0 < len(name) <= _MAX_NAME:
        raise bad_request("TOPIC_TITLE_INVALID" if name else "topic name is empty")
    colour = call.number("icon_color") or _COLOURS[0]
    if colour not in _COLOURS:
        raise bad_request("invalid icon color specified")
    check_may_send(call, chat)
    topic = call.world.add_topic(chat, name)
    created: Json = {"forum_topic_created": {"name": name, "icon_color": colour}}
    call.world.post(
        Message(chat, topic.thread, call.world.time(), call.world.bot, service=created, thread=topic.thread)
    )
    call.world.events.add("chat", chat.id)
    return {"message_thread_id": topic.thread, "name": name, "icon_color": colour}


def edit_forum_topic(call: Call) -> bool:
    """Rename a topic."""
    chat, topic = _find(call, "can_manage_topics")
    name = call.text("name").strip()
    if len(name) > _MAX_NAME:
        raise bad_request("TOPIC_TITLE_INVALID")
    if not name or name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    call.world.events.add("chat", chat.id)
    return True


def close_forum_topic(call: Call) -> bool:
    """Close a topic of a forum."""
    return _set_closed(call, is_closed=True)


def reopen_forum_topic(call: Call) -> bool:
    """Reopen a topic of a forum."""
    return _set_closed(call, is_closed=False)


def _set_closed(call: Call, *, is_closed: bool) -> bool:
    chat, topic = _find(call, "can_manage_topics")
    if chat.is_private:
        raise bad_request("the chat is not a supergroup forum")
    if topic.closed == is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = is_closed
    call.world.events.add("chat", chat.id)
    return True


def delete_forum_topic(call: Call) -> bool:
    """Delete a topic with all its messages."""
    chat, topic = _find(call, "can_delete_messages")
    topic.deleted = True
    for message in chat.messages.values():
        if message.thread == topic.thread and not message.deleted:
            call.world.remove(message)
    call.world.events.add("chat", chat.id)
    return True


def _find(call: Call, right: str) -> tuple[Chat, Topic]:
    chat, _ = writable_chat(Call(call.world, call.method, {"chat_id": call.values.get("chat_id")}))
    _check_may_manage(call, chat, right)
    topic = chat.topics.get(call.number("message_thread_id"))
    if topic is None or topic.deleted:
        raise bad_request("message thread not found")
    return chat, topic


def _check_may_manage(call: Call, chat: Chat, right: str) -> None:
    if chat.is_private:
        if not call.world.has_private_topics:
            raise bad_request("the chat is not a forum")
    elif not chat.is_forum:
        raise bad_request("the chat is not a forum")
    elif not chat.has_right(call.world.bot.id, right):
        raise bad_request("not enough rights to manage topics in the chat")
