"""What an operator may want to know of a database."""

from __future__ import annotations

import sqlite3
from datetime import datetime

import sqlalchemy as sa

from digests.model.delivery import DeliveryState
from digests.storage.database import Database
from digests.storage.schema.delivery_tables import deliveries

_REVISION = sa.text("SELECT version_num FROM alembic_version")


class DatabaseState:
    """Says how a database is. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def description(self) -> str:
        """Return what it is, such as "PostgreSQL 18.4, revision 0015"."""

        def work(connection: sa.Connection) -> str:
            version = sqlite3.sqlite_version
            if not self._database.is_sqlite:
                version = str(connection.scalar(sa.text("SHOW server_version"))).split()[0]
            return f"{version}, revision {connection.scalar(_REVISION)}"

        return f"{'SQLite' if self._database.is_sqlite else 'PostgreSQL'} {await self._database.run(work)}"

    async def oldest_due(self, now: datetime) -> datetime | None:
        """Return since when the oldest delivery is due that was not sent yet; None if there is none."""
        is_due = (deliveries.c.state == DeliveryState.PENDING) & (deliveries.c.due_at <= now)
        query = sa.select(sa.func.min(deliveries.c.due_at)).where(is_due)
        return await self._database.run(lambda connection: connection.scalar(query))
