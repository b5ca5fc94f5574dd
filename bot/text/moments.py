"""Moments as programs write them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: datetime | None) -> str | None:
    """Return a moment in ISO 8601, in UTC with a Z; None for none."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
