"""Whether the bot may do what it wants in a chat; each refusal in Telegram's words and order."""

from __future__ import annotations

import time

from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad, forbidden
from bot.simulator.state.chats import Chat, Message

_GENERAL = 1


def find_chat(call: Call, name: str = "chat_id") -> Chat:
    """The chat of that parameter, whatever the bot may do there."""
    given = call.text(name)
    if not given:
        raise bad("chat_id is empty")
    world = call.world
    chat = world.chat_by_name(given[1:]) if given.startswith("@") else world.chats.get(call.number(name))
    if chat is None:
        raise bad("chat not found")
    return chat


def readable(call: Call, name: str = "chat_id") -> Chat:
    """A chat that the bot may look at."""
    chat = find_chat(call, name)
    if chat.user is not None and not chat.user.started:
        raise bad("chat not found")
    _check_inside(call, chat, reads=True)
    return chat


def writable(call: Call) -> tuple[Chat, int]:
    """A chat that the bot may write to, and the topic there. Whether the person wants it is asked afterwards."""
    chat = find_chat(call)
    _check_inside(call, chat, reads=False)
    return chat, _thread(call, chat)


def editable(call: Call, what: str = "message to edit") -> Message:
    """The message that the call names."""
    chat = find_chat(call)
    _check_inside(call, chat, reads=False)
    return find_message(chat, call.number("message_id"), what)


def find_message(chat: Chat, message_id: int, what: str) -> Message:
    message = chat.messages.get(message_id)
    if message is None or message.deleted:
        raise bad(f"{what} not found")
    return message


def check_welcome(call: Call, chat: Chat, *, count: int = 1) -> None:
    """The rates, then whether the person lets the bot write: what Telegram's own server judges."""
    paid = call.flag("allow_paid_broadcast")
    call.world.rates.check(chat.id, time.monotonic(), paid=paid, count=count)
    if chat.user is not None:
        if chat.user.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.user.started:
            raise forbidden("bot can't initiate conversation with a user")
    if paid:
        call.world.ledger.paid += count


def check_right(call: Call, chat: Chat, permission: str, words: str) -> None:
    """Whether the group's permissions let the bot send this."""
    bot = call.world.bot.id
    if chat.type == "channel" and not chat.is_admin(bot):
        raise bad("need administrator rights in the channel chat")
    if not chat.is_private and not chat.allows(permission, bot):
        raise bad(words)


def _check_inside(call: Call, chat: Chat, *, reads: bool) -> None:
    if chat.user is not None:
        if chat.user.deactivated and not reads:
            raise forbidden("user is deactivated")
        return
    if chat.migrated_to is not None and not reads:
        raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
    if chat.is_deleted:
        raise forbidden(f"the {'group' if chat.type == 'group' else chat.type} chat was deleted")
    status = chat.status_of(call.world.bot.id)
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    if status == "left" and not (reads and chat.username):
        raise forbidden(f"bot is not a member of the {chat.type} chat")


def _thread(call: Call, chat: Chat) -> int:
    thread = call.number("message_thread_id")
    if not thread or not (chat.is_forum or chat.is_private):
        return 0
    topic = chat.topics.get(thread)
    if topic is None or topic.deleted or thread == _GENERAL:
        raise bad("message thread not found")
    if topic.closed and not chat.is_admin(call.world.bot.id):
        raise bad("TOPIC_CLOSED")
    return thread
