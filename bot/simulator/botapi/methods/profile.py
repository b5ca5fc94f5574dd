"""getMe, the bot's commands, name and descriptions, logOut and close."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.simulator.botapi.access import readable
from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad
from bot.simulator.state.menus import Commands, Scope
from bot.simulator.text.formatted import Json

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_MOST_COMMANDS = 100
_LONGEST_DESCRIPTION = 256
_PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
LONGEST = {"name": 64, "description": 512, "short_description": 120}


def get_me(call: Call) -> Json:
    return {
        **call.world.bot.as_json(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
    }


def set_my_commands(call: Call) -> bool:
    commands = _commands(call)
    scope, language = _scope(call), _language(call)
    if len(commands) > _MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    call.world.menus.set_commands(scope, language, commands)
    call.world.events.add("commands", 0)
    return True


def get_my_commands(call: Call) -> Commands:
    return call.world.menus.own(_scope(call), _language(call))


def delete_my_commands(call: Call) -> bool:
    call.world.menus.set_commands(_scope(call), _language(call), [])
    call.world.events.add("commands", 0)
    return True


def _commands(call: Call) -> Commands:
    given = call.json("commands", "commands")
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad("Expected an Array of BotCommand")
    return [_command(one) for one in given]


def _command(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        raise bad("Can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if name not in given:
            raise bad(f"Can't parse BotCommand: Can't find field \"{name}\"")
        if not isinstance(given[name], str):
            raise bad(f'Can\'t parse BotCommand: Field "{name}" must be of type String')
    # A leading slash and capitals are forgiven.
    command, description = given["command"].removeprefix("/").lower(), given["description"].strip()
    if not command:
        raise bad("Command must be non-empty")
    if not _COMMAND.fullmatch(command):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= _LONGEST_DESCRIPTION:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


def _scope(call: Call) -> Scope:
    given = call.json("scope", "BotCommandScope")
    if given is None:
        return ("default", 0, 0)
    if not isinstance(given, dict):
        raise bad("Can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = given.get("type")
    if kind in _PLAIN_SCOPES:
        return (str(kind), 0, 0)
    if kind not in _CHAT_SCOPES:
        raise bad("Can't parse BotCommandScope: Unsupported type specified")
    if given.get("chat_id") in (None, ""):
        raise bad("Can't parse BotCommandScope: Empty chat_id specified")
    chat = readable(Call(call.world, call.method, {"chat_id": given["chat_id"]}))
    if chat.type == "channel":
        raise bad("Can't change commands in channel chats")
    if chat.is_private and kind != "chat":
        raise bad("Can't use specified scope in private chats")
    user = given.get("user_id", 0) if kind == "chat_member" else 0
    if kind == "chat_member" and (not isinstance(user, int) or user <= 0):
        raise bad("Can't parse BotCommandScope: Invalid user_id specified")
    return (str(kind), chat.id, user)


def _language(call: Call) -> str:
    language = call.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad("Invalid language code specified")
    return language


def setter(name: str, refusal: str) -> Callable[[Call], bool]:
    """setMyName, setMyDescription, setMyShortDescription."""

    def set_text(call: Call) -> bool:
        text = call.text(name).strip()
        if len(text) > LONGEST[name]:
            raise bad(refusal)
        call.world.menus.set_text(name, _language(call), text)
        if name == "name" and text and not _language(call):
            call.world.bot.first_name = text
        call.world.events.add("commands", 0)
        return True

    return set_text


def getter(name: str) -> Callable[[Call], Json]:
    """getMyName, getMyDescription, getMyShortDescription."""

    def get_text(call: Call) -> Json:
        text = call.world.menus.text(name, _language(call))
        return {name: text or (call.world.bot.first_name if name == "name" else "")}

    return get_text


def nothing(_call: Call) -> bool:
    """logOut and close: a bot of the simulator has nowhere else to go."""
    return True
