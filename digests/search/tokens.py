"""Text to tokens, the same for what is stored and for what is asked (pure).

Han, kana and hangul come in overlapping pairs, since such text has no spaces between words: 新闻 finds every text
that holds 新闻. Other words stay whole. Width, case and accents don't count.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

# Ideographs with their extensions and compatibility forms, kana, bopomofo, hangul.
_DENSE = (
    "々〇\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"(?P<dense>[{_DENSE}]+)|(?P<word>[^\W_{_DENSE}]+)")


def fold(text: str) -> str:
    """The form in which text is compared."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(one for one in decomposed if not ("\u0300" <= one <= "\u036f"))
    return unicodedata.normalize("NFKC", bare)


def tokens(text: str) -> list[str]:
    """Pairs of neighbouring dense characters (one that stands alone comes alone) and whole words, in order."""
    found: list[str] = []
    for run in _RUN.finditer(fold(text)):
        dense = run["dense"]
        if dense is None:
            found.append(run["word"])
        elif len(dense) == 1:
            found.append(dense)
        else:
            found.extend(first + second for first, second in pairwise(dense))
    return found


def dense_characters(text: str) -> list[str]:
    """Each dense character of the text once: what one-character queries are looked up in."""
    return sorted({one for run in _RUN.finditer(fold(text)) if run["dense"] for one in run["dense"]})
