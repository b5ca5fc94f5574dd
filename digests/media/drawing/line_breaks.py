"""Breaking a title into lines, in scripts with spaces between words and in those without (pure).

The rules for what may not begin or end a line are the basic ones of "Requirements for Chinese Text Layout" and JIS X
4051.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

Measure = Callable[[str], float]

ELLIPSIS = "…"
_SHORT = 0.3
_NARROWER = 0.8
# Closing signs, pauses, small kana and marks of length begin no line.
_NEVER_FIRST = frozenset(
    ",.!?;:%)]}…‥—–-~·'\"’”»›°℃‰¢"
    "，。！？；：、％）］｝】〕〉》」』〗〙〛﹞〞＂＇－～・·々ゝゞーヽヾ゠〜…—"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
)
# Opening signs and currencies end none.
_NEVER_LAST = frozenset("([{‘“«‹（［｛【〔〈《「『〖〘〚﹝〝$£¥€＄￥￡#＃@")
_AFTER = frozenset("-/–—_|")
"""Signs in a word after which it may be broken."""


def break_lines(text: str, width: float, most: int, measure: Measure) -> tuple[str, ...]:
    """Return the text in at most so many lines of this width; if it was cut, the last ends with an ellipsis."""
    lines, is_cut = _broken(text, width, most, measure)
    if not is_cut and len(lines) > 1 and measure(lines[-1]) < _SHORT * width:
        # Two words on a line of their own look lost: somewhat narrower lines leave more for the last.
        narrower, is_cut = _broken(text, _NARROWER * width, most, measure)
        splits = any(measure(unit.rstrip()) > _NARROWER * width for unit in _units(text))
        if not is_cut and not splits and len(narrower) == len(lines):
            return narrower
    return lines


def _broken(text: str, width: float, most: int, measure: Measure) -> tuple[tuple[str, ...], bool]:
    """Return the lines, and whether something is missing at their end."""
    units = _units(text)
    lines: list[str] = []
    is_cut = False
    while units and len(lines) < most:
        line, units = _next_line(units, width, measure)
        if units and len(lines) == most - 1:
            line, is_cut = _cut(line, units[0], width, measure), True
        lines.append(line)
    return tuple(line for line in lines if line), is_cut


def _units(text: str) -> list[str]:
    """Return the pieces between which a line may end; a space is at the end of its piece."""
    units: list[str] = []
    current = ""
    for at, char in enumerate(text):
        if current and _may_break(current, char, text[at - 1]):
            units.append(current)
            current = ""
        current += char
    return [*units, current] if current else units


def _may_break(piece: str, char: str, before: str) -> bool:
    if char.isspace() or char in _NEVER_FIRST or unicodedata.category(char)[0] == "M" or char in "\u200c\u200d":
        return False
    if piece.isspace():
        return False
    if before.isspace():
        return True
    if before in _NEVER_LAST:
        return False
    return _is_dense(char) or _is_dense(before) or (before in _AFTER and len(piece) > 2 and not char.isdigit())


def _is_dense(char: str) -> bool:
    """Return whether the character is of a script that has no spaces between words."""
    return unicodedata.east_asian_width(char) in ("W", "F") or "\u0e00" <= char <= "\u0eff"


def _next_line(units: list[str], width: float, measure: Measure) -> tuple[str, list[str]]:
    """Return as many units as fit, at least a part of the first, and the rest."""
    line = ""
    for at, unit in enumerate(units):
        if measure((line + unit).rstrip()) > width:
            if line:
                return line.rstrip(), units[at:]
            head = _fitting(unit, width, measure)
            rest = unit[len(head) :].lstrip()
            return head.rstrip(), [rest, *units[at + 1 :]] if rest else units[at + 1 :]
        line += unit
    return line.rstrip(), []


def _fitting(word: str, width: float, measure: Measure) -> str:
    """Return as much of a word as fits, at least a character."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(word[:middle]) <= width else (low, middle - 1)
    return word[:low]


def _cut(line: str, following: str, width: float, measure: Measure) -> str:
    """Return the line with an ellipsis, after as many whole pieces of it as leave room for that."""
    pieces = _units(line)
    if len(pieces) == 1 or (pieces and measure(pieces[0].rstrip() + ELLIPSIS) > width):
        word = line + following if len(pieces) == 1 else pieces[0]
        while word and measure(_bare(word) + ELLIPSIS) > width:
            word = word[:-1]
        return _bare(word) + ELLIPSIS if _bare(word) else ELLIPSIS
    while len(pieces) > 1 and measure(_bare("".join(pieces)) + ELLIPSIS) > width:
        pieces.pop()
    return _bare("".join(pieces)) + ELLIPSIS


def _bare(text: str) -> str:
    """Return the text without the signs before which an ellipsis looks odd."""
    return text.rstrip(" ,;:，；：、·-–—。.…" + "".join(_NEVER_LAST))
