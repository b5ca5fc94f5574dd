"""What a picture is and how large, by Pillow where that is installed, else by its first bytes."""

from __future__ import annotations

import importlib
import io
import warnings
from typing import Any

_MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "BMP": "image/bmp"}


class PictureError(ValueError):
    """Not a picture that Telegram can work with."""


def read_size(content: bytes) -> tuple[str, int, int]:
    """Content type, width and height. Raises PictureError."""
    try:
        image: Any = importlib.import_module("PIL.Image")
    except ImportError:
        return read_header(content)
    try:
        with warnings.catch_warnings():
            # A very large picture is refused by its dimensions.
            warnings.simplefilter("ignore")
            with image.open(io.BytesIO(content)) as picture:
                return _MIMES[picture.format], int(picture.width), int(picture.height)
    except Exception as error:
        # Pillow raises whatever its decoders raise.
        raise PictureError(str(error)) from error


def read_header(content: bytes) -> tuple[str, int, int]:
    """As `read_size`, for PNG, GIF and JPEG, from their headers alone."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) > 24 and content[12:16] == b"IHDR":
        return "image/png", int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) > 10:
        return "image/gif", int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
    if content.startswith(b"\xff\xd8"):
        width, height = _jpeg_size(content)
        return "image/jpeg", width, height
    raise PictureError("neither PNG nor JPEG nor GIF")


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            break
        marker = content[at + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 1 if marker == 0xFF else 2
            continue
        # SOF0 to SOF15, but for the tables among them.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    raise PictureError("no size in this JPEG")
