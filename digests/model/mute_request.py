"""Parsing what a person wants muted and for how long: `36kr 7d`, `足球 两周`, `moon landing for 12 hours` (pure)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

HOUR, DAY, WEEK, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30)
LONGEST = timedelta(days=3650)
"""Beyond ten years somebody means for good."""
_NUMBERS = {"一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_UNITS = {
    HOUR: "h|hrs?|hours?|个?小时|個?小時|个?钟头|個?鐘頭",
    DAY: "d|days?|天|日",
    WEEK: "w|wks?|weeks?|周|週|个?星期|個?星期|个?礼拜|個?禮拜",
    MONTH: "mo|months?|个?月|個?月",
}
# A word of its own: "Top 10 days" ends with a span, "iPhone12h" does not.
_SPAN = re.compile(
    r"(?:(?:^|\s)(?:for\s+)?)(?P<number>\d{1,5}|[一二两兩三四五六七八九十])\s*"
    r"(?:" + "|".join(f"(?P<u{number}>{words})" for number, words in enumerate(_UNITS.values())) + r")$",
    re.IGNORECASE,
)
_FOR_GOOD = re.compile(r"(?:^|\s)(?:for\s+good|for\s*ever|always|永久|永远|永遠)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MuteRequest:
    """What is to be muted, "" where nothing is named, and for how long: a `span`, or `for_good`.

    Neither of these means that it was not said.
    """

    name: str
    span: timedelta | None = None
    for_good: bool = False


def parse_mute(text: str) -> MuteRequest:
    """Parse what follows /mute. What can't be a length of time at its end belongs to the name."""
    text = " ".join(text.split())
    # Full-width digits and letters are as long as narrow ones, so that positions stay.
    plain = "".join(_narrow(character) for character in text)
    if found := _FOR_GOOD.search(plain):
        return MuteRequest(text[: found.start()].strip(), for_good=True)
    found = _SPAN.search(plain)
    if found is None:
        return MuteRequest(text)
    number = _NUMBERS.get(found["number"]) or int(found["number"])
    unit = next(unit for place, unit in enumerate(_UNITS) if found[f"u{place}"])
    if not number:
        return MuteRequest(text)
    name = text[: found.start()].strip()
    if number > LONGEST // unit:
        return MuteRequest(name, for_good=True)
    return MuteRequest(name, number * unit)


def _narrow(character: str) -> str:
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 else character
