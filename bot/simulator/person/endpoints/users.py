"""Endpoints for people and for what they do in their chats."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable

from bot.simulator.botapi.call import Call, Upload
from bot.simulator.botapi.media import store_photo
from bot.simulator.botapi.message_text import parse_person_text
from bot.simulator.person import actions
from bot.simulator.person.request import PersonRequest
from bot.simulator.person.sharing import fits, request_of, share_chat
from bot.simulator.person.views import chat_view, message_view, user_view
from bot.simulator.state.users import RICH_CLIENTS, User
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json

_PRESS_SECONDS = 10.0
_MAX_PEOPLE = 500_000


def post_users(request: PersonRequest) -> Json:
    """Create a user, or update the fields that are given when the id is known."""
    user_id = request.number("id", 0) or None
    user = request.world.users.get(user_id) if user_id else None
    if user is None:
        user = request.world.add_user(request.text("first_name", None), user_id=user_id)
    user.first_name = request.text("first_name", user.first_name)
    user.last_name = request.text("last_name", user.last_name)
    user.username = request.text("username", user.username)
    user.language_code = request.text("language_code", user.language_code)
    user.started = request.flag("started", default=user.started)
    user.rich = _read_rich_client(request, user.rich)
    request.world.events.add("chat", user.id)
    return user_view(user)


def _read_rich_client(request: PersonRequest, default: str) -> str:
    client = request.text("rich", default)
    if client not in RICH_CLIENTS:
        raise ValueError(f"rich must be one of {', '.join(RICH_CLIENTS)}, not {client!r}")
    return client


def post_people(request: PersonRequest) -> Json:
    """Create many users at once, for load tests; all of them have started the bot."""
    count, first = request.number("count"), request.number("first_id", 1_000_000)
    if not 0 < count <= _MAX_PEOPLE:
        raise ValueError(f"count must be between 1 and {_MAX_PEOPLE}, not {count}")
    language = request.text("language_code", "en")
    for number in range(first, first + count):
        if number not in request.world.users:
            request.world.add_user(f"Reader {number}", user_id=number, started=True, language_code=language)
    return {"first_id": first, "count": count}


def get_users(request: PersonRequest) -> Json:
    """List all users, and the bot."""
    users = [user_view(user) for user in request.world.users.values()]
    return {"users": users, "bot": user_view(request.world.bot)}


def post_say(request: PersonRequest) -> Json:
    """Write a message as a user."""
    user = request.user()
    chat = request.chat(user=user)
    media = _read_media(request)
    text = request.text("caption") or request.text("text") if media else request.text("text")
    message = actions.write_message(
        request.world,
        user,
        chat,
        parse_person_text(text, request.values.get("entities")),
        media=media,
        thread=request.number("thread", 0),
        reply_to=request.number("reply_to", 0),
        album=request.text("album"),
        origin=_read_origin(request),
        name_of=request.chat("name_of") if request.values.get("name_of") is not None else None,
        above=request.flag("above") and bool(media),
        spoiler=request.flag("spoiler") and "photo" in (media or {}),
    )
    return message_view(message, user)


def post_open(request: PersonRequest) -> Json:
    """Open a t.me/BOT?start=PAYLOAD link as a user."""
    user = request.user()
    return message_view(actions.follow_start_link(request.world, user, request.text("link", None)), user)


def post_share(request: PersonRequest) -> Json:
    """Pick a chat for the bot as a user."""
    user = request.user()
    number = request.number("request_id") if request.values.get("request_id") is not None else None
    return message_view(share_chat(request.world, user, request.chat("shared"), number), user)


def get_shareable(request: PersonRequest) -> Json:
    """List the chats that a user may pick for the request with this id."""
    user, world = request.user(), request.world
    wanted = request_of(world, user, request.number("request_id"))
    found = [chat for chat in world.visible_chats(user) if fits(world, user, chat, wanted)]
    return {"chats": [chat_view(world, chat, user) for chat in found]}


async def post_press(request: PersonRequest) -> Json:
    """Press a button, and wait for the bot's answer up to `wait` seconds (10 by default)."""
    user = request.user()
    press = actions.press_button(
        request.world,
        user,
        request.chat(user=user),
        request.number("message"),
        request.text("data", None),
        forged=request.flag("forged"),
        gone=request.flag("gone"),
    )
    try:
        await asyncio.wait_for(press.answered.wait(), request.seconds("wait", _PRESS_SECONDS))
    except TimeoutError:
        return {"answered": False, "text": "", "show_alert": False, "url": None}
    return {"answered": True, **(press.answer or {})}


def post_read(request: PersonRequest) -> Json:
    """Mark a chat as read."""
    user = request.user()
    request.chat(user=user).unread.pop(user.id, None)
    return {}


def post_block(request: PersonRequest) -> Json:
    """Block the bot as a user."""
    return _change_user(request, actions.block_bot)


def post_unblock(request: PersonRequest) -> Json:
    """Unblock the bot as a user."""
    return _change_user(request, actions.unblock_bot)


def post_deactivate(request: PersonRequest) -> Json:
    """Delete a user's account."""
    return _change_user(request, actions.deactivate_account)


def _change_user(request: PersonRequest, change: Callable[[World, User], None]) -> Json:
    user = request.user()
    change(request.world, user)
    return user_view(user)


def _read_media(request: PersonRequest) -> Json | None:
    if request.values.get("photo"):
        upload = Upload("photo.jpg", "image/jpeg", _decode_base64(request, "photo"))
        return {"photo": store_photo(Call(request.world, "say", {}), upload).sizes_json()}
    if request.values.get("document"):
        content = _decode_base64(request, "document")
        name = request.text("name") or "file"
        file = request.world.files.add("document", name, "application/octet-stream", content)
        return {"document": {**file.as_json(), "file_name": file.name, "mime_type": file.mime}}
    return None


def _decode_base64(request: PersonRequest, name: str) -> bytes:
    try:
        return base64.b64decode(request.text(name), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{name} must be base64") from None


def _read_origin(request: PersonRequest) -> Json | None:
    """Return the origin of a message forwarded from a user who is known by name alone."""
    name = request.text("forwarded_from")
    return {"type": "hidden_user", "date": request.world.time(), "sender_user_name": name} if name else None
