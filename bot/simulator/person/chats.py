"""What people do with groups and channels. Raises ValueError with one sentence when it can't be done."""

from __future__ import annotations

from bot.simulator.state.chats import PERMISSIONS, Chat, Message, Topic
from bot.simulator.state.people import User
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json

_TOPIC_COLOUR = 7322096


def found(
    world: World, creator: User, title: str, kind: str, *, is_forum: bool, topics: list[str], username: str
) -> Chat:
    """A new group, supergroup or channel."""
    if kind not in ("group", "supergroup", "channel"):
        raise ValueError(f"type must be group, supergroup or channel, not {kind!r}")
    if not title.strip():
        raise ValueError("a group needs a title")
    if (is_forum or topics) and kind != "supergroup":
        raise ValueError("only supergroups have topics")
    if username and world.chat_by_name(username) is not None:
        raise ValueError(f"@{username} is taken")
    chat = world.add_group(kind, title.strip(), creator, is_forum=is_forum or bool(topics), username=username)
    world.service(chat, _sender(chat, creator), {f"{kind}_chat_created": True})
    for name in topics:
        open_topic(world, chat, creator, name)
    return chat


def add(world: World, chat: Chat, member: User, status: str, by: User) -> None:
    """`by` adds somebody, or the bot."""
    _check_open(chat)
    if status not in ("member", "administrator"):
        raise ValueError(f"as must be member or administrator, not {status!r}")
    if chat.type == "channel" and member is world.bot:
        status = "administrator"  # A channel has bots only as admins.
    was_inside = chat.is_inside(member.id)
    _change(world, chat, member, status, by)
    if not was_inside and chat.type != "channel":
        world.service(chat, by, {"new_chat_members": [member.as_json()]})


def remove(world: World, chat: Chat, member: User, by: User) -> None:
    if not chat.is_inside(member.id):
        raise ValueError(f"{member.full_name()} is not in “{chat.title}”")
    _change(world, chat, member, "left" if by is member else "kicked", by)
    if chat.type != "channel":
        world.service(chat, by, {"left_chat_member": member.as_json()})


def promote(world: World, chat: Chat, member: User, by: User, *, on: bool) -> None:
    if chat.status_of(member.id) == "creator":
        raise ValueError("the creator stays what he is")
    if not chat.is_inside(member.id):
        raise ValueError(f"{member.full_name()} is not in “{chat.title}”")
    _change(world, chat, member, "administrator" if on else "member", by)


def permit(world: World, chat: Chat, permissions: dict[str, bool]) -> None:
    """What members (and the bot, when it is one) may do."""
    unknown = sorted(set(permissions) - set(PERMISSIONS))
    if unknown:
        raise ValueError(f"no such permission: {', '.join(unknown)}")
    chat.permissions |= permissions
    world.events.add("chat", chat.id)


def hide_members(world: World, chat: Chat, *, on: bool) -> None:
    """Whether members, and bots that are no admins, can't see who is in the group."""
    if chat.type != "supergroup":
        raise ValueError("only supergroups hide their members")
    chat.hides_members = on
    world.events.add("chat", chat.id)


def link(world: World, channel: Chat, group: Chat) -> None:
    """From now on the posts of the channel are forwarded into the group, to be discussed there."""
    if channel.type != "channel" or group.type != "supergroup":
        raise ValueError("a channel is linked to a supergroup")
    channel.discussion = group
    world.events.add("chat", channel.id)


def open_topic(world: World, chat: Chat, by: User, name: str) -> Topic:
    if not chat.is_forum:
        raise ValueError(f"“{chat.title}” has no topics")
    if not name.strip():
        raise ValueError("a topic needs a name")
    topic = world.add_topic(chat, name.strip())
    created: Json = {"forum_topic_created": {"name": topic.name, "icon_color": _TOPIC_COLOUR}}
    message = Message(chat, topic.thread, world.time(), by, service=created, thread=topic.thread)
    world.post(message)
    if chat.is_inside(world.bot.id):
        world.notify_bot(message)
    world.events.add("chat", chat.id)
    return topic


def change_topic(world: World, chat: Chat, thread: int, by: User, *, closed: bool | None, deleted: bool) -> Topic:
    topic = chat.topics.get(thread)
    if topic is None or topic.deleted:
        raise ValueError(f"there is no topic {thread} in “{chat.title}”")
    if closed is not None and closed != topic.closed:
        topic.closed = closed
        world.service(chat, by, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, thread=thread)
    if deleted:
        topic.deleted = True
        for message in chat.messages.values():
            if message.thread == thread and not message.deleted:
                world.remove(message)
    world.events.add("chat", chat.id)
    return topic


def upgrade(world: World, chat: Chat) -> Chat:
    """The group becomes a supergroup with another id."""
    _check_open(chat)
    if chat.type != "group":
        raise ValueError("only groups become supergroups")
    creator = _creator(world, chat)
    new = world.add_group("supergroup", chat.title, creator)
    new.members = dict(chat.members)
    new.permissions = dict(chat.permissions)
    world.service(chat, creator, {"migrate_to_chat_id": new.id})
    chat.migrated_to = new.id
    world.service(new, creator, {"migrate_from_chat_id": chat.id})
    world.events.add("chat", chat.id)
    return new


def close(world: World, chat: Chat) -> None:
    """The group is deleted for everybody."""
    _check_open(chat)
    chat.is_deleted = True
    world.events.add("chat", chat.id)


def _change(world: World, chat: Chat, member: User, status: str, by: User) -> None:
    before = chat.member_json(member)
    if chat.status_of(member.id) == status:
        return
    if chat.status_of(member.id) == "creator" and status in ("member", "administrator"):
        return
    chat.members[member.id] = status
    change: Json = {
        "chat": chat.as_json(),
        "from": by.as_json(),
        "date": world.time(),
        "old_chat_member": before,
        "new_chat_member": chat.member_json(member),
    }
    if member is world.bot:
        world.updates.add("my_chat_member", change)
    elif chat.is_admin(world.bot.id):
        world.updates.add("chat_member", change)
    world.events.add("chat", chat.id)


def _creator(world: World, chat: Chat) -> User:
    owner = next((world.user(one) for one, status in chat.members.items() if status == "creator"), None)
    return owner or world.bot


def _sender(chat: Chat, user: User) -> User | None:
    return None if chat.type == "channel" else user


def _check_open(chat: Chat) -> None:
    if chat.is_private:
        raise ValueError("that is a private chat")
    if chat.is_deleted or chat.migrated_to is not None:
        raise ValueError(f"“{chat.title}” is no more" if chat.is_deleted else f"it is now chat {chat.migrated_to}")
