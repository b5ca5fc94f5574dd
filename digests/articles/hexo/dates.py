"""The moment that Hexo gives a post, and its fields in a permalink."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from digests.articles.hexo.js_yaml import Typed
from digests.articles.hexo.uncertain import UncertainError

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
_ZONE = r"(?:\s*(?P<zone>GMT|UTC|Z|EST|EDT|CST|CDT|MST|MDT|PST|PDT|(?:GMT|UTC)?[+-][0-9]{2}:?[0-9]{2}))?"
# The forms that `new Date(text)` certainly understands; for any other, no link that needs the date is built.
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
_AMERICAN_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2199, 12, 30, tzinfo=UTC)


def hexo_moment(value: Typed, process: tzinfo, site: tzinfo | None) -> datetime:
    """Return when the post was written, according to Hexo.

    `process` is the time zone of Hexo's process, `site` the one in the site's configuration, if any.

    Raises:
        UncertainError: The date is missing, so that Hexo takes the creation time of the file, or cannot be followed.
    """
    if isinstance(value, datetime):
        # Hexo takes a timestamp's digits, which were read as UTC, for local time of its process.
        moment = value - _offset(process, _bounded(value))
    elif isinstance(value, str):
        moment = _parse(value, process)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value and abs(value) < 8e12:
        # A number counts milliseconds.
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(value))
    else:
        raise UncertainError("date")
    return adjust_for_zones(moment, process, site)


def midnight(year: int, month: int, day: int, process: tzinfo, site: tzinfo | None) -> datetime:
    """Return the date in a file name as Hexo takes it: midnight in the zone of its process.

    Raises:
        UncertainError: There is no such day, or it begins when the clocks change.
    """
    try:
        return adjust_for_zones(_local(datetime(year, month, day), process), process, site)  # noqa: DTZ001 - made aware there
    except ValueError:
        raise UncertainError("date") from None


def adjust_for_zones(moment: datetime, process: tzinfo, site: tzinfo | None) -> datetime:
    """Do as Hexo's adjustDateForTimezone does, which also shifts dates that were right: a bug, but the rule."""
    _bounded(moment)
    if site is None:
        return moment
    return _bounded(moment + _offset(process, moment) - _offset(site, moment))


def date_parts(moment: datetime, process: tzinfo) -> dict[str, str]:
    """Return the variables of a permalink that come from the date, in the zone of the process."""
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
    """Return the moment as whole seconds since 1970, rounded down."""
    return int(moment.timestamp() // 1)


def _parse(text: str, process: tzinfo) -> datetime:
    if match := _ISO_DAY.fullmatch(text):
        # The only form without a zone that JavaScript reads as UTC.
        return _assemble(match.groupdict(), UTC)
    for form in (_RFC_822, _ISO, _SLASHES):
        if match := form.fullmatch(text):
            return _assemble(match.groupdict(), process)
    raise UncertainError("date", f' ("{text[:40]}")')


def _assemble(parts: dict[str, str | None], process: tzinfo) -> datetime:
    name = parts.get("name")
    month = _MONTHS.get(name[:3].lower()) if name else int(parts["month"] or 0)
    if month is None:
        raise UncertainError("date", f" ({name})")
    year, day, hour, minute, second = (int(parts.get(key) or 0) for key in ("year", "day", "hour", "minute", "second"))
    zone = _zone(parts.get("zone") or "")
    try:
        local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - made aware below
        moment = local.replace(tzinfo=zone).astimezone(UTC) if zone else _local(local, process)
    except (ValueError, OverflowError):
        raise UncertainError("date") from None
    return _bounded(moment)


def _zone(text: str) -> tzinfo | None:
    if not text:
        return None
    text = text.removeprefix("GMT").removeprefix("UTC").removeprefix("Z").replace(":", "")
    if not text:
        return UTC
    if text in _AMERICAN_ZONES:
        return timezone(timedelta(hours=_AMERICAN_ZONES[text]))
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    if offset >= timedelta(hours=24):
        raise UncertainError("date", f" ({text})")
    return timezone(-offset if text[0] == "-" else offset)


def _local(naive: datetime, process: tzinfo) -> datetime:
    """Return the moment of a local time; raise UncertainError in an hour that a clock change skips or repeats."""
    first, second = (naive.replace(tzinfo=process, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        raise UncertainError("time zone")
    return _bounded(first)


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _bounded(moment: datetime) -> datetime:
    """Return the moment; raise UncertainError outside the years in which Python's and JavaScript's zones agree."""
    if not _FIRST <= moment <= _LAST:
        raise UncertainError("date", f" ({moment:%Y})")
    return moment


def zone_written(value: Typed) -> tzinfo | None:
    """Return the zone that a date as text names, in which whoever wrote it may build the site."""
    for form in (_RFC_822, _ISO, _SLASHES):
        if isinstance(value, str) and (match := form.fullmatch(value)):
            try:
                return _zone(match["zone"] or "")
            except UncertainError:
                return None
    return None
