"""Metrics as Prometheus reads them. The only module that knows its library, which is imported at the first scrape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from bot.monitoring.family import MetricFamily
from digests.telemetry.measures import Histogram

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from prometheus_client.registry import CollectorRegistry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(families: Iterable[MetricFamily]) -> bytes:
    """Return the metrics in Prometheus' text format, with what its library says of the process. May take a while."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    registry.register(_Collected(tuple(families)))
    return bytes(generate_latest(registry)) + bytes(generate_latest(_process_registry()))


@cache
def _process_registry() -> CollectorRegistry:
    """Return what measures the process itself: its memory, its processor time, its open files."""
    from prometheus_client import CollectorRegistry, ProcessCollector

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


class _Collected:
    """A collector of metrics that are there already."""

    def __init__(self, families: tuple[MetricFamily, ...]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics as the library has them."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        for family in self._families:
            if family.kind == "histogram":
                made = HistogramMetricFamily(family.name, family.help, labels=family.labels)
                for labels, value in family.values:
                    assert isinstance(value, Histogram)
                    buckets = [(_bound(bound), count) for bound, count in value.cumulative()]
                    made.add_metric(labels, buckets, value.total)
                yield made
                continue
            kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            plain = kind(family.name, family.help, labels=family.labels)
            for labels, value in family.values:
                assert not isinstance(value, Histogram)
                plain.add_metric(labels, value)
            yield plain


def _bound(bound: float) -> str:
    return "+Inf" if bound == float("inf") else repr(bound)
