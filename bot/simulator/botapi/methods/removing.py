"""The methods deleteMessage, deleteMessages, pinChatMessage, unpinChatMessage and unpinAllChatMessages."""

from __future__ import annotations

from bot.simulator.botapi.access import check_permission, editable_message, find_message, writable_chat
from bot.simulator.botapi.call import Call
from bot.simulator.botapi.ephemeral import find_ephemeral
from bot.simulator.refusal import bad_request
from bot.simulator.state.chats import Chat, Message

_DELETABLE_SECONDS = 48 * 3600
_MAX_MESSAGES = 100


def delete_message(call: Call) -> bool:
    """Delete a message."""
    if not call.has("chat_id"):
        raise bad_request("Chat identifier is not specified")
    if not call.number("message_id"):
        raise bad_request("Message identifier is not specified")
    message = editable_message(call, "message to delete")
    _check_deletable(call, message)
    call.world.remove(message)
    return True


def delete_ephemeral_message(call: Call) -> bool:
    """Delete an ephemeral message."""
    call.world.remove(find_ephemeral(call))
    return True


def delete_messages(call: Call) -> bool:
    """Delete many messages, skipping those that are gone; if any can't be deleted, none is."""
    numbers = call.json("message_ids", "message_ids")
    if numbers is None:
        raise bad_request("Message identifiers are not specified")
    if not isinstance(numbers, list):
        raise bad_request("Expected an Array of message identifiers")
    if not numbers:
        raise bad_request("Message identifiers are not specified")
    if len(numbers) > _MAX_MESSAGES:
        raise bad_request("Too many message identifiers specified")
    chat, _ = writable_chat(call)
    found = [chat.messages.get(int(number)) for number in numbers if str(number).isdigit()]
    messages = [message for message in found if message is not None and not message.deleted and not message.receiver]
    for message in messages:
        _check_deletable(call, message)
    for message in messages:
        call.world.remove(message)
    return True


def _check_deletable(call: Call, message: Message) -> None:
    world, chat = call.world, message.chat
    is_old = world.time() - message.date > _DELETABLE_SECONDS
    is_own = message.sender is world.bot
    if chat.type in ("supergroup", "channel"):
        # There, an admin with the right may delete anything at any time.
        if not chat.has_right(world.bot.id, "can_delete_messages") and (not is_own or is_old):
            raise bad_request("message can't be deleted")
        return
    if chat.type == "group" and not is_own and not chat.has_right(world.bot.id, "can_delete_messages"):
        raise bad_request("message can't be deleted")
    if is_old:
        raise bad_request("message can't be deleted for everyone")


def pin_chat_message(call: Call) -> bool:
    """Pin a message."""
    message = editable_message(call, "message to pin")
    chat = message.chat
    _check_may_pin(call, chat)
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    chat.pinned.append(message.id)
    call.world.post_service_message(
        chat,
        None if chat.type == "channel" else call.world.bot,
        {"pinned_message": message.as_json(with_reply=False)},
        notify=False,
    )
    message.seq = call.world.events.add("edited", chat.id, message)
    return True


def unpin_chat_message(call: Call) -> bool:
    """Unpin a message, the newest pinned one unless the call names another."""
    chat, _ = writable_chat(call)
    _check_may_pin(call, chat)
    number = call.number("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(number)
    message = find_message(chat, number, "message to unpin")
    message.seq = call.world.events.add("edited", chat.id, message)
    return True


def unpin_all_chat_messages(call: Call) -> bool:
    """Unpin all messages."""
    chat, _ = writable_chat(call)
    _check_may_pin(call, chat)
    chat.pinned.clear()
    return True


def _check_may_pin(call: Call, chat: Chat) -> None:
    if chat.type == "channel":
        check_permission(call, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    elif not chat.is_private and not chat.is_admin(call.world.bot.id):
        raise bad_request("not enough rights to manage pinned messages in the chat")
