"""What scans of the origins came to, counted for whoever measures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from digests.ingest.status import OriginStatus
from digests.telemetry.measures import SLOW, Histogram


class ScanTally:
    """Counts each scan that it is told of, and passes it on.

    Attributes:
        posts: How many were new, changed, duplicates, or put aside as unreadable.
        scans: How many scans of an origin there were, by whether they succeeded or failed.
        seconds: How long those took that succeeded.
    """

    def __init__(self, pass_on: Callable[[OriginStatus], None]) -> None:
        self._pass_on = pass_on
        self.posts: Counter[str] = Counter()
        self.scans: Counter[str] = Counter()
        self.seconds = Histogram(SLOW)

    def __call__(self, status: OriginStatus) -> None:
        """Count a scan that has ended; that an origin is silent is only passed on."""
        self._pass_on(status)
        if status.begun_at is not None:
            return
        if status.error is not None or status.report is None:
            self.scans["failed"] += 1
            return
        report = status.report
        self.scans["succeeded"] += 1
        self.seconds.observe(report.seconds)
        self.posts["new"] += report.new
        self.posts["changed"] += report.changed
        self.posts["duplicate"] += report.duplicates
        self.posts["unreadable"] += report.quarantined
