"""Days, times and numbers as a language writes them: CLDR's patterns, by Babel.

Very many articles have one of a few days, and Babel looks the locale up each time: what was asked for is kept.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format, get_day_names, match_skeleton
from babel.numbers import format_decimal

DAY = "MMMMEEEEd"
SHORT_DAY = "MMMd"
DAY_OF_YEAR = "yMMMd"
WEEKDAY_OF_YEAR = "yMMMMEEEd"
_CLOCK = "Hm"
_FIELD = re.compile(r"'[^']*'|([A-Za-z])\1*")
_SAME_FIELD = {"c": "E", "e": "E", "L": "M"}
_LOCALES = {"en": "en_001"}
"""English is that of the whole world: the plain locale is American."""
_WORD_WIDTH = 3
"""Fields of so many letters or more are words: "MMM" is "Jun", "MM" is "06"."""


@cache
def locale_of(language: str) -> Locale:
    """Return the locale whose dates and numbers a language has."""
    return Locale.parse(_LOCALES.get(language, language))


@cache
def _pattern(skeleton: str, language: str) -> str:
    """Return the pattern for some fields of a date, as CLDR has it for the language.

    CLDR has few; the closest is taken and its fields made as wide as was asked for, which is what CLDR's rules say and
    Babel leaves out (https://unicode.org/reports/tr35/tr35-dates.html#Matching_Skeletons).
    """
    locale = locale_of(language)
    patterns = locale.datetime_skeletons
    matched = skeleton if skeleton in patterns else match_skeleton(skeleton, patterns)
    if matched is None:
        return str(locale.date_formats["long"].pattern)
    widths = {found[1]: len(found[0]) for found in _FIELD.finditer(skeleton)}

    def widened(found: re.Match[str]) -> str:
        width = widths.get(_SAME_FIELD.get(found[1] or "", found[1]), 0)
        is_word = found[1] in ("E", "c") or len(found[0]) >= _WORD_WIDTH
        return found[1] * width if found[1] and is_word and width > _WORD_WIDTH else found[0]

    return _FIELD.sub(widened, str(patterns[matched].pattern))


@lru_cache(maxsize=512)
def show_date(day: date, skeleton: str, language: str) -> str:
    """Return the fields of a date that the skeleton names."""
    return format_date(day, _pattern(skeleton, language), locale=locale_of(language))


@lru_cache(maxsize=2048)
def show_clock(at: time, language: str) -> str:
    """Return a time of day on a clock of 24 hours."""
    return format_time(at, _pattern(_CLOCK, language), locale=locale_of(language))


def show_moment(local: datetime, skeleton: str, language: str) -> str:
    """Return a date with its time of day, joined as the language does."""
    joined = str(get_datetime_format("medium", locale=locale_of(language)))
    day, clock = show_date(local.date(), skeleton, language), show_clock(local.time(), language)
    return joined.replace("{1}", day).replace("{0}", clock).replace("'", "")


@lru_cache(maxsize=4096)
def show_number(number: int, language: str) -> str:
    """Return a whole number with the language's separators."""
    return format_decimal(number, locale=locale_of(language))


def short_weekdays(language: str) -> tuple[str, ...]:
    """Return the short names of the days of the week, from Monday on."""
    names = get_day_names("abbreviated", locale=locale_of(language))
    return tuple(str(names[day]) for day in range(7))


def separator_of(language: str) -> str:
    """Return what stands between the parts of a list: ", " or "、"."""
    between = locale_of(language).list_patterns["standard"]["middle"]
    return str(between).replace("{0}", "").replace("{1}", "")


@lru_cache(maxsize=512)
def show_language(code: str, language: str) -> str:
    """Return the name of a language by its code, as another language writes it: "zh-Hans" is "简体中文"."""
    try:
        named = Locale.parse(code.replace("-", "_")).get_display_name(locale_of(language))
    except (UnknownLocaleError, ValueError):
        return code
    return named[:1].upper() + named[1:] if named else code
