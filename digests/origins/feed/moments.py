"""feedparser's reading of dates, the last resort: it takes many that are of no standard for what they are not."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, datetime

from feedparser.datetimes import _parse_date

_LONGEST = 100


def feed_moment(text: str) -> datetime | None:
    """Return what feedparser makes of a date, in UTC; None for what it can't read."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        parts = _parse_date(text)
        return datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError):
        return None
