"""When admins are told: after a while, once a day, with an end for each begin, and never for what nobody measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, translator
from bot.limits import TEXT
from bot.render.alerts import alerts_html
from bot.text.markup import visible_length
from digests.alerts.disks import note_disk
from digests.alerts.findings import alert_findings
from digests.alerts.judging import judge_alerts, untold, without
from digests.alerts.levels import failure_level, falling_level, rising_level, silent_sources
from digests.alerts.model import RULES, Alert, AlertKind, AlertReading, AlertState, AlertStates
from digests.alerts.stored import dump_states, load_states
from tests.factories.times import DAY, HOUR, MINUTE, NOW
from tests.telegram_markup import check_html, found_entities

QUEUE, DISK, TELEGRAM, SOURCES = AlertKind.QUEUE, AlertKind.DISK, AlertKind.TELEGRAM, AlertKind.SILENT_SOURCES


def told(
    kind: AlertKind, levels: Iterable[float | None], states: AlertStates | None = None, every: timedelta = MINUTE
) -> list[tuple[int, bool]]:
    """Return at which of these readings, one each minute, something was told, and whether it was an end."""
    states, found = dict(states or {}), list[tuple[int, bool]]()
    for number, level in enumerate(levels):
        readings = [] if level is None else [AlertReading(kind, level, level)]
        judged = judge_alerts(states, readings, NOW + number * every)
        states = load_states(dump_states(judged.states))
        assert states == dict(judged.states), "what is stored is what was known"
        found += [(number, alert.is_over) for alert in judged.alerts]
    return found


BEGINS = RULES[QUEUE].begins_after // MINUTE
ENDS = RULES[QUEUE].ends_after // MINUTE


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        pytest.param([0.0] * 9, [], id="all is well"),
        pytest.param([1.0], [], id="nothing at the first look"),
        pytest.param([1.5, 1.5, 0.0, 1.5, 1.5, 0.0], [], id="too short to tell"),
        pytest.param([1.0] * 9, [(BEGINS, False)], id="told once"),
        pytest.param([1.0] * 5 + [0.0] * 9, [(BEGINS, False), (5 + ENDS, True)], id="and that it is over"),
        pytest.param([1.0] * 5 + [0.5] * 60, [(BEGINS, False)], id="between the bounds nothing changes"),
        pytest.param([1.0] * 5 + [0.0, 0.0, 1.0] * 9, [(BEGINS, False)], id="well for too short a time"),
        pytest.param([1.0, None, 1.0, 1.0], [(2, False)], id="what is not measured changes nothing"),
        pytest.param(
            [1.0] * 5 + [0.0] * 5 + [1.0] * 60, [(BEGINS, False), (5 + ENDS, True)], id="not again on the same day"
        ),
        pytest.param(
            [1.0] * 5 + [0.0] * 5 + [4.0] * 200,
            [(BEGINS, False), (5 + ENDS, True), (BEGINS + 60, False)],
            id="unless it is much worse",
        ),
        pytest.param([1.0] * 5 + [3.0] * 90, [(BEGINS, False), (BEGINS + 60, False)], id="worse while it lasts"),
        pytest.param([1.0] * (2 * 24 * 60), [(BEGINS, False)], id="a day later nothing is new"),
        pytest.param([inf] * (2 * 24 * 60), [(BEGINS, False)], id="nothing is worse than the worst"),
    ],
)
def test_when_something_is_told(levels: Sequence[float | None], expected: list[tuple[int, bool]]) -> None:
    assert told(QUEUE, levels) == expected


def test_a_second_time_is_told_a_day_later_while_it_lasts() -> None:
    levels = [1.0] * 5 + [0.0] * 5 + [1.0] * 25 * 60
    assert told(QUEUE, levels) == [(BEGINS, False), (5 + ENDS, True), (BEGINS + 24 * 60, False)]


def test_after_a_gap_the_time_begins_anew() -> None:
    assert told(QUEUE, [1.0] * 9, every=11 * MINUTE) == [], "the bot may have been stopped meanwhile"


def test_what_lasts_over_a_restart_is_told_to_be_over() -> None:
    states = judge_alerts({}, [AlertReading(QUEUE, 2.0)], NOW - DAY).states
    on = {QUEUE: replace(states[QUEUE], bad_since=NOW - DAY, is_on=True, is_told=True, told_at=NOW - DAY, told_level=2)}
    assert told(QUEUE, [0.0] * 5, on) == [(ENDS, True)]


def test_what_cannot_be_told_while_it_lasts_is_told_with_its_end() -> None:
    assert told(TELEGRAM, [0.0, 0.5, 1.0, 4.0, 9.0, 0.0, 0.0, 0.0]) == [(7, True)]
    assert told(TELEGRAM, [0.9, 0.0, 0.9, 0.0, 0.0, 0.0]) == []
    since = NOW - 20 * MINUTE
    states = judge_alerts({}, [AlertReading(TELEGRAM, 2.0, 20.0, since=since)], NOW).states
    states = judge_alerts(states, [AlertReading(TELEGRAM, 0.0)], NOW + MINUTE).states
    (alert,) = judge_alerts(states, [AlertReading(TELEGRAM, 0.0)], NOW + 4 * MINUTE).alerts
    assert (alert.since, alert.ended_at) == (since, NOW + MINUTE)


def test_a_clock_that_is_set_back_tells_nothing_twice() -> None:
    states = judge_alerts({}, [AlertReading(QUEUE, 1.0)], NOW).states
    states = judge_alerts(states, [AlertReading(QUEUE, 1.0)], NOW + 3 * MINUTE).states
    assert states[QUEUE].is_told
    for hours in (0, 5, 10):
        judged = judge_alerts(states, [AlertReading(QUEUE, 1.0)], NOW - hours * HOUR)
        assert not judged.alerts


def test_what_began_before_the_clock_was_set_back_did_not_begin_later_than_now() -> None:
    states = judge_alerts({}, [AlertReading(QUEUE, 1.0)], NOW).states
    states = judge_alerts(states, [AlertReading(QUEUE, 1.0)], NOW + 3 * MINUTE).states
    states = judge_alerts(states, [AlertReading(QUEUE, 0.0)], NOW - DAY).states
    (over,) = judge_alerts(states, [AlertReading(QUEUE, 0.0)], NOW - DAY + 4 * MINUTE).alerts
    assert over.ended_at is not None
    assert over.since <= over.ended_at


def test_the_fullest_disk_of_all_machines_counts_until_its_machine_is_gone() -> None:
    text, least = note_disk("", "a", 100.0, NOW)
    assert least == 100.0
    for minute in range(1, 31):
        text, least = note_disk(text, "b", 9000.0, NOW + minute * MINUTE)
        assert least == 100.0
    text, least = note_disk(text, "b", 9000.0, NOW + 31 * MINUTE)
    assert least == 9000.0
    assert note_disk(text, "b", 50.0, NOW - DAY)[1] == 50.0, "the clock was set back"
    assert note_disk(text, "b", 400.0, NOW + 32 * MINUTE)[1] == 400.0


def test_sources_are_told_by_name_and_each_once() -> None:
    first = judge_alerts({}, [AlertReading(SOURCES, 2, 2, ("a", "b"))], NOW)
    assert [alert.names for alert in first.alerts] == [("a", "b")]
    soon = judge_alerts(first.states, [AlertReading(SOURCES, 3, 3, ("a", "b", "c"))], NOW + HOUR)
    assert not soon.alerts
    later = judge_alerts(soon.states, [AlertReading(SOURCES, 2, 2, ("b", "c"), back=("a",))], NOW + 25 * HOUR)
    assert [alert.names for alert in later.alerts] == [("c",)]
    over = judge_alerts(later.states, [AlertReading(SOURCES, 0, 0, (), back=("a", "b"))], NOW + 30 * HOUR)
    assert [(alert.names, alert.is_over) for alert in over.alerts] == [(("a", "b"), True)]
    gone = judge_alerts(later.states, [AlertReading(SOURCES, 0, 0, ())], NOW + 30 * HOUR)
    assert not gone.alerts, "a source that is only forgotten has not come back"
    assert not gone.states[SOURCES].is_on


def test_what_nobody_heard_is_told_at_the_next_look() -> None:
    states: AlertStates = {}
    for number in range(BEGINS + 1):
        before = states
        judged = judge_alerts(states, [AlertReading(QUEUE, 1.0)], NOW + number * MINUTE)
        states = judged.states
    assert judged.alerts
    again = judge_alerts(untold(before, judged), [AlertReading(QUEUE, 1.0)], NOW + (BEGINS + 1) * MINUTE)
    assert [alert.is_over for alert in again.alerts] == [False]
    states, moment = again.states, NOW + HOUR
    while True:
        before = states
        judged = judge_alerts(states, [AlertReading(QUEUE, 0.0)], moment)
        states, moment = judged.states, moment + MINUTE
        if judged.alerts:
            break
    end = judge_alerts(untold(before, judged), [AlertReading(QUEUE, 0.0)], moment)
    assert [alert.is_over for alert in end.alerts] == [True]


def test_what_is_not_watched_any_more_is_forgotten() -> None:
    states = judge_alerts({}, [AlertReading(QUEUE, 1.0), AlertReading(DISK, 1.0)], NOW).states
    assert set(without(states, {QUEUE})) == {DISK}


@given(
    st.sampled_from([kind for kind in AlertKind if kind is not SOURCES]),
    st.lists(st.one_of(st.none(), st.sampled_from([0.0, 0.4, 0.7, 0.95, 1.0, 1.2, 2.9, 3.0, 10.0])), max_size=400),
    st.sampled_from([MINUTE, 5 * MINUTE, 20 * MINUTE, 3 * HOUR]),
)
def test_each_begin_has_at_most_one_end_and_nothing_flaps(
    kind: AlertKind, levels: list[float | None], every: timedelta
) -> None:
    is_open, begins, ends = False, list[datetime](), list[datetime]()
    for number, is_over in told(kind, levels, every=every):
        moment = NOW + number * every
        if is_over:
            assert is_open or RULES[kind].told_late
            is_open, ends = False, [*ends, moment]
        else:
            is_open, begins = True, [*begins, moment]
    for moments in (begins, ends):
        for first in moments:
            # From level 1 to 10 it becomes three times worse at most twice.
            assert sum(first <= moment < first + DAY for moment in moments) <= 3


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (rising_level(24, 24), 1.0),
        (falling_level(500, 500), 1.0),
        (falling_level(0, 500), inf),
        (failure_level(0, 0, 20, 20), 0.0),
        (failure_level(19, 19, 20, 20), 0.95),
        (failure_level(20, 100, 20, 20), 1.0),
        (failure_level(20, 1000, 20, 20), 0.1),
    ],
)
def test_levels(level: float, expected: float) -> None:
    assert level == pytest.approx(expected)


def days(*numbers: int) -> list[date]:
    return [date(2026, 1, 1) + number * timedelta(days=1) for number in numbers]


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        pytest.param({}, (), id="no articles"),
        pytest.param({"a": days(*range(30))}, (), id="all is well"),
        pytest.param({"a": days(*range(30)), "b": days(*range(20))}, ("b",), id="a daily source stopped"),
        pytest.param({"a": days(*range(30)), "b": days(*range(26))}, (), id="a long weekend"),
        pytest.param({"a": days(*range(60)), "b": days(0, 7, 14, 21, 28, 35)}, ("b",), id="weekly, for 24 days"),
        pytest.param({"a": days(*range(60)), "b": days(0, 7, 14, 21, 28, 40)}, (), id="weekly, for 19 days"),
        pytest.param({"a": days(*range(60)), "b": days(0, 1, 2, 3, 23, 24, 25)}, ("b",), id="longer than ever"),
        pytest.param({"a": days(*range(40)), "b": days(0, 1, 2, 3, 23, 24, 25)}, (), id="as long as before"),
        pytest.param({"a": days(*range(60)), "b": days(0, 1, 2, 3)}, (), id="not known yet"),
        pytest.param({"a": days(*range(9)), "b": days(*range(9))}, (), id="nothing comes at all any more"),
    ],
)
def test_a_source_is_silent_by_its_own_rhythm(active: dict[str, list[date]], expected: tuple[str, ...]) -> None:
    assert silent_sources(active) == expected


@given(
    st.dictionaries(
        st.sampled_from(AlertKind),
        st.builds(
            AlertState,
            seen_at=st.just(NOW),
            bad_since=st.sampled_from([None, NOW]),
            is_on=st.booleans(),
            told_level=st.floats(min_value=0, allow_nan=False),
            names=st.lists(st.text()).map(tuple),
        ),
    )
)
def test_states_outlast_being_stored(states: dict[AlertKind, AlertState]) -> None:
    assert load_states(dump_states(states)) == states


def test_alerts_of_a_newer_version_are_passed_over() -> None:
    assert load_states('{"comets": {"seen_at": "2026-01-01T00:00:00+00:00"}}') == {}
    assert load_states("") == {}


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_alert_has_words_and_all_together_are_one_message(language: str) -> None:
    t, names = translator(language), tuple(f"<b>@evil_{number} t.me/x" + "长" * 500 for number in range(50))
    begun = [Alert(kind, 26.0, NOW - HOUR, names) for kind in AlertKind]
    over = [Alert(kind, 26.0, NOW - HOUR, names, NOW) for kind in AlertKind]
    html = alerts_html([*begun, *over], NOW, "Asia/Shanghai", t)
    answer = check_html(html)
    assert visible_length(html) <= TEXT
    assert set(found_entities(answer["text"])) <= {"BotCommand"}, "names of sources are inert"
    lines = {alerts_html([alert], NOW, "UTC", t) for alert in (*begun, *over)}
    assert len(lines) == len(begun) + len(over)


def test_a_clock_is_fast_or_slow() -> None:
    t = translator("en")
    assert "90 seconds fast" in alerts_html([Alert(AlertKind.CLOCK, 90.4, NOW)], NOW, "UTC", t)
    assert "5 minutes slow" in alerts_html([Alert(AlertKind.CLOCK, -300, NOW)], NOW, "UTC", t)


def test_the_doctor_names_what_is_on_and_nothing_that_nobody_looks_at() -> None:
    on = AlertState(NOW, bad_since=NOW - HOUR, is_on=True, names=tuple(f"source {n}" for n in range(12)))
    states = {SOURCES: on, DISK: AlertState(NOW, bad_since=NOW)}
    (finding,) = alert_findings(states, NOW + HOUR)
    assert finding.level == "warning"
    assert "source 9 and 2 more" in finding.text
    assert [check.text for check in alert_findings(states, NOW + DAY)] == ["none"]
    every = {kind: replace(on, names=("x",)) for kind in AlertKind}
    assert len({check.text for check in alert_findings(every, NOW)}) == len(AlertKind)
