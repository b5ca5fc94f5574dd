"""One form for the many ways in which people write the same name (pure)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from opencc import OpenCC

_SPACE = re.compile(r"[\s\W_]+")
# Letters that no decomposition makes plain.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
_APOSTROPHES = re.compile("['’‘ʻ`´ʼ]")
_SAINT = re.compile(r"\bst\b")
_HAN = re.compile("[㐀-鿿]")


@cache
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Return a text with its Chinese characters simplified."""
    return _to_simplified().convert(text) if _HAN.search(text) else text


def fold_place(name: str) -> str:
    """Return a name without case, width, accents and punctuation, in simplified Chinese, with single spaces.

    "Xi'an" is one word, "Port-au-Prince" three; "St." is "saint".
    """
    plain = unicodedata.normalize("NFKC", name).casefold().translate(_PLAIN)
    letters = [
        letter for letter in unicodedata.normalize("NFKD", simplified(plain)) if not unicodedata.combining(letter)
    ]
    return _SAINT.sub("saint", _SPACE.sub(" ", _APOSTROPHES.sub("", "".join(letters))).strip())


def key_of(name: str) -> str:
    """Return a name folded, without spaces: "newyork"."""
    return fold_place(name).replace(" ", "")
