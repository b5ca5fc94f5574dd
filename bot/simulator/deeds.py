"""What a person does: writes, presses, blocks. Raises ValueError with one sentence when he can't."""

from __future__ import annotations

import re

from bot.simulator.chats import Chat
from bot.simulator.formatted import Formatted, Json
from bot.simulator.links import START_PARAMETER
from bot.simulator.messages import Message
from bot.simulator.people import User
from bot.simulator.presses import Press
from bot.simulator.texts import CAPTION, TEXT
from bot.simulator.world import World

_START_LINK = re.compile(r"(?:https?://)?t\.me/([A-Za-z0-9_]+)\?start=(.*)")


def say(
    world: World,
    user: User,
    chat: Chat,
    body: Formatted | None,
    *,
    media: Json | None = None,
    thread: int = 0,
    reply_to: int = 0,
    album: str = "",
    origin: Json | None = None,
) -> Message:
    """A message of this person; the bot gets it when Telegram would give it to him."""
    _check_may_write(user, chat, thread)
    if not media and (body is None or not body.text):
        raise ValueError("a message needs a text, a photo or a document")
    if body is not None and len(body.text) > (CAPTION if media else TEXT):
        raise ValueError("the text is longer than Telegram lets a person write")
    if chat.user is not None:
        if user.blocked:
            unblock(world, user)
        user.started = True
    replied = chat.messages.get(reply_to)
    message = Message(
        chat=chat,
        id=world.next_message_id(chat),
        date=world.time(),
        sender=None if chat.type == "channel" else user,
        body=body,
        media=media or {},
        thread=thread,
        album=album,
        origin=origin,
        reply_to=replied if replied is not None and not replied.deleted else None,
        mentioned=world.known_users() if body and any(one.kind == "text_mention" for one in body.entities) else None,
    )
    world.post(message)
    chat.unread.pop(user.id, None)
    if _reaches_bot(world, message):
        world.tell(message)
    return message


def open_link(world: World, user: User, link: str) -> tuple[Chat, str]:
    """What pressing t.me/BOT?start=PAYLOAD writes, and where."""
    match = _START_LINK.fullmatch(link)
    if match is None or match[1].lower() != world.bot.username.lower():
        raise ValueError(f"only https://t.me/{world.bot.username}?start=... can be opened, not {link!r}")
    if not START_PARAMETER.fullmatch(match[2]):
        raise ValueError(f"{match[2]!r} is no start parameter: Telegram takes 1-64 of A-Z a-z 0-9 _ -")
    return world.chats[user.id], f"/start {match[2]}"


def press(world: World, user: User, chat: Chat, message_id: int, data: str) -> Press:
    """Presses the button of that message that carries `data`."""
    message = chat.messages.get(message_id)
    if message is None or message.deleted:
        raise ValueError(f"there is no message {message_id} in chat {chat.id}")
    if not any(button.get("callback_data") == data for row in message.inline_keyboard for button in row):
        raise ValueError(f"message {message_id} has no button with the data {data!r}")
    if not (chat.user is user or chat.is_inside(user.id)):
        raise ValueError(f"{user.full_name()} is not in chat {chat.id}")
    pressed = world.presses.add(user.id, message, data)
    chat.unread.pop(user.id, None)
    query: Json = {
        "id": pressed.id,
        "from": user.as_json(),
        "message": message.as_json(),
        "chat_instance": str(7_000_000_000_000_000_000 + abs(chat.id)),
        "data": data,
    }
    world.updates.add("callback_query", query)
    return pressed


def block(world: World, user: User) -> None:
    if not user.blocked:
        user.blocked = True
        _tell_blocked(world, user)


def unblock(world: World, user: User) -> None:
    if user.blocked:
        user.blocked = False
        _tell_blocked(world, user)


def deactivate(world: World, user: User) -> None:
    """His account is gone; the bot learns of it when it writes."""
    user.deactivated = True
    world.events.add("chat", user.id)


def _tell_blocked(world: World, user: User) -> None:
    chat = world.chats[user.id]
    old, new = ("member", "kicked") if user.blocked else ("kicked", "member")
    change: Json = {
        "chat": chat.as_json(),
        "from": user.as_json(),
        "date": world.time(),
        "old_chat_member": _private_member(world, old),
        "new_chat_member": _private_member(world, new),
    }
    world.updates.add("my_chat_member", change)
    world.events.add("chat", chat.id)


def _private_member(world: World, status: str) -> Json:
    shown: Json = {"user": world.bot.as_json(), "status": status}
    return shown | {"until_date": 0} if status == "kicked" else shown


def _check_may_write(user: User, chat: Chat, thread: int) -> None:
    if user.deactivated:
        raise ValueError(f"{user.full_name()} has no account any more")
    if chat.user is not None:
        if chat.user is not user:
            raise ValueError(f"chat {chat.id} is another person's")
        return
    if chat.migrated_to is not None or chat.is_deleted:
        raise ValueError(f"chat {chat.id} is closed" if chat.is_deleted else f"it is now chat {chat.migrated_to}")
    if not chat.is_inside(user.id):
        raise ValueError(f"{user.full_name()} is not in “{chat.title}”")
    if chat.type == "channel" and not chat.is_admin(user.id):
        raise ValueError("only admins write in a channel")
    if not chat.allows("can_send_messages", user.id):
        raise ValueError("members may not write here")
    topic = chat.topics.get(thread)
    if thread and (topic is None or topic.deleted):
        raise ValueError(f"there is no topic {thread} in “{chat.title}”")
    if topic is not None and topic.closed and not chat.is_admin(user.id):
        raise ValueError(f"the topic “{topic.name}” is closed")


def _reaches_bot(world: World, message: Message) -> bool:
    """In groups a bot that is no admin sees commands, mentions of it and replies to it."""
    chat, bot = message.chat, world.bot
    if chat.user is not None:
        return True
    if not chat.is_inside(bot.id):
        return False
    if chat.type == "channel" or chat.is_admin(bot.id):
        return True
    text = message.text
    is_reply = message.reply_to is not None and message.reply_to.sender is bot
    if text.startswith("/"):
        _, at, name = text.split(maxsplit=1)[0].partition("@")
        return not at or name.lower() == bot.username.lower()
    return is_reply or f"@{bot.username}".lower() in text.lower()
