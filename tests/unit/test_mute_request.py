"""What is muted and for how long, as people write it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model.mute_request import LONGEST, MuteRequest, parse_mute

HOURS, DAYS = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "name", "span"),
    [
        ("36kr 7d", "36kr", 7 * DAYS),
        ("36kr 7D", "36kr", 7 * DAYS),
        ("moon landing 2w", "moon landing", 14 * DAYS),
        ("moon landing for 12 hours", "moon landing", 12 * HOURS),
        ("moon 12h", "moon", 12 * HOURS),
        ("足球 7天", "足球", 7 * DAYS),
        ("足球 ７天", "足球", 7 * DAYS),
        ("足球 两周", "足球", 14 * DAYS),
        ("足球 3个小时", "足球", 3 * HOURS),
        ("足球\u30001個月", "足球", 30 * DAYS),
        ("  a   b   1 day ", "a b", DAYS),
        ("7d", "", 7 * DAYS),
        ('"7d"', '"7d"', None),
        ("iphone12h", "iphone12h", None),
        ("足球七天", "足球七天", None),
        ("0d", "0d", None),
        ("36kr 0d", "36kr 0d", None),
        ("36kr -7d", "36kr -7d", None),
        ("36kr 1.5d", "36kr 1.5d", None),
        ("3d printing", "3d printing", None),
        ("", "", None),
    ],
)
def test_a_length_of_time_at_the_end_is_read(text: str, name: str, span: timedelta | None) -> None:
    assert parse_mute(text) == MuteRequest(name, span)


@pytest.mark.parametrize("text", ["36kr forever", "36kr for good", "36kr FOR EVER", "36kr 永久", "36kr 99999w"])
def test_for_good_is_read_too(text: str) -> None:
    assert parse_mute(text) == MuteRequest("36kr", for_good=True)


@given(st.text(max_size=400))
def test_any_text_is_a_request_that_keeps_what_it_names(text: str) -> None:
    request = parse_mute(text)
    assert " ".join(text.split()).startswith(request.name)
    assert request.span is None or timedelta() < request.span <= LONGEST
