"""Times of day as people write them, in English and Chinese: "8am", "20h30", "早上8点半", "晚上10点到早上7点" (pure).

An hour alone is on a clock of 24 hours: "8" is 08:00. What may mean two things is refused: the hour of "8 and 9 pm".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import time

LONGEST = 200
"""No text with so many characters is read as times."""
_DAY_MINUTES = 24 * 60
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−~～〜ー", "-"))
# The few traditional characters and variants that times are written with.
_SIMPLIFIED = str.maketrans("點時兩後鐘間從點晝夜淩裡裏", "点时两后钟间从点昼夜凌里里")
_DIGITS = {name: value for value, name in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERAL = re.compile("[零〇一二两三四五六七八九十廿]+")

_MORNING, _FORENOON, _NOON, _AFTERNOON, _EVENING, _NIGHT, _SMALL_HOURS = (
    "morning", "forenoon", "noon", "afternoon", "evening", "night", "small hours",
)  # fmt: skip
_PERIODS = {
    "am": "am", "pm": "pm",
    "凌晨": _SMALL_HOURS, "清晨": _MORNING, "清早": _MORNING, "早上": _MORNING, "早晨": _MORNING, "明早": _MORNING,
    "今早": _MORNING, "早": _MORNING, "上午": _FORENOON, "中午": _NOON, "正午": _NOON, "下午": _AFTERNOON,
    "午后": _AFTERNOON, "傍晚": _EVENING, "晚上": _EVENING, "晚间": _EVENING, "今晚": _EVENING, "夜晚": _EVENING,
    "晚": _EVENING, "夜里": _NIGHT, "夜间": _NIGHT, "深夜": _NIGHT, "半夜": _NIGHT, "午夜": _NIGHT,
}  # fmt: skip
# The hours that each period takes on a clock of 24 hours, by the hour that is written. "上午12点" is noon, and
# "晚上12点" midnight; an hour that a period does not have is a mistake.
_HOURS: dict[str, dict[int, int]] = {
    "am": {12: 0} | {hour: hour for hour in range(12)},
    "pm": {12: 12} | {hour: hour + 12 for hour in range(1, 12)} | {hour: hour for hour in range(13, 24)},
    _SMALL_HOURS: {12: 0} | {hour: hour for hour in range(7)},
    _MORNING: {hour: hour for hour in range(1, 12)},
    _FORENOON: {hour: hour for hour in range(1, 13)},
    _NOON: {1: 13, 2: 14} | {hour: hour for hour in range(11, 15)},
    _AFTERNOON: {hour: hour + 12 for hour in range(1, 8)} | {hour: hour for hour in range(12, 20)},
    _EVENING: {0: 0, 12: 0, 1: 1, 2: 2, 3: 3}
    | {hour: hour + 12 for hour in range(5, 12)}
    | {hour: hour for hour in range(17, 25)},
    _NIGHT: {0: 0, 12: 0, 24: 24} | {hour: hour for hour in range(1, 6)} | {hour: hour + 12 for hour in range(7, 12)}
    | {hour: hour for hour in range(19, 24)},
}  # fmt: skip
_WORDS = {"noon": 12, "midday": 12, "midnight": 0, "中午": 12, "正午": 12, "午夜": 0, "半夜": 0}
_ENGLISH_PERIODS = {"in the morning": "am", "in the afternoon": "pm", "in the evening": "pm"}

_TIME = re.compile(
    rf"""(?:at\s+|um\s+|[àa]\s+)?
    (?:
        (?P<word>noon|midday|midnight)\b
      | (?P<part>half|quarter)\s+(?P<way>past|to)\s+(?P<near>\d{{1,2}})(?!\d)
      | (?P<period>{"|".join(sorted((name for name in _PERIODS if name.isascii()), key=len, reverse=True))}
          |{"|".join(sorted((name for name in _PERIODS if not name.isascii()), key=len, reverse=True))})?
        \.?\s*
        (?:
            (?P<hour>\d{{1,2}})\s*
            (?:
                (?P<point>[点时])\s*(?:钟|整|(?P<spoken>半|一刻|三刻|\d{{1,2}})(?:\s*分)?(?!\d))?
              | (?:h|hrs?|uhr)(?![a-z])\s*(?P<after_h>\d{{2}})?(?!\d)
              | [:.]\s*(?P<minute>\d{{2}})(?:\s*uhr)?(?!\d)
              | (?P<oclock>o'?clock)
              | (?![\d:.])
            )
          | (?P<digits>\d{{3,4}})(?!\d)(?:\s*h(?:rs?)?\b)?
        )
        (?:\s*(?P<half>[ap])\.?\s?m\b\.?|\s*(?P<english>{"|".join(map(re.escape, _ENGLISH_PERIODS))}))?
      | (?P<chinese>中午|正午|午夜|半夜)
    )""",
    re.VERBOSE | re.ASCII,
)
_BETWEEN_TIMES = re.compile(
    r"(?:[\s,;、。&/|+]|和|及|与|跟|还有|以及|每天|每日|各?一次|\band\b|\bund\b|\bor\b|\bevery day\b)+"
)
_BETWEEN_ENDS = re.compile(r"\s*(?:-+|至|到|\b(?:to|till?|until|bis|and)\b)\s*")
_BEFORE_RANGE = re.compile(r"\s*(?:from\b|between\b|von\b|从|自)?\s*")


@dataclass(frozen=True, slots=True)
class _Written:
    """A time as it was written; `hour` is not settled yet where neither `period` nor minutes go with it."""

    hour: int
    minute: int
    period: str = ""
    is_bare: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may be in either half of the day, beside a time that says which."""
        return not self.period and self.is_bare and 1 <= self.hour <= 12

    def minutes(self, hour: int | None = None) -> int:
        """Return the minutes since midnight. Raises ValueError for what is no time of day."""
        hour = self.hour if hour is None else hour
        if self.period:
            if hour not in _HOURS[self.period]:
                raise ValueError(hour)
            hour = _HOURS[self.period][hour]
        if self.minute > 59 or hour > 24 or (hour == 24 and self.minute):
            raise ValueError(hour)
        return (hour * 60 + self.minute) % _DAY_MINUTES


def read_times(text: str) -> list[time]:
    """Return the times of day in a text, as they are written.

    Raises:
        ValueError: There is none, there is something else, or one may mean two things.
    """
    plain = _plain(text)
    written: list[_Written] = []
    at = _end_of(_BETWEEN_TIMES, plain, 0)
    while at < len(plain):
        found = _TIME.match(plain, at)
        if found is None:
            raise ValueError(text)
        written.append(_read(found))
        end = _end_of(_BETWEEN_TIMES, plain, found.end())
        if end == found.end() < len(plain) and plain[end].isascii():
            # "8:008": neither is what somebody meant.
            raise ValueError(text)
        at = end
    if not written or (any(each.period for each in written) and any(each.is_open for each in written)):
        raise ValueError(text)
    return [_time(each.minutes()) for each in written]


def read_range(text: str) -> tuple[time, time]:
    """Return the beginning and the end in a text such as "22-7", "10pm to 7am" or "晚上10点到早上7点".

    Where one says in which half of the day it is and the other does not, the two are less than half a day apart:
    "8-10pm" begins at 20:00, "晚上10点到7点" ends at 07:00.

    Raises:
        ValueError: The text is not two times.
    """
    plain = _plain(text)
    first = _TIME.match(plain, _end_of(_BEFORE_RANGE, plain, 0))
    between = _BETWEEN_ENDS.match(plain, first.end()) if first else None
    last = _TIME.match(plain, between.end()) if between else None
    if first is None or last is None or plain[last.end() :].strip():
        raise ValueError(text)
    start, end = _read(first), _read(last)
    if start.period and end.is_open:
        begin = start.minutes()
        return _time(begin), _time(min(_either(end), key=lambda each: (each - begin - 1) % _DAY_MINUTES))
    if end.period and start.is_open:
        finish = end.minutes()
        return _time(min(_either(start), key=lambda each: (finish - each - 1) % _DAY_MINUTES)), _time(finish)
    return _time(start.minutes()), _time(end.minutes())


def _plain(text: str) -> str:
    """Return the text as the patterns have it: half width, small letters, simplified, numerals as digits."""
    if len(text) > LONGEST:
        raise ValueError(text)
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_DASHES).translate(_SIMPLIFIED)
    # A quarter is a word of its own: 一刻, 三刻.
    plain = re.sub("([一三])刻", lambda found: {"一": "15", "三": "45"}[found[1]], plain.strip())
    return _NUMERAL.sub(lambda found: _number(found[0]), plain).replace("’", "'")


def _number(numeral: str) -> str:
    """Return a numeral up to 99 as digits, with what is none left as it is."""
    tens, ten, units = numeral.replace("廿", "二十").rpartition("十")
    values = [_DIGITS.get(digit) for digit in tens + units]
    if not ten:
        return "".join(str(value) for value in values)
    if len(tens) > 1 or len(units) > 1 or None in values:
        return numeral
    return str((_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[units] if units else 0))


def _read(found: re.Match[str]) -> _Written:
    if word := found["word"] or found["chinese"]:
        return _Written(_WORDS[word], 0, "", is_bare=False)
    if found["part"]:
        minutes = {"half": 30, "quarter": 15}[found["part"]]
        if found["way"] == "past":
            return _Written(int(found["near"]), minutes)
        if minutes == 30:
            raise ValueError(found[0])
        return _Written((int(found["near"]) - 1) % 24, 60 - minutes)
    written = found["period"]
    period = _PERIODS[written] if written else ""
    half = f"{found['half']}m" if found["half"] else _ENGLISH_PERIODS.get(found["english"] or "", "")
    if period and half:
        raise ValueError(found[0])
    if digits := found["digits"]:
        return _Written(int(digits[:-2]), int(digits[-2:]), period or half)
    spoken = {"半": 30}.get(found["spoken"] or "") or int(found["spoken"] or 0)
    minute = spoken or int(found["after_h"] or found["minute"] or 0)
    is_bare = not (found["spoken"] or found["after_h"] or found["minute"] or found["hour"].startswith("0"))
    return _Written(int(found["hour"]), minute, period or half, is_bare=is_bare)


def _either(written: _Written) -> tuple[int, int]:
    """Return the minutes that an open time has in each half of the day."""
    return written.minutes(written.hour % 12), written.minutes(written.hour % 12 + 12)


def _time(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
