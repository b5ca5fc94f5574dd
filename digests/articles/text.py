"""Plain text: on one line, without characters that readers can't see."""

from __future__ import annotations

import re

from digests.model.characters import INVISIBLE

MAX_URL_LENGTH = 2_048
"""Characters of an address that clients can be given."""
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LETTERS = re.compile(r"[^\W_]+")


def one_line(text: str) -> str:
    """Collapse white space and remove invisible characters, so that the text is safe to show on one line."""
    line = " ".join(text.split())
    # isprintable() quickly clears nearly every text; it is also false for some emoji, which the pattern keeps.
    if line.isprintable():
        return line
    return " ".join(_INVISIBLE.sub("", line).split())


def unescape(text: str) -> str:
    """Decode, once, the character references that end in a semicolon; `&copy=1` in an address stays as it is."""
    if "&" not in text:
        return text
    return _ENTITY.sub(_reference, text)


def letters(text: str) -> str:
    """Return only the letters and digits, case-folded: what two spellings of one line have in common."""
    return "".join(_LETTERS.findall(text.casefold()))


def _reference(match: re.Match[str]) -> str:
    from html import unescape as decode

    return decode(match[0])
