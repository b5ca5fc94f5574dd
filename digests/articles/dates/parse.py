"""Parsing the dates that crawlers and people write; the caller gives the zone of those without one (pure)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from digests.articles.dates.relative import add_year, read_relative
from digests.articles.dates.words import hour_of_day, month_called, month_numbered, year_of_era, zone_called

_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]{1,20}))?)?"
_HALF = r"\s*(?P<half>[AaPp]\.?[Mm]\.?(?![A-Za-z]))?"
_ZONE = (
    # An offset may have its name after it or before (`+0800 CST`, `EST-0500`), and a plus that an address lost.
    r"(?:\s*(?P<zone>[Zz]|(?:UTC|GMT|UT)?\s*[+-][0-9]{1,2}(?::?[0-9]{2})?|[A-Za-z]{2,5}|[A-Za-z_]{2,20}/[\w/+-]{1,40})"
    r"|\s*[Zz](?P<offset>[+-][0-9]{2}:?[0-9]{2})|\s*(?P<named>[+-][0-9]{2}:?[0-9]{2})\s*[A-Za-z]{1,5}"
    r"|\s*[A-Za-z]{3,4}(?P<after>[+-][0-9]{4})|\s(?P<lost>[01][0-9]:?[034][05]))?"
    r"(?:\s*\[(?P<region>[\w/+-]{1,60})\])?(?:\s*\((?P<note>[^()]{0,60})\))?"
)
_CJK_HALF = r"(?P<early>上午|下午|凌晨|清晨|早上|中午|傍晚|晚上|午前|午後|오전|오후)?"
_CLOCK = rf"{_CJK_HALF}\s*{_TIME}{_HALF}{_ZONE}"
# What may stand between a day and its time, as in Drupal's `Friday, November 20, 2026 - 10:00`.
_GAP = r",?\s+(?:(?:at|[-–—|@•·])\s+|[Tt](?=[0-9]))?"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_MONTH = r"(?P<name>[^\W\d_]{3,12})\.?"

_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})[\s.-]{{1,2}}{_MONTH}[\s,-]+(?P<year>[0-9]{{2,4}})(?:{_GAP}{_CLOCK})?",
        rf"{_WEEKDAY}(?P<year>[0-9]{{4}})(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}})"
        rf"(?:(?:\s*[Tt]\s*|{_GAP}|/){_CLOCK})?",
        r"(?P<year>[0-9]{4})\s*[年년]\s*(?P<month>[0-9]{1,2})\s*[月월]\s*(?P<day>[0-9]{1,2})\s*[日号號일]?"
        rf"(?:\s*{_CJK_HALF}\s*(?P<hour>[0-9]{{1,2}})\s*[:时時点點시]\s*(?:(?P<minute>[0-9]{{1,2}})\s*[:分분]?\s*"
        rf"(?:(?P<second>[0-9]{{1,2}})\s*[秒초]?)?)?{_ZONE})?",
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{{4}})"
        rf"(?:{_GAP}{_CLOCK})?",
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>[0-9]{{1,2}})\s+{_TIME}{_ZONE}\s+(?P<year>[0-9]{{4}})",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
        rf"(?:[Tt ]?(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?P<second>[0-9]{{2}}){_ZONE})?",
        rf"(?P<year>[0-9]{{4}})(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})[Tt\s]\s*{_CLOCK}",
        rf"{_WEEKDAY}(?P<first>[0-9]{{1,2}})(?P<mark>[./-])(?P<other>[0-9]{{1,2}})(?P=mark)(?P<year>[0-9]{{4}})"
        rf"(?:{_GAP}{_CLOCK})?",
        rf"{_WEEKDAY}(?P<first>[0-9]{{1,2}})(?P<mark>[./])(?P<other>[0-9]{{1,2}})(?P=mark)(?P<year>[0-9]{{2}})"
        rf"(?:{_GAP}{_CLOCK})?",
        r"(?P<year>[0-9]{4})(?:\s*[-/.]\s*(?P<month>[0-9]{1,2})|\s*[年년]\s*(?P<month2>[0-9]{1,2})\s*[月월]?)",
        rf"{_MONTH},?\s+(?P<year>[0-9]{{4}})",
        # With a slip in the time, such as 22:010:17, the day is still clear.
        r"(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})[\sTt/]\s*[0-9:.]{3,15}[a-z]?",
    )
)
_SECONDS = re.compile(r"[0-9]{9,10}(?:\.[0-9]{1,6})?")
_MILLISECONDS = re.compile(r"[0-9]{12,13}")
_NET_MILLISECONDS = re.compile(r"\\?/Date\((-?[0-9]{1,14})(?:[+-][0-9]{4})?\)\\?/")
_MICROSECONDS = re.compile(r"[0-9]{15,16}")

# What is no part of the date: a label before it, a weekday in Chinese, Japanese or Korean, endings and small words.
_LABEL = re.compile(r"[^\d:：]{2,20}[:：]\s*(?=\d)")
_CJK_WEEKDAY = re.compile(
    r"[(（]?(?:星期|礼拜|禮拜|[周週])[一二三四五六日天][)）]?|[(（][日月火水木金土](?:曜日?)?[)）]|[日月火水木金土]曜日?"
    r"|[(（]?[월화수목금토일]요일[)）]?|[(（][월화수목금토일][)）]"
)
# `11 月 25, 2026` and `十一月 25, 2026`, as WordPress writes in Chinese; `2026. 11. 25.` is Korean.
_CJK_MONTH = re.compile(
    r"(?<!\d)([0-9]{1,2}|十[一二]?|[一二三四五六七八九])\s?月\s*(?P<day>[0-9]{1,2}),?\s+(?P<year>[0-9]{4})"
)
# `周一, 01 十二月 2025` and `월, 01 12월 2025`, as programs write RFC 822 in their own language.
_CJK_DAY = re.compile(
    r"(?:^|(?<=\s))(?P<day>[0-9]{1,2})\s+(?P<month>[0-9]{1,2}|十[一二]?|[一二三四五六七八九])\s?[月월]\s*,?\s*(?P<year>[0-9]{4})"
)
_SHORT_WEEKDAY = re.compile(r"^[日月火水木金土월화수목금토일][,.]?\s+")
_DOTS = re.compile(r"([0-9]{4})\.\s?([0-9]{1,2})\.\s?([0-9]{1,2})\.?(?=\s|$)")
_ERA = re.compile(r"(令和|平成|昭和|民[国國])\s?([0-9]{1,3}|元)\s?年")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|[ºª°]|\.(?=\s+[^\W\d]))(?![^\W\d])", re.IGNORECASE)
_FRENCH_TIME = re.compile(r"(?<=\d)\s?h\s?(?=[0-9]{2}\b)")
_CJK_TIME = re.compile(r"([0-9]{1,2})\s?[时時点點시](?:\s?([0-9]{1,2})\s?[分분])?(?:\s?([0-9]{1,2})\s?[秒초])?")
# `20.11.2026 klo 10.00` and `20 Nov 2026 10.00.00 GMT`.
_DOTTED_TIME = re.compile(r"(?<=[0-9]{4} )(?:klo\s|kl\.\s)?([0-2]?[0-9])\.([0-5][0-9])(?:\.([0-5][0-9]))?(?![0-9.])")
_TIME_FIRST = re.compile(
    r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?),?\s+(?:[-–—|]\s+)?((?:\S.*\b)?[0-9]{4}(?:-[0-9]{1,2}-[0-9]{1,2})?)"
)
_VIETNAMESE = re.compile(r"(?:ngày\s+)?([0-9]{1,2})\s+tháng\s+([0-9]{1,2}),?\s+(?:năm\s+)?([0-9]{4})", re.IGNORECASE)
_HEBREW = re.compile(r"^(?:יום\s+)?[א-ת]+['׳]?,?\s+(?=[0-9])|(?<=\s)ב(?=[א-ת]{3})")
_NAMED_TIMES = (
    (re.compile(r"北京(?:时间|時間)|(?:中国标准|台北)时间|台北時間"), "UTC+8"),
    (re.compile(r"日本時間|한국\s?시간"), "UTC+9"),
)
_SMALL_WORDS = re.compile(
    r"(?<!\w)(?:um|uhr|à|a las|alle|ore|at|on|of|the|de|del|le|el|den|der|dia|г|года|в|posted|published)\.?(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date that was read.

    One that names its zone (`zoned`) comes from the feed, not from the time of the crawl. A day without a time
    (`day_only`) is that day for readers in every zone, so `at` is its midnight in UTC, whatever the origin's zone.
    """

    at: datetime
    zoned: bool
    day_only: bool = False


def read_date(
    text: str, zone: tzinfo, *, now: datetime | None = None, month_first: bool = False, language: str = ""
) -> ParsedDate | None:
    """Return the moment that `text` names, in UTC; None if even a careful person could not tell.

    Args:
        text: A date as people, feeds and programs write it.
        zone: The zone of dates that don't name theirs.
        now: The time from which `昨天` and `2 hours ago` count; without it, nobody can tell.
        month_first: Whether 4/5/2026 is in April; where one number is above 12, it is the day in any case.
        language: The origin's language, by which CST is China's or America's.

    Implausible years are returned as they are.
    """
    text = " ".join(text[:1_000].split())
    if not 2 <= len(text) <= 100:
        return None
    if not text.isascii():
        text = " ".join(unicodedata.normalize("NFKC", text).split())
    try:
        reader = _Reader(zone, month_first, language)
        return reader.read(text) or reader.read(_simplify(text)) or _read_relative(reader, text, now)
    except (ValueError, OverflowError):
        return None


def day_alone(year: int, month: int, day: int) -> ParsedDate:
    """Return a day without a time.

    Raises:
        ValueError: There is no such day.
    """
    return ParsedDate(datetime(year, month, day, tzinfo=UTC), zoned=False, day_only=True)


def _read_relative(reader: _Reader, text: str, now: datetime | None) -> ParsedDate | None:
    if now is None:
        return None
    if found := read_relative(text, reader.zone, now):
        if found.day_only:
            return day_alone(found.at.year, found.at.month, found.at.day)
        return ParsedDate(found.at.astimezone(UTC), zoned=False)
    return reader.read(_simplify(add_year(text, reader.zone, now)))


def _simplify(text: str) -> str:
    """Return the date without the words and endings around its numbers."""
    for words, zone in _NAMED_TIMES:
        if words.search(text):
            text = f"{words.sub(' ', text)} {zone}".replace("( )", "")
    text = _VIETNAMESE.sub(r"\3-\2-\1", _HEBREW.sub("", text))
    text = _DOTTED_TIME.sub(lambda match: ":".join(part for part in match.groups() if part), text)
    text = _TIME_FIRST.sub(r"\2 \1", text) if _TIME_FIRST.fullmatch(text) else text
    text = _SHORT_WEEKDAY.sub("", _CJK_WEEKDAY.sub(" ", _LABEL.sub("", text, count=1)))
    text = _ERA.sub(lambda match: f"{year_of_era(match[1], match[2])}年", text)
    text = _CJK_DAY.sub(lambda match: f"{match['year']}-{month_numbered(match['month'])}-{match['day']}", text)
    text = _CJK_MONTH.sub(lambda match: f"{match['year']}-{month_numbered(match[1])}-{match['day']}", text)
    text = _FRENCH_TIME.sub(":", _ORDINAL.sub("", _DOTS.sub(r"\1-\2-\3", text)))
    text = _CJK_TIME.sub(
        lambda match: ":".join(part.zfill(2) for part in (match[1], match[2] or "0", match[3] or "0")), text
    )
    return " ".join(_SMALL_WORDS.sub(" ", text).replace(",", " ").split())


class _Reader(NamedTuple):
    """Reads dates by the forms above."""

    zone: tzinfo
    month_first: bool
    language: str

    def read(self, text: str) -> ParsedDate | None:
        for form in _FORMS:
            if match := form.fullmatch(text):
                return self._assemble({key: value for key, value in match.groupdict().items() if value})
        if _SECONDS.fullmatch(text):
            return ParsedDate(datetime.fromtimestamp(float(text), UTC), zoned=True)
        if _MILLISECONDS.fullmatch(text):
            return ParsedDate(datetime.fromtimestamp(int(text) / 1000, UTC), zoned=True)
        if _MICROSECONDS.fullmatch(text):
            return ParsedDate(datetime.fromtimestamp(int(text) / 1_000_000, UTC), zoned=True)
        if found := _NET_MILLISECONDS.fullmatch(text):
            return ParsedDate(datetime.fromtimestamp(int(found[1]) / 1000, UTC), zoned=True)
        return None

    def _assemble(self, parts: dict[str, str]) -> ParsedDate | None:
        month, day = self._month_and_day(parts)
        if month is None:
            return None
        year = int(parts["year"])
        if len(parts["year"]) == 2:
            year += 1900 if year >= 50 else 2000
        if "hour" not in parts:
            return day_alone(year, month, day)
        named_zone = self._named_zone(parts)
        if "zone" in parts and named_zone is None:
            return None
        hour = hour_of_day(int(parts["hour"]), parts.get("half") or parts.get("early", ""))
        minute, second = int(parts.get("minute", "0")), int(parts.get("second", "0"))
        if hour > 24 or minute > 59 or second > 60:
            return None
        micro = int(parts.get("fraction", "0")[:6].ljust(6, "0"))
        # Added as wall-clock time, so that 24:00 and a leap second roll over.
        local = datetime(year, month, day, tzinfo=named_zone or self.zone) + timedelta(
            hours=hour, minutes=minute, seconds=second, microseconds=micro
        )
        return ParsedDate(local.astimezone(UTC), zoned=named_zone is not None)

    def _month_and_day(self, parts: dict[str, str]) -> tuple[int | None, int]:
        if "first" in parts:
            first, other = int(parts["first"]), int(parts["other"])
            # 25.11. is how Europeans write, whatever the setting says of 4/5/2026.
            month_first = other > 12 or (self.month_first and parts["mark"] != "." and first <= 12)
            return (first, other) if month_first else (other, first)
        day = int(parts.get("day", "1"))
        if "name" in parts:
            return month_called(parts["name"]), day
        return int(parts.get("month") or parts["month2"]), day

    def _named_zone(self, parts: dict[str, str]) -> tzinfo | None:
        """Return the zone that is written there; one in brackets or parentheses counts only where there is no other."""
        if "zone" in parts:
            return zone_called(parts["zone"], self.zone, self.language)
        if offset := parts.get("offset") or parts.get("named") or parts.get("after"):
            return zone_called(offset, self.zone, self.language)
        if "lost" in parts:
            return zone_called("+" + parts["lost"], self.zone, self.language)
        names = (parts.get("region"), parts.get("note"))
        return next((zone for name in names if name and (zone := zone_called(name, self.zone, self.language))), None)
