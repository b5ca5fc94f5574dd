"""Request bodies that send parts, as JSON. What all copies share is encoded once.

Copies differ only in the chat, the topic and the buttons, which are joined to the rest as bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from yarl import URL

from bot.limits import TEXT
from bot.render.shorten import shorten
from bot.telegram.rich import bare_text, pictures_in, with_pictures
from bot.text.markup import plain_text
from digests.model.delivery import Part, RichText
from digests.model.outcome import Form

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

_ALBUM = "sendMediaGroup"
ALBUM_KINDS = ("photo", "video", "document", "audio")
_COVERED = ("photo", "video")
_FILES = {"photo": "sendPhoto", "video": "sendVideo", "audio": "sendAudio"}


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The request that sends a part to any chat; `fields` is the inside of a JSON object."""

    method: str
    fields: bytes

    def to(self, chat_id: int, thread_id: int, keyboard: InlineKeyboardMarkup | None) -> bytes:
        """Return the body of the request to one chat or topic (0: none)."""
        own = f'{{"chat_id":{chat_id},'
        if thread_id:
            own += f'"message_thread_id":{thread_id},'
        # Telegram accepts no buttons on albums.
        if keyboard is not None and self.method != _ALBUM:
            own += f'"reply_markup":{as_json(keyboard.to_dict())},'
        return own.encode() + self.fields + b"}"


def form_fields(
    fields: Mapping[str, Any], chat_id: int, thread_id: int, keyboard: InlineKeyboardMarkup | None
) -> dict[str, str]:
    """Return the fields of a request to one chat or topic (0: none) as those of a form, to which files can be added."""
    own: dict[str, Any] = {"chat_id": chat_id}
    if thread_id:
        own["message_thread_id"] = thread_id
    if keyboard is not None:
        own["reply_markup"] = keyboard.to_dict()
    return as_form(own | dict(fields))


def as_form(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a request as Telegram takes them in a form: what is no text is JSON."""
    return {name: value if isinstance(value, str) else as_json(value) for name, value in fields.items()}


@lru_cache(maxsize=256)
def body_of(part: Part, form: Form, *, paid: bool, silent: bool = False, pictures: tuple[str, ...] = ()) -> RequestBody:
    """Return the request for a part; the arguments are those of `fields_of`."""
    method, fields = fields_of(part, form, paid=paid, silent=silent, pictures=pictures)
    return RequestBody(method, as_json(fields)[1:-1].encode())


def fields_of(
    part: Part, form: Form, *, paid: bool, silent: bool = False, pictures: tuple[str, ...] = ()
) -> tuple[str, dict[str, Any]]:
    """Return the method that sends a part, and its fields but for those of the chat.

    `paid` sends above the free rate, for a fee; `silent` sends without a sound. `pictures` are those of our own in the
    part, by what Telegram gets them by, a file_id, an upload or an address: its mosaic, if it can be shown; for a rich
    message those of `RichText.pictures` in their order, "" for each that can't.
    """
    method, fields = _fields(part, form, pictures)
    if silent or part.silent:
        fields["disable_notification"] = True
    if paid:
        fields["allow_paid_broadcast"] = True
    return method, fields


def _fields(part: Part, form: Form, pictures: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    if form is Form.PLAIN:
        return "sendMessage", {"text": _plain(part), "link_preview_options": NO_PREVIEW.to_dict()}
    if part.rich is not None:
        return "sendRichMessage", {"rich_message": rich_fields(part.rich, pictures if form is Form.WHOLE else ())}
    if form is Form.WHOLE and (part.photo or part.media or part.copy_of):
        return _more_than_text(part)
    if form is Form.WHOLE and pictures and part.is_caption:
        return "sendPhoto", {"photo": pictures[0], **_caption(part)}
    preview = picture_preview((pictures[0] if pictures else part.picture) if form is Form.WHOLE else None)
    return "sendMessage", {"text": part.html, "parse_mode": "HTML", "link_preview_options": preview.to_dict()}


def rich_fields(rich: RichText, pictures: Sequence[str]) -> dict[str, Any]:
    """Return a rich message as Telegram's InputRichMessage, with those of its pictures that can be shown."""
    shown = {number: picture for number, picture in enumerate(pictures, 1) if picture}
    # A picture that is shown twice is given once, or it would be uploaded twice.
    firsts: dict[str, int] = {}
    for number, picture in shown.items():
        firsts.setdefault(picture, number)
    html = with_pictures(rich.html, {number: firsts[picture] for number, picture in shown.items()})
    media = [
        {"id": f"p{number}", "media": {"type": "photo", "media": shown[number]}}
        for number in sorted(set(pictures_in(html)))
    ]
    # Names, tags and commands in what sites write are no links of ours.
    return {"html": html, "skip_entity_detection": True, **({"media": media} if media else {})}


def _plain(part: Part) -> str:
    if part.rich is not None:
        return bare_text(part.rich.html, TEXT)
    text = plain_text(part.html)
    return text if len(text) <= TEXT else shorten(text, TEXT)


def _more_than_text(part: Part) -> tuple[str, dict[str, Any]]:
    if part.copy_of is not None:
        chat, message = part.copy_of
        return "copyMessage", {"from_chat_id": chat, "message_id": message}
    if part.photo:
        return "sendPhoto", {"photo": part.photo, **_caption(part), **_cover(part, "photo", 0)}
    kind, file = part.media[0]
    if len(part.media) == 1:
        method = _FILES.get(kind, "sendDocument")
        return method, {kind if kind in _FILES else "document": file, **_caption(part), **_cover(part, kind, 0)}
    # Telegram shows an album's caption when only its first message has one.
    media = [
        {"type": kind, "media": file, **(_caption(part) if number == 0 else {}), **_cover(part, kind, number)}
        for number, (kind, file) in enumerate(part.media)
    ]
    return _ALBUM, {"media": media}


def _caption(part: Part) -> dict[str, Any]:
    return {"caption": part.html, "parse_mode": "HTML"} if part.html else {}


def _cover(part: Part, kind: str, number: int) -> dict[str, Any]:
    """Return how a photo or a video is shown; the files of an album all have their captions on the same side."""
    shown: dict[str, Any] = {}
    if kind in _COVERED and number in part.spoilers:
        shown["has_spoiler"] = True
    if kind in _COVERED and part.caption_above:
        shown["show_caption_above_media"] = True
    return shown


@lru_cache(maxsize=64)
def method_url(base_url: str, method: str) -> URL:
    """Return the address of a method, not encoded again: the colon in the token must stay a colon."""
    return URL(f"{base_url}/{method}", encoded=True)


def picture_preview(picture: str | None) -> LinkPreviewOptions:
    """Return options that show a large picture above a full-length text, unless Telegram can't fetch it."""
    if not picture:
        return NO_PREVIEW
    # Enabled explicitly: PTB takes options that are left out from the bot's defaults.
    return LinkPreviewOptions(is_disabled=False, url=picture, prefer_large_media=True, show_above_text=True)


def as_json(value: object) -> str:
    """Return compact JSON that is not limited to ASCII."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
