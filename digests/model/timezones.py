"""Finding the time zone that a person means. Only an exact name is taken; everything else is asked back (pure)."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_MAX_CHOICES = 8
_MAX_LENGTH = 60
_NO_ZONES = ("Factory", "localtime", "posixrules")
_WHOLE_HOURS = range(-12, 15)
"""The offsets from UTC for which Etc/GMT has zones."""
_OFFSET = re.compile(r"(?:(utc|gmt)\s*)?([+-])\s*(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_BARE = re.compile(r"(?:utc|gmt)?\s*(\d{1,2})(?::?([0-5]\d))?", re.ASCII)
_SIGNS = str.maketrans(dict.fromkeys("−–—‐‑‒﹣", "-"))
_UTC = frozenset({"utc", "gmt", "gmt0", "gmt+0", "gmt-0", "uct", "universal", "zulu", "greenwich"})

# Old names for parts of countries, which may also be the names of cities elsewhere: US/Pacific, Australia/Victoria.
_REGION = re.compile(
    r"(US|Canada|Brazil|Mexico|Chile)/|Australia/(ACT|LHI|NSW|North|South|West|Victoria|Queensland|Tasmania)$"
)

# Each stands for several zones, or changes with the season where its zone does not.
_ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "acst": ("Australia/Darwin", "Australia/Adelaide"),
    "aest": ("Australia/Brisbane", "Australia/Sydney"),
    "aedt": ("Australia/Sydney",),
    "ast": ("America/Halifax", "Asia/Riyadh", "America/Puerto_Rico"),
    "amt": ("America/Manaus", "Asia/Yerevan"),
    "awst": ("Australia/Perth",),
    "art": ("America/Argentina/Buenos_Aires",),
    "brt": ("America/Sao_Paulo",),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "cat": ("Africa/Maputo",),
    "cet": ("Europe/Berlin", "Europe/Paris", "Africa/Algiers"),
    "cest": ("Europe/Berlin", "Europe/Paris"),
    "cdt": ("America/Chicago", "America/Havana"),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Mexico_City", "America/Havana"),
    "ct": ("America/Chicago", "Asia/Shanghai"),
    "eat": ("Africa/Nairobi",),
    "ect": ("America/Guayaquil", "Europe/Paris"),
    "edt": ("America/New_York",),
    "eest": ("Europe/Athens", "Europe/Helsinki"),
    "eet": ("Europe/Athens", "Europe/Helsinki", "Africa/Cairo"),
    "est": ("America/New_York", "America/Panama", "Australia/Sydney"),
    "et": ("America/New_York",),
    "gst": ("Asia/Dubai", "Atlantic/South_Georgia"),
    "hkt": ("Asia/Hong_Kong",),
    "hst": ("Pacific/Honolulu",),
    "ict": ("Asia/Bangkok", "Asia/Ho_Chi_Minh"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "mdt": ("America/Denver",),
    "met": ("Europe/Berlin", "Europe/Paris"),
    "msk": ("Europe/Moscow",),
    "mst": ("America/Denver", "America/Phoenix", "Asia/Kuala_Lumpur", "Asia/Yangon"),
    "mt": ("America/Denver",),
    "nst": ("America/St_Johns",),
    "nzdt": ("Pacific/Auckland",),
    "nzst": ("Pacific/Auckland",),
    "pdt": ("America/Los_Angeles",),
    "pht": ("Asia/Manila",),
    "pkt": ("Asia/Karachi",),
    "pst": ("America/Los_Angeles", "Asia/Manila"),
    "pt": ("America/Los_Angeles", "Europe/Lisbon"),
    "sast": ("Africa/Johannesburg",),
    "sgt": ("Asia/Singapore",),
    "sst": ("Asia/Singapore", "Pacific/Pago_Pago"),
    "wast": ("Africa/Windhoek",),
    "wat": ("Africa/Lagos",),
    "west": ("Europe/Lisbon", "Atlantic/Canary"),
    "wet": ("Europe/Lisbon", "Atlantic/Canary"),
    "wib": ("Asia/Jakarta",),
    "wit": ("Asia/Jayapura",),
    "wita": ("Asia/Makassar",),
}


@dataclass(frozen=True, slots=True)
class ZoneMatch:
    """What a text may mean: the zone `exact`, or one of `choices`, or neither."""

    exact: str | None = None
    choices: tuple[str, ...] = ()


@cache
def all_zones() -> frozenset[str]:
    """Return all names in the IANA time zone database."""
    return frozenset(available_timezones()) - set(_NO_ZONES)


def zone_label(zone: str) -> str:
    """Return the zone's name for people; the signs in names such as Etc/GMT-8 are inverted, so it reads UTC+8."""
    if zone.casefold().removeprefix("etc/") in _UTC:
        return "UTC"
    found = re.fullmatch(r"Etc/GMT([+-])(\d{1,2})", zone)
    return f"UTC{'-' if found[1] == '+' else '+'}{found[2]}" if found is not None else zone


def city_of(zone: str) -> str:
    """Return the last part of the zone's name, for people."""
    label = zone_label(zone)
    return label.rpartition("/")[2].replace("_", " ")


def read_zone(text: str, now: datetime) -> ZoneMatch:
    """Return what the text means: a zone by its whole name, its city, or its offset from UTC.

    "UTC+8" is eight hours ahead of UTC. A name that several zones share, a name that merely resembles a zone's, and an
    offset without a sign give choices.
    """
    wanted = " ".join(unicodedata.normalize("NFKC", text).translate(_SIGNS).casefold().split())
    if not wanted or len(wanted) > _MAX_LENGTH:
        return ZoneMatch()
    if wanted.removeprefix("etc/") in _UTC:
        return ZoneMatch(exact="UTC")
    offset = _OFFSET.fullmatch(wanted)
    if offset is not None:
        minutes = int(offset[3]) * 60 + int(offset[4] or 0)
        return _at_offset(minutes if offset[2] == "+" else -minutes, now)
    bare = _BARE.fullmatch(wanted)
    if bare is not None:
        return _at_either(int(bare[1]) * 60 + int(bare[2] or 0), now)
    if wanted in _ABBREVIATIONS:
        return ZoneMatch(choices=_ABBREVIATIONS[wanted])
    return _named(wanted.replace(" ", "_"))


def _at_offset(minutes: int, now: datetime) -> ZoneMatch:
    hours, rest = divmod(minutes, 60)
    if rest:
        return ZoneMatch(choices=_zones_at(minutes, now))
    if hours not in _WHOLE_HOURS:
        return ZoneMatch()
    return ZoneMatch(exact="UTC" if hours == 0 else f"Etc/GMT{-hours:+d}")


def _at_either(minutes: int, now: datetime) -> ZoneMatch:
    """Return the matches for an offset without a sign, which may be ahead of UTC or behind it."""
    if minutes == 0:
        return ZoneMatch(exact="UTC")
    choices: list[str] = []
    for signed in (minutes, -minutes):
        match = _at_offset(signed, now)
        choices.extend(match.choices or ([match.exact] if match.exact else []))
    return ZoneMatch(choices=tuple(choices[:_MAX_CHOICES]))


def _zones_at(minutes: int, now: datetime) -> tuple[str, ...]:
    """Return the zones whose offset from UTC is `minutes` at `now`."""
    wanted = timedelta(minutes=minutes)
    return tuple(name for name in _cities() if now.astimezone(ZoneInfo(name)).utcoffset() == wanted)[:_MAX_CHOICES]


def _named(wanted: str) -> ZoneMatch:
    whole = [name for name in all_zones() if name.casefold() == wanted]
    city = [name for name in _cities() if _last(name) == wanted and not _REGION.match(name)]
    # Where a city and a country's old zone have the same name, the city's zone is the newer one.
    found = city or whole
    if len(found) == 1 or len({_offsets(name) for name in found}) == 1:
        # The older names of a zone are shorter: America/Buenos_Aires.
        return ZoneMatch(exact=max(found, key=lambda name: (len(name), name)))
    return ZoneMatch(choices=tuple(sorted(found or _similar(wanted))[:_MAX_CHOICES]))


def _similar(wanted: str) -> list[str]:
    completions = [name for name in _cities() if len(wanted) > 1 and _last(name).startswith(wanted)]
    if completions:
        return completions
    similar = difflib.get_close_matches(wanted, [_last(name) for name in _cities()], n=_MAX_CHOICES)
    return [name for name in _cities() if _last(name) in similar]


@cache
def _cities() -> tuple[str, ...]:
    """Return the names of the zones that are named after a place."""
    return tuple(sorted(name for name in all_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))))


def _last(name: str) -> str:
    return name.casefold().rpartition("/")[2]


@cache
def _offsets(name: str) -> tuple[timedelta | None, ...]:
    """Return the zone's past and present offsets from UTC: names that agree in all of them are names of one zone.

    America/Toronto and America/New_York agree today, but did not always.
    """
    zone, begin = ZoneInfo(name), datetime(1970, 1, 15, tzinfo=UTC)
    return tuple((begin + timedelta(days=days)).astimezone(zone).utcoffset() for days in range(0, 68 * 365, 61))
