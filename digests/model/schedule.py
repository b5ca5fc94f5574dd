"""Slots: when a place's digest is due, on the place's own clock (pure).

Local times are in the place's zone; arguments and results are aware and UTC. A local time that daylight saving
skips moves to the first moment after the gap; one that occurs twice means the first of the two. A slot in quiet
hours moves to their end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from digests.model.clock import read_range, read_times
from digests.model.digest import Span
from digests.model.place import EVERY_DAY, Place

MAX_TIMES = 6
"""How many digests a place may have in a day."""

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_HALF_A_DAY = timedelta(hours=12)
# A digest states its span only when that is not simply "since yesterday's digest".
_LATE = timedelta(minutes=30)
_LONG = timedelta(hours=30)
_DASHES = str.maketrans("–—~～－", "-----")
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE_DAYS = {name: number for number, name in enumerate("一二三四五六日", 1)} | {"天": 7}
_DAY_NAMES = {
    "daily": EVERY_DAY,
    "every day": EVERY_DAY,
    "每天": EVERY_DAY,
    "weekdays": "12345",
    "workdays": "12345",
    "工作日": "12345",
    "weekend": "67",
    "weekends": "67",
    "周末": "67",
}


def parse_time(text: str) -> time:
    """Parse a time of day as people write it (`digests.model.clock`), such as "07:30", "8pm" or "早上8点".

    Raises:
        ValueError: The text is not a time of day.
    """
    times = read_times(text)
    if len(times) != 1:
        raise ValueError(text)
    return times[0]


def parse_times(text: str) -> tuple[time, ...]:
    """Parse up to six times of day, such as "07:30 18:00" or "8am and 8pm", and return them in order.

    Raises:
        ValueError: A part is not a time of day, or there are none or too many.
    """
    times = sorted(set(read_times(text)))
    if len(times) > MAX_TIMES:
        raise ValueError(text)
    return tuple(times)


def show_time(value: time) -> str:
    """Return the time as "07:30"."""
    return value.strftime("%H:%M")


def show_times(values: Sequence[time]) -> str:
    """Return the times as "07:30,18:00", as a place stores them."""
    return ",".join(show_time(value) for value in values)


def parse_quiet(text: str) -> Quiet:
    """Parse quiet hours such as "22:00-07:00", "10pm to 7am" or "晚上10点到早上7点".

    Raises:
        ValueError: The text does not name two times, or names the same time twice, which could mean no hours or all.
    """
    quiet = Quiet(*read_range(text))
    if quiet.start == quiet.end:
        raise ValueError(text)
    return quiet


def show_quiet(quiet: Quiet) -> str:
    """Return the quiet hours as "22:00-07:00", as a place stores them."""
    return f"{show_time(quiet.start)}-{show_time(quiet.end)}"


def parse_weekdays(text: str) -> str:
    """Parse days of the week and return their ISO numbers: "mon-fri" or "周一至周五" gives "12345".

    Takes names, numbers, ranges and lists of them, such as "sat sun" or "1-5", and words such as "daily".

    Raises:
        ValueError: A part is not a day of the week, or there is none.
    """
    plain = text.casefold().translate(_DASHES).replace("至", "-").replace("到", "-").strip()
    for written in ("星期", "礼拜", "禮拜", "週"):
        plain = plain.replace(written, "周")
    if plain in _DAY_NAMES:
        return _DAY_NAMES[plain]
    days: set[int] = set()
    for part in filter(None, re.split(r"[\s,;、，和]+", plain)):
        first, dash, last = part.partition("-")
        start, end = _weekday(first), _weekday(last) if dash else _weekday(first)
        days.update((start + step - 1) % 7 + 1 for step in range((end - start) % 7 + 1))
    if not days:
        raise ValueError(text)
    return "".join(str(day) for day in sorted(days))


def _weekday(name: str) -> int:
    plain = name.strip().removeprefix("周")
    if plain in _CHINESE_DAYS:
        return _CHINESE_DAYS[plain]
    if plain.isascii() and plain.isdigit() and 1 <= int(plain) <= 7:
        return int(plain)
    if len(plain) >= 2:
        for number, full in enumerate(_ENGLISH_DAYS, 1):
            if full.startswith(plain):
                return number
    raise ValueError(name)


def is_first_slot_of_day(slot: datetime, schedule: Schedule) -> bool:
    """Return whether a slot is the first of its day on the place's clock."""
    before = last_slot(slot - timedelta(microseconds=1), schedule)
    return before.astimezone(schedule.zone).date() < slot.astimezone(schedule.zone).date()


def parse_days_off(text: str) -> int:
    """Parse a number of days such as "7d", "7", "2 weeks" or "3天".

    Raises:
        ValueError: The text is not a number of days from 1 to 365.
    """
    match = re.fullmatch(r"(\d{1,3})\s*(d|days?|天|日|w|weeks?|[周週]|星期|[个個]?[礼禮]拜)?", text.strip().casefold())
    if match is None:
        raise ValueError(text)
    days = int(match[1]) * (7 if (match[2] or "d")[0] in "w周週星个個礼禮" else 1)
    if not 1 <= days <= 365:
        raise ValueError(text)
    return days


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours during which nothing that can wait is sent; they span midnight if `start` is later than `end`."""

    start: time
    end: time

    def holds(self, local: time) -> bool:
        """Return whether the local time lies in these hours; `end` does not."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a place gets digests: at times of day, on some weekdays (ISO: Monday is 1), never in quiet hours."""

    times: tuple[time, ...]
    zone: ZoneInfo
    weekdays: frozenset[int] = frozenset(range(1, 8))
    quiet: Quiet | None = None


@lru_cache(maxsize=4096)
def read_schedule(times: str, timezone: str, weekdays: str = EVERY_DAY, quiet: str = "") -> Schedule:
    """Return the schedule that a place's stored texts describe.

    Raises:
        ValueError: A text cannot be parsed.
        KeyError: The zone is unknown.
    """
    days = frozenset(int(weekday) for weekday in weekdays)
    return Schedule(parse_times(times), ZoneInfo(timezone), days, parse_quiet(quiet) if quiet else None)


def schedule_of(place: Place) -> Schedule:
    """Return the place's schedule."""
    return read_schedule(place.time, place.timezone, place.weekdays, place.quiet)


def slot_on(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment of `at` on that local day, in UTC; in a gap, the first moment after the gap."""
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        # In a gap, the offset before it (fold=0) gives a moment that clocks show as later: go back to the gap's end.
        return _end_of_gap(moment, zone)
    return moment


def _end_of_gap(moment: datetime, zone: ZoneInfo) -> datetime:
    low, high = moment - timedelta(hours=26), moment
    target = moment.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == target:
            high = middle
        else:
            low = middle
    return (high + timedelta(milliseconds=500)).replace(microsecond=0)


def defer_past_quiet(moment: datetime, schedule: Schedule) -> datetime:
    """Return `moment`, or the end of the quiet hours it falls into."""
    local = moment.astimezone(schedule.zone)
    if schedule.quiet is None or not schedule.quiet.holds(local.time()):
        return moment
    day = local.date() if local.time() < schedule.quiet.end else local.date() + _DAY
    return max(moment, slot_on(day, schedule.quiet.end, schedule.zone))


def after_quiet(moment: datetime, timezone: str, quiet: str) -> datetime:
    """Return `moment`, or the end of the quiet hours it falls into, given as a place stores them."""
    return defer_past_quiet(moment, _quiet_in(timezone, quiet)) if quiet else moment


def last_quiet(until: datetime, timezone: str, quiet: str) -> tuple[datetime, datetime]:
    """Return when those quiet hours, given as a place stores them, began and ended that ended last up to `until`."""
    schedule = _quiet_in(timezone, quiet)
    assert schedule.quiet is not None
    end = _last_moment(schedule.quiet.end, until, schedule.zone)
    return _last_moment(schedule.quiet.start, end - _MOMENT, schedule.zone), end


def _last_moment(at: time, until: datetime, zone: ZoneInfo) -> datetime:
    """Return the last moment up to `until` at which it was this local time."""
    day = until.astimezone(zone).date() + _DAY
    while (moment := slot_on(day, at, zone)) > until:
        day -= _DAY
    return moment


@lru_cache(maxsize=4096)
def _quiet_in(timezone: str, quiet: str) -> Schedule:
    return Schedule((), ZoneInfo(timezone), quiet=parse_quiet(quiet))


def next_slot(after: datetime, schedule: Schedule) -> datetime:
    """Return the first slot later than `after`."""
    day = after.astimezone(schedule.zone).date() - 2 * _DAY
    # A week has every weekday; the two days before it may have slots that quiet hours moved.
    for _ in range(12):
        later = [slot for slot in _slots_on(day, schedule) if slot > after]
        if later:
            return min(later)
        day += _DAY
    raise AssertionError("within ten days there is a slot")


def last_slot(until: datetime, schedule: Schedule) -> datetime:
    """Return the latest slot that is not later than `until`: where a place that missed several resumes."""
    day = until.astimezone(schedule.zone).date() + _DAY
    for _ in range(12):
        earlier = [slot for slot in _slots_on(day, schedule) if slot <= until]
        if earlier:
            # The day before may have a slot that quiet hours moved past this one.
            earlier.extend(slot for slot in _slots_on(day - _DAY, schedule) if slot <= until)
            return max(earlier)
        day -= _DAY
    raise AssertionError("within ten days there is a slot")


def _slots_on(day: date, schedule: Schedule) -> list[datetime]:
    if day.isoweekday() not in schedule.weekdays:
        return []
    return [defer_past_quiet(slot_on(day, at, schedule.zone), schedule) for at in schedule.times]


def next_slot_of(place: Place, after: datetime) -> datetime:
    """Return the place's first slot later than `after`."""
    return next_slot(after, schedule_of(place))


def end_of_break(place: Place, days: int, now: datetime) -> datetime:
    """Return the slot that ends a break: the first after so many days are over, or up to half a day before that."""
    return next_slot_of(place, now + timedelta(days=days) - _HALF_A_DAY)


def span_to_show(since_at: datetime, slot: datetime, now: datetime) -> Span | None:
    """Return the span that a digest should state; None if it is on time and covers the usual day.

    None, too, if the span would begin in the future, as it does after a clock was set back.
    """
    if since_at > now:
        return None
    if now - slot > _LATE or slot - since_at > _LONG:
        return Span(since_at, now)
    return None
