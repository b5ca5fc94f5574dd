"""The person's side: groups, channels and topics."""

from __future__ import annotations

from bot.simulator.person import chats as gatherings
from bot.simulator.person.request import PersonRequest
from bot.simulator.person.views import chat_view
from bot.simulator.state.chats import Chat
from bot.simulator.state.people import User
from bot.simulator.text.formatted import Json


def found(request: PersonRequest) -> Json:
    creator = request.user("creator")
    chat = gatherings.found(
        request.world,
        creator,
        request.text("title", None),
        request.text("type", "supergroup" if request.flag("is_forum") or request.names("topics") else "group"),
        is_forum=request.flag("is_forum"),
        topics=request.names("topics"),
        username=request.text("username"),
    )
    return chat_view(request.world, chat, creator)


def add(request: PersonRequest) -> Json:
    chat = request.chat()
    gatherings.add(request.world, chat, request.member(), request.text("as", "member"), _by(request, chat))
    return _shown(request, chat)


def remove(request: PersonRequest) -> Json:
    chat = request.chat()
    gatherings.remove(request.world, chat, request.member(), _by(request, chat))
    return _shown(request, chat)


def join(request: PersonRequest) -> Json:
    chat, user = request.chat(), request.user()
    gatherings.add(request.world, chat, user, "member", user)
    return chat_view(request.world, chat, user)


def leave(request: PersonRequest) -> Json:
    chat, user = request.chat(), request.user()
    gatherings.remove(request.world, chat, user, user)
    return chat_view(request.world, chat, user)


def admin(request: PersonRequest) -> Json:
    chat = request.chat()
    gatherings.promote(request.world, chat, request.member(), _by(request, chat), on=request.flag("on", default=True))
    return _shown(request, chat)


def permissions(request: PersonRequest) -> Json:
    chat, given = request.chat(), request.values.get("permissions")
    if not isinstance(given, dict) or not all(isinstance(value, bool) for value in given.values()):
        raise ValueError("permissions must be an object of true and false")
    gatherings.permit(request.world, chat, given)
    return _shown(request, chat)


def hide_members(request: PersonRequest) -> Json:
    chat = request.chat()
    gatherings.hide_members(request.world, chat, on=request.flag("on", default=True))
    return _shown(request, chat)


def link(request: PersonRequest) -> Json:
    channel = request.chat()
    gatherings.link(request.world, channel, request.chat("group"))
    return _shown(request, channel)


def topic(request: PersonRequest) -> Json:
    chat = request.chat()
    by = _by(request, chat)
    if request.values.get("thread") is None:
        made = gatherings.open_topic(request.world, chat, by, request.text("name", None))
    else:
        closed = request.flag("closed") if "closed" in request.values else None
        made = gatherings.change_topic(
            request.world, chat, request.number("thread"), by, closed=closed, deleted=request.flag("deleted")
        )
    return {**made.as_json(), "deleted": made.deleted}


def upgrade(request: PersonRequest) -> Json:
    return _shown(request, gatherings.upgrade(request.world, request.chat()))


def delete(request: PersonRequest) -> Json:
    gatherings.close(request.world, request.chat())
    return {}


def _by(request: PersonRequest, chat: Chat) -> User:
    """Who does it: whom the request names, else the creator."""
    if request.values.get("by") is not None:
        return request.user("by")
    return next(
        user for one, status in chat.members.items() if status == "creator" and (user := request.world.user(one))
    )


def _shown(request: PersonRequest, chat: Chat) -> Json:
    return chat_view(request.world, chat, _by(request, chat))
