"""Parsing the dates that crawlers and people write; the caller gives the zone of those without one (pure)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
_HALF = r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
_ZONE = r"\s*(?P<zone>[Zz]|(?:UTC|GMT|UT)?\s*[+-][0-9]{1,2}(?::?[0-9]{2})?|[A-Z]{2,4})?(?:\s*\([^()]{0,60}\))?"
_WEEKDAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
_MONTH = r"(?P<name>[A-Za-z]{3,9})\.?"
_CJK_HALF = r"(?P<half>上午|下午|凌晨|早上|中午|晚上|午前|午後|오전|오후)?"

_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})[\s-]{_MONTH}[\s,-]+(?P<year>[0-9]{{2,4}})(?:,?\s+{_TIME}{_HALF}{_ZONE})?",
        rf"(?P<year>[0-9]{{4}})(?P<mark>[-/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}})"
        rf"(?:(?:\s*[Tt]\s*|\s+){_TIME}{_HALF}{_ZONE})?",
        r"(?P<year>[0-9]{4})\s*[年년]\s*(?P<month>[0-9]{1,2})\s*[月월]\s*(?P<day>[0-9]{1,2})\s*[日号號일]?"
        rf"(?:\s*{_CJK_HALF}\s*(?P<hour>[0-9]{{1,2}})\s*[:时時点點시]\s*(?:(?P<minute>[0-9]{{1,2}})\s*[:分분]?\s*"
        rf"(?:(?P<second>[0-9]{{1,2}})\s*[秒초]?)?)?{_ZONE})?",
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{{4}})"
        rf"(?:,?\s+(?:at\s+)?{_TIME}{_HALF}{_ZONE})?",
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>[0-9]{{1,2}})\s+{_TIME}{_ZONE}\s+(?P<year>[0-9]{{4}})",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
        rf"(?:[Tt ]?(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?P<second>[0-9]{{2}}){_ZONE})?",
    )
)
_SECONDS = re.compile(r"[0-9]{9,10}(?:\.[0-9]{1,6})?")
_MILLISECONDS = re.compile(r"[0-9]{12,13}")
_OFFSET = re.compile(r"([+-])([0-9]{1,2}):?([0-9]{2})?$")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
# The American zones of RFC 822, and others that feeds use. CST is the American one, as in JavaScript.
_ZONES = {
    **dict.fromkeys(("Z", "UTC", "GMT", "UT", "WET"), 0),
    **dict.fromkeys(("CET", "BST", "WEST"), 1),
    **dict.fromkeys(("CEST", "EET"), 2),
    **dict.fromkeys(("MSK", "EEST"), 3),
    **dict.fromkeys(("HKT", "SGT"), 8),
    **dict.fromkeys(("JST", "KST"), 9),
    **dict.fromkeys(("EDT",), -4),
    **dict.fromkeys(("EST", "CDT"), -5),
    **dict.fromkeys(("CST", "MDT"), -6),
    **dict.fromkeys(("MST", "PDT"), -7),
    **dict.fromkeys(("PST",), -8),
}


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A date that was read; one that names its zone (`zoned`) comes from the feed, not from the time of the crawl."""

    at: datetime
    zoned: bool


def read_date(text: str, zone: tzinfo) -> ParsedDate | None:
    """Return the moment that `text` names, in UTC; None if even a careful person could not tell.

    Implausible years are returned as they are.
    """
    text = " ".join(text.split())
    if not 6 <= len(text) <= 100:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    try:
        return _read(text, zone)
    except (ValueError, OverflowError):
        return None


def _read(text: str, zone: tzinfo) -> ParsedDate | None:
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _assemble({key: value for key, value in match.groupdict().items() if value}, zone)
    if _SECONDS.fullmatch(text):
        return ParsedDate(datetime.fromtimestamp(float(text), UTC), zoned=True)
    if _MILLISECONDS.fullmatch(text):
        return ParsedDate(datetime.fromtimestamp(int(text) / 1000, UTC), zoned=True)
    return None


def _assemble(parts: dict[str, str], zone: tzinfo) -> ParsedDate | None:
    month = _MONTHS.get(parts["name"][:3].lower()) if "name" in parts else int(parts["month"])
    named_zone = _zone(parts.get("zone", ""))
    if month is None or ("zone" in parts and named_zone is None):
        return None
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 1900 if year >= 50 else 2000
    hour = _hour(int(parts.get("hour", "0")), parts.get("half", ""))
    day = datetime(year, month, int(parts["day"]), tzinfo=named_zone or zone)
    minute, second = int(parts.get("minute", "0")), int(parts.get("second", "0"))
    if hour > 24 or minute > 59 or second > 60:
        return None
    micro = int(parts.get("fraction", "0")[:6].ljust(6, "0"))
    # Added as wall-clock time, so that 24:00 and a leap second roll over.
    local = day + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micro)
    return ParsedDate(local.astimezone(UTC), zoned=named_zone is not None)


def _hour(hour: int, half: str) -> int:
    half = half.lower().replace(".", "")
    if half in {"pm", "下午", "晚上", "午後", "오후"} and hour < 12:
        return hour + 12
    if half in {"am", "上午", "凌晨", "早上", "午前", "오전"} and hour == 12:
        return 0
    return hour


def _zone(text: str) -> tzinfo | None:
    text = text.strip().upper()
    if not text:
        return None
    if match := _OFFSET.search(text):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-offset if match[1] == "-" else offset)
    hours = _ZONES.get(text)
    return None if hours is None else timezone(timedelta(hours=hours))
