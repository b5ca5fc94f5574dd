"""The attributes of Telegram's HTML tags, and the values that they may have."""

from __future__ import annotations

import re

_INT32 = re.compile(rb"-?[0-9]*")
_INT64 = re.compile(r"-?[1-9][0-9]*")


class MarkupError(ValueError):
    """The markup can't be read; the text is TDLib's, without its prefix "Can't parse entities: "."""


def read_attribute(tag: str, name: bytes, value: bytes, before: str) -> str:
    """Return a tag's argument, given its next attribute; an attribute that means nothing leaves it as it was."""
    text = value.decode(errors="surrogatepass")
    match tag, name:
        case ("a", b"href") | ("tg-emoji", b"emoji-id") | ("tg-time", b"format"):
            return text
        case ("code", b"class") if text.startswith("language-"):
            return text.removeprefix("language-")
        case ("span", b"class") if text.startswith("tg-"):
            return text.removeprefix("tg-")
        case ("blockquote", b"expandable"):
            return "1"
        case _:
            return before


def read_int32(value: bytes) -> int:
    """Return the integer that a value begins with, 0 if with none, wrapped to 32 bits as in C."""
    match = _INT32.match(value)
    digits = match[0] if match else b""
    number = int(digits) if digits not in (b"", b"-") else 0
    return (number + 2**31) % 2**32 - 2**31


def check_emoji(argument: str) -> str:
    """Return the id of a custom emoji, or raise MarkupError."""
    if not _INT64.fullmatch(argument) or not -(2**63) <= int(argument) < 2**63 or int(argument) == 0:
        raise MarkupError("Invalid custom emoji identifier specified")
    return argument


def read_date_format(form: str) -> str:
    """Return the format of a date in TDLib's order (weekday, date, time), or raise MarkupError."""
    if form in ("r", "R"):
        return "r"
    if any(letter not in "tTdDwW" for letter in form):
        raise MarkupError("Invalid date format used")
    day = "w" if "w" in form.lower() else ""
    date = "d" if "d" in form else "D" if "D" in form else ""
    time = "t" if "t" in form else "T" if "T" in form else ""
    return day + date + time
