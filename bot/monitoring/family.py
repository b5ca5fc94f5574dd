"""A metric with its values, as it is handed to whatever writes it down (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from digests.telemetry.measures import Histogram

MetricKind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """A metric: its name by Prometheus' conventions, what it is, and its values by the values of its labels."""

    name: str
    kind: MetricKind
    help: str
    labels: tuple[str, ...]
    values: tuple[tuple[tuple[str, ...], float | Histogram], ...]


def gauge(name: str, help_: str, value: float | None) -> MetricFamily:
    """Return a gauge; without a value where that is not known."""
    return MetricFamily(name, "gauge", help_, (), () if value is None else (((), value),))


def gauges(name: str, help_: str, label: str, values: Mapping[str, float]) -> MetricFamily:
    """Return a gauge for each value of a label."""
    return MetricFamily(name, "gauge", help_, (label,), tuple(((key,), value) for key, value in values.items()))


def counter(name: str, help_: str, value: float) -> MetricFamily:
    """Return a counter."""
    return MetricFamily(name, "counter", help_, (), (((), value),))


def counters(
    name: str, help_: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> MetricFamily:
    """Return a counter for each combination of labels."""
    return MetricFamily(name, "counter", help_, labels, tuple(values))


def histogram(name: str, help_: str, value: Histogram) -> MetricFamily:
    """Return a histogram."""
    return MetricFamily(name, "histogram", help_, (), (((), value),))


def histograms(name: str, help_: str, label: str, values: Iterable[tuple[str, Histogram]]) -> MetricFamily:
    """Return a histogram for each value of a label."""
    return MetricFamily(name, "histogram", help_, (label,), tuple(((key,), value) for key, value in values))
