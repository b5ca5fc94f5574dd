from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.schedule import last_slot, last_slot_of, next_slot, next_slot_of, parse_time, slot_on, span_to_tell

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"]
)
MOMENTS = st.integers(1_100_000_000, 2_050_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("07:30", time(7, 30)),
        ("7:30", time(7, 30)),
        ("730", time(7, 30)),
        ("0730", time(7, 30)),
        ("7", time(7)),
        ("７：３０", time(7, 30)),
        ("7.30", time(7, 30)),
        (" 23:59 ", time(23, 59)),
        ("0:00", time(0)),
    ],
)
def test_times_as_people_write_them(text: str, expected: time) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["", "24:00", "7:60", "7:3", "noon", "07:30:00", "-1", "12345", "：", "٧:٣٠", "7:"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        ("2026-06-06", "08:00", "Europe/Berlin", "2026-06-06T06:00"),
        # 02:30 is skipped on 29 March 2026: the first moment after the gap is 03:00 summer time.
        ("2026-03-29", "02:30", "Europe/Berlin", "2026-03-29T01:00"),
        # 02:30 comes twice on 25 October 2026: the first one, in summer time, counts.
        ("2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30"),
        # Lord Howe's clocks move by half an hour.
        ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30"),
        ("2028-02-29", "08:00", "UTC", "2028-02-29T08:00"),
    ],
)
def test_slots_through_daylight_saving(day: str, at: str, zone: str, expected: str) -> None:
    assert slot_on(date.fromisoformat(day), parse_time(at), ZoneInfo(zone)) == utc(expected)


def test_a_day_that_a_zone_skipped_has_its_slot_next_door() -> None:
    # Samoa had no 30 December 2011.
    apia = ZoneInfo("Pacific/Apia")
    after = utc("2011-12-29T19:00")
    slot = next_slot(after, time(8), apia)
    assert slot.astimezone(apia).date() in (date(2011, 12, 30), date(2011, 12, 31))
    assert slot - after < timedelta(hours=49)


@given(MOMENTS, TIMES, ZONES)
def test_the_next_slot_is_later_and_near(now: datetime, at: time, zone: str) -> None:
    slot = next_slot(now, at, ZoneInfo(zone))
    assert now < slot <= now + timedelta(hours=49)


@given(MOMENTS, TIMES, ZONES)
def test_the_last_slot_is_not_later_and_no_other_lies_between(now: datetime, at: time, zone: str) -> None:
    slot = last_slot(now, at, ZoneInfo(zone))
    assert slot <= now
    assert next_slot(slot, at, ZoneInfo(zone)) > now


@given(MOMENTS, TIMES, ZONES)
def test_slots_of_a_year_come_once_a_day(now: datetime, at: time, zone: str) -> None:
    slot = now
    for _ in range(10):
        following = next_slot(slot, at, ZoneInfo(zone))
        assert following > slot
        slot = following
    assert slot - now <= timedelta(days=11)


def test_the_same_from_the_texts_of_a_place() -> None:
    assert next_slot_of("08:00", "Asia/Shanghai", utc("2026-06-06T00:00")) == utc("2026-06-07T00:00")
    assert last_slot_of("08:00", "Asia/Shanghai", utc("2026-06-06T00:00")) == utc("2026-06-06T00:00")


def test_a_digest_on_time_tells_no_span() -> None:
    slot = utc("2026-06-06T08:00")
    assert span_to_tell(slot - timedelta(days=1), slot, slot + timedelta(seconds=5)) is None


@pytest.mark.parametrize(("since", "late"), [(timedelta(days=3), timedelta()), (timedelta(days=1), timedelta(hours=6))])
def test_a_late_digest_and_one_of_several_days_tell_theirs(since: timedelta, late: timedelta) -> None:
    slot = utc("2026-06-06T08:00")
    span = span_to_tell(slot - since, slot, slot + late)
    assert span is not None
    assert (span.start, span.end) == (slot - since, slot + late)
