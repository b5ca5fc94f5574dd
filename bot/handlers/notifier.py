"""Writing to people who did not just write themselves, in their language."""

from __future__ import annotations

import logging
from datetime import datetime

from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.i18n import Translator, supported_language, translator
from bot.telegram.client import DigestBot
from bot.text.markup import Html
from digests.model.schedule import after_quiet
from digests.storage.places.places import PlaceStore

logger = logging.getLogger(__name__)


class Notifier:
    """Writes to people in their private chats. `default_language` is for those whose language has no texts."""

    def __init__(self, bot: DigestBot, places: PlaceStore, default_language: str) -> None:
        self._bot = bot
        self._places = places
        self._default_language = default_language

    async def notify(
        self, user_id: int, text: Html, keyboard: InlineKeyboardMarkup | None = None, *, quietly: bool = False
    ) -> bool:
        """Send a message, and return whether it was delivered; bots can't message people who never started them.

        Nobody's phone rings for what is sent `quietly`.
        """
        try:
            await self._bot.send_message(user_id, text, reply_markup=keyboard, disable_notification=quietly or None)
        except TelegramError as error:
            logger.info("somebody with a role could not be told", extra={"user": user_id, "reason": error.message})
            return False
        return True

    async def name_of(self, user_id: int) -> str:
        """Return the name that somebody has in their private chat with the bot, else their id."""
        place = await self._places.find(user_id)
        return place.title if place and place.title else str(user_id)

    async def translator_of(self, chat_id: int) -> Translator:
        """Return the translator for a chat's language; the default one for a chat that is not known."""
        place = await self._places.find(chat_id)
        return translator(place.language if place else self._default_language)

    async def zone_of(self, chat_id: int) -> str:
        """Return a chat's time zone; UTC for a chat that is not known."""
        place = await self._places.find(chat_id)
        return place.timezone if place else "UTC"

    async def is_quiet(self, chat_id: int, now: datetime) -> bool:
        """Return whether a chat has quiet hours now."""
        place = await self._places.find(chat_id)
        return place is not None and bool(place.quiet) and after_quiet(now, place.timezone, place.quiet) > now

    def language_for(self, code: str | None) -> str:
        """Return the language of the texts for somebody whose app has this language code."""
        return supported_language(code, self._default_language)

    def translator_for(self, code: str | None) -> Translator:
        """Return the translator for somebody whose app has this language code."""
        return translator(self.language_for(code))
