"""Previews and test sends: parts shown to the person who asked, exactly as readers would get them."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram.answers import message_ids_of
from bot.telegram.messages import body_of
from bot.telegram.messenger import Messenger
from digests.model.delivery import Part
from digests.model.outcome import Form


def link_keyboard(part: Part) -> InlineKeyboardMarkup | None:
    """Return the part's own buttons, one per row; None if it has none."""
    if not part.buttons:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, url=url)] for label, url in part.buttons])


class PreviewSender:
    """Sends what a delivery would send, over the connections for people and at their rate."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger

    async def send(self, chat_id: int, part: Part) -> tuple[int, ...]:
        """Send the part, and return the ids of its messages in their order. Raises TelegramError."""
        message = body_of(part, Form.WHOLE, paid=False)
        body = message.to(chat_id, 0, link_keyboard(part))
        return message_ids_of(*await self._messenger.post(chat_id, message.method, lambda: body))
