"""The command lists that Telegram shows in each language, and what the bot's profile says about it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.handlers.command import Command, Where
from bot.i18n import LANGUAGES, SOURCE, Translator, closest_languages, translator
from bot.telegram.client import DigestBot
from digests.model.role import Role

logger = logging.getLogger(__name__)

_CODE = re.compile(r"[a-z]{2}")


def menu_languages(languages: Iterable[str], default: str = SOURCE) -> dict[str | None, str]:
    """Return which language the lists for each of Telegram's codes are in; None is everybody else's code.

    Telegram knows languages by ISO 639-1 alone, so that of several that share a code one has its list: zh_CN of zh_CN
    and zh_TW (https://core.telegram.org/bots/api#setmycommands).
    """
    names = list(languages)
    codes = dict.fromkeys(code for code in (name.split("_")[0] for name in names) if _CODE.fullmatch(code))
    closest = {code: closest_languages(code, names)[0] for code in codes}
    return {None: default} | {code: language for code, language in closest.items() if language != default}


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
        if command.role is None and command.where is not Where.PRIVATE
    ]


class CommandMenus:
    """The command lists of readers, of groups, and of everybody who has a role.

    A list that can't be set, since its person never wrote to the bot, is set when they do.
    """

    def __init__(self, bot: DigestBot, commands: Sequence[Command[object]], default_language: str = SOURCE) -> None:
        self._bot = bot
        self._commands = commands
        self._languages = menu_languages(LANGUAGES, default_language)
        self._set_for: dict[int, str | None] = {}
        """The people who have a list of their own, with its language; None where it is that of their app."""

    async def set_all(self, roles: Mapping[int, Role]) -> None:
        """Set every list, and what an empty chat and the profile say. Raises TelegramError."""
        for code, language in self._languages.items():
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

    def own_language(self, language: str, app_code: str | None) -> str | None:
        """Return a chat's language if Telegram would show somebody with this app another list; None if it would not."""
        code = (app_code or "").lower().replace("_", "-").partition("-")[0]
        return None if self._languages.get(code, self._languages[None]) == language else language

    async def ensure(self, user: int, role: Role | None, language: str | None = None) -> None:
        """Set the list of somebody who writes, where they need one of their own and have none.

        Those need one who have a role, or whose texts are in a `language` that Telegram does not show them by itself.
        """
        if (role is not None or language is not None) and self._set_for.get(user, "") != language:
            await self.change(user, role, language)

    async def change(self, user: int, role: Role | None, language: str | None = None) -> None:
        """Set the list of somebody whose role or language has changed.

        With neither, give them a reader's list again, in the language of their app.
        """
        self._set_for.pop(user, None)
        has_own = role is not None or language is not None
        lists = {
            code: private_menu(self._commands, role, translator(language or usual))
            for code, usual in self._languages.items()
        }
        if await self._set_in(user, lists if has_own else dict.fromkeys(lists)) and has_own:
            self._set_for[user] = language

    async def change_group(self, chat: int, language: str | None) -> None:
        """Set the list of a group whose language was chosen; with None, let each member see it as the app has it."""
        menu = group_menu(self._commands, translator(language)) if language is not None else None
        await self._set_in(chat, dict.fromkeys(self._languages, menu))

    async def _set_in(self, chat: int, lists: Mapping[str | None, Sequence[BotCommand] | None]) -> bool:
        """Set a chat's lists by their codes, or delete those that are None; return whether that was possible."""
        scope = BotCommandScopeChat(chat)
        try:
            for code, menu in lists.items():
                if menu is None:
                    await self._bot.delete_my_commands(scope, language_code=code)
                else:
                    await self._bot.set_my_commands(menu, scope, language_code=code)
        except TelegramError as error:
            logger.info("a chat's command list was not set", extra={"chat": chat, "reason": error.message})
            return False
        return True
