"""Plain counts of what happens, kept by whoever does it and read by whoever measures: no lock, no library, no label.

They are touched in the event loop alone, a few times for each message at most.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar

LabelT = TypeVar("LabelT", bound=Hashable)

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Bounds, in seconds, for what people wait for."""
SLOW = (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
"""Bounds, in seconds, for what works by itself."""
LATENESS = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 21600.0)
"""Bounds, in seconds, for how late something is."""


class Histogram:
    """How often a value was at most each of some rising bounds, and the sum of all values."""

    __slots__ = ("_counts", "bounds", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.total = 0.0
        self._counts = [0] * (len(self.bounds) + 1)

    def observe(self, value: float) -> None:
        """Count a value; one below 0, as after a clock was set, counts as 0."""
        value = max(0.0, value)
        self._counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self._counts)

    def cumulative(self) -> tuple[tuple[float, int], ...]:
        """Return each bound with how many values were at most that, the last being infinity with all of them."""
        reached, rows = 0, []
        for bound, count in zip((*self.bounds, float("inf")), self._counts, strict=True):
            reached += count
            rows.append((bound, reached))
        return tuple(rows)


class Histograms(Generic[LabelT]):
    """A histogram of the same bounds for each of a few labels."""

    def __init__(self, bounds: Sequence[float], known: Iterable[LabelT] = ()) -> None:
        """Prepare histograms; labels that are `known` have one from the beginning."""
        self._by_label: defaultdict[LabelT, Histogram] = defaultdict(lambda: Histogram(bounds))
        for label in known:
            self._by_label[label] = Histogram(bounds)

    def observe(self, label: LabelT, value: float) -> None:
        """Count a value under a label."""
        self._by_label[label].observe(value)

    def items(self) -> list[tuple[LabelT, Histogram]]:
        """Return the histograms by their labels, in the order in which these first came."""
        return list(self._by_label.items())
