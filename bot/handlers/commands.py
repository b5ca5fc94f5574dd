"""Every command and every button of the chat, each room's from its own table: what leads where, and who may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.callbacks import BUTTONS
from bot.handlers.admins.table import ADMIN_COMMANDS, add_admin_presses
from bot.handlers.announcements.live_report import Reporter
from bot.handlers.announcements.screens import WRITING, Announcing
from bot.handlers.announcements.table import ANNOUNCEMENT_COMMANDS, add_announcement_presses
from bot.handlers.command import Command, bind
from bot.handlers.context import Action, Talk
from bot.handlers.help import help_html
from bot.handlers.presses import PressTable
from bot.handlers.readers import search
from bot.handlers.readers.table import MORE, READER_COMMANDS, add_reader_presses
from bot.handlers.services import House
from bot.i18n import gettext_noop


async def show_help(talk: Talk) -> None:
    """/help: in a group as a reader sees it, since others read along, for whom an admin's commands don't exist."""
    await talk.reply(help_html(COMMANDS, talk.role if talk.is_private else None, talk.words))


_HELP = Command(
    "help", show_help, menu=gettext_noop("What I can do"), help=gettext_noop("/help – this overview"), heading=MORE
)

COMMANDS: Final[tuple[Command[object], ...]] = (*READER_COMMANDS, _HELP, *ANNOUNCEMENT_COMMANDS, *ADMIN_COMMANDS)
"""In the order of the menus and of /help."""


@dataclass(frozen=True)
class Routes:
    """Where what people send leads to. `on_text` gets the messages of private chats that are no command."""

    commands: Mapping[str, Command[Action]]
    presses: PressTable
    on_text: Action


def build_routes(house: House, reporter: Reporter) -> Routes:
    """Join the rooms' tables. Raises ValueError where something has two handlers, or a button none."""
    announcing = Announcing(house, reporter)
    presses = PressTable()
    add_reader_presses(presses)
    add_admin_presses(presses)
    add_announcement_presses(presses, announcing)
    presses.require(BUTTONS.values())
    commands = (*READER_COMMANDS, _HELP, *bind(ANNOUNCEMENT_COMMANDS, announcing), *ADMIN_COMMANDS)
    return Routes(by_name(commands), presses, _Texts(announcing))


def by_name(commands: Iterable[Command[Action]]) -> dict[str, Command[Action]]:
    """Return the commands by what is said. Raises ValueError for a name that two have."""
    found: dict[str, Command[Action]] = {}
    for command in commands:
        if command.name in found:
            raise ValueError(f"two commands are called /{command.name}")
        found[command.name] = command
    return found


class _Texts:
    """A message that is no command: the answer to a question of ours, or else words to search for."""

    def __init__(self, announcing: Announcing) -> None:
        self._announcing = announcing

    async def __call__(self, talk: Talk) -> None:
        dialog = await talk.house.people.dialog(talk.chat.id, talk.user.id)
        is_writing = dialog is not None and dialog.step == WRITING and talk.role is not None
        if is_writing and dialog is not None and await self._announcing.written(talk, dialog):
            return
        if talk.text:
            await search.search(talk)
        else:
            await talk.reply(talk.words.html("I can search for words, and I know some commands: /help"))
