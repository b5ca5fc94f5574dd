"""The numbers of some days, as a chart to draw and in words (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.i18n import Translator, gettext_noop
from bot.render.shorten import shorten
from bot.text.inert import inert_in_line
from bot.text.markup import LINE_BREAK, Html
from digests.media.charts import MOST_SERIES, Chart, ChartKind, ChartPanel, Series
from digests.model.daily_count import OTHERS
from digests.model.delivery import DeliveryState
from digests.model.feed import FeedHealth
from digests.model.history import Course, History
from digests.model.place import PlaceState

_WEEKS_FROM = 100
"""Days from which on a chart shows weeks: more columns than that are too narrow to see."""
_MOST_CATEGORIES = 6
_MOST_NAMED = 3
_LABEL = 40

_PLACES: Mapping[PlaceState, str] = MappingProxyType(
    {
        PlaceState.ACTIVE: gettext_noop("active"),
        PlaceState.PAUSED: gettext_noop("paused"),
        PlaceState.STOPPED: gettext_noop("stopped"),
        PlaceState.UNREACHABLE: gettext_noop("unreachable"),
        PlaceState.NEW: gettext_noop("chose nothing yet"),
    }
)
_FEEDS: Mapping[FeedHealth, str] = MappingProxyType(
    {
        FeedHealth.FINE: gettext_noop("fine"),
        FeedHealth.NEW: gettext_noop("not read yet"),
        FeedHealth.SILENT: gettext_noop("silent"),
        FeedHealth.FAILING: gettext_noop("failing"),
        FeedHealth.GONE: gettext_noop("gone for good"),
        FeedHealth.DUPLICATE: gettext_noop("here twice"),
        FeedHealth.PAUSED: gettext_noop("paused"),
    }
)
NO_FEEDS: Mapping[FeedHealth, int] = MappingProxyType({})
_DELIVERIES: tuple[tuple[str, tuple[DeliveryState, ...]], ...] = (
    (gettext_noop("sent"), (DeliveryState.SENT,)),
    (gettext_noop("failed"), (DeliveryState.FAILED,)),
    (gettext_noop("unconfirmed"), (DeliveryState.UNCERTAIN,)),
    (gettext_noop("waiting"), (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.PAUSED)),
    (gettext_noop("cancelled"), (DeliveryState.CANCELLED,)),
)


def statistics_chart(history: History, t: Translator) -> Chart:
    """Return the chart of readers over time, deliveries by day, readers by category and articles by day."""
    spans = _spans(len(history.days))
    labels = tuple(f"{history.days[span.start]:%m-%d}" for span in spans)
    states = [(name, history.places[state]) for state, name in _PLACES.items() if state in history.places]
    readers = tuple(Series(t(name), _latest(course, spans)) for name, course in states)
    outcomes = [(name, _added([history.deliveries.get(state) for state in group])) for name, group in _DELIVERIES]
    deliveries = tuple(Series(t(name), _summed(course, spans)) for name, course in outcomes if any(course))
    articles = tuple(Series(name, _summed(course, spans)) for name, course in _by_source(history, t))
    rows = history.readers[:_MOST_CATEGORIES]
    by_category = Series("", tuple(number for _, number in rows))
    first, last = history.days[spans[0].start], history.days[-1]
    return Chart(
        t("Readers, deliveries, articles"),
        (
            ChartPanel(t("Readers"), ChartKind.LINES, labels, readers),
            ChartPanel(t("Deliveries"), ChartKind.STACKED, labels, deliveries),
            ChartPanel(
                t("Readers by category"), ChartKind.ROWS, tuple(_name(name, t) for name, _ in rows), (by_category,)
            ),
            ChartPanel(t("Articles by source"), ChartKind.STACKED, labels, articles),
        ),
        subtitle=t("{first} to {last}, in UTC", first=t.day_of_year(first), last=t.day_of_year(last)),
        empty=t("nothing yet"),
    )


def statistics_html(history: History, t: Translator, feeds: Mapping[FeedHealth, int] = NO_FEEDS) -> Html:
    """Return the numbers in words, short enough for a caption; with the feeds by how they are, if there are any."""
    places = [(t(name), _now(history.places.get(state, ()))) for state, name in _PLACES.items()]
    outcomes = [
        (t(name), sum(number or 0 for course in map(history.deliveries.get, group) for number in course or ()))
        for name, group in _DELIVERIES
    ]
    sources = [(name, sum(number or 0 for number in course)) for name, course in _by_source(history, t)]
    categories = [(_name(name, t), number) for name, number in history.readers]
    lines = [
        t.count_html("📊 <b>The last {n} day</b>", "📊 <b>The last {n} days</b>", len(history.days)),
        t.html("<b>Readers now</b>: {numbers}", numbers=_listed(places, t, zeros=True)),
        t.html("<b>Deliveries</b>: {numbers}", numbers=_listed(outcomes, t)),
        t.html(
            "<b>Articles</b>: {total}, most from: {numbers}",
            total=t.number(sum(number for _, number in sources)),
            numbers=_listed(sources[:_MOST_NAMED], t),
        ),
        t.html("<b>Most followed</b>: {numbers}", numbers=_listed(categories[:_MOST_NAMED], t)),
    ]
    if feeds:
        states = [(t(name), feeds.get(health, 0)) for health, name in _FEEDS.items()]
        lines.append(t.html("<b>Feeds now</b>: {numbers}", numbers=_listed(states, t)))
    return LINE_BREAK.join(lines)


def _listed(numbers: Sequence[tuple[str, int]], t: Translator, *, zeros: bool = False) -> Html:
    """Return numbers with their names, which others may have chosen: "active 12, paused 3"."""
    shown = [Html(f"{inert_in_line(name)} {t.number(number)}") for name, number in numbers if number or zeros]
    return Html(t.joined(shown)) if shown else t.html("nothing yet")


def _name(name: str, t: Translator) -> str:
    return shorten(name, _LABEL) if name != OTHERS else t("others")


def _by_source(history: History, t: Translator) -> list[tuple[str, Course]]:
    """Return the articles of the largest sources, as many as a chart has colours, and of all others together."""
    named = [source for source in history.articles if source != OTHERS]
    named.sort(key=lambda source: (-sum(number or 0 for number in history.articles[source]), source))
    rest = [history.articles[source] for source in named[MOST_SERIES - 1 :]]
    others = _added([*rest, history.articles.get(OTHERS)])
    shown = [(_name(source, t), history.articles[source]) for source in named[: MOST_SERIES - 1]]
    return [*shown, (t("others"), others)] if any(others) else shown


def _spans(days: int) -> list[slice]:
    """Return what of the days each column of a chart shows: a day, or a week where there would be too many columns.

    Weeks are whole, counted from the last day: the first days may be left out, since a part of a week would look like
    a bad one.
    """
    length = 1 if days < _WEEKS_FROM else 7
    return [slice(start, start + length) for start in range(days % length, days, length)]


def _latest(course: Course, spans: Sequence[slice]) -> Course:
    """Return the last number that is known of each span."""
    return tuple(next((number for number in reversed(course[span]) if number is not None), None) for span in spans)


def _now(course: Course) -> int:
    """Return the last number that is known; 0 if none is."""
    return next((number for number in reversed(course) if number is not None), 0)


def _summed(course: Course, spans: Sequence[slice]) -> Course:
    """Return the sum of each span; None where nothing is known."""
    return tuple(_sum(course[span]) for span in spans)


def _added(courses: Sequence[Course | None]) -> Course:
    """Return the sums of several numbers for each day."""
    return tuple(_sum(numbers) for numbers in zip(*(course for course in courses if course is not None), strict=True))


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
