"""What people do with groups, channels and topics.

Every function raises ValueError, with one sentence that says why, when it can't be done.
"""

from __future__ import annotations

from bot.simulator.state.chats import PERMISSIONS, Chat, Message, Topic
from bot.simulator.state.users import User
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json

_TOPIC_COLOUR = 7322096


def create_group(
    world: World, creator: User, title: str, kind: str, *, is_forum: bool, topics: list[str], username: str
) -> Chat:
    """Create a group, supergroup or channel; naming topics makes a supergroup a forum."""
    if kind not in ("group", "supergroup", "channel"):
        raise ValueError(f"type must be group, supergroup or channel, not {kind!r}")
    if not title.strip():
        raise ValueError("a group needs a title")
    if (is_forum or topics) and kind != "supergroup":
        raise ValueError("only supergroups have topics")
    if username and world.chat_by_name(username) is not None:
        raise ValueError(f"@{username} is taken")
    chat = world.add_group(kind, title.strip(), creator, is_forum=is_forum or bool(topics), username=username)
    sender = None if kind == "channel" else creator
    world.post_service_message(chat, sender, {f"{kind}_chat_created": True})
    for name in topics:
        open_topic(world, chat, creator, name)
    return chat


def grant_rights(world: World, chat: Chat, rights: set[str], by: User) -> None:
    """Make the bot an administrator with these rights, as Telegram does when somebody picks the chat for it."""
    bot = world.bot
    lacking = chat.lacking.get(bot.id, set()) if chat.is_admin(bot.id) else set(chat.rights())
    _set_status(world, chat, bot, "administrator", by, lacking - rights)


def add_member(world: World, chat: Chat, member: User, status: str, by: User) -> None:
    """Add a user or the bot; a bot in a channel is always an administrator."""
    _check_open(chat)
    if status not in ("member", "administrator"):
        raise ValueError(f"as must be member or administrator, not {status!r}")
    if chat.type == "channel" and member is world.bot:
        status = "administrator"
    was_inside = chat.is_inside(member.id)
    _set_status(world, chat, member, status, by)
    if not was_inside and chat.type != "channel":
        world.post_service_message(chat, by, {"new_chat_members": [member.as_json()]})


def remove_member(world: World, chat: Chat, member: User, by: User) -> None:
    """Let a member leave, or kick them when somebody else removes them."""
    if not chat.is_inside(member.id):
        raise ValueError(f"{member.full_name()} is not in “{chat.title}”")
    _set_status(world, chat, member, "left" if by is member else "kicked", by)
    if chat.type != "channel":
        world.post_service_message(chat, by, {"left_chat_member": member.as_json()})


def set_admin(
    world: World, chat: Chat, member: User, by: User, *, on: bool, rights: dict[str, bool] | None = None
) -> None:
    """Make a member an administrator with all rights but those that are False, or an administrator a member."""
    unknown = sorted(set(rights or {}) - set(chat.rights()))
    if unknown:
        raise ValueError(f"no such right: {', '.join(unknown)}")
    if chat.status_of(member.id) == "creator":
        raise ValueError("the creator stays the creator")
    if not chat.is_inside(member.id):
        raise ValueError(f"{member.full_name()} is not in “{chat.title}”")
    lacking = {right for right, has in (rights or {}).items() if not has}
    _set_status(world, chat, member, "administrator" if on else "member", by, lacking)


def set_permissions(world: World, chat: Chat, permissions: dict[str, bool]) -> None:
    """Change what members may do, the bot included unless it is an administrator."""
    unknown = sorted(set(permissions) - set(PERMISSIONS))
    if unknown:
        raise ValueError(f"no such permission: {', '.join(unknown)}")
    chat.permissions |= permissions
    world.events.add("chat", chat.id)


def set_members_hidden(world: World, chat: Chat, *, on: bool) -> None:
    """Hide who is in a supergroup from members and from bots that are not administrators."""
    if chat.type != "supergroup":
        raise ValueError("only supergroups hide their members")
    chat.hides_members = on
    world.events.add("chat", chat.id)


def link_discussion_group(world: World, channel: Chat, group: Chat) -> None:
    """Forward the channel's posts into the group from now on, to be discussed there."""
    if channel.type != "channel" or group.type != "supergroup":
        raise ValueError("a channel is linked to a supergroup")
    channel.discussion = group
    world.events.add("chat", channel.id)


def open_topic(world: World, chat: Chat, by: User, name: str) -> Topic:
    """Open a topic in a forum."""
    if not (chat.is_forum or (chat.is_private and world.has_private_topics)):
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
    """Close, reopen or delete a topic; `closed` None leaves that as it is."""
    topic = chat.topics.get(thread)
    if topic is None or topic.deleted:
        raise ValueError(f"there is no topic {thread} in “{chat.title}”")
    if closed is not None and closed != topic.closed:
        topic.closed = closed
        change = "forum_topic_closed" if closed else "forum_topic_reopened"
        world.post_service_message(chat, by, {change: {}}, thread=thread)
    if deleted:
        topic.deleted = True
        for message in chat.messages.values():
            if message.thread == thread and not message.deleted:
                world.remove(message)
    world.events.add("chat", chat.id)
    return topic


def upgrade_group(world: World, chat: Chat) -> Chat:
    """Turn a group into a supergroup, which has another id; the group is closed."""
    _check_open(chat)
    if chat.type != "group":
        raise ValueError("only groups become supergroups")
    creator = _creator(world, chat)
    supergroup = world.add_group("supergroup", chat.title, creator)
    supergroup.members = dict(chat.members)
    supergroup.permissions = dict(chat.permissions)
    world.post_service_message(chat, creator, {"migrate_to_chat_id": supergroup.id})
    chat.migrated_to = supergroup.id
    world.post_service_message(supergroup, creator, {"migrate_from_chat_id": chat.id})
    world.events.add("chat", chat.id)
    return supergroup


def delete_group(world: World, chat: Chat) -> None:
    """Delete a group for everybody."""
    _check_open(chat)
    chat.is_deleted = True
    world.events.add("chat", chat.id)


def _set_status(world: World, chat: Chat, member: User, status: str, by: User, lacking: set[str] | None = None) -> None:
    before = chat.member_json(member)
    if chat.status_of(member.id) == status and chat.lacking.get(member.id, set()) == (lacking or set()):
        return
    if chat.status_of(member.id) == "creator" and status in ("member", "administrator"):
        return
    chat.members[member.id] = status
    chat.lacking[member.id] = lacking or set()
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
    creator = next((world.user(user_id) for user_id, status in chat.members.items() if status == "creator"), None)
    return creator or world.bot


def _check_open(chat: Chat) -> None:
    if chat.is_private:
        raise ValueError("that is a private chat")
    if chat.is_deleted or chat.migrated_to is not None:
        raise ValueError(f"“{chat.title}” was deleted" if chat.is_deleted else f"it is now chat {chat.migrated_to}")
