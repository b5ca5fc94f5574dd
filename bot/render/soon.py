"""Moments to come, as people say them: today, tomorrow, or the day (pure)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.i18n import Translator


def soon_text(moment: datetime, now: datetime, timezone: str, t: Translator) -> str:
    """Return a moment on a reader's clock in words, such as "today 18:00" or "tomorrow 08:00"."""
    zone = ZoneInfo(timezone)
    local = moment.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    if days == 0:
        return t("today {time}", time=t.clock(local.time()))
    if days == 1:
        return t("tomorrow {time}", time=t.clock(local.time()))
    return t.moment(moment, timezone)
