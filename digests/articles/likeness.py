"""Whether two texts are one: the same, one the beginning of the other, or edited (pure)."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

COMPARED = 2_000
"""How many characters of two texts are compared."""
LEAST_TEXT = 40
"""With fewer characters, a text that many articles may have says nothing."""
_ALIKE = 60
"""Two texts are the same one, edited, if this per cent of them is alike; unrelated ones reach some 45."""
# How feeds end the beginning of a text, with what they write after it: `[…]`, `... Continue reading →`.
_CUT = re.compile(r"[\[(（【]?(?:…|\.{3,}|。{3,}).{0,60}\Z", re.DOTALL)
_MOST_TAIL = 80


def compact(text: str) -> str:
    """Return a text in the form in which texts are compared: its beginning, without white space."""
    return "".join(text[:COMPARED].split())


def is_beginning(short: str, whole: str) -> bool:
    """Return whether a compact text is the beginning of a longer one, also where it says that it was cut."""
    cut = _CUT.search(short, max(len(short) - _MOST_TAIL, 0))
    kept = short[: cut.start()] if cut is not None else short
    return len(kept) < len(whole) and whole.startswith(kept) and bool(kept)


def is_same_text(first: str, second: str) -> bool:
    """Return whether two compact texts are one, of which a feed may give only the beginning."""
    if first == second:
        return bool(first)
    short, whole = sorted((first, second), key=len)
    return len(short) >= LEAST_TEXT and is_beginning(short, whole)


def is_alike(first: str, second: str) -> bool:
    """Return whether two compact texts may be one that was edited; short ones have to be the same."""
    if is_same_text(first, second):
        return True
    return min(len(first), len(second)) >= LEAST_TEXT and fuzz.ratio(first, second) >= _ALIKE


def is_edited_text(first: str, second: str) -> bool:
    """Return whether two compact texts may be one, however short they are; one that is missing may be any."""
    return not first or not second or fuzz.ratio(first, second) >= _ALIKE
