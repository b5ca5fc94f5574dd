"""Parts shown to somebody who waits for them, just as a reader would get them: a preview, a test."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.telegram.answers import message_ids_of
from bot.telegram.client import Line
from bot.telegram.limiter import Limiter
from bot.telegram.messages import body_of, method_url
from digests.delivery.outcomes import Form
from digests.types import Part


def link_keyboard(part: Part) -> InlineKeyboardMarkup | None:
    """One button a row."""
    if not part.buttons:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, url=url)] for label, url in part.buttons])


class Shower:
    """Sends what a delivery would send, over the connections of people and at their rate."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._limiter = Limiter(line.throttle)

    async def show(self, chat_id: int, part: Part) -> tuple[int, ...]:
        """The ids of its messages, in their order. Raises TelegramError."""
        message = body_of(part, Form.WHOLE, paid=False)
        body, url = message.to(chat_id, 0, link_keyboard(part)), method_url(self._line.bot.base_url, message.method)

        async def post() -> tuple[int, ...]:
            async with self._line.people.connection():
                return message_ids_of(*await self._line.people.send_json(url, body))

        return await self._limiter.in_turn(post, chat_id, message.method)
