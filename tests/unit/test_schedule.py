from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.schedule import (
    Quiet,
    Schedule,
    defer_past_quiet,
    last_slot,
    next_slot,
    next_slot_of,
    parse_days_off,
    parse_quiet,
    parse_time,
    parse_times,
    parse_weekdays,
    read_schedule,
    show_quiet,
    show_times,
    slot_on,
    span_to_show,
)
from tests.factories.places import place

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


@pytest.mark.parametrize("text", ["", "24:30", "7:60", "7:3", "8am 9pm", "07:30:00", "-1", "12345", "：", "٧:٣٠", "7:"])
def test_what_is_not_a_time(text: str) -> None:
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
    slot = next_slot(after, Schedule((time(8),), apia))
    assert slot.astimezone(apia).date() in (date(2011, 12, 30), date(2011, 12, 31))
    assert slot - after < timedelta(hours=49)


RHYTHMS = st.builds(
    Schedule,
    st.sets(TIMES, min_size=1, max_size=4).map(lambda times: tuple(sorted(times))),
    ZONES.map(ZoneInfo),
    st.sets(st.integers(1, 7), min_size=1).map(frozenset),
    st.none() | st.builds(Quiet, TIMES, TIMES).filter(lambda quiet: quiet.start != quiet.end),
)


@given(MOMENTS, RHYTHMS)
def test_the_next_slot_is_later_and_near(now: datetime, schedule: Schedule) -> None:
    slot = next_slot(now, schedule)
    assert now < slot <= now + timedelta(days=9)


@given(MOMENTS, RHYTHMS)
def test_the_last_slot_is_not_later_and_no_other_lies_between(now: datetime, schedule: Schedule) -> None:
    slot = last_slot(now, schedule)
    assert slot <= now
    assert next_slot(slot, schedule) > now


@given(MOMENTS, RHYTHMS)
def test_no_slot_falls_into_quiet_hours(now: datetime, schedule: Schedule) -> None:
    slot = now
    for _ in range(6):
        slot = next_slot(slot, schedule)
        local = slot.astimezone(schedule.zone).time()
        # Where quiet hours end inside a gap of daylight saving, the clocks may never show their end.
        assert schedule.quiet is None or not schedule.quiet.holds(local) or local == schedule.quiet.start


@given(MOMENTS, TIMES, ZONES)
def test_slots_of_some_days_come_once_a_day(now: datetime, at: time, zone: str) -> None:
    slot = now
    for _ in range(10):
        following = next_slot(slot, Schedule((at,), ZoneInfo(zone)))
        assert following > slot
        slot = following
    assert slot - now <= timedelta(days=11)


def test_slots_of_a_place() -> None:
    shanghai = place(time="08:00", timezone="Asia/Shanghai")
    assert next_slot_of(shanghai, utc("2026-06-06T00:00")) == utc("2026-06-07T00:00")


def test_several_times_on_some_days() -> None:
    # 5 June 2026 is a Friday.
    schedule = read_schedule("07:30,18:00", "UTC", "15")
    slots = [utc("2026-06-05T07:00")]
    for _ in range(4):
        slots.append(next_slot(slots[-1], schedule))
    assert slots[1:] == [utc(f"2026-06-{moment}") for moment in ("05T07:30", "05T18:00", "08T07:30", "08T18:00")]
    assert last_slot(utc("2026-06-07T12:00"), schedule) == utc("2026-06-05T18:00")


@pytest.mark.parametrize(
    ("moment", "quiet", "expected"),
    [
        ("2026-06-06T23:00", "22-7", "2026-06-07T07:00"),
        ("2026-06-06T06:59", "22-7", "2026-06-06T07:00"),
        ("2026-06-06T07:00", "22-7", "2026-06-06T07:00"),
        ("2026-06-06T13:30", "13:00-14:00", "2026-06-06T14:00"),
        ("2026-06-06T21:59", "22-7", "2026-06-06T21:59"),
    ],
)
def test_quiet_hours_hold_until_they_end(moment: str, quiet: str, expected: str) -> None:
    schedule = read_schedule("08:00", "UTC", quiet=show_quiet(parse_quiet(quiet)))
    assert defer_past_quiet(utc(moment), schedule) == utc(expected)


def test_quiet_hours_through_daylight_saving() -> None:
    # Berlin's clocks go from 02:00 to 03:00: quiet until 02:30 ends with the gap.
    schedule = read_schedule("01:00", "Europe/Berlin", quiet="00:00-02:30")
    assert defer_past_quiet(utc("2026-03-29T00:00"), schedule) == utc("2026-03-29T01:00")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("7:30 18", "07:30,18:00"), ("18:00、07:30，7:30", "07:30,18:00"), ("7", "07:00"), ("0730;2200", "07:30,22:00")],
)
def test_several_times_as_people_write_them(text: str, shown: str) -> None:
    assert show_times(parse_times(text)) == shown


@pytest.mark.parametrize("text", ["", "7 25", "1 2 3 4 5 6 7", "morning"])
def test_what_are_not_times(text: str) -> None:
    with pytest.raises(ValueError):
        parse_times(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", "12345"),
        ("Mon, Wed Fri", "135"),
        ("sat–sun", "67"),
        ("fri-mon", "1567"),
        ("1-5", "12345"),
        ("周一至周五", "12345"),
        ("週一至週五", "12345"),
        ("禮拜六 星期日", "67"),
        ("周六、周日", "67"),
        ("星期天", "7"),
        ("daily", "1234567"),
        ("工作日", "12345"),
        ("週末", "67"),
        ("weekends", "67"),
    ],
)
def test_days_as_people_write_them(text: str, days: str) -> None:
    assert parse_weekdays(text) == days


@pytest.mark.parametrize("text", ["", "8", "someday", "m", "mon-", "周八"])
def test_what_are_not_days(text: str) -> None:
    with pytest.raises(ValueError):
        parse_weekdays(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [("7d", 7), ("7", 7), ("2 weeks", 14), ("3天", 3), ("1周", 7), ("2週", 14), ("1個禮拜", 7), ("2w", 14)],
)
def test_pauses_as_people_write_them(text: str, days: int) -> None:
    assert parse_days_off(text) == days


@pytest.mark.parametrize("text", ["", "0", "d", "-3", "400d", "99 weeks", "soon"])
def test_what_is_not_a_pause(text: str) -> None:
    with pytest.raises(ValueError):
        parse_days_off(text)


@pytest.mark.parametrize("text", ["", "22", "22-", "-7", "22-22", "a-b"])
def test_what_are_not_quiet_hours(text: str) -> None:
    with pytest.raises(ValueError):
        parse_quiet(text)


def test_a_zone_that_changed_its_rules() -> None:
    # Samara's summer was at +5 in 2009 and at +4 in 2010; it is at +4 all year today.
    samara = Schedule((time(8),), ZoneInfo("Europe/Samara"))
    assert next_slot(utc("2009-07-01T06:00"), samara) == utc("2009-07-02T03:00")
    assert next_slot(utc("2010-07-01T06:00"), samara) == utc("2010-07-02T04:00")
    assert next_slot(utc("2026-01-01T05:00"), samara) == utc("2026-01-02T04:00")


def test_leap_days() -> None:
    schedule = read_schedule("08:00", "UTC")
    assert next_slot(utc("2028-02-28T09:00"), schedule) == utc("2028-02-29T08:00")
    assert next_slot(utc("2028-02-29T09:00"), schedule) == utc("2028-03-01T08:00")


def test_a_digest_on_time_tells_no_span() -> None:
    slot = utc("2026-06-06T08:00")
    assert span_to_show(slot - timedelta(days=1), slot, slot + timedelta(seconds=5)) is None


@pytest.mark.parametrize(("since", "late"), [(timedelta(days=3), timedelta()), (timedelta(days=1), timedelta(hours=6))])
def test_a_late_digest_and_one_of_several_days_tell_their_span(since: timedelta, late: timedelta) -> None:
    slot = utc("2026-06-06T08:00")
    span = span_to_show(slot - since, slot, slot + late)
    assert span is not None
    assert (span.start, span.end) == (slot - since, slot + late)
