"""Write docs/commands.md from the program; `make docs` runs it.

The texts are those of `--help` and of the chat's /help, so the page says nothing that the program does not. A test
fails while it is out of date.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import typer

from bot.cli.program import app
from bot.handlers.command import Command, Where
from bot.handlers.commands import COMMANDS
from bot.i18n import Translator, translator
from digests.model.role import Role

DOCS = Path(__file__).resolve().parents[1] / "docs"

_HEAD = """# Commands

<!-- Made by `make docs`, from the texts of `--help` and of the chat's /help: change those. -->

Two sets: [what the program does](#on-the-command-line) on the command line, and [what people say](#in-the-chat) to the
bot in Telegram."""

_STATUSES = """| exit status | means |
| --- | --- |
| 0 | done |
| 1 | failed; the message says why, and how to fix it. After Ctrl+C, too |
| 2 | used wrongly: an option, a setting or an input file |"""


class _Words(NamedTuple):
    """What the tables of the chat's commands say around the catalogue's texts, in one language."""

    language: str
    head: str
    roles: Mapping[Role | None, str]
    where: Mapping[Where, str]
    owners: str


_ENGLISH = _Words(
    "en",
    "| command | what it does | where |",
    {None: "For everybody", Role.EDITOR: "For editors", Role.ADMIN: "For admins"},
    {
        Where.ANYWHERE: "anywhere",
        Where.ASIDE: "anywhere; answered in private",
        Where.PRIVATE: "in private",
    },
    " (owners only)",
)
_CHINESE = _Words(
    "zh_CN",
    "| 命令 | 作用 | 在哪里用 |",
    {None: "所有人", Role.EDITOR: "编辑", Role.ADMIN: "管理员"},
    {Where.ANYWHERE: "都行", Where.ASIDE: "都行，私聊里答复", Where.PRIVATE: "私聊"},
    "（仅限所有者）",
)
_CHINESE_HEAD = (
    "# 聊天命令\n\n<!-- Made by `make docs`, from the chat's /help: change that. -->\n\n"
    "给机器人发 `/help`，会列出你能用的命令。多数事情点按钮就行；私聊时直接输入关键词就是搜索。"
    "命令行的用法见[英文页](commands.md#on-the-command-line)。"
)


def commands_page() -> str:
    """Return docs/commands.md."""
    return "\n\n".join([_HEAD, *_program_words(), *_chat_words()]) + "\n"


def _program_words() -> Iterator[str]:
    yield "## On the command line"
    yield _wrapped("In a checkout the program is `.venv/bin/digestbot`. `--help` after a command says what is here.")
    yield _STATUSES
    group: Any = typer.main.get_command(app)
    context = group.make_context("digestbot", [], resilient_parsing=True)
    yield from _command_words(
        "digestbot OPTIONS COMMAND", group, context, level=3, text="Options of all commands, before their name:"
    )
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield f"### digestbot {name}"
            yield _wrapped(command.help or "")
            for below, its in command.commands.items():
                yield from _command_words(f"digestbot {name} {below}", its, context, level=4)
        else:
            yield from _command_words(f"digestbot {name}", command, context, level=3)


def _command_words(path: str, command: Any, parent: Translator, *, level: int, text: str = "") -> Iterator[str]:
    context = command.make_context(path.split()[-1], [], parent=parent, resilient_parsing=True)
    is_program = bool(text)
    shown = [param for param in command.get_params(context) if param.name != "help"]
    arguments = [param for param in shown if param.param_type_name == "argument"]
    if is_program:
        yield text
    else:
        yield f"{'#' * level} {path}"
        yield from (_wrapped(" ".join(part.split())) for part in (command.help or "").split("\n\n"))
        usage = " ".join(
            [
                path,
                *(_argument_name(param) for param in arguments),
                *(["[OPTIONS]"] if len(shown) > len(arguments) else []),
            ]
        )
        yield f"```\n{usage}\n```"
    records = [(param, param.get_help_record(context)) for param in shown]
    rows = [_row(param, record) for param, record in records if record is not None]
    if rows:
        yield "\n".join(["| argument or option | what it is |", "| --- | --- |", *rows])


def _argument_name(param: Any) -> str:
    name = (param.metavar or param.name.upper()).removesuffix("...")
    name += "..." if param.nargs != 1 else ""
    return name if param.required else f"[{name}]"


def _row(param: Any, record: tuple[str, str]) -> str:
    names, text = record
    if param.param_type_name == "argument":
        names = _argument_name(param)
    for written, words in {"<int range>": "N", "<float>": "N", "<str>": "TEXT", "<list[str]>": "TEXT"}.items():
        names = names.replace(written, words)
    if choices := re.search(r" <([^>]+)>$", names):
        names = names[: choices.start()]
        text = f"One of {', '.join(map(_code, choices[1].split('|')))}. {text}"
    text = re.sub(r"\s*\[required\]$", "", text)
    text = re.sub(r"(-?\d+)<=x<=(-?\d+)", r"\1 to \2", text)
    text = re.sub(r"\.?\s*\[([^\]]*(?:default:|\d to )[^\]]*)\]$", r" (\1).", text).replace("default: ", "by default ")
    return f"| {_code(_cell(names))} | {_cell(text)} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _chat_words() -> Iterator[str]:
    yield "## In the chat"
    yield _wrapped(
        "`/help` lists what somebody may use, in their language, and so does the menu. Buttons do much of this. In a "
        "private chat, plain words search. [These commands in Chinese](commands.zh-CN.md)."
    )
    yield from _tables(_ENGLISH)


def chinese_page() -> str:
    """Return docs/commands.zh-CN.md: the chat's commands, as the catalogue has them."""
    return "\n\n".join([_CHINESE_HEAD, *_tables(_CHINESE)]) + "\n"


def _tables(words: _Words) -> Iterator[str]:
    t = translator(words.language)
    for role, heading in words.roles.items():
        yield f"## {heading}" if words is _CHINESE else f"### {heading}"
        rows = []
        for command in COMMANDS:
            is_owners = role is Role.ADMIN and command.role is Role.OWNER
            if command.role is role or is_owners:
                about = _cell(t(command.menu)) + (words.owners if is_owners else "")
                rows.append(f"| {_code(_usage(command, t))} | {about} | {words.where[command.where]} |")
        yield "\n".join([words.head, "| --- | --- | --- |", *rows])


def _usage(command: Command[object], t: Translator) -> str:
    """Return how a command is written, such as "/time 07:30 18:00", by its line in /help, which others may share."""
    written, _, _ = str(t(command.help)).partition(" – ")
    usages = re.split(r", |、| and (?=/)| 和 (?=/)", written)
    return next((usage for usage in usages if usage.split()[0] == f"/{command.name}"), f"/{command.name}")


def _code(text: str) -> str:
    return f"`{text}`"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    (DOCS / "commands.md").write_text(commands_page(), encoding="utf-8")
    (DOCS / "commands.zh-CN.md").write_text(chinese_page(), encoding="utf-8")
