"""getChat, getChatMember, getChatAdministrators, getChatMemberCount, leaveChat."""

from __future__ import annotations

from bot.simulator.botapi.access import readable
from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad
from bot.simulator.text.formatted import Json


def get_chat(call: Call) -> Json:
    """Telegram's ChatFullInfo, as far as a bot of this sort can ask for it."""
    chat = readable(call)
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
    chat = readable(call)
    user_id = call.number("user_id")
    if user_id <= 0:
        raise bad("invalid user_id specified")
    user = call.world.user(user_id)
    if user is None:
        raise bad("user not found")
    if chat.is_private and user_id not in chat.members:
        raise bad("member not found")
    if chat.hides_members and user is not call.world.bot and not chat.is_admin(call.world.bot.id):
        raise bad("member list is inaccessible")
    return chat.member_json(user)


def get_chat_administrators(call: Call) -> list[Json]:
    chat = readable(call)
    if chat.is_private:
        raise bad("there are no administrators in the private chat")
    users = [call.world.user(user_id) for user_id in chat.members if chat.is_admin(user_id)]
    # Telegram leaves out other bots; the asking one is shown.
    return [chat.member_json(user) for user in users if user is not None]


def get_chat_member_count(call: Call) -> int:
    return readable(call).count_members()


def leave_chat(call: Call) -> bool:
    chat = readable(call)
    if chat.is_private:
        raise bad("chat member status can't be changed in private chats")
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
