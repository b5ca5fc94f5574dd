"""The requests that make a message show another part, by what the message is (pure).

Bot API: `editMessageText` changes texts and rich messages; `editMessageMedia` changes photos, and makes photos of
texts. No method makes a text of a photo.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

from bot.limits import CAPTION
from bot.render.shorten import shorten
from bot.text.markup import plain_text, visible_length
from digests.model.delivery import Part

_BLANK_SIZE = (640, 120)
_BLANK_GREY = 0x9A
BLANK = "blank"
"""The name under which the blank picture is uploaded."""


def edit_of(method: str, fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the method that edits a message into what `method` would send with these fields, and its fields."""
    if method != "sendPhoto":
        return "editMessageText", fields
    return "editMessageMedia", {"media": {"type": "photo", "media": fields["photo"], **_caption_fields(fields)}}


def photo_edit(part: Part, picture: str) -> tuple[str, dict[str, Any]]:
    """Return the request that makes a photo show this picture, and the part's text as its caption.

    A text that is too long for that is shortened, without its markup.
    """
    html = part.html
    if visible_length(html) <= CAPTION:
        caption: dict[str, Any] = {"caption": html, "parse_mode": "HTML"}
    else:
        caption = {"caption": shorten(plain_text(html), CAPTION)}
    return "editMessageMedia", {"media": {"type": "photo", "media": picture, **caption}}


def blank_picture() -> bytes:
    """Return a low grey picture, a PNG, for a photo that must no longer show what it did.

    Grey is neither bright by night nor dark by day.
    """
    width, height = _BLANK_SIZE
    rows = zlib.compress((b"\0" + bytes([_BLANK_GREY]) * width) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _caption_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ("caption", "parse_mode") if name in fields}
