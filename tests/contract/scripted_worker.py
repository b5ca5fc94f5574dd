"""A worker whose every step the test chooses."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.model.delivery import Delivery, DeliveryState
from digests.model.ids import DeliveryId
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import PartChange, Postponed, Settled
from digests.storage.schema.delivery_tables import deliveries
from tests.factories.times import NOW

LEASE = timedelta(minutes=2)


class ScriptedWorker(DeliveryStore):
    """Claims and begins what is due, each time under another name, and settles it as the test says."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._ledger = LedgerStore(database)

    async def claim(self, owner: str, now: datetime, lease: timedelta, limit: int) -> tuple[Delivery, ...]:
        """Claim deliveries and begin the first part of each."""
        name = f"{owner}-{secrets.token_hex(4)}"
        claimed = await self._ledger.claim(name, now, lease, limit)
        await self._ledger.write(name, [(delivery.id, 0) for delivery in claimed], [], [], now + lease)
        return claimed

    async def settle_part(
        self, of: DeliveryId, number: int, state: DeliveryState, message: int | None = None, error: str = ""
    ) -> None:
        """Write down what became of a part."""
        await self._write(of, [PartChange(of, number, state, message, error)])

    async def settle(self, of: DeliveryId, state: DeliveryState, error: str, at: datetime) -> None:
        """Write down what became of a delivery."""
        await self._write(of, [], Settled(of, state, error, at))

    async def postpone(self, of: DeliveryId, until: datetime, error: str, *, failed: bool) -> None:
        """Put a delivery off."""
        changes = [PartChange(of, 0, DeliveryState.PENDING, error=error)]
        await self._write(of, changes, Postponed(of, until, error, failed))

    async def _write(self, of: DeliveryId, changes: list[PartChange], *ends: Settled | Postponed) -> None:
        async with self._database.read() as connection:
            owner = await connection.scalar(sa.select(deliveries.c.lease_owner).where(deliveries.c.id == of))
        assert owner is not None
        await self._ledger.write(owner, [], changes, ends, NOW)


async def send_copies(database: Database, limit: int = 99) -> list[Delivery]:
    """Claim deliveries, and settle them as sent; return them."""
    store = ScriptedWorker(database)
    claimed = await store.claim("me", NOW, LEASE, limit)
    for delivery in claimed:
        await store.settle_part(delivery.id, 0, DeliveryState.SENT, 1000 + delivery.place.chat_id)
        await store.settle(delivery.id, DeliveryState.SENT, "", NOW)
    return list(claimed)
