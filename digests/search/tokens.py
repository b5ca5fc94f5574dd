"""Splitting text into tokens, in the same way for stored texts and queries (pure).

Dense scripts (Han, kana, hangul) have no spaces between words, so they give overlapping pairs of characters: 新闻 finds
every text that contains 新闻. Other words stay whole, apart from digits beside them. Width, case, accents and the
difference between traditional and simplified characters don't count. What is spelt in several ways is found by each:

- Two or more letters and the digits beside them are two words: COVID19 is COVID-19, iPhone15 is iPhone 15. 5G stays 5G.
- Commas between thousands don't count: 10,000 is 10000. But 3.5 is not 35.
- C++, C# and F# are words of their own, which C does not find.
- Further spellings come behind a text's tokens: email of e-mail, wifi of Wi-Fi, 10000 of 10.000 and of 10 000, .net of
  .NET, disney+ of Disney+. So net finds .NET, and .net finds nothing but .NET.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from operator import add
from typing import NamedTuple

from opencc import OpenCC

# Ideographs with their extensions and compatibility forms, kana, bopomofo, hangul.
DENSE = (
    "々〇\u3040-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""What stands in a class of a regular expression for them."""
_LETTER = rf"[^\W\d_{DENSE}]"
_SIGN = rf"[^\W_{DENSE}]"
_NAMED = rf"(?<![a-z0-9])[a-z](?:\+\+|\#(?!{_LETTER})|\+(?!{_SIGN}))(?![+#])"
"""C++, C# or A+, but not a+b, a#b or x+1."""
_THOUSANDS = r"(?<![\d.,])\d{1,3}(?:,\d\d\d?){0,6},\d\d\d(?!,?\d)"
"""10,000, or 10,00,000 as in India."""
_RUN = re.compile(
    rf"(?P<dense>[{DENSE}]+)|(?P<number>{_THOUSANDS})"
    rf"|(?P<word>{_NAMED}|{_LETTER}{{2,}}|(?:\d+|{_LETTER}(?!{_LETTER}))+)"
)
_WHOLE_RUN = re.compile(rf"(?P<dense>[{DENSE}]+)|(?P<number>(?!))|(?P<word>{_SIGN}+)")
_DENSE_ONLY = re.compile(rf"[{DENSE}]+")
_MAX_SPELLING = 30
_COMPOUND = re.compile(rf"(?<![^\W{DENSE}])(?<!-){_SIGN}++(?:[-\u2010]{_SIGN}++){{1,3}}+(?![-_\u2010+#])")
"""e-mail or Wi-Fi. What has more parts is an address rather than a word."""
_DIGITS_APART = re.compile(r"\d[-\u2010]\d")
_LOOSE_THOUSANDS = re.compile(
    r"[1-9](?<![\d.,'’][1-9])\d{0,2}"
    r"(?:(?P<by>[ '’])\d{3}(?:(?P=by)\d{3}){0,4}(?!(?P=by)?\d)|(?:(?:\.\d{3}){0,4}\.000|(?:\.\d{3}){2,5})(?!\.?\d))"
)
"""10 000, 10'000 or 10.000; a single point before other digits is a decimal one, as in 3.142."""
_NAMED_WORD = re.compile(rf"(?<![a-z0-9])[a-z]{{2,}}+(?:\+\+|[+#](?!{_SIGN}))(?![+#])")
"""Disney+ or Notepad++."""
_DOT_WORD = re.compile(rf"\.(?<![^\W{DENSE}]\.)(?<![.)\]/*]\.)[a-z]{{2,}}+(?!{_LETTER})")
""".NET, but not that of example.net."""
_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2EBF0))
_ACCENTS = (0x300, 0x370)
_UNSEEN = (0xAD, 0x2060, 0xFEFF)
"""The soft hyphen and the joiners, which may stand anywhere in a word."""
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
    for code in _UNSEEN:
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


Run = tuple[int, int, str, bool]
"""A stretch of a folded text from which tokens are made: (start, end, text, is dense); of a word, its token."""


class Spelling(NamedTuple):
    """A further spelling of a stretch of a folded text.

    One that is `exact` means more than the words that it consists of: .net is not every net, and 10.000 no 10.
    """

    start: int
    end: int
    token: str
    is_exact: bool


def runs(folded: str) -> Iterator[Run]:
    """Yield every stretch of a folded text from which tokens are made."""
    for run in _RUN.finditer(folded):
        kind, text = run.lastgroup, run[0]
        yield run.start(), run.end(), text if kind != "number" else text.replace(",", ""), kind == "dense"


def tokens(text: str) -> list[str]:
    """Return all that is stored of a text: its tokens in order, and behind boundaries its further spellings.

    Tokens are pairs of adjacent dense characters (or a lone one), and words.
    """
    folded = fold(text)
    found = folded_tokens(folded)
    for spelling in further_tokens(folded):
        found += (BOUNDARY, spelling)
    return found


def folded_tokens(folded: str) -> list[str]:
    """Return the tokens of a text that is folded already, in order, without further spellings."""
    return _tokens(_RUN, folded)


def whole_tokens(folded: str) -> list[str]:
    """Return the tokens of a folded text with words as they are written, such as covid19, and no signs."""
    return _tokens(_WHOLE_RUN, folded)


def _tokens(pattern: re.Pattern[str], folded: str) -> list[str]:
    found: list[str] = []
    last = ""
    for dense, number, word in pattern.findall(folded):
        if word:
            found.append(word)
            last = ""
        elif number:
            found.append(number.replace(",", ""))
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


def further_tokens(folded: str) -> list[str]:
    """Return the further spellings in a folded text, each once."""
    return sorted({spelling.token for spelling in spellings(folded)})


def spellings(folded: str) -> Iterator[Spelling]:
    """Yield the further spellings of stretches of a folded text."""
    if "-" in folded or "\u2010" in folded:
        for found in _COMPOUND.finditer(folded):
            token = re.sub("[-\u2010]", "", found[0])
            # What is of several words even when written together, such as covid19, needs no spelling of its own.
            if not _DIGITS_APART.search(found[0]) and folded_tokens(token) == [token]:
                yield from _spelling(found, token, is_exact=False)
    for found in _LOOSE_THOUSANDS.finditer(folded):
        yield from _spelling(found, re.sub(r"\D", "", found[0]), is_exact=True)
    if "+" in folded or "#" in folded:
        for found in _NAMED_WORD.finditer(folded):
            yield from _spelling(found, found[0], is_exact=True)
    for found in _DOT_WORD.finditer(folded):
        yield from _spelling(found, found[0], is_exact=True)


def _spelling(found: re.Match[str], token: str, *, is_exact: bool) -> Iterator[Spelling]:
    if len(token) <= _MAX_SPELLING:
        yield Spelling(found.start(), found.end(), token, is_exact)


def phrase_of(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the tokens by which a text is looked for, and whether they may be written together as well, as wifi is.

    A text that is nothing but one word with a sign, such as .NET, is looked for by that alone.
    """
    folded = fold(text)
    phrase = tuple(folded_tokens(folded))
    if phrase:
        stretches = list(runs(folded))
        for spelling in spellings(folded):
            if spelling.start <= stretches[0][0] and stretches[-1][1] <= spelling.end:
                return ((spelling.token,), False) if spelling.is_exact else (phrase, True)
    return phrase, False


def folded_characters(folded: str) -> list[str]:
    """Return the dense characters of a text that is folded already."""
    return sorted("".join(_DENSE_ONLY.findall("".join(set(folded)))))
