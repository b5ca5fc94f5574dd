"""What a person does in a chat: writes, presses buttons, blocks the bot.

Every function raises ValueError, with one sentence that says why, when the person can't do it.
"""

from __future__ import annotations

import itertools
import re

from bot.simulator.botapi.message_text import MAX_CAPTION, MAX_TEXT, parse_person_text
from bot.simulator.rich.plain import buttons_of
from bot.simulator.state.chats import Chat, Message
from bot.simulator.state.presses import Press
from bot.simulator.state.users import CHANNEL_BOT, GROUP_ANONYMOUS_BOT, TELEGRAM, User
from bot.simulator.state.world import World
from bot.simulator.text.formatted import FormattedText, Json
from bot.simulator.text.links import START_PARAMETER

_START_LINK = re.compile(r"(?:https?://)?t\.me/([A-Za-z0-9_]+)\?start=(.*)")


def write_message(
    world: World,
    user: User,
    chat: Chat,
    body: FormattedText | None,
    *,
    media: Json | None = None,
    thread: int = 0,
    reply_to: int = 0,
    album: str = "",
    origin: Json | None = None,
    name_of: Chat | None = None,
    above: bool = False,
    spoiler: bool = False,
) -> Message:
    """Write a message, of which the bot gets an update when Telegram would send it one.

    Writing to a blocked bot unblocks it. `name_of` is the chat in whose name the message is written: the group
    itself, by an anonymous admin, or a channel.
    """
    check_may_write(user, chat, thread)
    if name_of is not None:
        _check_may_write_as(user, chat, name_of)
    if not media and (body is None or not body.text):
        raise ValueError("a message needs a text, a photo or a document")
    if body is not None and len(body.text) > (MAX_CAPTION if media else MAX_TEXT):
        raise ValueError("the text is longer than Telegram lets a person write")
    if chat.user is not None:
        if user.blocked:
            unblock_bot(world, user)
        user.started = True
    replied = chat.messages.get(reply_to)
    mentions = body and any(entity.kind == "text_mention" for entity in body.entities)
    message = Message(
        chat=chat,
        id=world.next_message_id(chat),
        date=world.time(),
        sender=_shown_sender(user, chat, name_of),
        body=body,
        media=media or {},
        thread=thread,
        album=album,
        origin=origin,
        reply_to=replied if replied is not None and not replied.deleted else None,
        mentioned=world.known_users() if mentions else None,
        sender_chat=name_of,
        author=user if name_of is not None else None,
        above=above,
        spoiler=spoiler,
    )
    world.post(message)
    chat.unread.pop(user.id, None)
    if reaches_bot(world, message):
        world.notify_bot(message)
    if chat.discussion is not None:
        _forward_post(world, message, chat.discussion)
    return message


def _shown_sender(user: User, chat: Chat, name_of: Chat | None) -> User | None:
    """Return the user that the message names in `from`."""
    if chat.type == "channel":
        return None
    if name_of is None:
        return user
    return GROUP_ANONYMOUS_BOT if name_of is chat else CHANNEL_BOT


def _forward_post(world: World, post: Message, group: Chat) -> None:
    """Forward a channel's post into its discussion group, as Telegram does by itself."""
    forward = Message(
        chat=group,
        id=world.next_message_id(group),
        date=world.time(),
        sender=TELEGRAM,
        body=post.body,
        media=post.media,
        rich=post.rich,
        sender_chat=post.chat,
        origin={"type": "channel", "date": post.date, "chat": post.chat.as_json(), "message_id": post.id},
        is_automatic_forward=True,
    )
    world.post(forward)
    if reaches_bot(world, forward):
        world.notify_bot(forward)


def follow_start_link(world: World, user: User, link: str) -> Message:
    """Open t.me/BOT?start=PAYLOAD, which writes "/start PAYLOAD" to the bot."""
    match = _START_LINK.fullmatch(link)
    if match is None or match[1].lower() != world.bot.username.lower():
        raise ValueError(f"only https://t.me/{world.bot.username}?start=... can be opened, not {link!r}")
    if not START_PARAMETER.fullmatch(match[2]):
        raise ValueError(f"{match[2]!r} is not a start parameter: Telegram takes 1-64 of A-Z a-z 0-9 _ -")
    return write_message(world, user, world.chats[user.id], parse_person_text(f"/start {match[2]}"))


def press_button(
    world: World, user: User, chat: Chat, message_id: int, data: str, *, forged: bool = False, gone: bool = False
) -> Press:
    """Press the button with this data on a message.

    Args:
        world: The simulated Telegram.
        user: The person who presses.
        chat: The chat that the message is in.
        message_id: The message's id.
        data: The button's callback data.
        forged: Allow data that no button of the message carries, as a modified client can send it.
        gone: The message is deleted, or out of the bot's reach, when the press arrives.
    """
    message = chat.messages.get(message_id)
    if message is None or (message.deleted and not gone) or not message.is_seen_by(user):
        raise ValueError(f"there is no message {message_id} in chat {chat.id}")
    buttons = [*itertools.chain(*message.inline_keyboard), *buttons_of(message.rich)]
    is_there = any(button.get("callback_data") == data for button in buttons)
    if not is_there and not forged:
        raise ValueError(f"message {message_id} has no button with the data {data!r}")
    if not (chat.user is user or chat.is_inside(user.id)):
        raise ValueError(f"{user.full_name()} is not in chat {chat.id}")
    press = world.presses.add(user.id, message, data)
    chat.unread.pop(user.id, None)
    query: Json = {
        "id": press.id,
        "from": user.as_json(),
        "message": message.inaccessible_json() if gone else message.as_json(),
        "chat_instance": str(7_000_000_000_000_000_000 + abs(chat.id)),
        "data": data,
    }
    world.updates.add("callback_query", query)
    return press


def block_bot(world: World, user: User) -> None:
    """Block the bot, which gets an update about it."""
    if not user.blocked:
        user.blocked = True
        _notify_of_block(world, user)


def unblock_bot(world: World, user: User) -> None:
    """Unblock the bot, which gets an update about it."""
    if user.blocked:
        user.blocked = False
        _notify_of_block(world, user)


def deactivate_account(world: World, user: User) -> None:
    """Delete the user's account; the bot finds out only when it writes to them."""
    user.deactivated = True
    world.events.add("chat", user.id)


def _notify_of_block(world: World, user: User) -> None:
    chat = world.chats[user.id]
    old, new = ("member", "kicked") if user.blocked else ("kicked", "member")
    change: Json = {
        "chat": chat.as_json(),
        "from": user.as_json(),
        "date": world.time(),
        "old_chat_member": _private_member_json(world, old),
        "new_chat_member": _private_member_json(world, new),
    }
    world.updates.add("my_chat_member", change)
    world.events.add("chat", chat.id)


def _private_member_json(world: World, status: str) -> Json:
    shown: Json = {"user": world.bot.as_json(), "status": status}
    return shown | {"until_date": 0} if status == "kicked" else shown


def check_may_write(user: User, chat: Chat, thread: int) -> None:
    """Raise ValueError for somebody who may not write there."""
    if user.deactivated:
        raise ValueError(f"{user.full_name()} no longer has an account")
    if chat.user is not None:
        if chat.user is not user:
            raise ValueError(f"chat {chat.id} is another person's")
        topic = chat.topics.get(thread)
        if thread and (topic is None or topic.deleted):
            raise ValueError(f"there is no topic {thread} in {user.full_name()}'s chat")
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


def _check_may_write_as(user: User, chat: Chat, name_of: Chat) -> None:
    if name_of is chat:
        if chat.type not in ("group", "supergroup") or not chat.is_admin(user.id):
            raise ValueError(f"only admins of a group write in its name, not {user.full_name()} in “{chat.title}”")
    elif name_of.type != "channel" or not name_of.is_admin(user.id):
        raise ValueError(f"{user.full_name()} has no channel {name_of.id} to write in the name of")


def reaches_bot(world: World, message: Message) -> bool:
    """Return whether the bot gets an update of this message.

    In groups, a bot that is not an admin gets commands, mentions of it, replies to it and what is sent by way of it.
    """
    chat, bot = message.chat, world.bot
    if chat.user is not None:
        return True
    if not chat.is_inside(bot.id):
        return False
    if chat.type == "channel" or chat.is_admin(bot.id):
        return True
    text = message.text
    if message.via_bot is bot:
        return True
    is_reply = message.reply_to is not None and message.reply_to.sender is bot
    if text.startswith("/"):
        _, at, name = text.split(maxsplit=1)[0].partition("@")
        return not at or name.lower() == bot.username.lower()
    return is_reply or f"@{bot.username}".lower() in text.lower()
