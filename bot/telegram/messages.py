"""Request bodies that send parts, as JSON. What all copies share is encoded once.

Copies differ only in the chat, the topic and the buttons, which are joined to the rest as bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from yarl import URL

from bot.limits import TEXT
from bot.markup import plain_text
from bot.render.shorten import shorten
from digests.model.delivery import Part
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


@lru_cache(maxsize=256)
def body_of(part: Part, form: Form, *, paid: bool, silent: bool = False) -> RequestBody:
    """Return the request for a part. `paid` sends above the free rate, for a fee; `silent` sends without a sound."""
    method, fields = _fields(part, form)
    if silent or part.silent:
        fields["disable_notification"] = True
    if paid:
        fields["allow_paid_broadcast"] = True
    return RequestBody(method, as_json(fields)[1:-1].encode())


def _fields(part: Part, form: Form) -> tuple[str, dict[str, Any]]:
    if form is Form.PLAIN:
        text = plain_text(part.html)
        return "sendMessage", {
            "text": text if len(text) <= TEXT else shorten(text, TEXT),
            "link_preview_options": NO_PREVIEW.to_dict(),
        }
    if form is Form.WHOLE and (part.photo or part.media or part.copy_of):
        return _more_than_text(part)
    preview = picture_preview(part.picture if form is Form.WHOLE else None)
    return "sendMessage", {"text": part.html, "parse_mode": "HTML", "link_preview_options": preview.to_dict()}


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
