"""Messages to people, edits of them, and answers to pressed buttons, without PTB's objects.

Parsing Telegram's echo of a message into objects took a quarter of a command's time (measured), and only the message's
id is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions

from bot.limits import CALLBACK_ANSWER
from bot.markup import Html
from bot.render.shorten import shorten
from bot.telegram.answers import error_of, message_id_of
from bot.telegram.limiter import Limiter
from bot.telegram.messages import NO_PREVIEW, as_json, method_url
from bot.telegram.request import AiohttpRequest


@dataclass(frozen=True, slots=True)
class Screen:
    """What a message shows."""

    html: Html
    keyboard: InlineKeyboardMarkup | None = None
    preview: LinkPreviewOptions = NO_PREVIEW

    def fields(self) -> dict[str, Any]:
        """Return the fields of a request that makes a message show it."""
        fields: dict[str, Any] = {
            "text": self.html,
            "parse_mode": "HTML",
            "link_preview_options": self.preview.to_dict(),
        }
        if self.keyboard is not None:
            fields["reply_markup"] = self.keyboard.to_dict()
        return fields


class Messenger:
    """Writes to people, over connections reserved for them. Every method may raise TelegramError, as PTB's do."""

    def __init__(self, base_url: str, connections: AiohttpRequest, limiter: Limiter) -> None:
        self._base_url = base_url
        self._connections = connections
        self._limiter = limiter

    async def send(self, chat_id: int, screen: Screen, *, thread_id: int = 0, reply_to: int = 0) -> int:
        """Send a message, and return its id. The message `reply_to` may be gone by then."""
        fields = {"chat_id": chat_id, **screen.fields()}
        if thread_id:
            fields["message_thread_id"] = thread_id
        if reply_to:
            fields["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
        body = as_json(fields).encode()
        return message_id_of(*await self.post(chat_id, "sendMessage", lambda: body))

    async def edit(self, chat_id: int, message_id: int, newest: Callable[[], Screen]) -> None:
        """Edit a message to show what `newest` returns when the edit's turn has come."""

        def body() -> bytes:
            return as_json({"chat_id": chat_id, "message_id": message_id, **newest().fields()}).encode()

        await self.post(chat_id, "editMessageText", body)

    async def set_keyboard(self, chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup | None) -> None:
        """Replace the keyboard of a message, or remove it.

        PTB would add its default parse mode, which this method of Telegram does not have.
        """
        fields: dict[str, Any] = {"chat_id": chat_id, "message_id": message_id}
        if keyboard is not None:
            fields["reply_markup"] = keyboard.to_dict()
        body = as_json(fields).encode()
        await self.post(chat_id, "editMessageReplyMarkup", lambda: body)

    async def answer_press(self, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Show a text for a moment, or as an `alert` until it is closed, to whoever pressed. Waits for no rate."""
        fields: dict[str, Any] = {"callback_query_id": query_id}
        if text:
            fields |= {"text": shorten(text, CALLBACK_ANSWER), "show_alert": alert}
        await self._post("answerCallbackQuery", as_json(fields).encode())

    async def post(self, chat_id: int, method: str, body: Callable[[], bytes]) -> tuple[int, bytes]:
        """Make a request when its turn has come, with what `body` returns then. Return Telegram's successful answer."""
        return await self._limiter.in_turn(lambda: self._post(method, body()), chat_id, method)

    async def _post(self, method: str, body: bytes) -> tuple[int, bytes]:
        async with self._connections.connection():
            status, answer = await self._connections.send_json(method_url(self._base_url, method), body)
        if status >= 300:
            raise error_of(status, answer)
        return status, answer
