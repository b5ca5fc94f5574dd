"""The methods getMe, logOut and close, and those for the bot's commands, name and descriptions."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.simulator.botapi.access import readable_chat
from bot.simulator.botapi.call import Call
from bot.simulator.refusal import bad_request
from bot.simulator.state.profile import Commands, Scope
from bot.simulator.text.formatted import Json

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")
_MAX_COMMANDS = 100
_MAX_DESCRIPTION = 256
_PLAIN_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
_MAX_TEXTS = {"name": 64, "description": 512, "short_description": 120}


def get_me(call: Call) -> Json:
    """Return the bot's User."""
    return {
        **call.world.bot.as_json(),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": call.world.has_inline_mode,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": call.world.has_private_topics,
        "allows_users_to_create_topics": False,
    }


def set_my_commands(call: Call) -> bool:
    """Set the commands of a scope and language."""
    commands = _read_commands(call)
    scope, language = _read_scope(call), _read_language(call)
    if len(commands) > _MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    call.world.profile.set_commands(scope, language, commands)
    call.world.events.add("commands", 0)
    return True


def get_my_commands(call: Call) -> Commands:
    """Return the commands of a scope and language."""
    return call.world.profile.commands_of(_read_scope(call), _read_language(call))


def delete_my_commands(call: Call) -> bool:
    """Delete the commands of a scope and language."""
    call.world.profile.set_commands(_read_scope(call), _read_language(call), [])
    call.world.events.add("commands", 0)
    return True


def _read_commands(call: Call) -> Commands:
    given = call.json("commands", "commands")
    if given is None:
        return []
    if not isinstance(given, list):
        raise bad_request("Expected an Array of BotCommand")
    return [_read_command(command) for command in given]


def _read_command(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        raise bad_request("Can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if name not in given:
            raise bad_request(f"Can't parse BotCommand: Can't find field \"{name}\"")
        if not isinstance(given[name], str):
            raise bad_request(f'Can\'t parse BotCommand: Field "{name}" must be of type String')
    # Telegram tolerates a leading slash and capital letters.
    command, description = given["command"].removeprefix("/").lower(), given["description"].strip()
    if not command:
        raise bad_request("Command must be non-empty")
    if not _COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= _MAX_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


def _read_scope(call: Call) -> Scope:
    given = call.json("scope", "BotCommandScope")
    if given is None:
        return ("default", 0, 0)
    if not isinstance(given, dict):
        raise bad_request("Can't parse BotCommandScope: BotCommandScope must be an Object")
    kind = given.get("type")
    if kind in _PLAIN_SCOPES:
        return (str(kind), 0, 0)
    if kind not in _CHAT_SCOPES:
        raise bad_request("Can't parse BotCommandScope: Unsupported type specified")
    if given.get("chat_id") in (None, ""):
        raise bad_request("Can't parse BotCommandScope: Empty chat_id specified")
    chat = readable_chat(Call(call.world, call.method, {"chat_id": given["chat_id"]}))
    if chat.type == "channel":
        raise bad_request("Can't change commands in channel chats")
    if chat.is_private and kind != "chat":
        raise bad_request("Can't use specified scope in private chats")
    user = given.get("user_id", 0) if kind == "chat_member" else 0
    if kind == "chat_member" and (not isinstance(user, int) or user <= 0):
        raise bad_request("Can't parse BotCommandScope: Invalid user_id specified")
    return (str(kind), chat.id, user)


def _read_language(call: Call) -> str:
    language = call.text("language_code")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("Invalid language code specified")
    return language


def text_setter(name: str, refusal: str) -> Callable[[Call], bool]:
    """Return the handler of setMyName, setMyDescription or setMyShortDescription."""

    def set_text(call: Call) -> bool:
        text = call.text(name).strip()
        if len(text) > _MAX_TEXTS[name]:
            raise bad_request(refusal)
        call.world.profile.set_text(name, _read_language(call), text)
        if name == "name" and text and not _read_language(call):
            call.world.bot.first_name = text
        call.world.events.add("commands", 0)
        return True

    return set_text


def text_getter(name: str) -> Callable[[Call], Json]:
    """Return the handler of getMyName, getMyDescription or getMyShortDescription."""

    def get_text(call: Call) -> Json:
        text = call.world.profile.text(name, _read_language(call))
        return {name: text or (call.world.bot.first_name if name == "name" else "")}

    return get_text


def do_nothing(_call: Call) -> bool:
    """Accept logOut and close: a bot of the simulator has no other server to move to."""
    return True
