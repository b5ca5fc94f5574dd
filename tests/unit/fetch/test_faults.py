"""What statuses and errors come to: data to decide by, and how long a server wants to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.fetch.faults import status_fault
from digests.fetch.outcome import FetchFault

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
TWO_DAYS = 2 * 86_400.0


def wait(text: str, status: int = 429, longest: float = TWO_DAYS) -> float:
    return status_fault(status, {"retry-after": text}, b"", NOW, longest).wait


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("120", 120), (" 120 ", 120), ("0", 0), ("00060", 60), ("100000", 100_000), ("9" * 400, TWO_DAYS)),
        *(("soon", 0), ("", 0), ("-5", 0), ("1.5", 0), ("1e3", 0), ("\u0661\u0662", 0), ("12 minutes", 0)),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), 3600),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), TWO_DAYS),
        (format_datetime(NOW - timedelta(days=9), usegmt=True), 0),
        # The two forms that are obsolete, and that everybody must read (RFC 9110, 5.6.7).
        *(("Thursday, 26-Nov-26 12:00:30 GMT", 30), ("Thu Nov 26 12:00:30 2026", 30)),
        ("Thu, 26 Nov 2026 13:01:00 +0100", 60),
        *(("Wed, 99 Nov 9999 99:99:99 GMT", 0), ("1 Jan 99999 00:00:00 GMT", 0), ("1 Jan 2027 00:00 +9999", 0)),
    ],
)
def test_a_server_may_ask_to_be_left_alone(text: str, seconds: float) -> None:
    assert wait(text) == wait(text, 503) == seconds
    assert wait(text, 404) == 0


def test_how_long_it_may_ask_for_is_the_callers() -> None:
    assert wait("999999", longest=60) == 60


@given(st.text(max_size=80))
def test_any_text_is_a_bounded_wait(text: str) -> None:
    assert 0 <= wait(text) <= TWO_DAYS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406, 410, 451, 206, 204, 418, 600])
def test_statuses_are_data(status: int) -> None:
    fault = status_fault(status, {}, b"page", NOW, TWO_DAYS)
    assert (fault.status, fault.kind, fault.may_pass) == (status, FetchFault.STATUS, False)
    assert (fault.reason, fault.page) == (f"the server answers {status}", b"page")


def test_a_challenge_for_browsers_is_named() -> None:
    by_header = status_fault(403, {"cf-mitigated": "challenge"}, b"", NOW, TWO_DAYS)
    page = b"<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script>"
    by_page = status_fault(503, {"retry-after": "60"}, page, NOW, TWO_DAYS)
    assert by_header.kind is by_page.kind is FetchFault.CHALLENGE
    assert (by_header.reason, by_header.status) == ("Cloudflare wants to see a browser there (status 403)", 403)
    assert (by_header.may_pass, by_page.may_pass, by_page.wait) == (False, True, 60)
    # A site behind Cloudflare may have any status of its own.
    assert status_fault(403, {"server": "cloudflare"}, b"Forbidden", NOW, TWO_DAYS).kind is FetchFault.STATUS
    ordinary = b"<h1>Forbidden</h1><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
    assert status_fault(403, {"server": "cloudflare"}, ordinary, NOW, TWO_DAYS).kind is FetchFault.STATUS
    assert status_fault(404, {}, page, NOW, TWO_DAYS).kind is FetchFault.STATUS


def test_304_that_nobody_asked_for_is_no_status_to_believe() -> None:
    fault = status_fault(304, {}, b"", NOW, TWO_DAYS)
    assert (fault.kind, fault.status, fault.may_pass) == (FetchFault.BAD_ANSWER, 304, False)
