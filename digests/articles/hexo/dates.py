"""The moment Hexo gives a post, and its fields in a permalink (README section 6)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from digests.articles.hexo.js_yaml import Typed, UncertainError

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = {name: number for number, name in enumerate(_NAMES, 1)}
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_ZONE = r"(?:\s*(?P<zone>GMT|UTC|Z|EST|EDT|CST|CDT|MST|MDT|PST|PDT|(?:GMT|UTC)?[+-][0-9]{2}:?[0-9]{2}))?"
# What `new Date(text)` surely understands; for anything else no link that needs the date is built.
_RFC_822 = re.compile(
    rf"(?:(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)[a-z]*,?\s+)?(?P<day>[0-9]{{1,2}})\s+(?P<name>[A-Z][a-z]{{2,8}})\s+"
    rf"(?P<year>[0-9]{{4}})\s+{_TIME}{_ZONE}"
)
_ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    rf"(?::(?P<second>[0-9]{{2}})(?:\.[0-9]{{1,3}})?)?{_ZONE}"
)
_ISO_DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_SLASHES = re.compile(rf"(?P<year>[0-9]{{4}})/(?P<month>[0-9]{{1,2}})/(?P<day>[0-9]{{1,2}})(?:\s+{_TIME}{_ZONE})?")
_AMERICAN = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2199, 12, 30, tzinfo=UTC)


def hexo_moment(value: Typed, process: tzinfo, site: tzinfo | None) -> datetime:
    """When Hexo says the post was written. `process` is the zone of Hexo's process, `site` the config's, if any.

    Raises UncertainError without a date, where Hexo takes the birth time of the file.
    """
    if isinstance(value, datetime):
        # A timestamp's digits, read as UTC, are read again as local time of the process.
        moment = value - _offset(process, _bounded(value))
    elif isinstance(value, str):
        moment = _parsed(value, process)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value and abs(value) < 8e12:
        # A number is milliseconds.
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(value))
    else:
        raise UncertainError
    return adjusted(moment, process, site)


def midnight(year: int, month: int, day: int, process: tzinfo, site: tzinfo | None) -> datetime:
    """The date that a file name gives: midnight in the process's zone."""
    try:
        return adjusted(_local(datetime(year, month, day), process), process, site)  # noqa: DTZ001 - made aware there
    except ValueError:
        raise UncertainError from None


def adjusted(moment: datetime, process: tzinfo, site: tzinfo | None) -> datetime:
    """Hexo's adjustDateForTimezone: true instants are shifted as well, which is its bug and its rule."""
    _bounded(moment)
    if site is None:
        return moment
    return _bounded(moment + _offset(process, moment) - _offset(site, moment))


def date_parts(moment: datetime, process: tzinfo) -> dict[str, str]:
    """The variables of a permalink that come from the date; they are written in the zone of the process."""
    local = moment.astimezone(process)
    return {
        "year": f"{local.year:04}",
        "month": f"{local.month:02}",
        "day": f"{local.day:02}",
        "hour": f"{local.hour:02}",
        "minute": f"{local.minute:02}",
        "second": f"{local.second:02}",
        "i_month": str(local.month),
        "i_day": str(local.day),
        "timestamp": str(unix(moment)),
    }


def unix(moment: datetime) -> int:
    return int(moment.timestamp() // 1)


def _parsed(text: str, process: tzinfo) -> datetime:
    if match := _ISO_DAY.fullmatch(text):
        # The one form without a zone that JavaScript reads as UTC.
        return _assembled(match.groupdict(), UTC)
    for form in (_RFC_822, _ISO, _SLASHES):
        if match := form.fullmatch(text):
            return _assembled(match.groupdict(), process)
    raise UncertainError


def _assembled(parts: dict[str, str | None], process: tzinfo) -> datetime:
    name = parts.get("name")
    month = _MONTH.get(name[:3].lower()) if name else int(parts["month"] or 0)
    if month is None:
        raise UncertainError
    year, day, hour, minute, second = (int(parts.get(key) or 0) for key in ("year", "day", "hour", "minute", "second"))
    try:
        local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - made aware below
    except ValueError:
        raise UncertainError from None
    zone = _zone(parts.get("zone") or "")
    return _bounded(local.replace(tzinfo=zone).astimezone(UTC) if zone else _local(local, process))


def _zone(text: str) -> tzinfo | None:
    if not text:
        return None
    text = text.removeprefix("GMT").removeprefix("UTC").removeprefix("Z").replace(":", "")
    if not text:
        return UTC
    if text in _AMERICAN:
        return timezone(timedelta(hours=_AMERICAN[text]))
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    if offset >= timedelta(hours=24):
        raise UncertainError
    return timezone(-offset if text[0] == "-" else offset)


def _local(naive: datetime, process: tzinfo) -> datetime:
    """Local time to the instant; not for the hours that a change of the clock skips or repeats."""
    first, second = (naive.replace(tzinfo=process, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        raise UncertainError
    return _bounded(first)


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _bounded(moment: datetime) -> datetime:
    """Earlier and later the zones of Python and JavaScript may differ."""
    if not _FIRST <= moment <= _LAST:
        raise UncertainError
    return moment
