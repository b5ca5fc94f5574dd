"""Numbers by day, in words and as charts, whatever is missing and whatever sources are called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, translator
from bot.limits import CAPTION
from bot.render.statistics import statistics_chart, statistics_html
from bot.text.markup import visible_length
from digests.media.charts import MOST_SERIES, ChartPanel
from digests.model.daily_count import MOST_LABELS, OTHERS, CountKind, DailyCount, largest
from digests.model.history import History, history_of
from tests.factories.times import DAY, NOW
from tests.telegram_markup import check_html

TODAY = NOW.date()
EN = translator("en")


def history(counts: Sequence[DailyCount], days: int = 7) -> History:
    """Return the history of these counts; categories are called after their ids."""
    return history_of(counts, TODAY - (days - 1) * DAY, TODAY, lambda category: f"category {category}")


def count(kind: CountKind, label: str, number: int, ago: int = 0) -> DailyCount:
    """Return what was counted so many days ago."""
    return DailyCount(TODAY - timedelta(days=ago), kind, label, number)


def panel(made: History, number: int) -> ChartPanel:
    return statistics_chart(made, EN).panels[number]


def values(of: ChartPanel) -> dict[str, tuple[float | None, ...]]:
    return {series.name: series.values for series in of.series}


def test_a_day_that_nobody_counted_is_unknown_for_readers_and_empty_for_deliveries() -> None:
    made = history(
        [
            count(CountKind.PLACES, "active", 5, 4),
            count(CountKind.PLACES, "active", 7, 1),
            count(CountKind.PLACES, "paused", 1, 1),
            count(CountKind.DELIVERIES, "sent", 5, 4),
            count(CountKind.DELIVERIES, "failed", 2, 1),
            count(CountKind.DELIVERIES, "sent", 99, 30),
        ]
    )
    assert made.places == {
        "active": (None, None, 5, None, None, 7, None),
        "paused": (None, None, 0, None, None, 1, None),
    }
    assert made.deliveries == {"sent": (None, None, 5, 0, 0, 0, 0), "failed": (None, None, 0, 0, 0, 2, 0)}
    text = statistics_html(made, EN)
    assert "active 7, paused 1, stopped 0" in text
    assert "sent 5, failed 2" in text


def test_readers_are_those_of_the_last_day_by_category() -> None:
    made = history_of(
        [
            count(CountKind.READERS, "1", 5),
            count(CountKind.READERS, "2", 3),
            count(CountKind.READERS, "3", 4),
            count(CountKind.READERS, OTHERS, 90),
            count(CountKind.READERS, "4", 70, 1),
        ],
        TODAY - DAY,
        TODAY,
        # The second became the first.
        lambda category: {1: "Science", 2: "Science", 3: "Sport"}[category],
    )
    assert made.readers == (("Science", 8), ("Sport", 4), (OTHERS, 90))
    assert panel(made, 2).labels == ("Science", "Sport", "others")
    assert "Science 8, Sport 4, others 90" in statistics_html(made, EN)


def test_a_year_is_shown_by_whole_weeks() -> None:
    counts = [count(CountKind.PLACES, "active", 400 - ago, ago) for ago in range(365)]
    counts += [count(CountKind.DELIVERIES, "sent", 1, ago) for ago in range(365)]
    made = history(counts, 365)
    readers, deliveries = panel(made, 0), panel(made, 1)
    assert len(readers.labels) == 52
    assert readers.labels[-1] == f"{TODAY - 6 * DAY:%m-%d}"
    # A state is as it was at the end of the week, deliveries are added up.
    assert values(readers)["active"][-2:] == (393, 400)
    assert values(deliveries)["sent"] == (7,) * 52
    assert len(panel(history(counts, 30), 0).labels) == 30


def test_the_largest_sources_have_a_colour_each_and_the_others_one_together() -> None:
    counts = [count(CountKind.ARTICLES, f"source {number:02}", 100 - number) for number in range(20)]
    made = history([*counts, count(CountKind.ARTICLES, OTHERS, 1000)], 1)
    shown = panel(made, 3)
    assert len(shown.series) == MOST_SERIES
    assert values(shown)["source 00"] == (100,)
    assert values(shown)["others"] == (1000 + sum(100 - number for number in range(7, 20)),)
    assert "2,810, most from: source 00 100, source 01 99, source 02 98" in statistics_html(made, EN)


def test_sources_that_are_shortened_to_the_same_name_stay_apart() -> None:
    counts = [count(CountKind.ARTICLES, f"{'x' * 60} {number}", 1) for number in range(3)]
    assert len(panel(history(counts), 3).series) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_anything_was_counted_it_says_so(language: str) -> None:
    made = history([])
    chart = statistics_chart(made, translator(language))
    assert all(shown.is_empty for shown in chart.panels)
    assert chart.empty in statistics_html(made, translator(language))


NAMES = st.text(max_size=300) | st.sampled_from(["<b>", "&amp;", OTHERS, "@digest_bot", "/stop", "示例" * 200])
COUNTS = st.lists(
    st.builds(
        lambda kind, label, name, number, ago: count(kind, label if kind is CountKind.READERS else name, number, ago),
        st.sampled_from(CountKind),
        st.integers(0, 50).map(str),
        NAMES | st.sampled_from(["active", "paused", "sent", "failed"]),
        st.integers(0, 10**12),
        st.integers(0, 400),
    ),
    max_size=60,
)


@given(counts=COUNTS, days=st.sampled_from([1, 7, 30, 365]), language=st.sampled_from(list(LANGUAGES)))
def test_whatever_was_counted_is_drawn_and_fits_into_a_caption(
    counts: list[DailyCount], days: int, language: str
) -> None:
    made, t = history(counts, days), translator(language)
    text = statistics_html(made, t)
    assert visible_length(text) <= CAPTION
    assert {entity["type"]["@type"] for entity in check_html(text)["entities"]} <= {"textEntityTypeBold"}
    for shown in statistics_chart(made, t).panels:
        assert len(shown.series) <= MOST_SERIES


@given(numbers=st.dictionaries(st.text(max_size=5), st.integers(0, 1000), max_size=80))
def test_of_many_names_the_largest_are_kept_and_nothing_is_lost(numbers: dict[str, int]) -> None:
    kept = largest(numbers)
    assert sum(kept.values()) == sum(numbers.values())
    assert len(kept) <= MOST_LABELS + 1
    named = [number for label, number in kept.items() if label != OTHERS]
    assert all(number <= min(named) for label, number in numbers.items() if label not in kept and named)


def test_a_history_begins_and_ends_where_it_should() -> None:
    assert history([], 3).days == (TODAY - 2 * DAY, TODAY - DAY, TODAY)
    assert history([], 3).days[-1] == date(2026, 6, 6)
