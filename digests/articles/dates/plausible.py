"""Which dates can be true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing on the web is older."""
_AHEAD = timedelta(days=2)
"""The date line, and a clock that is a little wrong."""


def plausible(published_at: datetime | None, now: datetime) -> datetime | None:
    """Return the date if it can be true, else None.

    Crawlers and feeds give 1970 for seconds that were read as milliseconds, and days to come.
    """
    if published_at is None or not EARLIEST <= published_at <= now + _AHEAD:
        return None
    return published_at
