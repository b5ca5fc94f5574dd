"""Every metric of the bot, read from the parts that count and from what the database said.

Labels have few values, all from our own lists: no ids, no addresses, no names of categories. What was not counted yet
is 0 rather than missing where all values of a label are known.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import metadata

from bot.monitoring.family import MetricFamily, counter, counters, gauge, gauges, histogram, histograms
from bot.monitoring.measured import Measured
from bot.monitoring.parts import MonitoredParts
from digests.alerts.model import AlertKind
from digests.delivery.tally import OUTCOME_NAMES, POSTPONED, RETRIED
from digests.model.delivery import DeliveryKind, DeliveryState
from digests.model.feed import FeedHealth, FeedTrouble
from digests.model.place import PlaceState
from digests.storage.statistics.measurements import Measurement

_ENDS = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.UNCERTAIN,
    DeliveryState.CANCELLED,
    RETRIED,
    POSTPONED,
)
_PICTURES = ("kept", "waiting", "none", "dropped", "failed", "evicted")
_MOSAICS = ("wanted", "made", "failed")
_POSTS = ("new", "changed", "duplicate", "unreadable")
_LOOKS = ("read", "unchanged", *FeedTrouble)


def collect_families(parts: MonitoredParts, measured: Measured | None) -> Iterator[MetricFamily]:
    """Yield every metric; those that need the database are left out while it does not answer."""
    yield from _deliveries(parts)
    yield from _rates(parts)
    yield from _ingest(parts)
    yield from _answers(parts)
    yield from _jobs(parts)
    yield from _surroundings(parts, measured)
    if measured is not None:
        yield from _queue(measured.numbers, measured.at)
        yield from _contents(measured)


def _deliveries(parts: MonitoredParts) -> Iterator[MetricFamily]:
    tally = parts.deliveries
    ended = {(kind, str(end)): 0 for kind in DeliveryKind for end in _ENDS} | dict(tally.ended)
    yield counters(
        "digestbot_deliveries_total",
        "Attempts at deliveries by kind and by what they came to: an end, a retry after a failure, or a later turn.",
        ("kind", "outcome"),
        ended.items(),
    )
    yield counters(
        "digestbot_sends_total",
        "Requests that sent a part of a delivery, by kind and by Telegram's answer.",
        ("kind", "outcome"),
        (({(kind, outcome): 0 for kind in DeliveryKind for outcome in OUTCOME_NAMES} | dict(tally.sends)).items()),
    )
    yield histogram(
        "digestbot_slot_lateness_seconds", "How long after its slot a digest was wholly sent.", tally.lateness
    )


def _rates(parts: MonitoredParts) -> Iterator[MetricFamily]:
    uses = parts.throttle.use()
    yield gauges(
        "digestbot_rate_limit_messages_per_second",
        "The most messages a second, over all chats.",
        "rate",
        {name: use.rate for name, use in uses.items()},
    )
    yield gauges(
        "digestbot_rate_last_second_messages",
        "Messages that left within the last second.",
        "rate",
        {name: use.last_second for name, use in uses.items()},
    )
    yield gauges(
        "digestbot_throttle_waiting",
        "Messages that wait for their turn.",
        "rate",
        {name: use.waiting for name, use in uses.items()},
    )
    yield counters(
        "digestbot_messages_total",
        "Messages that left, answers to people included.",
        ("rate",),
        (((name,), use.sent) for name, use in uses.items()),
    )
    yield counter(
        "digestbot_too_many_requests_total", "Requests that Telegram refused with 429.", parts.throttle.refusals
    )


def _ingest(parts: MonitoredParts) -> Iterator[MetricFamily]:
    scans, looker = parts.scans, parts.looker
    yield _counted("digestbot_posts_total", "Posts that scans read, by what they were.", "result", _POSTS, scans.posts)
    yield _counted("digestbot_scans_total", "Scans of an origin.", "result", ("succeeded", "failed"), scans.scans)
    yield histogram("digestbot_scan_duration_seconds", "How long the scan of an origin took.", scans.seconds)
    yield _counted(
        "digestbot_feed_looks_total", "Looks at feeds, by what they came to.", "outcome", _LOOKS, looker.looks
    )
    yield _counted(
        "digestbot_feed_articles_total", "Articles that feeds brought.", "result", _POSTS[:3], looker.articles
    )


def _answers(parts: MonitoredParts) -> Iterator[MetricFamily]:
    inbox = parts.inbox
    yield histograms(
        "digestbot_search_duration_seconds",
        "How long a search took until its hits were known.",
        "place",
        parts.lookup.seconds.items(),
    )
    yield counter("digestbot_updates_received_total", "Updates that came and concern the bot.", inbox.received)
    yield counter(
        "digestbot_updates_dropped_total", "Updates that were dropped because one chat sent too many.", inbox.dropped
    )
    yield counter("digestbot_updates_failed_total", "Updates whose handler failed by a fault.", inbox.failed)
    yield gauge("digestbot_updates_waiting", "Updates that wait for their handler.", inbox.waiting)
    yield histograms(
        "digestbot_update_handling_seconds",
        "How long handlers took, waiting for Telegram included.",
        "kind",
        inbox.handling.items(),
    )


def _jobs(parts: MonitoredParts) -> Iterator[MetricFamily]:
    runs = parts.jobs.seconds.items()
    yield histograms("digestbot_job_duration_seconds", "How long runs of jobs took.", "job", runs)
    yield counters(
        "digestbot_job_failures_total",
        "Runs of jobs that failed.",
        ("job",),
        (((job,), parts.jobs.failures[job]) for job, _ in runs),
    )
    yield gauge("digestbot_jobs_late", "Jobs that should have run and did not, or run for too long.", _late(parts))


def _late(parts: MonitoredParts) -> int:
    return len(parts.late_jobs())


def _surroundings(parts: MonitoredParts, measured: Measured | None) -> Iterator[MetricFamily]:
    versions = ("version", "python")
    yield MetricFamily(
        "digestbot_build_info", "gauge", "The version that runs.", versions,
        (((_version(), platform.python_version()), 1),),
    )  # fmt: skip
    failing = parts.reachability.failing_since is not None or parts.reachability.answered_at is None
    yield gauge("digestbot_telegram_up", "Whether Telegram answered the last request.", float(not failing))
    yield gauge("digestbot_database_up", "Whether the database could be measured.", float(measured is not None))
    yield gauge(
        "digestbot_clock_skew_seconds",
        "By how much this machine's clock is ahead of the database's or, with SQLite, of Telegram's.",
        parts.skew(),
    )


def _queue(numbers: Measurement, now: datetime) -> Iterator[MetricFamily]:
    queue = numbers.queue
    yield gauges("digestbot_deliveries_open", "Deliveries that have not ended.", "state", queue.open)
    yield gauge("digestbot_deliveries_due", "Open deliveries that could leave now.", queue.due)
    yield gauge(
        "digestbot_deliveries_oldest_due_seconds",
        "For how long the oldest of these could have left; 0 without any.",
        _age(queue.oldest_due_at, now) or 0.0,
    )


def _contents(measured: Measured) -> Iterator[MetricFamily]:
    numbers, now = measured.numbers, measured.at
    yield gauge("digestbot_articles", "Articles that are stored.", numbers.articles)
    yield gauge("digestbot_posts_quarantined", "Posts that can't be read and were put aside.", numbers.quarantined)
    yield gauge(
        "digestbot_newest_article_age_seconds", "How long ago the newest article came.",
        _age(numbers.newest_article_at, now),
    )  # fmt: skip
    yield gauge(
        "digestbot_updates_open", "Updates that are stored and not done, those at work included.", numbers.open_updates
    )
    feeds = {str(health): measured.feeds.get(str(health), 0) for health in FeedHealth}
    yield gauges("digestbot_feeds", "Feeds, by how they are.", "health", feeds)
    places = {str(state): numbers.places.get(str(state), 0) for state in PlaceState}
    yield gauges("digestbot_places", "Chats and topics, by state.", "state", places)
    yield gauges(
        "digestbot_pictures",
        "Articles, by how far their picture is.",
        "state",
        dict.fromkeys(_PICTURES, 0) | dict(numbers.pictures),
    )
    yield gauges(
        "digestbot_mosaics",
        "Mosaics, by whether they are made.",
        "state",
        dict.fromkeys(_MOSAICS, 0) | dict(numbers.mosaics),
    )
    yield gauge("digestbot_database_bytes", "What the database takes on its disk.", numbers.database_bytes)
    yield gauge(
        "digestbot_processes", "Processes of the bot that gave a sign of life lately.", max(1, numbers.processes)
    )
    yield gauge(
        "digestbot_last_backup_age_seconds", "How long ago the last backup was made.",
        _age(measured.last_backup_at, now),
    )  # fmt: skip
    alerts = {str(kind): float(kind in measured.alerts) for kind in AlertKind}
    yield gauges("digestbot_alert_active", "Whether an alert is on.", "kind", alerts)


def _counted(name: str, help_: str, label: str, known: tuple[str, ...], counts: Mapping[str, int]) -> MetricFamily:
    values = dict.fromkeys(map(str, known), 0) | dict(counts)
    return counters(name, help_, (label,), (((key,), number) for key, number in values.items()))


def _age(moment: datetime | None, now: datetime) -> float | None:
    """Return how many seconds ago a moment was; 0 for one to come, as after the clock was set back."""
    return None if moment is None else max(0.0, (now - moment).total_seconds())


@cache
def _version() -> str:
    return metadata.version("digestbot")
