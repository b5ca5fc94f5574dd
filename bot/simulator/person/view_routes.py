"""The person's side: chats, messages, events, commands and files as he sees them."""

from __future__ import annotations

import time

from aiohttp import web

from bot.simulator.person.request import MissingError, PersonRequest
from bot.simulator.person.views import chat_view, event_view, message_view
from bot.simulator.state.chats import Chat, Message
from bot.simulator.state.events import Event
from bot.simulator.state.people import User
from bot.simulator.text.formatted import Json

_LONGEST_WAIT = 25.0
_MESSAGES = 200
_SAFE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def list_chats(request: PersonRequest) -> Json:
    user = request.user()
    return {"chats": [chat_view(request.world, chat, user) for chat in request.world.visible_chats(user)]}


def list_messages(request: PersonRequest) -> Json:
    user = request.user()
    chat = _visible(request, user)
    after, limit = request.number("after", 0), request.number("limit", _MESSAGES)
    thread = request.number("thread") if request.values.get("thread") else None
    found: list[Message] = []
    for message in reversed(chat.messages.values()):
        if message.seq > after and thread in (None, message.thread):
            found.append(message)
            if len(found) >= limit:
                break
    return {"seq": request.world.events.seq, "messages": [message_view(message, user) for message in reversed(found)]}


async def list_events(request: PersonRequest) -> Json:
    user, events = request.user(), request.world.events
    after = request.number("after", 0)
    if after <= 0 or after > events.seq:
        return {"seq": events.seq, "events": [], "reset": after > events.seq}
    end = time.monotonic() + min(request.seconds("wait", _LONGEST_WAIT), _LONGEST_WAIT)
    while True:
        if events.is_lost(after):
            return {"seq": events.seq, "events": [], "reset": True}
        seq = events.seq
        found = [event for event in events.since(after) if _concerns(request, event, user)]
        left = end - time.monotonic()
        if found or left <= 0 or events.is_closed:
            return {"seq": seq, "events": [event_view(event, user) for event in found], "reset": False}
        after = seq
        await events.wait(left)


def list_commands(request: PersonRequest) -> Json:
    user = request.user()
    chat = request.chat(user=user)
    menus, language = request.world.menus, user.language_code.partition("-")[0]
    return {
        "commands": menus.shown(chat, user.id, language),
        "name": menus.text("name", language) or request.world.bot.first_name,
        "description": menus.text("description", language),
        "short_description": menus.text("short_description", language),
    }


def give_file(request: PersonRequest) -> web.StreamResponse:
    file = request.world.files.get(request.request.match_info["file_id"])
    if file is None or not file.content:
        raise MissingError("there is no such file")
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    if file.mime not in _SAFE_TYPES:
        headers["Content-Disposition"] = "attachment"
    mime = file.mime if file.mime in _SAFE_TYPES else "application/octet-stream"
    return web.Response(body=file.content, content_type=mime, headers=headers)


def _visible(request: PersonRequest, user: User) -> Chat:
    chat = request.chat(user=user)
    if not (chat.user is user or (chat.user is None and user.id in chat.members)):
        raise MissingError(f"{user.full_name()} does not see chat {chat.id}")
    return chat


def _concerns(request: PersonRequest, event: Event, user: User) -> bool:
    if event.user_id:
        return event.user_id == user.id
    if event.chat_id in (0, user.id):
        return True
    chat = request.world.chats.get(event.chat_id)
    return chat is not None and chat.user is None and user.id in chat.members
