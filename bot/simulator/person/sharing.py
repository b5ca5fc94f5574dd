"""Picking a chat for the bot: what a button with `request_chat` opens in a person's app.

Every function raises ValueError, with one sentence that says why, when it can't be done.
"""

from __future__ import annotations

from bot.simulator.botapi.keyboards import requests_of, rights_in
from bot.simulator.person.group_actions import grant_rights
from bot.simulator.state.chats import Chat, Message
from bot.simulator.state.users import User
from bot.simulator.state.world import World
from bot.simulator.text.formatted import Json


def request_of(world: World, user: User, request_id: int | None) -> Json:
    """Return the request of the keyboard that the person's app shows: the one with this id, or the only one."""
    shown = requests_of(world.chats[user.id].reply_keyboard(user))
    found = [request for _, request in shown if request_id in (None, request["request_id"])]
    if len(found) != 1:
        raise ValueError("the keyboard has no such button" if not found else "the keyboard has several such buttons")
    return found[0]


def fits(world: World, user: User, chat: Chat, request: Json) -> bool:
    """Return whether Telegram's picker lists the chat for this request."""
    if chat.is_private or chat.is_deleted or chat.migrated_to is not None or not chat.is_inside(user.id):
        return False
    if (chat.type == "channel") is not request["chat_is_channel"]:
        return False
    wanted = {
        "chat_is_forum": chat.is_forum,
        "chat_has_username": bool(chat.username),
    }
    if any(request.get(name) is not None and request[name] is not value for name, value in wanted.items()):
        return False
    if request.get("chat_is_created") and chat.status_of(user.id) != "creator":
        return False
    if request.get("bot_is_member") and not chat.is_inside(world.bot.id):
        return False
    return all(chat.has_right(user.id, right) for right in rights_in(request, "user_administrator_rights"))


def share_chat(world: World, user: User, shared: Chat, request_id: int | None = None) -> Message:
    """Pick a chat for the bot, which gets the rights that it asked for there."""
    request = request_of(world, user, request_id)
    if not fits(world, user, shared, request):
        raise ValueError(f"“{shared.title}” is not among the chats to choose from")
    rights = rights_in(request, "bot_administrator_rights")
    if not all(shared.has_right(world.bot.id, right) for right in rights):
        if not shared.has_right(user.id, "can_promote_members"):
            raise ValueError(f"{user.full_name()} may not make the bot an administrator of “{shared.title}”")
        grant_rights(world, shared, rights, user)
    told: Json = {"request_id": request["request_id"], "chat_id": shared.id}
    if request.get("request_title"):
        told["title"] = shared.title
    if request.get("request_username") and shared.username:
        told["username"] = shared.username
    return world.post_service_message(world.chats[user.id], user, {"chat_shared": told})
