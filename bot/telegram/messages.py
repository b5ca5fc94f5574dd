"""The bodies of requests that send parts, as JSON. What all copies share is encoded once.

Only the chat, the topic and the buttons differ from one copy to the next, and they are joined to the rest as bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from telegram import InlineKeyboardMarkup, LinkPreviewOptions

from bot.render.cut import cut
from bot.render.markup import plain_text
from bot.telegram.limits import TEXT
from digests.delivery.outcomes import Form
from digests.types import Part

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True, slots=True)
class Body:
    """`fields` are the inside of a JSON object."""

    method: str
    fields: bytes

    def to(self, chat_id: int, thread_id: int, keyboard: InlineKeyboardMarkup | None) -> bytes:
        own = f'{{"chat_id":{chat_id},'
        if thread_id:
            own += f'"message_thread_id":{thread_id},'
        if keyboard is not None:
            own += f'"reply_markup":{_json(keyboard.to_dict())},'
        return own.encode() + self.fields + b"}"


@lru_cache(maxsize=256)
def body_of(part: Part, form: Form, *, paid: bool, silent: bool = False) -> Body:
    """`paid`: above the free rate, for a fee. `silent`: without a sound."""
    method, fields = _fields(part, form)
    if silent:
        fields["disable_notification"] = True
    if paid:
        fields["allow_paid_broadcast"] = True
    return Body(method, _json(fields)[1:-1].encode())


def _fields(part: Part, form: Form) -> tuple[str, dict[str, Any]]:
    if form is Form.PLAIN:
        text = plain_text(part.html)
        return "sendMessage", {
            "text": text if len(text) <= TEXT else cut(text, TEXT),
            "link_preview_options": NO_PREVIEW.to_dict(),
        }
    if part.photo and form is Form.WHOLE:
        return "sendPhoto", {"photo": part.photo, "caption": part.html, "parse_mode": "HTML"}
    preview = picture_preview(part.picture if form is Form.WHOLE else None)
    return "sendMessage", {"text": part.html, "parse_mode": "HTML", "link_preview_options": preview.to_dict()}


def picture_preview(picture: str | None) -> LinkPreviewOptions:
    """A large picture above a text of full length. One that can't be fetched is simply not shown."""
    if not picture:
        return NO_PREVIEW
    return LinkPreviewOptions(url=picture, prefer_large_media=True, show_above_text=True)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
