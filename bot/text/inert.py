"""Text of others, shown as it is: nothing in it can be tapped, and it turns no line around (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from bot.text.markup import Html, escape, seen

_JOINER = "\u2060"
"""A word joiner: nobody sees it, no line is broken there, and searches take it for the end of a word like the sign."""

# Telegram makes links, mentions, commands and numbers to call of texts, also inside our markup (TDLib,
# `find_entities`). A joiner behind the sign ends that. Each alternative begins with its sign, so that the rest of a
# text is skipped quickly.
_SIGN = re.compile(
    r"""
    @(?=\w)
  | /(?<![A-Za-z0-9]/)(?=[A-Za-z0-9_])
  | \#(?=\w|[^\x00-\x7f\ufe0f\u20e3])   # but not inside the emoji of a key
  | \$(?=[A-Z]|1INCH)
  | \.(?=[^\W\d_]|[^\x00-\x7f])         # example.org
  | \.(?=\d{1,3}(?:\.\d{1,3}){2})       # 127.0.0.1
  | :(?=//)
  | \+(?=[(\ ]?\d(?:[ ().-]{0,2}\d){4})  # but not in UTC+05:30
    """,
    re.VERBOSE,
)
# Of a telephone or a bank card, but not a date with a time behind it.
_LONG_NUMBER = re.compile(r"\d(?<!\d\d)(?!(?:(?<=1)9|(?<=2)0)\d\d[-.]\d\d[-.]\d\d\b)(?:[ ().-]{0,2}\d){9,}")
_DIGITS_TOGETHER = 5
# Telegram drops these, so what is before and behind them comes together (TDLib, `clean_input_string`).
_DROPPED = re.compile("[\u030a\u0333\u033f\u2028\u2029]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")


def inert(text: str) -> Html:
    """Return markup that shows a text of which Telegram makes no links, mentions, tags, commands or numbers to call."""
    text = _kept(text)
    return escape(_joined(text, places)) if (places := _places(text)) else escape(text)


def inert_pieces(pieces: Sequence[str]) -> list[Html]:
    """Return markup for pieces that are shown next to each other; what they make together is inert too."""
    pieces = [_kept(piece) for piece in pieces]
    places = _places("".join(pieces))
    start, made = 0, []
    for piece in pieces:
        end = start + len(piece)
        inside = [place - start for place in places if start < place <= end]
        made.append(escape(_joined(piece, inside)))
        start = end
    return made


def isolated(text: str, html: Html) -> Html:
    """Return the markup of `text` so that it does not turn around what is on the same line with it.

    Only text that is written from right to left needs that; its own marks were removed when it was escaped.
    """
    return Html(f"\u2068{html}\u2069") if _RIGHT_TO_LEFT.search(text) else html


def inert_in_line(text: str) -> Html:
    """Return markup for a text that shares its line with others: inert and isolated."""
    return isolated(text, inert(text))


def _kept(text: str) -> str:
    """Return what Telegram shows of a text."""
    text = seen(text)
    # An accent that is part of its letter is not dropped.
    return _DROPPED.sub("", unicodedata.normalize("NFC", text)) if _DROPPED.search(text) else text


def _places(text: str) -> list[int]:
    """Return where the joiners go, in order."""
    places = [found.end() for found in _SIGN.finditer(text)]
    if numbers := [place for found in _LONG_NUMBER.finditer(text) for place in _inside_number(found)]:
        places = sorted({*places, *numbers})
    return places


def _inside_number(found: re.Match[str]) -> Iterator[int]:
    digits = [place for place, character in enumerate(found[0], found.start()) if character.isdigit()]
    return (place + 1 for place in digits[_DIGITS_TOGETHER - 1 : -1 : _DIGITS_TOGETHER])


def _joined(text: str, places: Sequence[int]) -> str:
    return _JOINER.join([text[start:end] for start, end in zip([0, *places], [*places, None], strict=True)])
