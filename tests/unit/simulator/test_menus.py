"""The bot's commands, name and descriptions: limits and fallbacks."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator.person.driver import Person
from bot.simulator.server import Simulator
from tests.unit.simulator.conftest import RawBot


def _list(*names: str) -> list[dict[str, str]]:
    return [{"command": name, "description": f"does {name}"} for name in names]


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"commands": _list("a-b")}, "BOT_COMMAND_INVALID"),
        ({"commands": _list("a" * 33)}, "BOT_COMMAND_INVALID"),
        ({"commands": _list("")}, "command must be non-empty"),
        ({"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a"}]}, 'can\'t parse BotCommand: Can\'t find field "description"'),
        ({"commands": _list(*(f"c{n}" for n in range(101)))}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": "{}"}, "expected an Array of BotCommand"),
        ({"commands": _list("a"), "language_code": "zh-CN"}, "invalid language code specified"),
        ({"commands": _list("a"), "scope": {"type": "moon"}},
         "can't parse BotCommandScope: Unsupported type specified"),
        ({"commands": _list("a"), "scope": {"type": "chat", "chat_id": 4711}}, "chat not found"),
        ({"commands": _list("a"), "scope": {"type": "chat"}},
         "can't parse BotCommandScope: Empty chat_id specified"),
    ],
)  # fmt: skip
async def test_refused(bot: RawBot, ada: Person, parameters: dict[str, Any], refusal: str) -> None:
    assert await bot.refused("setMyCommands", **parameters) == f"Bad Request: {refusal}"


async def test_narrower_scopes_and_own_languages_win(bot: RawBot, ada: Person, sim: Simulator) -> None:
    async def shown(person: Person, chat: int | None = None) -> str:
        return " ".join(command["command"] for command in await person.commands(chat))

    assert await shown(ada) == ""
    await bot.ok("setMyCommands", commands=_list("default"))
    await bot.ok("setMyCommands", commands=_list("default_zh"), language_code="zh")
    group = await ada.found_group("G")
    await ada.add_bot(group)
    async with await Person.arrive(sim.url, "王", "zh-hans") as wang:
        await wang.join(group)
        assert (await shown(ada), await shown(wang)) == ("default", "default_zh")
        await bot.ok("setMyCommands", commands=_list("private"), scope={"type": "all_private_chats"})
        assert (await shown(ada), await shown(wang)) == ("private", "private")
        assert (await shown(ada, group), await shown(wang, group)) == ("default", "default_zh")
        await bot.ok("setMyCommands", commands=_list("groups"), scope={"type": "all_group_chats"})
        await bot.ok("setMyCommands", commands=_list("admins"), scope={"type": "all_chat_administrators"})
        assert (await shown(ada, group), await shown(wang, group)) == ("admins", "groups")
        scope = {"type": "chat_member", "chat_id": group, "user_id": wang.id}
        await bot.ok("setMyCommands", commands=_list("wangs"), scope=scope)
        assert await shown(wang, group) == "wangs"
        await bot.ok("setMyCommands", commands=_list("adas"), scope={"type": "chat", "chat_id": ada.id})
        assert await shown(ada) == "adas"
        await bot.ok("deleteMyCommands", scope={"type": "chat", "chat_id": ada.id})
        assert await shown(ada) == "private"
    own = await bot.ok("getMyCommands", language_code="zh")
    assert own == _list("default_zh")
    assert await bot.ok("getMyCommands", language_code="de") == []


async def test_names_and_descriptions(bot: RawBot, ada: Person) -> None:
    await bot.ok("setMyDescription", description="Brings news")
    await bot.ok("setMyDescription", description="带来新闻", language_code="zh")
    await bot.ok("setMyShortDescription", short_description="News")
    assert await bot.ok("getMyDescription", language_code="de") == {"description": "Brings news"}
    assert await bot.ok("getMyDescription", language_code="zh") == {"description": "带来新闻"}
    assert await bot.ok("getMyShortDescription") == {"short_description": "News"}
    await bot.ok("setMyName", name="Herald")
    assert (await bot.ok("getMe"))["first_name"] == "Herald"
    assert await bot.ok("getMyName") == {"name": "Herald"}
    shown = await ada.get("/sim/commands", user=ada.id)
    assert (shown["name"], shown["description"], shown["short_description"]) == ("Herald", "Brings news", "News")
    assert await bot.refused("setMyDescription", description="x" * 513) == "Bad Request: BOT_DESCRIPTION_INVALID"
    assert await bot.refused("setMyShortDescription", short_description="x" * 121) == "Bad Request: BOT_ABOUT_INVALID"
