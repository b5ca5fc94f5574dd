"""The command lists that Telegram shows: per language, and the admins' own."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from telegram import BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.i18n import Translator, translator
from bot.telegram.client import DigestBot
from digests.model.role import Role

logger = logging.getLogger(__name__)

# Telegram's own codes of the languages that there are texts for; None is everybody else.
_CODES: tuple[tuple[str | None, str], ...] = ((None, "en"), ("zh", "zh_CN"))


def reader_commands(t: Translator) -> list[BotCommand]:
    return [
        BotCommand("digest", t("What is new, right now")),
        BotCommand("latest", t("The newest articles")),
        BotCommand("search", t("Find an article")),
        BotCommand("story", t("Who else tells it")),
        BotCommand("categories", t("Browse and choose categories")),
        BotCommand("category", t("The newest of one category")),
        BotCommand("subscriptions", t("What you follow")),
        BotCommand("subscribe", t("Follow a category")),
        BotCommand("unsubscribe", t("Leave a category")),
        BotCommand("settings", t("Your digest: days, quiet hours, sound")),
        BotCommand("time", t("When your digest comes")),
        BotCommand("timezone", t("Where your clock is")),
        BotCommand("pause", t("Take a break")),
        BotCommand("resume", t("End the break")),
        BotCommand("stop", t("No more messages")),
        BotCommand("id", t("Your Telegram id")),
        BotCommand("help", t("What I can do")),
    ]


def role_commands(role: Role, t: Translator) -> list[BotCommand]:
    """What a role adds to a reader's commands."""
    if role is Role.EDITOR:
        return editor_commands(t)
    owners = [BotCommand("grant", t("Give somebody a role"))] if role is Role.OWNER else []
    return [*editor_commands(t), *admin_commands(t), *owners]


def editor_commands(t: Translator) -> list[BotCommand]:
    return [
        BotCommand("announce", t("Say something to readers")),
        BotCommand("announcements", t("What was said, and what came of it")),
    ]


def admin_commands(t: Translator) -> list[BotCommand]:
    return [
        BotCommand("admins", t("Who may do what")),
        BotCommand("audit", t("Who did what")),
        BotCommand("stats", t("Readers, articles, messages")),
        BotCommand("doctor", t("What needs mending")),
        BotCommand("uncertain", t("What may not have come")),
        BotCommand("invite", t("A link that lets somebody in")),
        BotCommand("hide", t("Keep a category or source from readers")),
        BotCommand("hidden", t("What is hidden, to show it again")),
        BotCommand("withdraw", t("Take an article out")),
        BotCommand("unwithdraw", t("Bring an article back")),
    ]


async def set_menus(bot: DigestBot, roles: Mapping[int, Role]) -> frozenset[int]:
    """The command lists, and what an empty chat and the bot's profile say; the admins who have theirs now."""
    for code, language in _CODES:
        t = translator(language)
        await bot.set_my_commands(reader_commands(t), BotCommandScopeDefault(), language_code=code)
        await bot.set_my_description(
            t(
                "I read the news and send you one well-made digest a day, of the categories that you choose. "
                "You can search everything that I have read, too. "
                "Press Start: three taps, and your first digest is here."
            ),
            language_code=code,
        )
        await bot.set_my_short_description(
            t("One well-made digest of the news a day: only what you choose, nothing twice."),
            language_code=code,
        )
    return frozenset([admin for admin in sorted(roles) if await set_admin_menu(bot, admin, roles[admin])])


async def set_admin_menu(bot: DigestBot, admin: int, role: Role | None) -> bool:
    """Whether it could be set: an admin who never wrote to the bot is not known to it."""
    for code, language in _CODES:
        t = translator(language)
        scope = BotCommandScopeChat(admin)
        try:
            if role is None:
                await bot.delete_my_commands(scope, language_code=code)
                continue
            commands = role_commands(role, t) + reader_commands(t)
            await bot.set_my_commands(commands, scope, language_code=code)
        except TelegramError as error:
            logger.info("an admin's command list was not set", extra={"admin": admin, "reason": error.message})
            return False
    return True
