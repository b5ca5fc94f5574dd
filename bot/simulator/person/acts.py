"""The person's side: people and what they do in their chats."""

from __future__ import annotations

import asyncio
import base64
import binascii

from bot.simulator.botapi.call import Call, Upload
from bot.simulator.botapi.media import store_photo
from bot.simulator.botapi.texts import written_by_person
from bot.simulator.person import deeds
from bot.simulator.person.request import Ask
from bot.simulator.person.views import message_view, user_view
from bot.simulator.state.people import User
from bot.simulator.text.formatted import Json

_ANSWER_SECONDS = 10.0
_MOST_PEOPLE = 500_000


def put_user(ask: Ask) -> Json:
    """A new person, or new names for one."""
    user_id = ask.number("id", 0) or None
    user = ask.world.users.get(user_id) if user_id else None
    if user is None:
        user = ask.world.add_user(ask.text("first_name", None), user_id=user_id)
    user.first_name = ask.text("first_name", user.first_name)
    user.last_name = ask.text("last_name", user.last_name)
    user.username = ask.text("username", user.username)
    user.language_code = ask.text("language_code", user.language_code)
    user.started = ask.flag("started", default=user.started)
    ask.world.events.add("chat", user.id)
    return user_view(user)


def put_people(ask: Ask) -> Json:
    """Many at once, for load tests; all have started the bot."""
    count, first = ask.number("count"), ask.number("first_id", 1_000_000)
    if not 0 < count <= _MOST_PEOPLE:
        raise ValueError(f"count must be between 1 and {_MOST_PEOPLE}, not {count}")
    language = ask.text("language_code", "en")
    for number in range(first, first + count):
        if number not in ask.world.users:
            ask.world.add_user(f"Reader {number}", user_id=number, started=True, language_code=language)
    return {"first_id": first, "count": count}


def list_users(ask: Ask) -> Json:
    return {"users": [user_view(user) for user in ask.world.users.values()], "bot": user_view(ask.world.bot)}


def say(ask: Ask) -> Json:
    user = ask.user()
    chat = ask.chat(user=user)
    media = _media(ask)
    text = ask.text("caption") or ask.text("text") if media else ask.text("text")
    body = written_by_person(text, ask.values.get("entities"))
    message = deeds.say(
        ask.world,
        user,
        chat,
        body,
        media=media,
        thread=ask.number("thread", 0),
        reply_to=ask.number("reply_to", 0),
        album=ask.text("album"),
        origin=_origin(ask),
        name_of=ask.chat("name_of") if ask.values.get("name_of") is not None else None,
        above=ask.flag("above") and bool(media),
        spoiler=ask.flag("spoiler") and "photo" in (media or {}),
    )
    return message_view(message, user)


def _media(ask: Ask) -> Json | None:
    if ask.values.get("photo"):
        return _photo(ask)
    if ask.values.get("document"):
        return _document(ask)
    return None


def _document(ask: Ask) -> Json:
    try:
        content = base64.b64decode(ask.text("document"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("document must be base64") from None
    file = ask.world.files.add("document", ask.text("name") or "file", "application/octet-stream", content)
    return {"document": {**file.as_json(), "file_name": file.name, "mime_type": file.mime}}


def _origin(ask: Ask) -> Json | None:
    """Whose message he forwards: somebody's, by his name."""
    name = ask.text("forwarded_from")
    return {"type": "hidden_user", "date": ask.world.time(), "sender_user_name": name} if name else None


def _photo(ask: Ask) -> Json:
    try:
        content = base64.b64decode(ask.text("photo"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("photo must be base64") from None
    file = store_photo(Call(ask.world, "say", {}), Upload("photo.jpg", "image/jpeg", content))
    return {"photo": file.sizes_json()}


def open_link(ask: Ask) -> Json:
    user = ask.user()
    chat, text = deeds.open_link(ask.world, user, ask.text("link", None))
    return message_view(deeds.say(ask.world, user, chat, written_by_person(text)), user)


async def press(ask: Ask) -> Json:
    user = ask.user()
    pressed = deeds.press(
        ask.world,
        user,
        ask.chat(user=user),
        ask.number("message"),
        ask.text("data", None),
        forged=ask.flag("forged"),
        gone=ask.flag("gone"),
    )
    try:
        await asyncio.wait_for(pressed.answered.wait(), ask.seconds("wait", _ANSWER_SECONDS))
    except TimeoutError:
        return {"answered": False, "text": "", "show_alert": False, "url": None}
    return {"answered": True, **(pressed.answer or {})}


def read(ask: Ask) -> Json:
    user = ask.user()
    ask.chat(user=user).unread.pop(user.id, None)
    return {}


def block(ask: Ask) -> Json:
    return _done(ask, deeds.block)


def unblock(ask: Ask) -> Json:
    return _done(ask, deeds.unblock)


def deactivate(ask: Ask) -> Json:
    return _done(ask, deeds.deactivate)


def _done(ask: Ask, deed: object) -> Json:
    user: User = ask.user()
    assert callable(deed)
    deed(ask.world, user)
    return user_view(user)
