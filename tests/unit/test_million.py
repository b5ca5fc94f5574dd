"""The simulated day of `make bench ONLY=million`: its readers, its queue and its picture."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.load.million import PICTURE, hours_of, picture_of, simulated, summary_of
from tests.load.million_day import FREE, PAID, PLAN_BATCH, TICK_SECONDS, Pace, latest_of_fluid, plan, quantile, simulate
from tests.load.million_readers import Choice, choose, due, spread

HOUR = 3600.0
MONDAY = datetime(2026, 6, 8, tzinfo=UTC)
dues = st.lists(st.tuples(st.integers(0, 7200).map(float), st.integers(1, 400)), min_size=1, max_size=8).map(sorted)


# ---------------------------------------------------------------- readers


def test_the_same_seed_makes_the_same_readers() -> None:
    assert choose(5000) == choose(5000)
    assert choose(5000) != choose(5000, seed=2)
    assert choose(5000).total() == 5000


def test_slots_are_on_each_readers_own_clock_and_days_and_after_their_quiet_hours() -> None:
    choices = {
        Choice("08:00", "Asia/Shanghai", "1234567", ""): 3,
        Choice("08:00,18:00", "Europe/Berlin", "1234567", ""): 5,
        Choice("07:30", "Europe/London", "1234567", "23:00-08:00"): 7,
        Choice("08:00", "Asia/Shanghai", "67", ""): 11,
    }
    assert due(choices, MONDAY, 1) == [(0.0, 3), (6 * HOUR, 5), (7 * HOUR, 7), (16 * HOUR, 5)]


def test_an_hour_that_daylight_saving_skips_moves_to_its_end() -> None:
    choices = {Choice("02:30", "Europe/Berlin", "1234567", ""): 1}
    assert due(choices, datetime(2026, 3, 29, tzinfo=UTC), 1) == [(HOUR, 1)]


@given(st.integers(0, 120), st.integers(1, 300))
def test_spreading_loses_nobody_and_makes_nobody_later(minutes: int, chats: int) -> None:
    choices = {
        Choice("08:00", "Asia/Tokyo", "1234567", ""): chats,
        Choice("09:00", "Asia/Tokyo", "1234567", ""): 2,
        Choice("08:00,18:00", "Asia/Tokyo", "1234567", ""): 3,
    }
    moved = spread(choices, minutes)
    assert moved.total() == chats + 5
    assert moved[Choice("09:00", "Asia/Tokyo", "1234567", "")] == 2
    firsts = Counter[str]()
    for choice, some in moved.items():
        firsts[choice.times.split(",")[0]] += some
    assert max(firsts.keys() - {"09:00"}) <= "08:00"
    assert min(firsts) > f"{7 - minutes // 60:02d}:{59 - minutes % 60:02d}"


# ---------------------------------------------------------------- planning and the queue


@given(dues)
def test_planning_leaves_nothing_out_and_plans_nothing_before_it_is_due(due_: list[tuple[float, int]]) -> None:
    planned = list(plan(due_))
    assert sum(batch.digests for batch in planned) == sum(digests for _, digests in due_)
    assert all(batch.at > batch.slot and batch.digests <= PLAN_BATCH for batch in planned)
    assert [batch.at for batch in planned] == sorted(batch.at for batch in planned)


def test_what_is_due_waits_for_the_next_tick() -> None:
    (batch,) = plan([(1.0, 2000)])
    assert batch.at == pytest.approx(TICK_SECONDS + 0.1)


def test_a_fluid_queue_is_as_late_as_what_is_in_front() -> None:
    assert latest_of_fluid([(0.0, 300), (5.0, 300)], 30) == pytest.approx(15)
    assert latest_of_fluid([(0.0, 300), (100.0, 30)], 30) == pytest.approx(10)


@given(dues, st.sampled_from([FREE, PAID, Pace(5, 4.9)]), st.integers(0, 5))
def test_every_digest_is_sent_or_refused_and_no_second_exceeds_the_rate(
    due_: list[tuple[float, int]], pace: Pace, seed: int
) -> None:
    day = simulate(due_, pace, 86_400.0, seed)
    assert day.planned == sum(digests for _, digests in due_)
    assert day.lost == 0
    assert day.most_in_a_second <= pace.allowed
    assert len(day.hour(0, 24)) == day.sent
    assert min(day.waits, default=0.0) >= 0


def test_a_rush_is_as_late_as_its_rate_makes_it_and_not_much_later() -> None:
    rush = [(0.0, 30_000)]
    day = simulate(rush, FREE, 86_400.0)
    assert 1.0 <= day.latest_of_first_tries / latest_of_fluid(rush, FREE.allowed) <= 1.1
    assert day.failed == pytest.approx(300, abs=90)
    assert day.depth(0) > 25_000
    # It is emptied at 30 a second, whether or not more comes.
    assert day.deepest[:3] == sorted(day.deepest[:3], reverse=True)
    assert 9000 < day.deepest[1] < 14_000


def test_what_is_tried_again_waits_behind_all_that_was_due_before() -> None:
    day = simulate([(0.0, 30_000)], FREE, 86_400.0)
    assert day.retried > 0
    assert max(day.hour(0)) > day.latest_of_first_tries


def test_answers_to_people_take_the_places_of_digests_at_the_free_rate_alone() -> None:
    rush = [(0.0, 20_000)]
    free, paid = simulate(rush, FREE, 86_400.0), simulate(rush, Pace(30, 29.57, is_paid=True), 86_400.0)
    assert free.answered == pytest.approx(1000, abs=150)
    assert free.latest_of_first_tries > paid.latest_of_first_tries


def test_quantiles_of_nothing_and_of_something() -> None:
    assert quantile([], 0.5) == 0
    assert [quantile([1.0, 2.0, 3.0, 4.0], share) for share in (0.0, 0.5, 1.0)] == [1, 3, 4]


# ---------------------------------------------------------------- what is shown


def test_the_table_has_every_hour_and_the_picture_every_line() -> None:
    runs = simulated(2000)
    table = hours_of(runs[0])
    assert len([row for row in table.splitlines() if row[:4].strip("| ").isdigit()]) == 24
    assert [row.split(" | ")[0] for row in summary_of(runs).splitlines()[2:]] == [f"| {run.name}" for run in runs]
    svg = ET.fromstring(picture_of(runs))
    words = {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"30/s", "1,000/s", "30/s, 08:00 spread", "1,000/s, 08:00 spread"} <= words
    paths = [path.get("d") or "" for path in svg.iter("{http://www.w3.org/2000/svg}path")]
    assert not any("nan" in path or "inf" in path for path in paths)


def test_the_picture_in_the_docs_is_whole() -> None:
    svg = ET.fromstring(PICTURE.read_text("utf-8"))
    assert len([path for path in svg.iter() if path.get("class", "").startswith("line")]) == 3 * 4
