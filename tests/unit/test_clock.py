"""Times of day as people write them, and what is refused rather than guessed."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digests.model.clock import read_range, read_times
from digests.model.schedule import parse_times

WRITTEN = [
    # In English.
    ("8am", "08:00"), ("8 am", "08:00"), ("8:00 PM", "20:00"), ("8 p.m.", "20:00"), ("8 A.M.", "08:00"),
    ("12am", "00:00"), ("12 pm", "12:00"), ("12:30 am", "00:30"), ("8:05pm", "20:05"), ("0830pm", "20:30"),
    ("noon", "12:00"), ("midnight", "00:00"), ("Midday", "12:00"), ("half past 8", "08:30"), ("quarter to 9", "08:45"),
    ("8 o'clock", "08:00"), ("8 o’clock", "08:00"), ("8 in the evening", "20:00"), ("7.30 in the morning", "07:30"),
    ("at 8am", "08:00"), ("20:00 pm", "20:00"), ("pm 8:15", "20:15"),
    # On a clock of 24 hours.
    ("8", "08:00"), ("08", "08:00"), ("20", "20:00"), ("0", "00:00"), ("24", "00:00"), ("24:00", "00:00"),
    ("8.30", "08:30"), ("8:30", "08:30"), ("0800", "08:00"), ("830", "08:30"), ("2359", "23:59"), ("8h", "08:00"),
    ("8h30", "08:30"), ("8 h 30", "08:30"), ("20h", "20:00"), ("à 20h15", "20:15"), ("20 Uhr", "20:00"),
    ("um 7:30 Uhr", "07:30"), ("2000hrs", "20:00"), (" 07:30 ", "07:30"),
    # In Chinese.
    ("早上8点", "08:00"), ("晚上八点半", "20:30"), ("下午3点一刻", "15:15"), ("下午三點三刻", "15:45"),
    ("上午九點", "09:00"), ("中午12点", "12:00"), ("中午", "12:00"), ("中午一点", "13:00"), ("凌晨1点", "01:00"),
    ("淩晨一點半", "01:30"), ("晚上十二点", "00:00"), ("晚上12點半", "00:30"), ("半夜", "00:00"),
    ("傍晚6点半", "18:30"),
    ("夜里11点", "23:00"), ("深夜两点", "02:00"), ("8点钟", "08:00"), ("8點整", "08:00"), ("二十点三十分", "20:30"),
    ("二十三点五十九", "23:59"), ("十点零五分", "10:05"), ("零点", "00:00"), ("8時30分", "08:30"), ("22點", "22:00"),
    ("上午 8:00", "08:00"), ("下午 3:20", "15:20"), ("下午15点", "15:00"), ("早上七点半", "07:30"), ("晚8点", "20:00"),
    ("每天早上8点", "08:00"),
    # Full width, and other dashes and dots.
    ("２０：３０", "20:30"), ("８ａｍ", "08:00"), ("20：30", "20:30"),
    # Several.
    ("8am and 8pm", "08:00,20:00"), ("早上8点 晚上8点", "08:00,20:00"), ("早上8点晚上8点", "08:00,20:00"),
    ("8am, noon & 9 pm", "08:00,12:00,21:00"), ("7:30 18", "07:30,18:00"), ("07：30，18：00", "07:30,18:00"),
    ("早上七点半和晚上九点", "07:30,21:00"), ("7:30 and 6pm", "07:30,18:00"), ("08 and 8 pm", "08:00,20:00"),
    ("18:00、07:30", "07:30,18:00"), ("8am 8:00 08:00", "08:00"),
]  # fmt: skip
REFUSED = [
    "", " ", "morning", "早上", "点", ":", "am", "8 and 9 pm", "晚上8点和9点", "9 早上8点", "25", "24:30", "24:01",
    "7:60", "13am", "0pm", "晚上4点", "下午9点", "早上13点", "上午20点", "凌晨8点", "noonish", "8:3", "7 25", "12345",
    "half 8", "half to 8", "8:008:00", "十十点", "8点99分", "07:30:00",
    "8:00 xx", "٧:٣٠", "8pm9", "-1", "1 2 3 4 5 6 7", "9am-5pm",
    "8:00 tomorrow", "Europe/Berlin", "8" * 300, "早上am8点", "8am pm",
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), WRITTEN)
def test_times(text: str, shown: str) -> None:
    assert ",".join(f"{at:%H:%M}" for at in parse_times(text)) == shown


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_times(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("22-7", "22:00", "07:00"), ("22:00-07:00", "22:00", "07:00"), ("22:00 – 7:00", "22:00", "07:00"),
        ("10pm to 7am", "22:00", "07:00"), ("from 10pm until 6:30 am", "22:00", "06:30"), ("22h-7h", "22:00", "07:00"),
        ("between 23 and 7", "23:00", "07:00"), ("晚上10点到早上7点", "22:00", "07:00"),
        ("晚上十點半至早上七點", "22:30", "07:00"), ("从23点到7点", "23:00", "07:00"),
        ("22：00－07：00", "22:00", "07:00"),
        ("22:00～7:00", "22:00", "07:00"), ("midnight to 8", "00:00", "08:00"), ("noon-2pm", "12:00", "14:00"),
        # One half of the day goes for both ends, so that they are less than half a day apart.
        ("8-10pm", "20:00", "22:00"), ("10-7am", "22:00", "07:00"), ("11pm-7", "23:00", "07:00"),
        ("晚上10点到7点", "22:00", "07:00"), ("晚上10点到12点", "22:00", "00:00"), ("12-1pm", "12:00", "13:00"),
    ],
)  # fmt: skip
def test_ranges(text: str, start: str, end: str) -> None:
    assert [f"{at:%H:%M}" for at in read_range(text)] == [start, end]


@pytest.mark.parametrize(
    "text", ["", "22", "22-", "-7", "a-b", "22-7-8", "22 7", "8am and", "22-25", "晚上到早上", "-"]
)
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError):
        read_range(text)


@given(st.text(alphabet="0123456789 :.apmh半点點早晚上下午中和、-到十二两零é", max_size=30))
@example("十" * 199)
@example("0" * 199)
@example("at " * 60)
def test_any_text_is_times_or_refused(text: str) -> None:
    for read in (read_times, read_range):
        try:
            times = read(text)
        except ValueError:
            continue
        assert times
        assert all(at.second == 0 for at in times)


@given(st.times().map(lambda at: at.replace(second=0, microsecond=0)), st.sampled_from(["%H:%M", "%I:%M %p", "%H%M"]))
def test_every_time_is_read_in_every_form(at: time, form: str) -> None:
    assert read_times(at.strftime(form)) == [at]
