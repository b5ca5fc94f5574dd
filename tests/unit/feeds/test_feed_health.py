"""How a feed is: silent, failing, gone, or fine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.feeds.health import health_of, silence_bound
from digests.feeds.schedule import rhythm_of
from digests.model.feed import Feed, FeedFault, FeedHealth, FeedTrouble
from tests.factories.ailing_feeds import failing_feed, make_feed, news_every, silent_feed
from tests.factories.times import DAY, HOUR, MINUTE, NOW


def quiet_for(gap: timedelta, silence: timedelta, times: int = 8, **more: Any) -> Feed:
    """Return a feed that brought something at that gap, then nothing up to now."""
    brought = news_every(gap, times, NOW - silence)
    return make_feed(looked_at=NOW, read_at=NOW, news_at=brought[-1], brought=brought, **more)


def test_a_feed_that_was_never_read_is_new() -> None:
    assert health_of(make_feed(), NOW) is FeedHealth.NEW
    fault = FeedFault(FeedTrouble.UNREACHABLE, "no answer")
    just_failed = make_feed(looked_at=NOW, failures=1, failing_since=NOW, fault=fault)
    assert health_of(just_failed, NOW) is FeedHealth.NEW


@pytest.mark.parametrize(
    ("gap", "silence", "health"),
    [
        (DAY, 3.5 * DAY, FeedHealth.FINE),
        (DAY, 4.5 * DAY, FeedHealth.SILENT),
        (10 * MINUTE, 3 * DAY, FeedHealth.FINE),
        (10 * MINUTE, 5 * DAY, FeedHealth.SILENT),
        (7 * DAY, 20 * DAY, FeedHealth.FINE),
        (7 * DAY, 22 * DAY, FeedHealth.SILENT),
        (30 * DAY, 89 * DAY, FeedHealth.FINE),
        (30 * DAY, 91 * DAY, FeedHealth.SILENT),
    ],
)
def test_silent_is_three_times_longer_than_usual(gap: timedelta, silence: timedelta, health: FeedHealth) -> None:
    assert health_of(quiet_for(gap, silence), NOW) is health


def test_a_feed_of_working_days_is_fine_on_every_hour_of_a_long_weekend() -> None:
    # 2026-06-05 is a Friday; the next news come on Tuesday.
    friday = NOW - DAY
    workdays = tuple(friday - back * DAY for back in (11, 10, 9, 8, 7, 4, 3, 2, 1, 0))
    for hours in range(4 * 24):
        looked = friday + hours * HOUR
        feed = make_feed(looked_at=looked, read_at=looked, news_at=friday, brought=workdays)
        assert health_of(feed, looked) is FeedHealth.FINE


def test_a_feed_that_was_silent_as_long_before_is_fine() -> None:
    brought = (*news_every(DAY, 5, NOW - 50 * DAY), *news_every(DAY, 5, NOW - 20 * DAY))
    feed = make_feed(looked_at=NOW, read_at=NOW, news_at=brought[-1], brought=brought)
    assert health_of(feed, NOW) is FeedHealth.FINE


@given(st.lists(st.integers(0, 1000), max_size=3))
def test_a_feed_with_little_history_is_never_silent(days: list[int]) -> None:
    brought = tuple(NOW - (2000 + day) * DAY for day in days)
    feed = make_feed(looked_at=NOW, read_at=NOW, news_at=max(brought, default=None), brought=brought)
    assert health_of(feed, NOW) is FeedHealth.FINE
    assert silence_bound(feed.state) is None


def test_a_bot_that_did_not_run_says_nothing_of_feeds() -> None:
    feed = quiet_for(DAY, 2 * DAY)
    assert health_of(feed, NOW + 60 * DAY) is FeedHealth.FINE
    once = FeedFault(FeedTrouble.SERVER, "it answers 500")
    failed_once = make_feed(looked_at=NOW, read_at=NOW - HOUR, failures=1, failing_since=NOW, fault=once)
    assert health_of(failed_once, NOW + 60 * DAY) is FeedHealth.FINE


@pytest.mark.parametrize(
    ("failures", "since", "looked", "failing"),
    [
        (3, 47 * HOUR, timedelta(), False),
        (3, 48 * HOUR, 10 * HOUR, True),
        (2, 72 * HOUR, timedelta(), True),
        (1, 72 * HOUR, 72 * HOUR, False),
        (2, 72 * HOUR, 71 * HOUR, False),
    ],
)
def test_failing_for_two_days(failures: int, since: timedelta, looked: timedelta, failing: bool) -> None:
    feed = make_feed(
        read_at=NOW - 9 * DAY,
        looked_at=NOW - looked,
        failures=failures,
        failing_since=NOW - since,
        fault=FeedFault(FeedTrouble.SERVER, "it answers 500"),
    )
    assert (health_of(feed, NOW) is FeedHealth.FAILING) is failing


def test_what_an_admin_did_and_what_a_server_said_come_first() -> None:
    gone = FeedFault(FeedTrouble.GONE, "it answers 410: gone for good")
    assert health_of(make_feed(failures=1, failing_since=NOW, fault=gone), NOW) is FeedHealth.GONE
    assert health_of(failing_feed(is_paused=True), NOW) is FeedHealth.PAUSED
    assert health_of(silent_feed(is_paused=True), NOW) is FeedHealth.PAUSED


def test_a_feed_that_fails_is_not_called_silent() -> None:
    silent = silent_feed(failures=4, failing_since=NOW - 5 * DAY, fault=FeedFault(FeedTrouble.SERVER, "500"))
    assert health_of(silent, NOW) is FeedHealth.FAILING


@pytest.mark.parametrize("number", range(4))
def test_a_rhythm_needs_four_news(number: int) -> None:
    assert rhythm_of(news_every(DAY, number, NOW)) is None
    assert rhythm_of([NOW] * 9) is None


def test_a_rhythm_is_the_usual_gap() -> None:
    assert rhythm_of(news_every(6 * HOUR, 9, NOW)) == 6 * HOUR
    assert rhythm_of((NOW - 90 * DAY, *news_every(DAY, 6, NOW))) == DAY
    assert rhythm_of((NOW, NOW - DAY, NOW - 2 * DAY, NOW - 3 * DAY)) == DAY
