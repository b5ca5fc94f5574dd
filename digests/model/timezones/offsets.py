"""Offsets from UTC as people write them, and which places have the clock that an offset means (pure).

"UTC+8" and "GMT+8" are eight hours ahead of UTC, as everybody but the zones Etc/GMT+8 and the like means it.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from digests.model.timezones.labels import all_zones, city_zones, clock_of, offset_at, present_name
from digests.model.timezones.well_known import is_well_known, rank_of

MOST_PLACES = 8
_WHOLE_HOURS = range(-12, 15)
"""The offsets from UTC for which Etc/GMT has zones."""
_SIGNED = re.compile(r"(?:(?:utc|gmt)\s*)?([+-])\s*(\d{1,2})(?::?([0-5]\d))?\s*(?:区|时区|小时)?", re.ASCII)
_BARE = re.compile(r"(?:utc|gmt)?\s*(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_CHINESE = re.compile(r"(东|西)\s*([一二三四五六七八九十]{1,2}|\d{1,2})(半?)(?:区|时区)")
_NUMERALS = {name: hours for hours, name in enumerate("零一二三四五六七八九十")} | {"十一": 11, "十二": 12}


def read_offsets(plain: str) -> tuple[int, ...]:
    """Return the offsets in minutes that a text means: two where it has no sign, none where it is no offset.

    The text is in small letters, half width and simplified Chinese.
    """
    if found := _CHINESE.fullmatch(plain):
        hours = int(found[2]) if found[2].isascii() else _NUMERALS.get(found[2], 99)
        minutes = hours * 60 + (30 if found[3] else 0)
        return (minutes if found[1] == "东" else -minutes,)
    if found := _SIGNED.fullmatch(plain):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return (minutes if found[1] == "+" else -minutes,)
    if found := _BARE.fullmatch(plain):
        minutes = int(found[1]) * 60 + int(found[2] or 0)
        return (minutes, -minutes) if minutes else (0,)
    return ()


def zones_at(minutes: int, now: datetime) -> tuple[str, ...]:
    """Return the zones of places that are so far ahead of UTC now, those that most people live in first."""
    return tuple(zone for zone in _present_zones() if offset_at(zone, now) == minutes)


def fixed_zone(minutes: int) -> str | None:
    """Return the zone that is always so far ahead of UTC; None where there is none."""
    hours, rest = divmod(minutes, 60)
    if rest or hours not in _WHOLE_HOURS:
        return None
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def places_at(minutes: int, now: datetime, most: int = MOST_PLACES) -> tuple[str, ...]:
    """Return zones of which one has the clock of who is so far ahead of UTC now.

    Clocks that differ at another time of the year come first, one place of each; then more places, and at last the
    zone that never changes.
    """
    found = [zone for zone in zones_at(minutes, now) if is_well_known(zone)] or zones_at(minutes, now)
    one_of_each = {clock_of(zone): zone for zone in reversed(found)}.values()
    chosen = [*sorted(one_of_each, key=rank_of), *(zone for zone in found if zone not in one_of_each)]
    fixed = fixed_zone(minutes)
    return tuple(sorted(chosen[: most - 1 if fixed else most], key=rank_of)) + ((fixed,) if fixed else ())


def offsets_of_day(now: datetime) -> tuple[int, ...]:
    """Return all offsets that a place has now, in minutes, from west to east."""
    found = {offset_at(zone, now) for zone in _present_zones()}
    return tuple(sorted(found | {hours * 60 for hours in _WHOLE_HOURS}))


@cache
def _present_zones() -> tuple[str, ...]:
    lived_in = {present_name(zone) for zone in city_zones() if not zone.startswith("Antarctica/")}
    return tuple(sorted(lived_in & all_zones(), key=rank_of))
