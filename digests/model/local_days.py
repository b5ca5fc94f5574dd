"""The last few days on a reader's clock (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Days up to now: they begin at `since`, and `first` stands for the first of them where a day has no time.

    Articles with a day and no time are stored at its midnight in UTC, which west of Greenwich is before the day begins.
    """

    since: datetime
    first: datetime


def last_days(now: datetime, timezone: str, days: int) -> LocalDays:
    """Return today and the days before it, `days` in all, as they are in a time zone."""
    first = now.astimezone(ZoneInfo(timezone)).date() - timedelta(days=days - 1)
    begins = datetime.combine(first, time(), ZoneInfo(timezone))
    return LocalDays(begins.astimezone(UTC), datetime.combine(first, time(), UTC))
