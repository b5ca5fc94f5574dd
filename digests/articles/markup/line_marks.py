"""What stands in a line of text while a body is read: marks for what text can't say, and how each becomes text.

The marks are control characters, which no shown text keeps (`one_line`). If a post contains them itself, a paragraph
ends early, or a few of its words count as linked.
"""

from __future__ import annotations

import re
from typing import Final

BREAK: Final = "\x1e"
"""<br>."""
LINK_START: Final = "\x02"
LINK_END: Final = "\x03"
CODE_START: Final = "\x0e"
CODE_END: Final = "\x0f"
QUIET_START: Final = "\x10"
"""What follows is part of a link's text, but not of the line's."""
QUIET_END: Final = "\x11"
PICTURE: Final = "\x06"

_LINKED = re.compile(f"{LINK_START}([^{LINK_END}]*+)")
_CODE = re.compile(f"{CODE_START}[^{CODE_END}]*+{CODE_END}?+")
_QUIET = re.compile(f"{QUIET_START}[^{QUIET_END}]*+{QUIET_END}?+")
_ALL_BUT_PICTURES = re.compile(f"[{BREAK}{LINK_START}{LINK_END}{CODE_START}{CODE_END}{QUIET_START}{QUIET_END}]")
# Nothing begins within a run of white space: a million line ends would be looked at a million times.
_PARAGRAPH = re.compile(rf"(?<![^\S{BREAK}])(?:[^\S{BREAK}]*+{BREAK}){{2,}}")
_BLANK_LINE = re.compile(r"\n[ \t\r\f\v\u00a0]*+\n\s*+")

_NUMBER = re.compile(r"[+\-−–]?[0-9]{1,6}[+\-−]?|[+\-−]")
_RAISED = str.maketrans("0123456789+-−–ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−–", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋")
_REFERENCE = re.compile(r"[\[［(（【].{0,40}[\]］)）】]|[*†‡§¶]{1,3}|[0-9]{1,3}(?:\s?[,，–-]\s?[0-9]{1,3})+")
_BASE = re.compile(r"(?:[0-9)\]₀-₉]|(?<![^\W\d_])[A-Za-zµμ]{1,3}|[)\]][A-Za-z]?)\s?$")


def link_share(text: str) -> tuple[int, int]:
    """Return how many characters of the text are in links, and how many links it has."""
    linked = [words.strip() for words in _LINKED.findall(text)]
    return sum(map(len, linked)), len([words for words in linked if words])


def paragraphs_in(text: str) -> list[str]:
    """Split at two line breaks or more."""
    return _PARAGRAPH.split(text) if text.count(BREAK) > 1 else [text]


def preformatted_paragraphs_in(text: str) -> list[str]:
    """Split at blank lines, which are what ends a paragraph of preformatted text."""
    return _BLANK_LINE.split(text)


def without_marks(text: str) -> str:
    """Return the text alone, without what belongs to links only. Breaks, which are white space, stay."""
    # Each test takes a thirtieth of the time that one pattern for all marks would.
    if LINK_START in text:
        text = text.replace(LINK_START, "").replace(LINK_END, "")
    if QUIET_START in text:
        text = _QUIET.sub("", text)
    if CODE_START in text:
        text = text.replace(CODE_START, "").replace(CODE_END, "")
    return text.replace(PICTURE, "") if PICTURE in text else text


def pictures_around(text: str) -> tuple[bool, bool]:
    """Return whether a text with its marks begins with a picture, and whether it ends with one."""
    bare = _ALL_BUT_PICTURES.sub("", text).strip()
    return bare.startswith(PICTURE), bare.endswith(PICTURE)


def without_code(text: str) -> str:
    """Return the prose of a text that still has its marks."""
    return _CODE.sub(" ", text) if CODE_START in text else text


def raised(text: str, before: str) -> str:
    """Return how a superscript reads after `before`: a power in small digits, a footnote's mark not at all."""
    linked, words = LINK_START in text, without_marks(text).strip()
    if _REFERENCE.fullmatch(words):
        return ""
    if _NUMBER.fullmatch(words) or words in ("n", "i"):
        is_power = not linked and _BASE.search(before[-4:]) is not None
        return words.translate(_RAISED) if is_power else "" if words.isdecimal() else text
    return text


def lowered(text: str, before: str) -> str:
    """Return how a subscript reads after `before`: a number in small digits, anything else as it is."""
    words = text.strip()
    if _NUMBER.fullmatch(words) and before[-1:].isalnum() | (before[-1:] in ")]"):
        return words.translate(_LOWERED)
    return text
