"""Messages in a group that only one person sees (Bot API 10.2), which PTB does not know.

Telegram numbers them apart from other messages. Here such a number has a minus, so that both kinds go as one id.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest, EndPointNotFound, InvalidToken

from bot.telegram.messages import as_json
from bot.telegram.messenger import Messenger, Screen

logger = logging.getLogger(__name__)

OnPublic = Callable[[int], Awaitable[object]]
"""Gets the id of a chat in which Telegram shows to everybody what was for one person."""

_OF_THIS_MESSAGE = ("replied", "participant", "query_id", "parse", "too long")
"""In refusals that say nothing of whether the chat may have ephemeral messages."""


@dataclass(frozen=True, slots=True)
class EphemeralMessages:
    """Changes a person's ephemeral messages. Every method may raise TelegramError.

    They are texts: an edit can't upload a file, and can't make a text of a photo.
    """

    messenger: Messenger
    receiver: int

    async def edit(self, chat_id: int, message_id: int, newest: Callable[[], Screen]) -> bool:
        """Edit a message to show what `newest` returns when the edit's turn has come; it is no photo: return False."""
        which = self._which(chat_id, message_id)
        await self.messenger.post(
            chat_id, "editEphemeralMessageText", lambda: as_json(which | newest().fields()).encode()
        )
        return False

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Delete a message."""
        body = as_json(self._which(chat_id, message_id)).encode()
        await self.messenger.post(chat_id, "deleteEphemeralMessage", lambda: body)

    async def set_keyboard(self, chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup | None) -> None:
        """Replace the keyboard of a message, or remove it."""
        fields = self._which(chat_id, message_id) | ({"reply_markup": keyboard.to_dict()} if keyboard else {})
        body = as_json(fields).encode()
        await self.messenger.post(chat_id, "editEphemeralMessageReplyMarkup", lambda: body)

    def _which(self, chat_id: int, message_id: int) -> dict[str, Any]:
        return {"chat_id": chat_id, "receiver_user_id": self.receiver, "ephemeral_message_id": -message_id}


@dataclass(frozen=True, slots=True)
class ShownToOne:
    """An answer for one person: who, in which chat and topic, to which message (0: none) or press ("": none)."""

    chat_id: int
    receiver: int
    thread_id: int = 0
    reply_to: int = 0
    query_id: str = ""

    def fields(self, *, names_question: bool) -> dict[str, Any]:
        """Return the fields of a request that say where it goes, and unless told otherwise what it answers."""
        fields: dict[str, Any] = {"chat_id": self.chat_id, "receiver_user_id": self.receiver}
        if self.thread_id:
            fields["message_thread_id"] = self.thread_id
        if names_question and self.query_id:
            fields["callback_query_id"] = self.query_id
        if names_question and self.reply_to:
            # Telegram never sends these without the reply, whatever else is asked for.
            fields["reply_parameters"] = {"message_id": self.reply_to}
        return fields


class EphemeralSender:
    """Sends answers that one person sees, where Telegram can."""

    def __init__(self, messenger: Messenger, on_public: OnPublic, *, is_on: bool) -> None:
        self.is_on = is_on
        self._messenger = messenger
        self._on_public = on_public

    def of(self, receiver: int) -> EphemeralMessages:
        """Return what changes a person's ephemeral messages."""
        return EphemeralMessages(self._messenger, receiver)

    async def send(self, aside: ShownToOne, screen: Screen, in_public: Screen) -> int:
        """Send an answer to one person, and return its id, with a minus.

        A server that does not know such messages shows it to everybody, as `in_public`: then its id has no minus, and
        `on_public` gets the chat. Return 0 where nothing was sent, since Telegram refused. May raise TelegramError.
        """
        answer = await self._try(aside, screen)
        if answer is None:
            return 0
        message = _message_in(answer)
        if number := message.get("ephemeral_message_id"):
            return -int(number)
        await self._on_public(aside.chat_id)
        shown = int(message.get("message_id", 0))
        if shown and in_public.keyboard is not None:
            await self._messenger.set_keyboard(aside.chat_id, shown, in_public.keyboard)
        return shown

    async def _try(self, aside: ShownToOne, screen: Screen) -> bytes | None:
        """Return Telegram's answer; None for a refusal."""
        try:
            return await self._post(aside, screen, names_question=True)
        except (BadRequest, EndPointNotFound, InvalidToken) as refusal:
            reason = refusal.message.lower()
            if not any(words in reason for words in ("replied", "query_id")):
                await self._refused(aside, refusal.message)
                return None
        try:
            # The question is gone, or the press too old to be named.
            return await self._post(aside, screen, names_question=False)
        except BadRequest as refusal:
            await self._refused(aside, refusal.message)
            return None

    async def _post(self, aside: ShownToOne, screen: Screen, *, names_question: bool) -> bytes:
        body = as_json(aside.fields(names_question=names_question) | screen.fields()).encode()
        _, answer = await self._messenger.post(aside.chat_id, "sendMessage", lambda: body)
        return answer

    async def _refused(self, aside: ShownToOne, reason: str) -> None:
        logger.info("an answer can't be for one person alone", extra={"chat": aside.chat_id, "reason": reason})
        if not any(words in reason.lower() for words in _OF_THIS_MESSAGE):
            await self._on_public(aside.chat_id)


def _message_in(answer: bytes) -> dict[str, Any]:
    try:
        message = json.loads(answer)["result"]
    except (ValueError, KeyError, TypeError):
        return {}
    return message if isinstance(message, dict) else {}
