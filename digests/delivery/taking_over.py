"""Takes over the deliveries of processes that died, long before their leases end."""

from __future__ import annotations

import logging
from time import monotonic

from digests.ports import Clock
from digests.storage.cluster.processes import DEAD_AFTER, ProcessStore
from digests.storage.deliveries.abandoned import AbandonedStore

logger = logging.getLogger(__name__)


class TakingOver:
    """Frees what they leased, as often as `free` is called."""

    def __init__(self, abandoned: AbandonedStore, processes: ProcessStore, clock: Clock) -> None:
        self._abandoned = abandoned
        self._processes = processes
        self._clock = clock
        self._sees_signs_since: float | None = None

    async def free(self) -> int:
        """Free the deliveries of those that gave no sign of life for a while, and return how many those were.

        While the database was away nobody could give a sign, so nobody is judged until all have had the time for it.

        Raises:
            StorageError: It is away.
        """
        now, steady = self._clock.now(), monotonic()
        since, self._sees_signs_since = self._sees_signs_since, None
        freed = 0
        if since is not None and steady - since > DEAD_AFTER.total_seconds():
            freed = await self._abandoned.free(now, DEAD_AFTER)
        else:
            await self._processes.alive(now)
        self._sees_signs_since = steady if since is None else since
        if freed:
            logger.warning("deliveries of a process that died are taken over", extra={"deliveries": freed})
        return freed
