"""The `Editor` port: edits messages of deliveries, whatever they are by now.

What was planned as a photo may have been sent as a text, and no edit makes a text of a photo. So a photo that has
nothing to show any more shows the lead story's picture instead, or a grey one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.i18n import translator
from bot.keyboards.digest import keyboard_at
from bot.telegram.answers import error_of
from bot.telegram.client import DigestBot
from bot.telegram.edits import BLANK, blank_picture, edit_of, photo_edit
from bot.telegram.limiter import Limiter
from bot.telegram.messages import as_form, as_json, fields_of, method_url
from bot.telegram.outcomes import outcome_of
from bot.telegram.part_pictures import PartPictures, has_own_pictures
from bot.telegram.request import AiohttpRequest, Files
from digests.model.delivery import Delivery, DeliveryState, Part
from digests.model.outcome import PICTURE_REFUSALS, Form, Outcome, Refused, Sent, Throttled
from digests.model.step import Done, GiveUp, RetryAtNewChat, RetryLater, RetrySimpler, SendAgain, Step, next_step

logger = logging.getLogger(__name__)

_NO_TEXT = "there is no text in the message"
_NO_FILES: Files = {}
# An edit may be repeated for as long as it takes, and does no harm when it is made twice.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_FOR_EVER = _ANY_TIME + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Message:
    """A message of a delivery, with the buttons that it is to have."""

    delivery: Delivery
    id: int
    keyboard: InlineKeyboardMarkup | None = None


class TelegramEditor:
    """Edits messages after whatever is waiting to be sent: an edit is never urgent."""

    def __init__(
        self, bot: DigestBot, connections: AiohttpRequest, limiter: Limiter, pictures: PartPictures | None = None
    ) -> None:
        self._bot = bot
        self._connections = connections
        self._limiter = limiter
        self._pictures = pictures

    async def edit(self, delivery: Delivery, message_id: int, part: Part, *, rest: int, items: int) -> bool | None:
        """Make the message say what the part says, as `Editor.edit` promises."""
        t = translator(delivery.place.language)
        keyboard = keyboard_at(
            delivery.place, delivery, rest, part, t, items=items, bot_name=lambda: self._bot.username
        )
        message = _Message(delivery, message_id, keyboard)
        form, repeats = Form.WHOLE, 0
        while True:
            outcome = await self._edit_in(form, message, part)
            if isinstance(outcome, Refused) and _NO_TEXT in outcome.reason.lower():
                return _result(message, _step_after(await self._edit_photo(message, part), Form.PLAIN, 0))
            step = _step_after(outcome, form, repeats)
            repeats += 1
            if isinstance(step, RetrySimpler):
                form, repeats = step.form, 0
            elif not isinstance(step, SendAgain):
                return _result(message, step)

    async def remove(self, delivery: Delivery, message_id: int) -> bool | None:
        """Delete the message, as `Editor.remove` promises."""
        message = _Message(delivery, message_id)
        outcome, _ = await self._request(message, "deleteMessage", {})
        return _result(message, _step_after(outcome, Form.PLAIN, 0))

    async def _edit_in(self, form: Form, message: _Message, part: Part) -> Outcome:
        """Make the message what it would be if the part were sent in this form now."""
        if self._pictures is None or form is not Form.WHOLE or not has_own_pictures(part):
            outcome, _ = await self._request(message, *edit_of(*fields_of(part, form, paid=False)))
            return outcome
        async with self._pictures.of(part) as pictures:
            if isinstance(pictures, Throttled):
                return pictures
            method, fields = edit_of(*fields_of(part, form, paid=False, pictures=pictures.names))
            outcome, answer = await self._request(message, method, fields, pictures.files)
            return await self._pictures.learn(part, pictures, outcome, answer)

    async def _edit_photo(self, message: _Message, part: Part) -> Outcome:
        """Make a photo, which can't become a text, show other than it did, with the part's text as its caption."""
        if part.picture:
            outcome, _ = await self._request(message, *photo_edit(part, part.picture))
            if not isinstance(outcome, PICTURE_REFUSALS):
                return outcome
        blank = {BLANK: (f"{BLANK}.png", blank_picture())}
        outcome, _ = await self._request(message, *photo_edit(part, f"attach://{BLANK}"), blank)
        return outcome

    async def _request(
        self, message: _Message, method: str, fields: dict[str, Any], files: Files = _NO_FILES
    ) -> tuple[Outcome, bytes]:
        """Make a request when its turn has come; return what came of it, and Telegram's answer if it was made."""
        chat_id, url = message.delivery.place.chat_id, method_url(self._bot.base_url, method)
        whole = {"chat_id": chat_id, "message_id": message.id, **fields}
        if message.keyboard is not None:
            whole["reply_markup"] = message.keyboard.to_dict()

        async def call() -> bytes:
            async with self._connections.connection():
                if files:
                    status, answer = await self._connections.send_form(url, as_form(whole), files)
                else:
                    status, answer = await self._connections.send_json(url, as_json(whole).encode())
            if status >= 300:
                raise error_of(status, answer)
            return answer

        try:
            return Sent(message.id), await self._limiter.in_turn(call, chat_id, method, bulk=True)
        except TelegramError as error:
            return outcome_of(error), b""


def _step_after(outcome: Outcome, form: Form, repeats: int) -> Step:
    return next_step(outcome, form, 0, _ANY_TIME, _FOR_EVER, repeats=repeats)


def _result(message: _Message, step: Step) -> bool | None:
    """Return what a step means for an edit: whether it was made, or None if it can be made later."""
    if isinstance(step, Done):
        return True
    reason = "the chat has a new id" if isinstance(step, RetryAtNewChat) else step.reason
    extra = {"delivery": message.delivery.id, "reason": reason}
    if isinstance(step, RetryLater) or (isinstance(step, GiveUp) and step.state is DeliveryState.UNCERTAIN):
        logger.info("a message is edited later", extra=extra)
        return None
    logger.info("a message can't be edited", extra=extra)
    return False
