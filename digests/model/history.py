"""The past in numbers, a number for each day (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from digests.model.daily_count import OTHERS, CountKind, DailyCount
from digests.model.ids import CategoryId

_DAY = timedelta(days=1)

Course = tuple[int | None, ...]
"""A number for each day; None where nothing was counted."""


@dataclass(frozen=True, slots=True)
class History:
    """The numbers of some days in a row, of which the last is today. Days are in UTC.

    `places` are by state, `deliveries` by what became of them and `articles` by source, where OTHERS are all that are
    not named. `readers` are those of each category today, most first.
    """

    days: tuple[date, ...]
    places: Mapping[str, Course]
    deliveries: Mapping[str, Course]
    articles: Mapping[str, Course]
    readers: tuple[tuple[str, int], ...]


def history_of(counts: Iterable[DailyCount], first: date, last: date, name_of: Callable[[CategoryId], str]) -> History:
    """Return the numbers of all days from `first` to `last`. `name_of` names a category, or says OTHERS.

    Nothing was delivered on a day of which no delivery was counted, if it lies between others; of states nothing is
    known there.
    """
    days = tuple(first + number * _DAY for number in range((last - first).days + 1))
    by_kind: dict[CountKind, dict[str, dict[date, int]]] = {kind: defaultdict(dict) for kind in CountKind}
    for count in counts:
        if first <= count.day <= last:
            by_kind[count.kind][count.label][count.day] = count.number
    return History(
        days,
        _courses(by_kind[CountKind.PLACES], days, fill=False),
        _courses(by_kind[CountKind.DELIVERIES], days, fill=True),
        _courses(by_kind[CountKind.ARTICLES], days, fill=True),
        _readers(by_kind[CountKind.READERS], name_of),
    )


def _courses(by_label: Mapping[str, Mapping[date, int]], days: Sequence[date], *, fill: bool) -> dict[str, Course]:
    """Return the number of each label on each day. A day on which another label was counted has 0 of this one.

    With `fill`, so has every day after the first that was counted.
    """
    counted = {day for by_day in by_label.values() for day in by_day}
    if fill and counted:
        begun = min(counted)
        counted = {day for day in days if day >= begun}
    return {
        label: tuple(by_day.get(day, 0) if day in counted else None for day in days)
        for label, by_day in by_label.items()
    }


def _readers(
    by_category: Mapping[str, Mapping[date, int]], name_of: Callable[[CategoryId], str]
) -> tuple[tuple[str, int], ...]:
    """Return the categories by their readers on the last day; one that became another counts as that."""
    numbers: dict[str, int] = defaultdict(int)
    last = max((day for by_day in by_category.values() for day in by_day), default=date.min)
    for label, by_day in by_category.items():
        if number := by_day.get(last, 0):
            numbers[name_of(CategoryId(int(label))) if label != OTHERS else OTHERS] += number
    return tuple(sorted(numbers.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0])))
