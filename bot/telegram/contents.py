"""Previews and test sends: parts shown to the person who asked, exactly as readers would get them."""

from __future__ import annotations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import TelegramError

from bot.telegram.answers import message_ids_of
from bot.telegram.messages import body_of, fields_of
from bot.telegram.messenger import Messenger
from bot.telegram.outcomes import outcome_of
from bot.telegram.part_pictures import NO_PICTURES, PartPictures, PicturesInPart, has_own_pictures
from digests.model.delivery import Part
from digests.model.outcome import PICTURE_REFUSALS, Form, OwnPictureRefused, Sent, Throttled


def link_keyboard(part: Part) -> InlineKeyboardMarkup | None:
    """Return the part's own buttons, one per row; None if it has none."""
    if not part.buttons:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, url=url)] for label, url in part.buttons])


class PreviewSender:
    """Sends what a delivery would send, over the connections for people and at their rate."""

    def __init__(self, messenger: Messenger, pictures: PartPictures) -> None:
        self._messenger = messenger
        self._pictures = pictures

    async def send(self, chat_id: int, part: Part, thread_id: int = 0) -> tuple[int, ...]:
        """Send the part, and return the ids of its messages in their order. Raises TelegramError.

        Pictures of ours that are not made yet, or that Telegram does not take, are left out.
        """
        if not has_own_pictures(part):
            return message_ids_of(*await self._post(chat_id, part, thread_id, NO_PICTURES, Form.WHOLE))
        async with self._pictures.of(part) as found:
            pictures = NO_PICTURES if isinstance(found, Throttled) else found
            try:
                status, answer = await self._post(chat_id, part, thread_id, pictures, Form.WHOLE)
            except TelegramError as error:
                outcome = await self._pictures.learn(part, pictures, outcome_of(error), b"")
                if not isinstance(outcome, (*PICTURE_REFUSALS, OwnPictureRefused)):
                    raise
            else:
                sent = message_ids_of(status, answer)
                await self._pictures.learn(part, pictures, Sent(sent[0]), answer)
                return sent
        return message_ids_of(*await self._post(chat_id, part, thread_id, NO_PICTURES, Form.WITHOUT_PICTURE))

    async def _post(
        self, chat_id: int, part: Part, thread_id: int, pictures: PicturesInPart, form: Form
    ) -> tuple[int, bytes]:
        keyboard = link_keyboard(part)
        if pictures.uploads:
            method, fields = fields_of(part, form, paid=False, pictures=pictures.names)
            where = {"chat_id": chat_id, **({"message_thread_id": thread_id} if thread_id else {})}
            return await self._messenger.post_files(chat_id, method, where | fields, pictures.files)
        message = body_of(part, form, paid=False, pictures=pictures.names)
        body = message.to(chat_id, thread_id, keyboard)
        return await self._messenger.post(chat_id, message.method, lambda: body)
