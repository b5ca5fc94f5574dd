"""When a feed is looked at next: by its rhythm, its server's wishes and its failures, within bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.feeds.schedule import LONGEST_AHEAD, LONGEST_INTERVAL, LONGEST_WAIT, LookPace, next_look
from digests.model.feed import ENDED, NEVER, FeedFault, FeedOptions, FeedState, FeedTrouble
from tests.factories.feeds import FAULT, feed_state
from tests.factories.times import DAY, HOUR, MINUTE, NOW

PACE = LookPace()
ANY = FeedOptions()
SPANS = st.timedeltas(timedelta(0), 400 * DAY)
TROUBLES = st.sampled_from(FeedTrouble)


def news_every(gap: timedelta, times: int = 6) -> FeedState:
    """Return the state of a feed that has just brought something again, as always after this time."""
    return feed_state(brought=tuple(NOW - gap * number for number in reversed(range(times))), news_at=NOW)


def failed(times: int, fault: FeedFault = FAULT) -> FeedState:
    """Return the state of a feed of which so many looks in a row have failed."""
    return feed_state(failures=times, failing_since=NOW, fault=fault)


@st.composite
def states(draw: st.DrawFn) -> FeedState:
    """Build any state that a look may leave."""
    brought = sorted(NOW - gap for gap in draw(st.lists(SPANS, max_size=12)))
    fault = FeedFault(draw(TROUBLES), "no") if draw(st.booleans()) else None
    return feed_state(
        brought=tuple(brought),
        news_at=NOW - draw(SPANS) if draw(st.booleans()) else None,
        failures=draw(st.integers(1, 50)) if fault else 0,
        fault=fault,
        least_minutes=draw(st.integers(0, 10**9)),
    )


@pytest.mark.parametrize(
    ("state", "interval"),
    [
        (feed_state(), HOUR),
        (news_every(HOUR, 3), HOUR),
        (news_every(HOUR, 4), HOUR / 2),
        (news_every(6 * HOUR), 3 * HOUR),
        (news_every(MINUTE), 15 * MINUTE),
        (news_every(7 * DAY), DAY),
        (feed_state(least_minutes=90), 90 * MINUTE),
        (feed_state(least_minutes=5), HOUR),
        (feed_state(least_minutes=10**9), DAY),
        (replace(news_every(MINUTE), least_minutes=40), 40 * MINUTE),
        (feed_state(news_at=NOW - 4 * DAY), 6 * HOUR),
        (feed_state(news_at=NOW + DAY), HOUR),
    ],
)
def test_the_interval_is_about_half_the_gap_between_news(state: FeedState, interval: timedelta) -> None:
    assert next_look(ANY, state, NOW, PACE, 0) == NOW + interval


def test_a_feed_that_falls_silent_is_asked_less_and_less() -> None:
    state = news_every(HOUR)
    later = [next_look(ANY, state, NOW + silent, PACE, 0) - silent for silent in (HOUR, DAY, 3 * DAY, 30 * DAY)]
    assert later == [NOW + interval for interval in (30 * MINUTE, 90 * MINUTE, 4.5 * HOUR, DAY)]


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 24), (3, 48), (4, 168), (5, 168), (400, 168)])
def test_failures_are_followed_by_longer_and_longer_pauses(failures: int, hours: int) -> None:
    assert next_look(ANY, failed(failures), NOW, PACE, 0) == NOW + hours * HOUR


def test_what_is_gone_is_not_looked_at_any_more() -> None:
    gone = failed(1, FeedFault(FeedTrouble.GONE, "the server answers 410"))
    assert next_look(ANY, gone, NOW, PACE, 0.5, 5 * MINUTE) == NEVER
    assert next_look(FeedOptions(every=1), gone, NOW, PACE, 0) == NEVER


@pytest.mark.parametrize(
    ("wait", "pace", "failures", "later"),
    [
        (timedelta(seconds=7), PACE, 1, 15 * MINUTE),
        (timedelta(seconds=7), LookPace(least=timedelta()), 1, timedelta(seconds=7)),
        (timedelta(seconds=7), LookPace(least=timedelta()), 2, HOUR),
        (30 * MINUTE, PACE, 1, 30 * MINUTE),
        (5 * HOUR, PACE, 9, 5 * HOUR),
        (90 * DAY, PACE, 1, 2 * DAY),
    ],
)
def test_a_server_is_left_alone_for_as_long_as_it_asks(
    wait: timedelta, pace: LookPace, failures: int, later: timedelta
) -> None:
    assert next_look(ANY, failed(failures), NOW, pace, 0, wait) == NOW + later
    assert next_look(FeedOptions(every=1), failed(failures), NOW, pace, 0, 5 * HOUR) == NOW + 5 * HOUR


def test_options_of_a_feed_win_over_all_but_its_server() -> None:
    options = FeedOptions(every=5)
    for state in (news_every(7 * DAY), feed_state(least_minutes=600), feed_state(news_at=NOW - 90 * DAY)):
        assert next_look(options, state, NOW, PACE, 0) == NOW + 5 * MINUTE
    assert next_look(FeedOptions(every=10080), news_every(MINUTE), NOW, PACE, 0) == NOW + 7 * DAY


def test_the_settings_may_want_more_than_a_day() -> None:
    assert next_look(ANY, feed_state(), NOW, LookPace(every=3 * DAY), 0) == NOW + 3 * DAY


@given(states(), st.floats(0, 1), SPANS, st.none() | st.integers(1, 10080))
def test_no_look_is_sooner_than_allowed_or_later_than_bound(
    state: FeedState, jitter: float, wait: timedelta, every: int | None
) -> None:
    at = next_look(FeedOptions(every=every), state, NOW, PACE, jitter, wait)
    if state.fault is not None and state.fault.trouble in ENDED:
        assert at == NEVER
        return
    assert at <= NOW + LONGEST_AHEAD
    if every is None:
        assert at >= NOW + PACE.least
    if state.fault is None:
        least = every * MINUTE if every is not None else min(state.least_minutes * MINUTE, LONGEST_INTERVAL)
        assert at >= NOW + least
        assert every is not None or at <= NOW + LONGEST_INTERVAL
    elif wait:
        assert at >= NOW + min(wait, LONGEST_WAIT)


@given(states(), st.floats(0, 1))
def test_jitter_moves_a_look_by_a_tenth_at_most(state: FeedState, jitter: float) -> None:
    steady, moved = (next_look(ANY, state, NOW, PACE, each) for each in (0, jitter))
    assert abs(moved - steady) <= (steady - NOW) * 0.1 + timedelta(microseconds=1)


def test_feeds_that_were_looked_at_together_do_not_stay_together() -> None:
    moments = {next_look(ANY, feed_state(), NOW, PACE, number / 100) for number in range(100)}
    assert len(moments) == 100
    assert max(moments) - min(moments) > 5 * MINUTE
    at_most = {next_look(ANY, news_every(7 * DAY), NOW, PACE, number / 100) for number in range(100)}
    assert len(at_most) == 100
