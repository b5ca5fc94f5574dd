"""What the bot may do in a chat; everything is checked in Telegram's order and refused in its words."""

from __future__ import annotations

import time

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad_request, forbidden
from bot.simulator.state.chats import Chat, Message

_GENERAL_TOPIC = 1


def find_chat(call: Call, name: str = "chat_id") -> Chat:
    """Return the chat that a parameter names, whatever the bot may do there."""
    given = call.text(name)
    if not given:
        raise bad_request("chat_id is empty")
    world = call.world
    chat = world.chat_by_name(given[1:]) if given.startswith("@") else world.chats.get(call.number(name))
    if chat is None:
        raise bad_request("chat not found")
    return chat


def readable_chat(call: Call, name: str = "chat_id") -> Chat:
    """Return a chat that the bot may read."""
    chat = find_chat(call, name)
    if chat.user is not None and not chat.user.started:
        raise bad_request("chat not found")
    _check_member(call, chat, reads=True)
    return chat


def writable_chat(call: Call) -> tuple[Chat, int]:
    """Return a chat that the bot may write to, and the topic there.

    Whether a user lets the bot write is checked later, by `check_may_send`.
    """
    chat = find_chat(call)
    _check_member(call, chat, reads=False)
    return chat, _find_thread(call, chat)


def editable_message(call: Call, what: str = "message to edit") -> Message:
    """Return the message that the call names; refusals call it `what`."""
    chat = find_chat(call)
    _check_member(call, chat, reads=False)
    return find_message(chat, call.number("message_id"), what)


def find_message(chat: Chat, message_id: int, what: str) -> Message:
    """Return a message that is not deleted; refusals call it `what`."""
    message = chat.messages.get(message_id)
    if message is None or message.deleted or message.receiver is not None:
        raise bad_request(f"{what} not found")
    return message


def check_may_send(call: Call, chat: Chat, *, count: int = 1) -> None:
    """Check the rate limits, and then whether the user lets the bot write: what Telegram's servers decide."""
    paid = call.flag("allow_paid_broadcast")
    call.world.rates.check(chat.id, time.monotonic(), paid=paid, count=count)
    if chat.user is not None:
        if chat.user.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.user.started:
            raise forbidden("bot can't initiate conversation with a user")
    if paid:
        call.world.ledger.paid += count


def check_permission(call: Call, chat: Chat, permission: str, refusal: str) -> None:
    """Check that the group's permissions let the bot do this."""
    bot = call.world.bot.id
    if chat.type == "channel" and not chat.has_right(bot, "can_post_messages"):
        raise bad_request("need administrator rights in the channel chat")
    if not chat.is_private and not chat.allows(permission, bot):
        raise bad_request(refusal)


def _check_member(call: Call, chat: Chat, *, reads: bool) -> None:
    if chat.user is not None:
        if chat.user.deactivated and not reads:
            raise forbidden("user is deactivated")
        return
    if chat.migrated_to is not None and not reads:
        raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
    if chat.is_deleted:
        raise forbidden(f"the {'group' if chat.type == 'group' else chat.type} chat was deleted")
    status = chat.status_of(call.world.bot.id)
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    if status == "left" and not (reads and chat.username):
        raise forbidden(f"bot is not a member of the {chat.type} chat")


def _find_thread(call: Call, chat: Chat) -> int:
    thread = call.number("message_thread_id")
    if not thread or not (chat.is_forum or chat.is_private):
        return 0
    topic = chat.topics.get(thread)
    if topic is None or topic.deleted or thread == _GENERAL_TOPIC:
        raise bad_request("message thread not found")
    if topic.closed and not chat.is_admin(call.world.bot.id):
        raise bad_request("TOPIC_CLOSED")
    return thread
