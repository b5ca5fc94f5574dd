"""The methods getChat, getChatMember, getChatAdministrators, getChatMemberCount and leaveChat."""

from __future__ import annotations

from bot.simulator.botapi.access import readable_chat
from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad_request
from bot.simulator.text.formatted import Json


def get_chat(call: Call) -> Json:
    """Return Telegram's ChatFullInfo, with the fields that a bot like this one may use."""
    chat = readable_chat(call)
    shown = chat.as_json()
    shown |= {"accent_color_id": abs(chat.id) % 7, "max_reaction_count": 11}
    shown["accepted_gift_types"] = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    if chat.username:
        shown["active_usernames"] = [chat.username]
    if chat.type in ("group", "supergroup"):
        shown["permissions"] = chat.permissions_json()
    if chat.pinned and (pinned := chat.messages.get(chat.pinned[-1])):
        shown["pinned_message"] = pinned.as_json(with_reply=False)
    return shown


def get_chat_member(call: Call) -> Json:
    """Return a user's ChatMember."""
    chat = readable_chat(call)
    user_id = call.number("user_id")
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    user = call.world.user(user_id)
    if user is None:
        raise bad_request("user not found")
    if chat.is_private and user_id not in chat.members:
        raise bad_request("member not found")
    if chat.hides_members and user is not call.world.bot and not chat.is_admin(call.world.bot.id):
        raise bad_request("member list is inaccessible")
    return chat.member_json(user)


def get_chat_administrators(call: Call) -> list[Json]:
    """List the ChatMembers who are administrators."""
    chat = readable_chat(call)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    users = [call.world.user(user_id) for user_id in chat.members if chat.is_admin(user_id)]
    # Telegram leaves out other bots, but not the one that asks.
    return [chat.member_json(user) for user in users if user is not None]


def get_chat_member_count(call: Call) -> int:
    """Return the number of members."""
    return readable_chat(call).count_members()


def leave_chat(call: Call) -> bool:
    """Let the bot leave a group or channel."""
    chat = readable_chat(call)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    world = call.world
    before = chat.member_json(world.bot)
    chat.members[world.bot.id] = "left"
    change = {
        "chat": chat.as_json(),
        "from": world.bot.as_json(),
        "date": world.time(),
        "old_chat_member": before,
        "new_chat_member": chat.member_json(world.bot),
    }
    world.updates.add("my_chat_member", change)
    world.events.add("chat", chat.id)
    return True
