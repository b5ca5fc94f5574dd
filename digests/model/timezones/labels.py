"""The zones there are, what they are called, and whether two of them have the same clock (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global

_NO_ZONES = ("Factory", "localtime", "posixrules")
_ETC = re.compile(r"Etc/GMT([+-])(\d{1,2})")
UTC_NAMES = frozenset({"utc", "gmt", "gmt0", "gmt+0", "gmt-0", "uct", "universal", "zulu", "greenwich"})
# Old names for parts of countries, which may also be the names of cities elsewhere: US/Pacific, Australia/Victoria.
_REGION = re.compile(
    r"(US|Canada|Brazil|Mexico|Chile)/|Australia/(ACT|LHI|NSW|North|South|West|Victoria|Queensland|Tasmania)$"
)


@cache
def all_zones() -> frozenset[str]:
    """Return all names in the IANA time zone database."""
    return frozenset(available_timezones()) - set(_NO_ZONES)


@cache
def city_zones() -> tuple[str, ...]:
    """Return the names of the zones that are named after a place."""
    named = (name for name in all_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return tuple(sorted(name for name in named if not _REGION.match(name)))


def present_name(zone: str) -> str:
    """Return the name that a zone has today: Asia/Calcutta is Asia/Kolkata, PRC is Asia/Shanghai."""
    present = str(get_global("zone_aliases").get(zone, zone))
    return present if present in all_zones() else zone


def country_of(zone: str) -> str:
    """Return the code of the country that a zone lies in, such as "CN"; "" where none is known."""
    code = str(get_global("zone_territories").get(present_name(zone), ""))
    return code if code.isalpha() else ""


def inverted(zone: str) -> str | None:
    """Return the zone on the other side of UTC for one such as Etc/GMT+8, whose sign is the wrong way round."""
    found = _ETC.fullmatch(zone)
    if found is None or not int(found[2]):
        return None
    other = f"Etc/GMT{'-' if found[1] == '+' else '+'}{found[2]}"
    return other if other in all_zones() else zone


def zone_label(zone: str) -> str:
    """Return the zone's name for people; the signs in names such as Etc/GMT-8 are inverted, so it reads UTC+8."""
    if zone.casefold().removeprefix("etc/") in UTC_NAMES:
        return "UTC"
    found = _ETC.fullmatch(zone)
    return f"UTC{'-' if found[1] == '+' else '+'}{found[2]}" if found is not None else zone


def offset_label(minutes: int) -> str:
    """Return an offset for people, such as "UTC+5:30"."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "") if minutes else "UTC"


@lru_cache(maxsize=4096)
def city_of(zone: str, language: str = "en") -> str:
    """Return the place that a zone is named after, for people who read a language, such as "Shanghai" or "上海"."""
    label = zone_label(zone)
    if label != zone:
        return label
    return cldr_cities(language).get(present_name(zone)) or label.rpartition("/")[2].replace("_", " ")


@cache
def cldr_cities(language: str) -> Mapping[str, str]:
    """Return the places that zones are named after as CLDR calls them in a language, by the zones' present names."""
    try:
        zones = Locale.parse(language).time_zones
    except (UnknownLocaleError, ValueError):
        return {}
    return {present_name(zone): str(names["city"]) for zone, names in zones.items() if "city" in names}


def offset_at(zone: str, now: datetime) -> int:
    """Return how many minutes a zone is ahead of UTC."""
    return round((now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds() / 60)


@cache
def clock_of(zone: str) -> tuple[timedelta | None, ...]:
    """Return a zone's offsets from UTC through the last years and the next: zones that agree have one clock."""
    begin, there = datetime(2022, 1, 15, tzinfo=UTC), ZoneInfo(zone)
    return tuple((begin + timedelta(days=days)).astimezone(there).utcoffset() for days in range(0, 15 * 365, 30))
