"""Forgetting what is old, as the running bot does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from digests.operation.retention import Retention, RetentionOptions
from digests.storage.database import Database


async def forget_before(database: Database, moment: datetime) -> Mapping[str, int]:
    """Delete what was settled in the ledger before a moment, and return how much that was."""
    return await Retention(database, RetentionOptions(None, timedelta(0), None)).apply(moment)
