"""Sends the parts of deliveries; the `Sender` port over PTB's bot."""

from __future__ import annotations

import logging
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.keyboards import digest_keyboard
from bot.render.cut import cut
from bot.render.markup import plain_text
from bot.telegram.client import DigestBot
from bot.telegram.limiter import BULK
from bot.telegram.limits import TEXT
from bot.telegram.outcomes import outcome_of
from bot.texts import speech
from digests.delivery.outcomes import Form, Outcome, Sent
from digests.types import Delivery, DeliveryKind, Part, Place

logger = logging.getLogger(__name__)

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """Every refusal and failure comes back as an Outcome."""

    def __init__(self, bot: DigestBot) -> None:
        self._bot = bot

    async def send(self, delivery: Delivery, part: Part, form: Form, *, rest: int, urgent: bool) -> Outcome:
        keyboard = digest_keyboard(delivery.id, rest, part.stories, speech(delivery.place.language))
        try:
            message = await self._send(delivery, part, form, keyboard, urgent=urgent)
        except TelegramError as error:
            return outcome_of(error)
        return Sent(message.message_id)

    async def _send(
        self, delivery: Delivery, part: Part, form: Form, keyboard: InlineKeyboardMarkup | None, *, urgent: bool
    ) -> Message:
        place = delivery.place
        silent = place.silent and delivery.kind is DeliveryKind.DIGEST and not urgent
        common: dict[str, Any] = {
            "chat_id": place.chat_id,
            "message_thread_id": place.thread_id or None,
            "reply_markup": keyboard,
            "disable_notification": silent or None,
            "rate_limit_args": None if urgent else BULK,
        }
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
