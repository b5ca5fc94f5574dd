"""Decoding the bytes of a file."""

from __future__ import annotations

from digests.model.article import Unreadable

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FIX = "save the file as UTF-8"


def decode(data: bytes) -> str | Unreadable:
    """Return the text with Unix line ends and without a byte order mark, or the reason why it is not text.

    A text may hold a NUL or two; a file with many of them is binary.
    """
    if not data.strip():
        return Unreadable("the file is empty", "write the post into it, or delete it", 1)
    if data.startswith(_UTF16):
        return Unreadable("the file is UTF-16, not UTF-8", _FIX, 1)
    # Text has no NULs. One or two may be dirt; many mean another encoding, a picture, an archive.
    if data.count(0) * 20 > len(data):
        return Unreadable("the file is not text (it is full of NUL bytes)", f"{_FIX}, or take it out of the folder", 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        begin = data.rfind(b"\n", 0, error.start) + 1
        return Unreadable(
            f"the file is not UTF-8: byte 0x{data[error.start]:02x} at byte {error.start - begin + 1} of line {line}",
            _FIX,
            line,
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text
