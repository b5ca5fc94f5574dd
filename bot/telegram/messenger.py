"""Messages to people, edits of them, and answers to pressed buttons, without PTB's objects.

Parsing Telegram's echo of a message into objects took a quarter of a command's time (measured), and only the message's
id is used. A message is a text, or a photo with the text as its caption. An edit makes a photo of a text, but no text
of a photo (Bot API, `editMessageMedia` and `editMessageText`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, TelegramError

from bot.limits import CALLBACK_ANSWER, CAPTION
from bot.render.shorten import shorten
from bot.telegram.answers import error_of, message_id_of
from bot.telegram.limiter import Limiter
from bot.telegram.messages import NO_PREVIEW, as_form, as_json, method_url
from bot.telegram.outcomes import outcome_of
from bot.telegram.photos import Photo, UploadedPhotos, file_id_of
from bot.telegram.request import AiohttpRequest, Files
from bot.text.markup import Html, visible_length
from digests.model.outcome import PICTURE_REFUSALS, BadPicture, FileForgotten

_UPLOAD = "attach://photo"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Screen:
    """What a message shows: a text, or a photo with the text as its caption, where that is short enough for one."""

    html: Html
    keyboard: InlineKeyboardMarkup | None = None
    preview: LinkPreviewOptions = NO_PREVIEW
    photo: Photo | None = None

    @property
    def shown_photo(self) -> Photo | None:
        """The photo, unless the text is too long for a caption."""
        return self.photo if self.photo is not None and visible_length(self.html) <= CAPTION else None

    def fields(self) -> dict[str, Any]:
        """Return the fields of a request that makes a message show it, without the photo."""
        fields: dict[str, Any] = {
            "text": self.html,
            "parse_mode": "HTML",
            "link_preview_options": self.preview.to_dict(),
        }
        if self.keyboard is not None:
            fields["reply_markup"] = self.keyboard.to_dict()
        return fields


@dataclass(frozen=True, slots=True)
class Document:
    """A file for a person to keep. `name` is what it is called on their device."""

    name: str
    content: bytes


class Messenger:
    """Writes to people, over connections reserved for them. Every method may raise TelegramError, as PTB's do.

    Where Telegram can't take a photo, or a chat allows none, the text is shown alone.
    """

    def __init__(self, base_url: str, connections: AiohttpRequest, limiter: Limiter, photos: UploadedPhotos) -> None:
        self._base_url = base_url
        self._connections = connections
        self._limiter = limiter
        self._photos = photos

    async def send(self, chat_id: int, screen: Screen, *, thread_id: int = 0, reply_to: int = 0) -> int:
        """Send a message, and return its id. The message `reply_to` may be gone by then."""
        own = _where(chat_id, thread_id, reply_to)

        async def leave() -> int:
            return message_id_of(*await self._show("sendMessage", "sendPhoto", own, screen))

        return await self._limiter.in_turn(leave, chat_id, "sendMessage")

    async def edit(self, chat_id: int, message_id: int, newest: Callable[[], Screen]) -> bool:
        """Edit a message to show what `newest` returns when the edit's turn has come.

        Return whether it is a photo now. Raises BadRequest for a photo that is to become a text.
        """
        own = {"chat_id": chat_id, "message_id": message_id}

        async def leave() -> bool:
            screen = newest()
            _, answer = await self._show("editMessageText", "editMessageMedia", own, screen)
            return screen.shown_photo is not None and bool(file_id_of(answer))

        return await self._limiter.in_turn(leave, chat_id, "editMessageText")

    async def _show(self, as_text: str, as_photo: str, own: dict[str, Any], screen: Screen) -> tuple[int, bytes]:
        """Make the request that shows a screen, by one of two methods; `own` are the fields that say where."""
        if screen.shown_photo is not None:
            try:
                return await self._show_photo(as_photo, own, screen, screen.shown_photo)
            except TelegramError as error:
                if not isinstance(outcome_of(error), PICTURE_REFUSALS):
                    raise
                logger.warning("a photo was left out", extra={"reason": error.message})
        return await self._post(as_text, as_json({**own, **screen.fields()}).encode())

    async def _show_photo(self, method: str, own: dict[str, Any], screen: Screen, photo: Photo) -> tuple[int, bytes]:
        """Show a photo by its file_id; upload it if it has none, or if Telegram forgot it."""
        if file_id := await self._photos.file_id(photo):
            try:
                return await self._post(method, as_json(_photo_fields(method, own, screen, file_id)).encode())
            except BadRequest as error:
                if not isinstance(outcome_of(error), FileForgotten):
                    raise
                logger.info("Telegram forgot a photo", extra={"reason": error.message})
                await self._photos.forgotten(photo, file_id)
                if not photo.content:
                    raise
        async with self._photos.uploading(photo):
            if file_id := await self._photos.file_id(photo):
                # Somebody else uploaded it meanwhile.
                return await self._post(method, as_json(_photo_fields(method, own, screen, file_id)).encode())
            try:
                status, answer = await self._upload(method, _photo_fields(method, own, screen, _UPLOAD), photo)
            except BadRequest as error:
                if isinstance(outcome_of(error), BadPicture):
                    await self._photos.refused(photo, error.message)
                raise
            if file_id := file_id_of(answer):
                await self._photos.uploaded(photo, file_id)
            return status, answer

    async def send_document(
        self, chat_id: int, document: Document, caption: Html, *, thread_id: int = 0, reply_to: int = 0
    ) -> int:
        """Send a file with a caption below it, and return the message's id."""
        fields = _where(chat_id, thread_id, reply_to) | {"document": "attach://document"}
        if caption:
            fields |= {"caption": caption, "parse_mode": "HTML"}

        async def leave() -> int:
            files = {"document": (document.name, document.content)}
            return message_id_of(*await self._post_form("sendDocument", fields, files))

        return await self._limiter.in_turn(leave, chat_id, "sendDocument")

    async def post_files(self, chat_id: int, method: str, fields: dict[str, Any], files: Files) -> tuple[int, bytes]:
        """Make a request with files to upload when its turn has come. Return Telegram's successful answer."""
        return await self._limiter.in_turn(lambda: self._post_form(method, fields, files), chat_id, method)

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Delete a message."""
        await self._post("deleteMessage", as_json({"chat_id": chat_id, "message_id": message_id}).encode())

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

    async def answer_inline(self, query_id: str, fields: Mapping[str, Any]) -> None:
        """Show whoever typed an inline query its results. Waits for no rate."""
        await self._post("answerInlineQuery", as_json({"inline_query_id": query_id, **fields}).encode())

    async def post(self, chat_id: int, method: str, body: Callable[[], bytes]) -> tuple[int, bytes]:
        """Make a request when its turn has come, with what `body` returns then. Return Telegram's successful answer."""
        return await self._limiter.in_turn(lambda: self._post(method, body()), chat_id, method)

    async def _post(self, method: str, body: bytes) -> tuple[int, bytes]:
        async with self._connections.connection():
            status, answer = await self._connections.send_json(method_url(self._base_url, method), body)
        if status >= 300:
            raise error_of(status, answer)
        return status, answer

    async def _upload(self, method: str, fields: dict[str, Any], photo: Photo) -> tuple[int, bytes]:
        return await self._post_form(
            method, fields, {_UPLOAD.removeprefix("attach://"): (photo.filename, photo.content)}
        )

    async def _post_form(self, method: str, fields: dict[str, Any], files: Files) -> tuple[int, bytes]:
        async with self._connections.connection():
            url = method_url(self._base_url, method)
            status, answer = await self._connections.send_form(url, as_form(fields), files)
        if status >= 300:
            raise error_of(status, answer)
        return status, answer


def _where(chat_id: int, thread_id: int, reply_to: int) -> dict[str, Any]:
    """Return the fields that say where a message goes; the one that it replies to may be gone by then."""
    own: dict[str, Any] = {"chat_id": chat_id}
    if thread_id:
        own["message_thread_id"] = thread_id
    if reply_to:
        own["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
    return own


def _photo_fields(method: str, own: dict[str, Any], screen: Screen, file: str) -> dict[str, Any]:
    """Return the fields of the request that shows a screen with its photo; `file` is a file_id or names an upload."""
    caption = {"caption": screen.html, "parse_mode": "HTML"} if screen.html else {}
    fields = own | ({"media": {"type": "photo", "media": file, **caption}} if method == "editMessageMedia" else caption)
    if method == "sendPhoto":
        fields["photo"] = file
    if screen.keyboard is not None:
        fields["reply_markup"] = screen.keyboard.to_dict()
    return fields
