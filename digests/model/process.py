"""A process of the bot: which part of the work it does, and what is known of it while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProcessRole(StrEnum):
    """A part of the bot's work. One process may have all of them, or many processes a few each."""

    UPDATES = "updates"
    """Take what people say and press, by polling or by webhook, and answer."""
    JOBS = "jobs"
    """Run what runs on a schedule: read posts and feeds, plan digests, and the rest of digests/jobs/table.py."""
    DELIVERIES = "deliveries"
    """Send what is planned."""


ALL_ROLES = frozenset(ProcessRole)
MOST_SKEW = 5.0
"""By how many seconds a host's clock may be off before somebody should know."""


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process as it was when it last gave a sign of life; `skew` is how many seconds its host's clock is ahead."""

    name: str
    host: str
    roles: frozenset[ProcessRole]
    version: str
    started_at: datetime
    seen_at: datetime
    skew: float
