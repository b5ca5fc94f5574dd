"""Write docs/commands.md from the program; `make docs` runs it.

The texts are those of `--help` and of the chat's /help, so the page says nothing that the program does not. A test
fails while it is out of date.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from bot.cli.program import app
from bot.handlers.command import Command, Where
from bot.handlers.commands import COMMANDS
from bot.i18n import Translator, translator
from digests.model.role import Role

PAGE = Path(__file__).resolve().parents[1] / "docs" / "commands.md"

_HEAD = """# Commands

<!-- Made by `make docs`, from the texts of `--help` and of the chat's /help: change those. -->

Two sets: [what the program does](#on-the-command-line) on the command line, and [what people say](#in-the-chat) to the
bot in Telegram."""

_STATUSES = """| exit status | means |
| --- | --- |
| 0 | done |
| 1 | failed; the message says why, and how to fix it. After Ctrl+C, too |
| 2 | used wrongly: an option, a setting or an input file |"""

_WHERE = {
    Where.ANYWHERE: "anywhere",
    Where.ASIDE: "anywhere; answered in private",
    Where.PRIVATE: "in private",
}
_ROLES: dict[Role | None, str] = {None: "For everybody", Role.EDITOR: "For editors", Role.ADMIN: "For admins"}


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
    names = re.sub(r"<([^>]+)>", r"\1", names)
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
        "private chat, plain words search."
    )
    t = translator("en")
    for role, heading in _ROLES.items():
        yield f"### {heading}"
        rows = [_chat_row(command, t) for command in COMMANDS if command.role is role]
        rows += [
            _chat_row(command, t, " (owners only)")
            for command in COMMANDS
            if role is Role.ADMIN and command.role is Role.OWNER
        ]
        yield "\n".join(["| command | what it does | where |", "| --- | --- | --- |", *rows])


def _chat_row(command: Command[object], t: Translator, note: str = "") -> str:
    return f"| {_code(_usage(command, t))} | {_cell(t(command.menu))}{note} | {_WHERE[command.where]} |"


def _usage(command: Command[object], t: Translator) -> str:
    """Return how a command is written, such as "/time 07:30 18:00", by its line in /help, which others may share."""
    written, _, _ = str(t(command.help)).partition(" – ")
    usages = re.split(r", | and (?=/)", written)
    return next((usage for usage in usages if usage.split()[0] == f"/{command.name}"), f"/{command.name}")


def _code(text: str) -> str:
    return f"`{text}`"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    PAGE.write_text(commands_page(), encoding="utf-8")
