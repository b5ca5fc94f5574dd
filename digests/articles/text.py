"""Plain text: one line, nothing in it that a reader can't see."""

from __future__ import annotations

import re

from digests.model.characters import INVISIBLE

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LETTERS = re.compile(r"[^\W_]+")


def one_line(text: str) -> str:
    """White space collapsed, unseen characters removed; safe to show on one line."""
    line = " ".join(text.split())
    # isprintable() is a fast no for nearly every text; it is also false for some emoji, which the pattern keeps.
    if line.isprintable():
        return line
    return " ".join(_INVISIBLE.sub("", line).split())


def unescape(text: str) -> str:
    """Decodes character references that are closed by a semicolon, once; `&copy=1` in an address stays."""
    if "&" not in text:
        return text
    return _ENTITY.sub(_reference, text)


def letters(text: str) -> str:
    """Letters and digits only, case folded: what two spellings of one line have in common."""
    return "".join(_LETTERS.findall(text.casefold()))


def _reference(match: re.Match[str]) -> str:
    from html import unescape as decode

    return decode(match[0])
