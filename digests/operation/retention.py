"""How long things are kept: what is older is deleted, in steps so short that nobody waits for them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digests.model.ids import ArticleId, DeliveryId
from digests.storage.articles.expiry import ExpiryStore
from digests.storage.database import Database
from digests.storage.deliveries.cleanup import LedgerCleanup
from digests.storage.people.audit import AuditLog

_ARTICLES = 100
_ROWS = 500
# Between two steps: writers of other processes, who don't wait in our queue, come in.
_PAUSE_SECONDS = 0.005
_SENT_AT_ONCE_KEPT = timedelta(days=90)
"""Longer than any window lasts: a digest must not bring again what was sent at once."""


@dataclass(frozen=True, slots=True)
class RetentionOptions:
    """How long to keep articles, deliveries with what they sent, and what admins did; None for ever."""

    articles: timedelta | None
    ledger: timedelta | None
    audit: timedelta | None


class Retention:
    """Deletes what is older than it is to be kept. Methods may raise StorageError."""

    def __init__(self, database: Database, options: RetentionOptions) -> None:
        self._options = options
        self._expiry = ExpiryStore(database)
        self._ledger = LedgerCleanup(database)
        self._audit = AuditLog(database)

    async def apply(self, now: datetime) -> Mapping[str, int]:
        """Delete what is too old, and return how much that was, by its kind; what was nothing is left out."""
        done = Counter[str]()
        if self._options.articles is not None:
            done["articles"] += await self._expire_articles(now - self._options.articles, now)
        if self._options.ledger is not None:
            before = now - self._options.ledger
            done["deliveries"] += await self._delete_deliveries(before)
            done["renderings"] += await self._ledger.delete_renderings(before, _ROWS)
            done["pieces"] += await self._ledger.delete_pieces(before, _ROWS)
        done["sent at once"] += await self._ledger.forget_sent_at_once(now - _SENT_AT_ONCE_KEPT)
        if self._options.audit is not None:
            done["audit"] += await self._delete_audit(now - self._options.audit)
        return {kind: number for kind, number in done.items() if number}

    async def _expire_articles(self, before: datetime, now: datetime) -> int:
        expired = 0
        reached: ArticleId | None = ArticleId(0)
        while reached is not None:
            # Anew each time: digests are planned meanwhile.
            needed = await self._expiry.needed()
            reached, number = await self._expiry.expire(before, needed, reached, _ARTICLES, now)
            expired += number
            await asyncio.sleep(_PAUSE_SECONDS)
        return expired

    async def _delete_deliveries(self, before: datetime) -> int:
        deleted = 0
        reached: DeliveryId | None = DeliveryId(0)
        while reached is not None:
            reached, number = await self._ledger.delete_settled(before, reached, _ROWS)
            deleted += number
            await asyncio.sleep(_PAUSE_SECONDS)
        return deleted

    async def _delete_audit(self, before: datetime) -> int:
        deleted = 0
        while number := await self._audit.delete_before(before, _ROWS):
            deleted += number
            await asyncio.sleep(_PAUSE_SECONDS)
        return deleted
