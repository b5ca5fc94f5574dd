"""Splitting text into tokens, in the same way for stored texts and queries (pure).

Dense scripts (Han, kana, hangul) have no spaces between words, so they give overlapping pairs of characters: 新闻 finds
every text that contains 新闻. Other words stay whole. Width, case, accents and the difference between traditional and
simplified characters don't count.
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
_DENSE_ONLY = re.compile(rf"[{_DENSE}]+")
_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2EBF0))
_ACCENTS = (0x300, 0x370)
_ACCENT = "\u0300"
BOUNDARY = "_"
"""Separates two runs of a stored text that would otherwise read as one: 甲乙。乙丙 must not contain 甲乙丙."""


@cache
def _folded_characters() -> str:
    """Return a table for `str.translate`, with each character's folded form at the index of its code.

    A traditional character folds to its simplified one. This goes by single characters (OpenCC's own table), not by
    words: what matters is that both spellings of a word get the same form, and that 乾 and 干 get it more often is a
    small price. The table is a string, not a dict: for each character that a dict lacks, `translate` pays for an
    exception (measured: half the time of folding).
    """
    characters = [chr(code) for first, end in _HAN for code in range(first, end)]
    simplified = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = [chr(code) for code in range(_HAN[-1][1])]
    for character, folded in zip(characters, simplified, strict=True):
        table[ord(character)] = folded
    # What it folds to may be folded itself (苧 becomes 苧, and that 苎): a folded text is to stay as it is.
    table = [table[ord(folded)] if ord(folded) < len(table) else folded for folded in table]
    for code in range(*_ACCENTS):
        table[code] = _ACCENT
    return "".join(table)


def fold(text: str) -> str:
    """Return the form in which text is compared."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text).casefold().translate(_folded_characters())
    return unicodedata.normalize("NFKC", bare.replace(_ACCENT, ""))


def is_dense(text: str) -> bool:
    """Return whether a folded text consists only of scripts without spaces between words; False if it is empty."""
    return _DENSE_ONLY.fullmatch(text) is not None


def runs(folded: str) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, is dense) of every stretch of a folded text from which tokens are made."""
    for run in _RUN.finditer(folded):
        yield run.start(), run.end(), run["dense"] is not None


def tokens(text: str) -> list[str]:
    """Return the text's tokens in order: pairs of adjacent dense characters (or a lone one), and whole words."""
    return folded_tokens(fold(text))


def folded_tokens(folded: str) -> list[str]:
    """Return the tokens of a text that is folded already."""
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
    """Return each dense character of the text once, for queries of one character."""
    return folded_characters(fold(text))


def folded_characters(folded: str) -> list[str]:
    """Return the dense characters of a text that is folded already."""
    return sorted("".join(_DENSE_ONLY.findall("".join(set(folded)))))
