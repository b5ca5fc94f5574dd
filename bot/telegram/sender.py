"""Sends the parts of deliveries; the `Sender` port over PTB's bot."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.keyboards import more_keyboard
from bot.render.cut import cut
from bot.render.markup import plain_text
from bot.telegram.client import DigestBot
from bot.telegram.contents import link_keyboard, send_content
from bot.telegram.limiter import BULK
from bot.telegram.limits import TEXT
from bot.telegram.outcomes import outcome_of
from bot.texts import speech
from digests.delivery.outcomes import Form, Outcome, Sent
from digests.types import Delivery, Part, Place

logger = logging.getLogger(__name__)

OnAlbum = Callable[[int, tuple[int, ...]], Awaitable[None]]
"""Is told the ids of all messages of an album that went."""

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """Every refusal and failure comes back as an Outcome."""

    def __init__(self, bot: DigestBot, on_album: OnAlbum | None = None) -> None:
        self._bot = bot
        self._on_album = on_album

    async def send(self, delivery: Delivery, part: Part, form: Form, *, rest: int, urgent: bool) -> Outcome:
        keyboard = more_keyboard(delivery.id, 0, rest, speech(delivery.place.language)) if rest else None
        try:
            messages = await self._send(delivery.place, part, form, keyboard, urgent=urgent)
        except TelegramError as error:
            return outcome_of(error)
        if len(messages) > 1 and self._on_album is not None:
            await self._on_album(delivery.id, messages)
        if part.pinned:
            await self._pin(delivery.place, messages[0])
        return Sent(messages[0])

    async def _pin(self, place: Place, message: int) -> None:
        """Pinned where that is allowed; the message has come either way."""
        try:
            await self._bot.pin_chat_message(place.chat_id, message, disable_notification=True, rate_limit_args=BULK)
        except TelegramError as error:
            logger.info("a message was not pinned", extra={"place": place.id, "reason": error.message})

    async def _send(
        self, place: Place, part: Part, form: Form, keyboard: InlineKeyboardMarkup | None, *, urgent: bool
    ) -> tuple[int, ...]:
        common: dict[str, Any] = {
            "chat_id": place.chat_id,
            "message_thread_id": place.thread_id or None,
            "reply_markup": link_keyboard(part) or keyboard,
            "disable_notification": part.silent or None,
            "rate_limit_args": None if urgent else BULK,
        }
        if form is Form.WHOLE and (part.media or part.copy_of):
            return await send_content(self._bot, part, common)
        return ((await self._send_text(part, form, common)).message_id,)

    async def _send_text(self, part: Part, form: Form, common: dict[str, Any]) -> Message:
        if form is Form.PLAIN:
            return await self._bot.send_message(
                text=cut_to(plain_text(part.html), TEXT), link_preview_options=NO_PREVIEW, **common
            )
        if part.photo and form is Form.WHOLE:
            return await self._bot.send_photo(photo=part.photo, caption=part.html, parse_mode=ParseMode.HTML, **common)
        preview = picture_preview(part.picture if form is Form.WHOLE else None)
        return await self._bot.send_message(
            text=part.html, parse_mode=ParseMode.HTML, link_preview_options=preview, **common
        )

    async def topic_gone(self, place: Place) -> None:
        text = speech(place.language).say(
            "I can't write to the topic “{topic}” any more, so its digest has stopped.", topic=place.title
        )
        try:
            await self._bot.send_message(chat_id=place.chat_id, text=text, rate_limit_args=BULK)
        except TelegramError as error:
            logger.warning("a closed topic could not be told of", extra={"place": place.id, "reason": error.message})


def picture_preview(picture: str | None) -> LinkPreviewOptions:
    """A large picture above a text of full length. One that can't be fetched is simply not shown."""
    if not picture:
        return NO_PREVIEW
    return LinkPreviewOptions(url=picture, prefer_large_media=True, show_above_text=True)


def cut_to(text: str, limit: int) -> str:
    return text if len(text) <= limit else cut(text, limit)
