"""The words of dates: months in several languages, abbreviations of time zones, halves of the day, and how long ago."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# English, German, Dutch, French, Italian, Spanish, Portuguese, Romanian, Polish, Czech, Hungarian, Finnish, Turkish,
# Indonesian; Russian, Ukrainian, Bulgarian; Greek; Arabic; Hebrew: by their first letters, without accents. Czech June
# and July begin alike, so only their abbreviations count.
_MONTHS = (
    "jan gen ene ian sty led tamm oca янв яну січ ιαν ينا ינו",
    "feb fev fevr lut uno helm sub peb февр фев лют φεβ فبر פבר",
    "mar mrz maer maar bre maal мар бер μαρ مار מרץ מרס",
    "apr avr abr kwi dub huht nis апр кві απρ ابر אפר",
    "may mai maj mei mag kve touk мая маи тра μαι ماي מאי",
    "jun juin giu iun cze cvn kesa haz июн юни чер ιουν يون יונ",
    "jul juil lug iul lip cvc hein tem июл юли лип ιουλ يول יול",
    "aug aou ago sie srp elo agu ags авг сер αυγ اغس אוג",
    "sep set sett wrz zar syys eyl sze сен сеп вер σεπ سبت ספט",
    "oct okt ott out paz rij loka eki окт жов οκτ اكت אוק",
    "nov lis marr kas noi noe ноя лис ное νοε نوف נוב",
    "dec dez dic gru pro joul ara des дек гру δεκ ديس דצמ",
)
_MONTH_OF = {prefix: number for number, prefixes in enumerate(_MONTHS, 1) for prefix in prefixes.split()}

_CJK_NUMBERS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
# The year before the first one of each era of Japan, and of the Republic of China.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民国": 1911, "民國": 1911}

# The American zones of RFC 822, those of Australia and New Zealand, and others that feeds use; in hours. Where several
# zones have one abbreviation, it is the one that feeds mean; CST is decided in `zone_called`.
_ABBREVIATIONS: Mapping[str, float] = {
    **dict.fromkeys(("Z", "UTC", "GMT", "UT", "WET"), 0),
    **dict.fromkeys(("CET", "BST", "WEST", "MEZ", "WAT"), 1),
    **dict.fromkeys(("CEST", "EET", "MESZ", "SAST", "CAT"), 2),
    **dict.fromkeys(("MSK", "EEST", "EAT", "TRT"), 3),
    **dict.fromkeys(("GST", "MSD"), 4),
    **dict.fromkeys(("PKT",), 5),
    **dict.fromkeys(("IST",), 5.5),
    **dict.fromkeys(("NPT",), 5.75),
    **dict.fromkeys(("ICT", "WIB"), 7),
    **dict.fromkeys(("HKT", "SGT", "AWST", "MYT", "PHT", "WITA"), 8),
    **dict.fromkeys(("JST", "KST", "WIT"), 9),
    **dict.fromkeys(("ACST",), 9.5),
    **dict.fromkeys(("AEST",), 10),
    **dict.fromkeys(("ACDT",), 10.5),
    **dict.fromkeys(("AEDT",), 11),
    **dict.fromkeys(("NZST",), 12),
    **dict.fromkeys(("NZDT",), 13),
    **dict.fromkeys(("NDT",), -2.5),
    **dict.fromkeys(("ADT", "BRT", "ART", "UYT"), -3),
    **dict.fromkeys(("NST",), -3.5),
    **dict.fromkeys(("EDT", "AST", "CLT"), -4),
    **dict.fromkeys(("EST", "CDT", "PET"), -5),
    **dict.fromkeys(("CST", "MDT"), -6),
    **dict.fromkeys(("MST", "PDT"), -7),
    **dict.fromkeys(("PST", "AKDT"), -8),
    **dict.fromkeys(("AKST",), -9),
    **dict.fromkeys(("HST",), -10),
}
_GENERIC = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
_OFFSET = re.compile(r"([+-])([0-9]{1,2}):?([0-9]{2})?$")
_PLACE = re.compile(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}")
_CHINA, _CHICAGO = timedelta(hours=8), timedelta(hours=-6)

_AFTERNOON = frozenset({"pm", "下午", "晚上", "傍晚", "夜里", "午後", "오후", "저녁", "밤"})
_MORNING = frozenset({"am", "上午", "凌晨", "早上", "清晨", "午前", "오전", "새벽", "아침"})


@lru_cache(maxsize=200)
def month_called(name: str) -> int | None:
    """Return the number of the month with this name or abbreviation, or None."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", name.lower().replace("ä", "ae")) if letter.isalpha()
    )
    return next((_MONTH_OF[plain[:size]] for size in (4, 3) if plain[:size] in _MONTH_OF), None)


def month_numbered(number: str) -> int:
    """Return the number of a month that is written in Arabic or Chinese figures."""
    return _CJK_NUMBERS.index(number) + 1 if number in _CJK_NUMBERS else int(number)


def year_of_era(era: str, year: str) -> int:
    """Return the year of the common era; the first year of an era may be called 元."""
    return _ERAS[era] + (1 if year == "元" else int(year))


def hour_of_day(hour: int, half: str) -> int:
    """Return the hour from 0 to 24, given which half of the day it is in."""
    half = half.lower().replace(".", "")
    if half == "中午":
        return hour + 12 if hour < 3 else hour
    if half in _AFTERNOON and hour < 12:
        return hour + 12
    if half in _MORNING and hour == 12:
        return 0
    return hour


def zone_called(text: str, zone: tzinfo, language: str) -> tzinfo | None:
    """Return the zone with this offset, name or abbreviation, or None if nobody could tell.

    CST is China's where `zone`, the origin's, is eight hours ahead, or where the language is Chinese; else it is
    America's, as in RFC 822 and JavaScript.
    """
    text = text.strip(" []()")
    if match := _OFFSET.search(text):
        if "/" in text:
            return _place(text)
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(-offset if match[1] == "-" else offset)
    if _PLACE.fullmatch(text):
        return _place(text)
    name = text.upper()
    if name in _GENERIC:
        return _place(_GENERIC[name])
    if name == "CST" and _is_chinese(zone, language):
        return timezone(_CHINA)
    hours = _ABBREVIATIONS.get(name)
    return None if hours is None else timezone(timedelta(hours=hours))


def _is_chinese(zone: tzinfo, language: str) -> bool:
    offset = zone.utcoffset(datetime(2026, 1, 1))  # noqa: DTZ001 - tzinfo asks for local time
    return offset == _CHINA or (language.lower().startswith("zh") and offset != _CHICAGO)


def _place(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
