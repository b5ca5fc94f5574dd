"""Text to tokens, the same for what is stored and for what is asked (pure).

Han, kana and hangul come in overlapping pairs, since such text has no spaces between words: 新闻 finds every text
that holds 新闻. Other words stay whole. Width, case, accents and the choice between traditional and simplified
characters don't count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from operator import add

from opencc import OpenCC

# Ideographs with their extensions and compatibility forms, kana, bopomofo, hangul.
_DENSE = (
    "々〇\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"(?P<dense>[{_DENSE}]+)|(?P<word>[^\W_{_DENSE}]+)")
_ALL_DENSE = re.compile(rf"[{_DENSE}]+")
_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2EBF0))
_ACCENTS = (0x300, 0x370)
_ACCENT = "\u0300"
BOUNDARY = "_"
"""Stands in a stored text where two runs would otherwise read on: 甲乙。乙丙 must not hold 甲乙丙."""


@cache
def _folded_characters() -> str:
    """Each character's folded form, at the place of its code: a traditional one's is its simplified one.

    By single characters (OpenCC's own table), not by words: what matters is that both spellings of a word meet in
    one form, and 乾 and 干 in one more often is a small price. A string and not a dict: what a dict lacks costs an
    exception for each character (measured: half the time of folding).
    """
    characters = [chr(code) for first, end in _HAN for code in range(first, end)]
    simplified = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = [chr(code) for code in range(_HAN[-1][1])]
    for one, other in zip(characters, simplified, strict=True):
        table[ord(one)] = other
    for code in range(*_ACCENTS):
        table[code] = _ACCENT
    return "".join(table)


def fold(text: str) -> str:
    """The form in which text is compared."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text).casefold().translate(_folded_characters())
    return unicodedata.normalize("NFKC", bare.replace(_ACCENT, ""))


def is_dense(text: str) -> bool:
    """Whether all of a (folded) text is written without spaces between words."""
    return _ALL_DENSE.fullmatch(text) is not None


def runs(folded: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, is dense) of every stretch of a folded text that tokens are made of."""
    for run in _RUN.finditer(folded):
        yield run.start(), run.end(), run["dense"] is not None


def tokens(text: str) -> list[str]:
    """Pairs of neighbouring dense characters (one that stands alone comes alone) and whole words, in order."""
    return folded_tokens(fold(text))


def folded_tokens(folded: str) -> list[str]:
    """As `tokens`, of a text that was folded already."""
    found: list[str] = []
    last = ""
    for run in _RUN.finditer(folded):
        dense = run["dense"]
        if dense is None:
            found.append(run["word"])
            last = ""
        elif len(dense) == 1:
            found.append(dense)
            last = ""
        else:
            if last == dense[0]:
                found.append(BOUNDARY)
            found += map(add, dense, dense[1:])
            last = dense[-1]
    return found


def dense_characters(text: str) -> list[str]:
    """Each dense character of the text once: what one-character queries are looked up in."""
    return folded_characters(fold(text))


def folded_characters(folded: str) -> list[str]:
    """As `dense_characters`, of a text that was folded already."""
    return sorted("".join(_ALL_DENSE.findall("".join(set(folded)))))
