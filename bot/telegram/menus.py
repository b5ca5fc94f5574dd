"""The command lists that Telegram shows: per language, and the admins' own."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from telegram import BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.telegram.client import DigestBot
from bot.texts import Speech, speech

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


def admin_commands(words: Speech) -> list[BotCommand]:
    return [
        BotCommand("announce", words.say("Say something to readers")),
        BotCommand("stats", words.say("Readers, articles, messages")),
        BotCommand("doctor", words.say("What needs mending")),
        BotCommand("uncertain", words.say("What may not have come")),
        BotCommand("invite", words.say("A link that lets somebody in")),
        BotCommand("hide", words.say("Keep a category or source from readers")),
        BotCommand("hidden", words.say("What is hidden, to show it again")),
        BotCommand("withdraw", words.say("Take an article out")),
        BotCommand("unwithdraw", words.say("Bring an article back")),
    ]


async def set_menus(bot: DigestBot, admins: Iterable[int]) -> frozenset[int]:
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
    return frozenset([admin for admin in sorted(admins) if await set_admin_menu(bot, admin)])


async def set_admin_menu(bot: DigestBot, admin: int) -> bool:
    """Whether it could be set: an admin who never wrote to the bot is not known to it."""
    for code, language in _CODES:
        words = speech(language)
        try:
            await bot.set_my_commands(
                admin_commands(words) + reader_commands(words), BotCommandScopeChat(admin), language_code=code
            )
        except TelegramError as error:
            logger.info("an admin's command list was not set", extra={"admin": admin, "reason": error.message})
            return False
    return True
