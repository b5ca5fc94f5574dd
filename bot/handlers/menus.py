"""The command lists that Telegram shows in each language, and what the bot's profile says about it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.handlers.command import Command, Where
from bot.i18n import Translator, translator
from bot.telegram.client import DigestBot
from digests.model.role import Role

logger = logging.getLogger(__name__)

# Telegram's codes for the languages that have texts; None is everybody else.
_CODES: tuple[tuple[str | None, str], ...] = ((None, "en"), ("zh", "zh_CN"))


def private_menu(commands: Iterable[Command[object]], role: Role | None, t: Translator) -> list[BotCommand]:
    """Return the commands for somebody with this role in their private chat, those that need the role first."""
    shown = [command for command in commands if command.is_for(role)]
    shown.sort(key=lambda command: command.role is None)
    return [BotCommand(command.name, t(command.menu)) for command in shown]


def group_menu(commands: Iterable[Command[object]], t: Translator) -> list[BotCommand]:
    """Return the commands for everybody in a group.

    An admin's commands are left out: they don't exist for the others, who read along.
    """
    return [
        BotCommand(command.name, t(command.menu))
        for command in commands
        if command.role is None and command.where is Where.ANYWHERE
    ]


class CommandMenus:
    """The command lists of readers, of groups, and of everybody who has a role.

    A list that can't be set, since its person never wrote to the bot, is set when they do.
    """

    def __init__(self, bot: DigestBot, commands: Sequence[Command[object]]) -> None:
        self._bot = bot
        self._commands = commands
        self._set_for: set[int] = set()

    async def set_all(self, roles: Mapping[int, Role]) -> None:
        """Set every list, and what an empty chat and the profile say. Raises TelegramError."""
        for code, language in _CODES:
            t = translator(language)
            await self._bot.set_my_commands(
                private_menu(self._commands, None, t), BotCommandScopeAllPrivateChats(), language_code=code
            )
            await self._bot.set_my_commands(
                group_menu(self._commands, t), BotCommandScopeAllGroupChats(), language_code=code
            )
            await self._describe(t, code)
        for user in sorted(roles):
            await self.change(user, roles[user])

    async def _describe(self, t: Translator, code: str | None) -> None:
        await self._bot.set_my_description(
            t(
                "I read the news and send you one carefully made digest a day from the categories you choose. "
                "You can also search everything I have read. Press Start: three taps, and your first digest is "
                "here."
            ),
            language_code=code,
        )
        await self._bot.set_my_short_description(
            t("One carefully made news digest a day: only what you choose, nothing twice."),
            language_code=code,
        )

    async def ensure(self, user: int, role: Role) -> None:
        """Set the list of somebody with a role who writes, where that could not be done before."""
        if user not in self._set_for:
            await self.change(user, role)

    async def change(self, user: int, role: Role | None) -> None:
        """Set the list of somebody whose role has changed; with None, give them a reader's list again."""
        self._set_for.discard(user)
        scope = BotCommandScopeChat(user)
        try:
            for code, language in _CODES:
                if role is None:
                    await self._bot.delete_my_commands(scope, language_code=code)
                else:
                    menu = private_menu(self._commands, role, translator(language))
                    await self._bot.set_my_commands(menu, scope, language_code=code)
        except TelegramError as error:
            logger.info("an admin's command list was not set", extra={"admin": user, "reason": error.message})
            return
        if role is not None:
            self._set_for.add(user)
