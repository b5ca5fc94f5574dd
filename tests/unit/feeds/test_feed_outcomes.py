"""What a look makes of a feed's state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digests.feeds.outcomes import (
    MOST_BROUGHT,
    LookOutcome,
    Validators,
    has_moved,
    max_age_minutes,
    state_after,
)
from digests.feeds.schedule import LookPace
from digests.model.feed import NEVER, FeedFault, FeedState, FeedTrouble
from tests.factories.feeds import FAULT, feed, feed_state
from tests.factories.times import DAY, HOUR, MINUTE, NOW

PACE = LookPace()
READ = feed_state(read_at=NOW - DAY, looked_at=NOW - DAY)


def after(state: FeedState, outcome: LookOutcome, minutes: int = 0) -> FeedState:
    """Return the state that a look leaves which ended so much later."""
    return state_after(feed(state=state), outcome, NOW + minutes * MINUTE, PACE, 0)


@pytest.mark.parametrize(
    ("header", "minutes"),
    [
        ("", 0),
        ("max-age=3600", 60),
        ("public, Max-Age=90", 2),
        ('private,max-age="600"', 10),
        ("max-age = 60, no-transform", 1),
        ("no-cache, max-age=600", 0),
        ("no-store", 0),
        ("s-maxage=600", 0),
        ("max-age=-5", 0),
        ("max-age=soon", 0),
        ("max-age=99999999999999999999", 10_080),
        ("must-revalidate", 0),
        ("max-age=0", 0),
    ],
)
def test_the_age_of_an_answer(header: str, minutes: int) -> None:
    assert max_age_minutes(header) == minutes


def test_a_first_look_says_nothing_of_the_rhythm() -> None:
    state = after(feed_state(), LookOutcome(is_news=True))
    assert (state.read_at, state.news_at, state.looked_at, state.brought) == (NOW, NOW, NOW, ())


def test_news_are_noted_and_the_oldest_forgotten() -> None:
    state = READ
    for hours in range(20):
        state = after(state, LookOutcome(is_news=hours % 2 == 0), hours * 60)
    assert state.news_at == NOW + 18 * HOUR
    assert state.brought == tuple(NOW + hours * HOUR for hours in range(0, 20, 2))
    for hours in range(20, 40):
        state = after(state, LookOutcome(is_news=True), hours * 60)
    assert len(state.brought) == MOST_BROUGHT
    assert state.brought[-1] == NOW + 39 * HOUR


def test_a_fault_leaves_what_is_known_and_success_ends_it() -> None:
    known = replace(READ, etag='"a"', last_modified="b", body_hash="c", brought=(NOW - DAY,), news_at=NOW - DAY)
    failed = after(known, LookOutcome(FAULT))
    again = after(failed, LookOutcome(FAULT), 60)
    assert (failed.failures, again.failures) == (1, 2)
    assert failed.failing_since == again.failing_since == NOW
    assert (again.fault, again.read_at, again.etag, again.body_hash) == (FAULT, NOW - DAY, '"a"', "c")
    assert again.next_look_at == NOW + HOUR + DAY
    well = after(again, LookOutcome(), 120)
    assert (well.fault, well.failures, well.failing_since, well.etag) == (None, 0, None, '"a"')


def test_validators_are_those_of_the_last_body() -> None:
    state = after(replace(READ, etag="a", last_modified="b"), LookOutcome(validators=Validators("W/c", "", "h")))
    assert (state.etag, state.last_modified, state.body_hash) == ("W/c", "", "h")
    assert after(state, LookOutcome()).etag == "W/c"


def test_gone_is_gone() -> None:
    state = after(READ, LookOutcome(FeedFault(FeedTrouble.GONE, "the server answers 410")))
    assert state.next_look_at == NEVER


def test_what_a_feed_asks_holds_until_it_is_read_again() -> None:
    state = after(READ, LookOutcome(least_minutes=120, keeps_least=False))
    assert state.least_minutes == 120
    assert after(state, LookOutcome(least_minutes=5)).least_minutes == 120
    assert after(state, LookOutcome(least_minutes=5, keeps_least=False)).least_minutes == 5
    assert after(state, LookOutcome(FAULT)).least_minutes == 120


NEW = "https://new.example/feed"


def test_a_feed_has_moved_after_three_looks_in_a_row_over_two_days() -> None:
    state, day = READ, 24 * 60
    moved = []
    for minutes in (0, 60, day, 2 * day - 1, 2 * day):
        state = after(state, LookOutcome(moved_to=NEW), minutes)
        moved.append(has_moved(state, NOW + minutes * MINUTE))
    assert moved == [False, False, False, False, True]
    assert (state.moved_to, state.moved_looks, state.moved_at) == (NEW, 5, NOW)


def test_two_looks_are_too_few_however_far_apart() -> None:
    state = after(after(READ, LookOutcome(moved_to=NEW)), LookOutcome(moved_to=NEW), 90 * 24 * 60)
    assert not has_moved(state, NOW + 90 * DAY)


@pytest.mark.parametrize("between", ["", "https://else.example/"])
def test_another_answer_between_begins_the_count_anew(between: str) -> None:
    state = after(after(READ, LookOutcome(moved_to=NEW)), LookOutcome(moved_to=between), 60)
    state = after(state, LookOutcome(moved_to=NEW), 3 * 24 * 60)
    assert (state.moved_looks, state.moved_at) == (1, NOW + 3 * DAY)


def test_no_answer_at_all_says_nothing_of_moves() -> None:
    state = after(after(READ, LookOutcome(moved_to=NEW)), LookOutcome(FAULT), 60)
    assert (state.moved_looks, state.moved_at) == (1, NOW)


def test_a_clock_that_was_set_back_moves_no_feed() -> None:
    state = replace(READ, moved_to=NEW, moved_looks=2, moved_at=NOW + 400 * DAY)
    state = after(state, LookOutcome(moved_to=NEW))
    assert (state.moved_looks, state.moved_at) == (1, NOW)
