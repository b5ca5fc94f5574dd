"""Deliveries that a process leased and can't send any more, because it died."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.model.delivery import DeliveryState
from digests.storage.database import Database
from digests.storage.schema.cluster_tables import processes
from digests.storage.schema.delivery_tables import deliveries


class AbandonedStore:
    """Finds them by the signs of life of processes. Methods may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def free(self, now: datetime, dead_after: timedelta) -> int:
        """End the leases of processes that gave no sign of life for so long; return how many deliveries they held.

        The next claim takes them, and what was being sent is uncertain then, as after any lease that ran out. A process
        of which nothing is known keeps its leases until they end.
        """
        # One that is there again under its name, such as after its host stood still, has a newer sign.
        dead = sa.select(processes.c.name).where(processes.c.seen_at < now - dead_after)
        statement = (
            sa.update(deliveries)
            .where(
                deliveries.c.state == DeliveryState.SENDING,
                deliveries.c.lease_until > now,
                deliveries.c.lease_owner.in_(dead),
            )
            .values(lease_until=now - timedelta(microseconds=1))
        )
        return await self._database.change(lambda connection: connection.execute(statement).rowcount)
