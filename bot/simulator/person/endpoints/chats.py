"""Endpoints for what a user sees: chats, messages, events, the bot's commands and files."""

from __future__ import annotations

import time

from aiohttp import web

from bot.simulator.person.request import NotFoundError, PersonRequest
from bot.simulator.person.views import chat_view, event_view, message_view
from bot.simulator.state.chats import Chat, Message
from bot.simulator.state.events import Event
from bot.simulator.state.users import User
from bot.simulator.text.formatted import Json

_MAX_EVENT_WAIT = 25.0
_DEFAULT_MESSAGES = 200
_INLINE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def get_chats(request: PersonRequest) -> Json:
    """List a user's chats, newest first."""
    user = request.user()
    return {"chats": [chat_view(request.world, chat, user) for chat in request.world.visible_chats(user)]}


def get_messages(request: PersonRequest) -> Json:
    """List a chat's messages, oldest first; deleted ones are included."""
    user = request.user()
    chat = _visible_chat(request, user)
    after, limit = request.number("after", 0), request.number("limit", _DEFAULT_MESSAGES)
    thread = request.number("thread") if request.values.get("thread") else None
    found: list[Message] = []
    for message in reversed(chat.messages.values()):
        if message.seq > after and thread in (None, message.thread) and message.is_seen_by(user):
            found.append(message)
            if len(found) >= limit:
                break
    return {"seq": request.world.events.seq, "messages": [message_view(message, user) for message in reversed(found)]}


async def get_events(request: PersonRequest) -> Json:
    """Return the events after a sequence number, waiting for the first of them."""
    user, log = request.user(), request.world.events
    after = request.number("after", 0)
    if after <= 0 or after > log.seq:
        return {"seq": log.seq, "events": [], "reset": after > log.seq}
    end = time.monotonic() + min(request.seconds("wait", _MAX_EVENT_WAIT), _MAX_EVENT_WAIT)
    while True:
        if log.is_lost(after):
            return {"seq": log.seq, "events": [], "reset": True}
        seq = log.seq
        found = [event for event in log.since(after) if _concerns(request, event, user)]
        left = end - time.monotonic()
        if found or left <= 0 or log.is_closed:
            return {"seq": seq, "events": [event_view(event, user) for event in found], "reset": False}
        after = seq
        await log.wait(left)


def get_commands(request: PersonRequest) -> Json:
    """Return the commands, name and descriptions of the bot as Telegram would show them to a user."""
    user = request.user()
    chat = request.chat(user=user)
    profile, language = request.world.profile, user.language_code.partition("-")[0]
    return {
        "commands": profile.shown_commands(chat, user.id, language),
        "name": profile.text("name", language) or request.world.bot.first_name,
        "description": profile.text("description", language),
        "short_description": profile.text("short_description", language),
    }


def get_file_content(request: PersonRequest) -> web.StreamResponse:
    """Serve a photo or document; only types that browsers show safely are shown inline.

    What the bot gave by an address that was not fetched is where that leads.
    """
    file = request.world.files.get(request.http_request.match_info["file_id"])
    if file is not None and file.url.startswith(("http://", "https://")) and not file.content:
        raise web.HTTPFound(file.url)
    if file is None or not file.content:
        raise NotFoundError("there is no such file")
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    if file.mime not in _INLINE_TYPES:
        headers["Content-Disposition"] = "attachment"
    mime = file.mime if file.mime in _INLINE_TYPES else "application/octet-stream"
    return web.Response(body=file.content, content_type=mime, headers=headers)


def _visible_chat(request: PersonRequest, user: User) -> Chat:
    chat = request.chat(user=user)
    if not (chat.user is user or (chat.user is None and user.id in chat.members)):
        raise NotFoundError(f"{user.full_name()} does not see chat {chat.id}")
    return chat


def _concerns(request: PersonRequest, event: Event, user: User) -> bool:
    if event.user_id:
        return event.user_id == user.id
    if event.message is not None and not event.message.is_seen_by(user):
        return False
    if event.chat_id in (0, user.id):
        return True
    chat = request.world.chats.get(event.chat_id)
    return chat is not None and chat.user is None and user.id in chat.members
