"""What came of the runs of jobs, counted for whoever measures, and traced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from digests.telemetry.measures import SLOW, Histograms
from digests.telemetry.traces import traced

_SCAN = "scan"


class JobTally:
    """Counts the runs of jobs in this process.

    Attributes:
        seconds: How long the runs of each job took, also of those that failed.
        failures: How many of them failed.
    """

    def __init__(self) -> None:
        self.seconds = Histograms[str](SLOW)
        self.failures: Counter[str] = Counter()

    @contextmanager
    def run(self, name: str) -> Iterator[None]:
        """Count the run of a job that the block is; the scans of all origins are one job here."""
        name, began = _SCAN if name.startswith(f"{_SCAN} ") else name, monotonic()
        try:
            with traced("job", job=name):
                yield
        except Exception:
            self.failures[name] += 1
            raise
        finally:
            self.seconds.observe(name, monotonic() - began)
