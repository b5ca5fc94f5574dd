"""The person's side: groups, channels and topics."""

from __future__ import annotations

from bot.simulator.person import gatherings
from bot.simulator.person.request import Ask
from bot.simulator.person.views import chat_view
from bot.simulator.state.chats import Chat
from bot.simulator.state.people import User
from bot.simulator.text.formatted import Json


def found(ask: Ask) -> Json:
    creator = ask.user("creator")
    chat = gatherings.found(
        ask.world,
        creator,
        ask.text("title", None),
        ask.text("type", "supergroup" if ask.flag("is_forum") or ask.names("topics") else "group"),
        is_forum=ask.flag("is_forum"),
        topics=ask.names("topics"),
        username=ask.text("username"),
    )
    return chat_view(ask.world, chat, creator)


def add(ask: Ask) -> Json:
    chat = ask.chat()
    gatherings.add(ask.world, chat, ask.member(), ask.text("as", "member"), _by(ask, chat))
    return _shown(ask, chat)


def remove(ask: Ask) -> Json:
    chat = ask.chat()
    gatherings.remove(ask.world, chat, ask.member(), _by(ask, chat))
    return _shown(ask, chat)


def join(ask: Ask) -> Json:
    chat, user = ask.chat(), ask.user()
    gatherings.add(ask.world, chat, user, "member", user)
    return chat_view(ask.world, chat, user)


def leave(ask: Ask) -> Json:
    chat, user = ask.chat(), ask.user()
    gatherings.remove(ask.world, chat, user, user)
    return chat_view(ask.world, chat, user)


def admin(ask: Ask) -> Json:
    chat = ask.chat()
    gatherings.promote(ask.world, chat, ask.member(), _by(ask, chat), on=ask.flag("on", default=True))
    return _shown(ask, chat)


def permissions(ask: Ask) -> Json:
    chat, given = ask.chat(), ask.values.get("permissions")
    if not isinstance(given, dict) or not all(isinstance(value, bool) for value in given.values()):
        raise ValueError("permissions must be an object of true and false")
    gatherings.permit(ask.world, chat, given)
    return _shown(ask, chat)


def hide_members(ask: Ask) -> Json:
    chat = ask.chat()
    gatherings.hide_members(ask.world, chat, on=ask.flag("on", default=True))
    return _shown(ask, chat)


def link(ask: Ask) -> Json:
    channel = ask.chat()
    gatherings.link(ask.world, channel, ask.chat("group"))
    return _shown(ask, channel)


def topic(ask: Ask) -> Json:
    chat = ask.chat()
    by = _by(ask, chat)
    if ask.values.get("thread") is None:
        made = gatherings.open_topic(ask.world, chat, by, ask.text("name", None))
    else:
        closed = ask.flag("closed") if "closed" in ask.values else None
        made = gatherings.change_topic(
            ask.world, chat, ask.number("thread"), by, closed=closed, deleted=ask.flag("deleted")
        )
    return {**made.as_json(), "deleted": made.deleted}


def upgrade(ask: Ask) -> Json:
    return _shown(ask, gatherings.upgrade(ask.world, ask.chat()))


def delete(ask: Ask) -> Json:
    gatherings.close(ask.world, ask.chat())
    return {}


def _by(ask: Ask, chat: Chat) -> User:
    """Who does it: whom the request names, else the creator."""
    if ask.values.get("by") is not None:
        return ask.user("by")
    return next(user for one, status in chat.members.items() if status == "creator" and (user := ask.world.user(one)))


def _shown(ask: Ask, chat: Chat) -> Json:
    return chat_view(ask.world, chat, _by(ask, chat))
