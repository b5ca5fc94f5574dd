"""Slots: when a place's digest is due, in its own time (pure).

Local times come from the place's zone; moments in and out are aware and UTC. A local time that daylight saving
skips moves to the first moment after the gap; one that comes twice means the first of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digests.types import Span

_DAY = timedelta(days=1)
# A digest tells its span only when that is not simply "since yesterday's digest".
_LATE = timedelta(minutes=30)
_LONG = timedelta(hours=30)


def parse_time(text: str) -> time:
    """ "07:30", "7:30", "730", "7" or "７：３０" as a time of day. Raises ValueError."""
    plain = text.strip().translate(str.maketrans("０１２３４５６７８９：．", "0123456789:.")).replace(".", ":")
    if not plain.isascii():
        raise ValueError(text)
    hours, colon, minutes = plain.partition(":")
    if not colon and len(hours) in (3, 4):
        hours, minutes = hours[:-2], hours[-2:]
    if not (hours.isdigit() and (minutes.isdigit() or not (colon or minutes)) and len(hours) <= 2):
        raise ValueError(text)
    if minutes and len(minutes) != 2:
        raise ValueError(text)
    return time(int(hours), int(minutes or 0))


def show_time(value: time) -> str:
    return value.strftime("%H:%M")


def slot_on(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of `at` on that local day, in UTC; in a gap, the first moment after it."""
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        # In a gap the zone's offset before it (fold=0) makes a moment that the clocks show later: go back to its end.
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


def next_slot(after: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The first slot later than `after`."""
    day = after.astimezone(zone).date() - _DAY
    for _ in range(4):
        slot = slot_on(day, at, zone)
        if slot > after:
            return slot
        day += _DAY
    raise AssertionError("within four days there is a slot")


def last_slot(until: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The latest slot that is not later than `until`: where a place that missed several takes up again."""
    day = until.astimezone(zone).date() + _DAY
    for _ in range(4):
        slot = slot_on(day, at, zone)
        if slot <= until:
            return slot
        day -= _DAY
    raise AssertionError("within four days there is a slot")


def next_slot_of(local_time: str, timezone: str, after: datetime) -> datetime:
    """As `next_slot`, from the text that places are stored with."""
    return next_slot(after, parse_time(local_time), ZoneInfo(timezone))


def last_slot_of(local_time: str, timezone: str, until: datetime) -> datetime:
    return last_slot(until, parse_time(local_time), ZoneInfo(timezone))


def span_to_tell(since_at: datetime, slot: datetime, now: datetime) -> Span | None:
    """What a digest must say that it covers; None when it comes on time and covers the usual day."""
    if now - slot > _LATE or slot - since_at > _LONG:
        return Span(since_at, now)
    return None
