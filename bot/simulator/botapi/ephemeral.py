"""Ephemeral messages (Bot API 10.2): in a group, seen by one person alone."""

from __future__ import annotations

from bot.simulator.botapi.access import writable_chat
from bot.simulator.botapi.call import Call
from bot.simulator.refusal import Refusal, bad_request
from bot.simulator.state.chats import Chat, Message
from bot.simulator.state.users import User


def read_receiver(call: Call, chat: Chat) -> User | None:
    """Return the only person who is to see what the call sends; None for everybody.

    A server from before ephemeral messages passes over the parameters.
    """
    if not call.world.knows_ephemeral_messages:
        return None
    number = call.number("receiver_user_id")
    if not number:
        if call.has("callback_query_id"):
            raise bad_request("receiver_user_id must be specified")
        return None
    receiver = _member(call, chat, number)
    query = call.text("callback_query_id")
    if query and not call.world.presses.is_of(query, receiver.id, chat):
        raise bad_request("QUERY_ID_INVALID")
    return receiver


def find_ephemeral(call: Call) -> Message:
    """Return the ephemeral message that the call names, by its receiver and its id."""
    if not call.world.knows_ephemeral_messages:
        raise Refusal(404, "Not Found")
    chat, _ = writable_chat(call)
    receiver = _member(call, chat, call.number("receiver_user_id"))
    message = chat.messages.get(-call.number("ephemeral_message_id"))
    if message is None or message.deleted or message.receiver is not receiver:
        raise bad_request("message to edit not found")
    return message


def _member(call: Call, chat: Chat, number: int) -> User:
    if chat.type not in ("group", "supergroup"):
        raise bad_request("ephemeral messages can be sent only to group and supergroup chats")
    user = call.world.user(number)
    if user is None or user.is_bot or not chat.is_inside(number):
        raise bad_request("USER_NOT_PARTICIPANT")
    return user
