"""What failed requests mean for feeds."""

from __future__ import annotations

import pytest

from digests.feeds.faults import fault_of
from digests.fetch.outcome import FetchFault, NotFetched
from digests.model.feed import FeedFault, FeedTrouble


@pytest.mark.parametrize("kind", FetchFault)
def test_each_kind_of_failure_means_something(kind: FetchFault) -> None:
    assert fault_of(NotFetched("why", kind=kind, status=500)).words == "why"


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (204, FeedTrouble.SERVER),
        (300, FeedTrouble.SERVER),
        (401, FeedTrouble.REFUSED),
        (403, FeedTrouble.REFUSED),
        (404, FeedTrouble.NOT_FOUND),
        (406, FeedTrouble.REFUSED),
        (410, FeedTrouble.GONE),
        (418, FeedTrouble.REFUSED),
        (429, FeedTrouble.BUSY),
        (500, FeedTrouble.SERVER),
        (502, FeedTrouble.SERVER),
        (503, FeedTrouble.BUSY),
        (522, FeedTrouble.SERVER),
    ],
)
def test_statuses(status: int, trouble: FeedTrouble) -> None:
    failed = NotFetched("the server answers so", status=status, kind=FetchFault.STATUS)
    assert fault_of(failed) == FeedFault(trouble, "the server answers so")


def test_a_challenge_is_a_refusal_whatever_its_status() -> None:
    assert fault_of(NotFetched("", status=503, kind=FetchFault.CHALLENGE)).trouble is FeedTrouble.REFUSED
