"""Endpoints for groups, channels and topics."""

from __future__ import annotations

from bot.simulator.person import group_actions
from bot.simulator.person.request import PersonRequest
from bot.simulator.person.views import chat_view
from bot.simulator.state.chats import Chat
from bot.simulator.state.users import User
from bot.simulator.text.formatted import Json


def post_groups(request: PersonRequest) -> Json:
    """Create a group, supergroup or channel."""
    creator = request.user("creator")
    is_forum, topics = request.flag("is_forum"), request.names("topics")
    chat = group_actions.create_group(
        request.world,
        creator,
        request.text("title", None),
        request.text("type", "supergroup" if is_forum or topics else "group"),
        is_forum=is_forum,
        topics=topics,
        username=request.text("username"),
    )
    return chat_view(request.world, chat, creator)


def post_groups_add(request: PersonRequest) -> Json:
    """Add a user, or the bot when none is named."""
    chat = request.chat()
    member, status = request.member(), request.text("as", "member")
    group_actions.add_member(request.world, chat, member, status, _acting_user(request, chat))
    return _chat_view(request, chat)


def post_groups_remove(request: PersonRequest) -> Json:
    """Remove a user, or the bot when none is named."""
    chat = request.chat()
    group_actions.remove_member(request.world, chat, request.member(), _acting_user(request, chat))
    return _chat_view(request, chat)


def post_groups_join(request: PersonRequest) -> Json:
    """Let a user join."""
    chat, user = request.chat(), request.user()
    group_actions.add_member(request.world, chat, user, "member", user)
    return chat_view(request.world, chat, user)


def post_groups_leave(request: PersonRequest) -> Json:
    """Let a user leave."""
    chat, user = request.chat(), request.user()
    group_actions.remove_member(request.world, chat, user, user)
    return chat_view(request.world, chat, user)


def post_groups_admin(request: PersonRequest) -> Json:
    """Promote or demote a user, or the bot when none is named."""
    chat = request.chat()
    by, on = _acting_user(request, chat), request.flag("on", default=True)
    rights = request.values.get("rights") or {}
    if not isinstance(rights, dict) or not all(isinstance(value, bool) for value in rights.values()):
        raise ValueError("rights must be an object of true and false")
    group_actions.set_admin(request.world, chat, request.member(), by, on=on, rights=rights)
    return _chat_view(request, chat)


def post_groups_permissions(request: PersonRequest) -> Json:
    """Change what members may do."""
    chat, permissions = request.chat(), request.values.get("permissions")
    if not isinstance(permissions, dict) or not all(isinstance(value, bool) for value in permissions.values()):
        raise ValueError("permissions must be an object of true and false")
    group_actions.set_permissions(request.world, chat, permissions)
    return _chat_view(request, chat)


def post_groups_hide(request: PersonRequest) -> Json:
    """Hide or show a supergroup's members."""
    chat = request.chat()
    group_actions.set_members_hidden(request.world, chat, on=request.flag("on", default=True))
    return _chat_view(request, chat)


def post_groups_link(request: PersonRequest) -> Json:
    """Link a channel to its discussion group."""
    channel = request.chat()
    group_actions.link_discussion_group(request.world, channel, request.chat("group"))
    return _chat_view(request, channel)


def post_groups_topic(request: PersonRequest) -> Json:
    """Open a topic, or change the one whose thread is given."""
    chat = request.chat()
    by = _acting_user(request, chat)
    if request.values.get("thread") is None:
        topic = group_actions.open_topic(request.world, chat, by, request.text("name", None))
    else:
        closed = request.flag("closed") if "closed" in request.values else None
        topic = group_actions.change_topic(
            request.world, chat, request.number("thread"), by, closed=closed, deleted=request.flag("deleted")
        )
    return {**topic.as_json(), "deleted": topic.deleted}


def post_groups_upgrade(request: PersonRequest) -> Json:
    """Turn a group into a supergroup."""
    return _chat_view(request, group_actions.upgrade_group(request.world, request.chat()))


def post_groups_delete(request: PersonRequest) -> Json:
    """Delete a group for everybody."""
    group_actions.delete_group(request.world, request.chat())
    return {}


def _acting_user(request: PersonRequest, chat: Chat) -> User:
    """Return the user named by `by`, or the chat's creator."""
    if request.values.get("by") is not None:
        return request.user("by")
    creators = (request.world.user(user_id) for user_id, status in chat.members.items() if status == "creator")
    return next(creator for creator in creators if creator is not None)


def _chat_view(request: PersonRequest, chat: Chat) -> Json:
    return chat_view(request.world, chat, _acting_user(request, chat))
