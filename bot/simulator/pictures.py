"""The type and size of a picture: by Pillow where that is installed, or else by the picture's first bytes."""

from __future__ import annotations

import importlib
import io
import warnings
from typing import Any

_MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "BMP": "image/bmp"}


class PictureError(ValueError):
    """The bytes are not a picture that Telegram can process."""


def identify_picture(content: bytes) -> tuple[str, int, int]:
    """Return the content type, width and height; raise PictureError for what is not a picture."""
    try:
        image: Any = importlib.import_module("PIL.Image")
    except ImportError:
        return identify_by_header(content)
    try:
        with warnings.catch_warnings():
            # Pillow warns of very large pictures, which the caller refuses by their dimensions.
            warnings.simplefilter("ignore")
            with image.open(io.BytesIO(content)) as picture:
                return _MIMES[picture.format], int(picture.width), int(picture.height)
    except Exception as error:
        # Pillow's decoders raise exceptions of any type.
        raise PictureError(str(error)) from error


def identify_by_header(content: bytes) -> tuple[str, int, int]:
    """Do what `identify_picture` does, for PNG, GIF and JPEG only, from their headers alone."""
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
        # SOF0 to SOF15, except for the tables in this range.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    raise PictureError("no size in this JPEG")
