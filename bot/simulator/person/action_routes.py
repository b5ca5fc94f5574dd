"""The person's side: people and what they do in their chats."""

from __future__ import annotations

import asyncio
import base64
import binascii

from bot.simulator.botapi.call import Call, Upload
from bot.simulator.botapi.media import store_photo
from bot.simulator.botapi.texts import written_by_person
from bot.simulator.person import actions as deeds
from bot.simulator.person.request import PersonRequest
from bot.simulator.person.views import message_view, user_view
from bot.simulator.state.people import User
from bot.simulator.text.formatted import Json

_ANSWER_SECONDS = 10.0
_MOST_PEOPLE = 500_000


def put_user(request: PersonRequest) -> Json:
    """A new person, or new names for one."""
    user_id = request.number("id", 0) or None
    user = request.world.users.get(user_id) if user_id else None
    if user is None:
        user = request.world.add_user(request.text("first_name", None), user_id=user_id)
    user.first_name = request.text("first_name", user.first_name)
    user.last_name = request.text("last_name", user.last_name)
    user.username = request.text("username", user.username)
    user.language_code = request.text("language_code", user.language_code)
    user.started = request.flag("started", default=user.started)
    request.world.events.add("chat", user.id)
    return user_view(user)


def put_people(request: PersonRequest) -> Json:
    """Many at once, for load tests; all have started the bot."""
    count, first = request.number("count"), request.number("first_id", 1_000_000)
    if not 0 < count <= _MOST_PEOPLE:
        raise ValueError(f"count must be between 1 and {_MOST_PEOPLE}, not {count}")
    language = request.text("language_code", "en")
    for number in range(first, first + count):
        if number not in request.world.users:
            request.world.add_user(f"Reader {number}", user_id=number, started=True, language_code=language)
    return {"first_id": first, "count": count}


def list_users(request: PersonRequest) -> Json:
    return {"users": [user_view(user) for user in request.world.users.values()], "bot": user_view(request.world.bot)}


def say(request: PersonRequest) -> Json:
    user = request.user()
    chat = request.chat(user=user)
    media = _media(request)
    text = request.text("caption") or request.text("text") if media else request.text("text")
    body = written_by_person(text, request.values.get("entities"))
    message = deeds.say(
        request.world,
        user,
        chat,
        body,
        media=media,
        thread=request.number("thread", 0),
        reply_to=request.number("reply_to", 0),
        album=request.text("album"),
        origin=_origin(request),
        name_of=request.chat("name_of") if request.values.get("name_of") is not None else None,
        above=request.flag("above") and bool(media),
        spoiler=request.flag("spoiler") and "photo" in (media or {}),
    )
    return message_view(message, user)


def _media(request: PersonRequest) -> Json | None:
    if request.values.get("photo"):
        return _photo(request)
    if request.values.get("document"):
        return _document(request)
    return None


def _document(request: PersonRequest) -> Json:
    try:
        content = base64.b64decode(request.text("document"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("document must be base64") from None
    file = request.world.files.add("document", request.text("name") or "file", "application/octet-stream", content)
    return {"document": {**file.as_json(), "file_name": file.name, "mime_type": file.mime}}


def _origin(request: PersonRequest) -> Json | None:
    """Whose message he forwards: somebody's, by his name."""
    name = request.text("forwarded_from")
    return {"type": "hidden_user", "date": request.world.time(), "sender_user_name": name} if name else None


def _photo(request: PersonRequest) -> Json:
    try:
        content = base64.b64decode(request.text("photo"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("photo must be base64") from None
    file = store_photo(Call(request.world, "say", {}), Upload("photo.jpg", "image/jpeg", content))
    return {"photo": file.sizes_json()}


def open_link(request: PersonRequest) -> Json:
    user = request.user()
    chat, text = deeds.open_link(request.world, user, request.text("link", None))
    return message_view(deeds.say(request.world, user, chat, written_by_person(text)), user)


async def press(request: PersonRequest) -> Json:
    user = request.user()
    pressed = deeds.press(
        request.world,
        user,
        request.chat(user=user),
        request.number("message"),
        request.text("data", None),
        forged=request.flag("forged"),
        gone=request.flag("gone"),
    )
    try:
        await asyncio.wait_for(pressed.answered.wait(), request.seconds("wait", _ANSWER_SECONDS))
    except TimeoutError:
        return {"answered": False, "text": "", "show_alert": False, "url": None}
    return {"answered": True, **(pressed.answer or {})}


def read(request: PersonRequest) -> Json:
    user = request.user()
    request.chat(user=user).unread.pop(user.id, None)
    return {}


def block(request: PersonRequest) -> Json:
    return _done(request, deeds.block)


def unblock(request: PersonRequest) -> Json:
    return _done(request, deeds.unblock)


def deactivate(request: PersonRequest) -> Json:
    return _done(request, deeds.deactivate)


def _done(request: PersonRequest, deed: object) -> Json:
    user: User = request.user()
    assert callable(deed)
    deed(request.world, user)
    return user_view(user)
