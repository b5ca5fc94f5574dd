"""How readers, deliveries and articles came to be what they are: the numbers of each day, as a past to look at."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from time import monotonic

from digests.errors import StorageError
from digests.model.daily_count import OTHERS
from digests.model.history import History, history_of
from digests.model.ids import CategoryId
from digests.storage.articles.categories import CategoryStore, show_path
from digests.storage.statistics.daily_counts import DailyCountStore

logger = logging.getLogger(__name__)

MOST_DAYS = 365
_KEPT = timedelta(days=10 * 366)
_DAY = timedelta(days=1)
_FRESH = timedelta(minutes=5)
_FRESH_SHARE = 50
"""Today's numbers are fresh for so many times as long as counting them took, if that is shorter."""
_PATIENCE = 2.0


class StatisticsKeeper:
    """Counts what there is, and returns what was counted. Any method may raise StorageError."""

    def __init__(self, counts: DailyCountStore, categories: CategoryStore) -> None:
        self._counts = counts
        self._categories = categories
        self._counted_at: datetime | None = None
        self._fresh = _FRESH
        self._counting: asyncio.Task[None] | None = None

    async def count(self, now: datetime) -> None:
        """Write the numbers of today, and of earlier days that are missing, and forget those of many years ago."""
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._count(now))
            self._counting.add_done_callback(_retrieve)
        await asyncio.shield(self._counting)

    async def history(self, days: int, now: datetime) -> History:
        """Return the numbers of so many days, at most MOST_DAYS.

        Those of today are a few seconds old, or minutes where there is much to count; where counting takes very long,
        they are as old as `count` leaves them.
        """
        # Abs: the clock may have been set back.
        if self._counted_at is None or abs(now - self._counted_at) > self._fresh:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self.count(now)
            except TimeoutError:
                logger.info("today's numbers are shown as they were counted last")
            except StorageError as error:
                # What was counted before can be read even if the disk is full.
                logger.warning("today's numbers were not counted", extra={"reason": str(error)})
        today = now.astimezone(UTC).date()
        first = today - (min(max(days, 1), MOST_DAYS) - 1) * _DAY
        tree = await self._categories.tree()

        def name_of(category_id: CategoryId) -> str:
            category = tree.get(category_id)
            return show_path(category.path) if category is not None else OTHERS

        return history_of(await self._counts.since(first), first, today, name_of)

    async def close(self) -> None:
        """Count no more: what is under way is taken up by the next start."""
        if self._counting is not None and not self._counting.done():
            self._counting.cancel()
            await asyncio.wait([self._counting])

    async def _count(self, now: datetime) -> None:
        begun = monotonic()
        await self._counts.count(now)
        self._fresh = min(_FRESH, timedelta(seconds=_FRESH_SHARE * (monotonic() - begun)))
        await self._counts.tidy(now.astimezone(UTC).date() - _KEPT)
        self._counted_at = now


def _retrieve(counting: asyncio.Task[None]) -> None:
    """Take note of a failure that nobody waited for any more; the next count meets and reports it again."""
    if not counting.cancelled() and (error := counting.exception()) is not None:
        logger.info("the numbers were not counted", extra={"reason": str(error)})
