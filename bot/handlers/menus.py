"""The command lists that Telegram shows: per language, and the admins' own."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from telegram import BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.i18n import Speech, speech
from bot.telegram.client import DigestBot
from digests.model.role import Role

logger = logging.getLogger(__name__)

# Telegram's own codes of the languages that there are texts for; None is everybody else.
_CODES: tuple[tuple[str | None, str], ...] = ((None, "en"), ("zh", "zh_CN"))


def reader_commands(words: Speech) -> list[BotCommand]:
    return [
        BotCommand("digest", words.say("What is new, right now")),
        BotCommand("latest", words.say("The newest articles")),
        BotCommand("search", words.say("Find an article")),
        BotCommand("story", words.say("Who else tells it")),
        BotCommand("categories", words.say("Browse and choose categories")),
        BotCommand("category", words.say("The newest of one category")),
        BotCommand("subscriptions", words.say("What you follow")),
        BotCommand("subscribe", words.say("Follow a category")),
        BotCommand("unsubscribe", words.say("Leave a category")),
        BotCommand("settings", words.say("Your digest: days, quiet hours, sound")),
        BotCommand("time", words.say("When your digest comes")),
        BotCommand("timezone", words.say("Where your clock is")),
        BotCommand("pause", words.say("Take a break")),
        BotCommand("resume", words.say("End the break")),
        BotCommand("stop", words.say("No more messages")),
        BotCommand("id", words.say("Your Telegram id")),
        BotCommand("help", words.say("What I can do")),
    ]


def role_commands(role: Role, words: Speech) -> list[BotCommand]:
    """What a role adds to a reader's commands."""
    if role is Role.EDITOR:
        return editor_commands(words)
    owners = [BotCommand("grant", words.say("Give somebody a role"))] if role is Role.OWNER else []
    return [*editor_commands(words), *admin_commands(words), *owners]


def editor_commands(words: Speech) -> list[BotCommand]:
    return [
        BotCommand("announce", words.say("Say something to readers")),
        BotCommand("announcements", words.say("What was said, and what came of it")),
    ]


def admin_commands(words: Speech) -> list[BotCommand]:
    return [
        BotCommand("admins", words.say("Who may do what")),
        BotCommand("audit", words.say("Who did what")),
        BotCommand("stats", words.say("Readers, articles, messages")),
        BotCommand("doctor", words.say("What needs mending")),
        BotCommand("uncertain", words.say("What may not have come")),
        BotCommand("invite", words.say("A link that lets somebody in")),
        BotCommand("hide", words.say("Keep a category or source from readers")),
        BotCommand("hidden", words.say("What is hidden, to show it again")),
        BotCommand("withdraw", words.say("Take an article out")),
        BotCommand("unwithdraw", words.say("Bring an article back")),
    ]


async def set_menus(bot: DigestBot, roles: Mapping[int, Role]) -> frozenset[int]:
    """The command lists, and what an empty chat and the bot's profile say; the admins who have theirs now."""
    for code, language in _CODES:
        words = speech(language)
        await bot.set_my_commands(reader_commands(words), BotCommandScopeDefault(), language_code=code)
        await bot.set_my_description(
            words.say(
                "I read the news and send you one well-made digest a day, of the categories that you choose. "
                "You can search everything that I have read, too. "
                "Press Start: three taps, and your first digest is here."
            ),
            language_code=code,
        )
        await bot.set_my_short_description(
            words.say("One well-made digest of the news a day: only what you choose, nothing twice."),
            language_code=code,
        )
    return frozenset([admin for admin in sorted(roles) if await set_admin_menu(bot, admin, roles[admin])])


async def set_admin_menu(bot: DigestBot, admin: int, role: Role | None) -> bool:
    """Whether it could be set: an admin who never wrote to the bot is not known to it."""
    for code, language in _CODES:
        words = speech(language)
        scope = BotCommandScopeChat(admin)
        try:
            if role is None:
                await bot.delete_my_commands(scope, language_code=code)
                continue
            commands = role_commands(role, words) + reader_commands(words)
            await bot.set_my_commands(commands, scope, language_code=code)
        except TelegramError as error:
            logger.info("an admin's command list was not set", extra={"admin": admin, "reason": error.message})
            return False
    return True
