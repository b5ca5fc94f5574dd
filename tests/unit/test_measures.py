"""What is counted of what happens: histograms, and what jobs, scans and deliveries came to."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.delivery.tally import OUTCOME_NAMES, POSTPONED, RETRIED, DeliveryTally
from digests.errors import OriginError
from digests.ingest.configured import ConfiguredOrigin
from digests.ingest.ingest import IngestReport
from digests.ingest.status import OriginStatus
from digests.ingest.tally import ScanTally
from digests.jobs.tally import JobTally
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState
from digests.model.ids import DeliveryId
from digests.model.outcome import BadPicture, Outcome, Sent, Wait
from digests.telemetry.measures import QUICK, Histogram, Histograms
from tests.factories.places import place
from tests.factories.times import MINUTE, NOW


@given(
    st.lists(st.floats(-10, 1e9)),
    st.lists(st.floats(0, 1e6), min_size=1, unique=True).map(sorted),
)
def test_a_histogram_counts_each_value_at_its_bounds(values: list[float], bounds: list[float]) -> None:
    histogram = Histogram(bounds)
    for value in values:
        histogram.observe(value)
    rows = histogram.cumulative()
    assert [bound for bound, _ in rows] == [*bounds, float("inf")]
    for bound, count in rows:
        assert count == sum(max(0.0, value) <= bound for value in values)
    assert histogram.count == len(values)
    assert histogram.total == pytest.approx(sum(max(0.0, value) for value in values))


def test_labels_that_are_known_are_there_from_the_beginning() -> None:
    histograms = Histograms[str](QUICK, ("a",))
    histograms.observe("b", 1)
    assert [(label, histogram.count) for label, histogram in histograms.items()] == [("a", 0), ("b", 1)]


def test_jobs_are_counted_with_their_failures_and_all_scans_as_one() -> None:
    tally = JobTally()
    for name in ("tick", "scan folder", "scan world", "scanner"):
        with tally.run(name):
            pass
    with pytest.raises(ValueError, match="x"), tally.run("tick"):
        raise ValueError("x")
    assert {label: histogram.count for label, histogram in tally.seconds.items()} == {
        "tick": 2, "scan": 2, "scanner": 1,
    }  # fmt: skip
    assert tally.failures == {"tick": 1}


def test_scans_are_counted_once_and_a_silent_origin_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = list[OriginStatus]()
    tally = ScanTally(passed.append)
    configured: ConfiguredOrigin = object()  # type: ignore[assignment]
    status = OriginStatus(configured, IngestReport(9, 3, 2, 1, 4, seconds=0.5))
    tally(status)
    tally(replace(status, begun_at=0.0))
    tally(replace(status, error=OriginError("gone")))
    assert tally.posts == {"new": 3, "changed": 2, "duplicate": 1, "unreadable": 4}
    assert tally.scans == {"succeeded": 1, "failed": 1}
    assert tally.seconds.count == 1
    assert len(passed) == 3


def test_outcomes_have_names() -> None:
    tally = DeliveryTally()
    for outcome in (Sent(1), Wait(3), Wait(3), BadPicture("x")):
        tally.sent(DeliveryKind.DIGEST, outcome)
    counted = {outcome: number for (_, outcome), number in tally.sends.items()}
    assert counted == {"sent": 1, "wait": 2, "bad_picture": 1}
    assert len(OUTCOME_NAMES) == len(get_args(Outcome)) - 1
    assert set(counted) <= set(OUTCOME_NAMES)


def test_only_digests_that_were_sent_are_late() -> None:
    tally = DeliveryTally()
    digest = Delivery(DeliveryId(1), place(1), DeliveryKind.DIGEST, NOW, DeliveryState.SENDING, "r", 0, NOW)
    announcement = replace(digest, kind=DeliveryKind.ANNOUNCEMENT)
    at = digest.slot + 2 * MINUTE
    tally.settled(digest, DeliveryState.SENT, at, 0.1)
    tally.settled(digest, DeliveryState.FAILED, at, 0.1)
    tally.settled(announcement, DeliveryState.SENT, at, 0.1)
    tally.put_off(DeliveryKind.DIGEST, failed=True)
    tally.put_off(DeliveryKind.DIGEST, failed=False)
    assert (tally.lateness.count, tally.lateness.total) == (1, 120)
    assert tally.ended == {
        (DeliveryKind.DIGEST, "sent"): 1,
        (DeliveryKind.DIGEST, "failed"): 1,
        (DeliveryKind.ANNOUNCEMENT, "sent"): 1,
        (DeliveryKind.DIGEST, RETRIED): 1,
        (DeliveryKind.DIGEST, POSTPONED): 1,
    }
