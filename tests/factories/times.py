"""The moment at which tests play, and spans of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 6, 6, 7, 30, tzinfo=UTC)
"""A Saturday, half an hour before the default time of digests."""

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
