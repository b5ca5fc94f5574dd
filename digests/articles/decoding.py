"""Bytes of a file to text, or why not."""

from __future__ import annotations

from digests.model.article import Unreadable

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_MEND = "save the file as UTF-8"


def decode(data: bytes) -> str | Unreadable:
    """The text, its lines ended by \\n and without a byte order mark; it may hold a NUL. Binary files are refused."""
    if not data.strip():
        return Unreadable("the file is empty", "write the post into it, or delete it", 1)
    if data.startswith(_UTF16):
        return Unreadable("the file is UTF-16, not UTF-8", _MEND, 1)
    # Text has no NUL at all; one or two may be dirt, many are another encoding, a picture, an archive.
    if data.count(0) * 20 > len(data):
        return Unreadable("the file is not text (it is full of NUL bytes)", f"{_MEND}, or take it out of the folder", 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        begin = data.rfind(b"\n", 0, error.start) + 1
        return Unreadable(
            f"the file is not UTF-8: byte 0x{data[error.start]:02x} at byte {error.start - begin + 1} of line {line}",
            _MEND,
            line,
        )
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text
