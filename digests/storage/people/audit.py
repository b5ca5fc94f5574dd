"""The audit log: what admins did, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digests.model.audit import AuditAct
from digests.storage.database import Database
from digests.storage.schema.place_tables import audit


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done, as it was recorded.

    `user_id` 0 is the program's command line. `act` is a plain text if another version of the program recorded it.
    """

    id: int
    at: datetime
    user_id: int
    act: AuditAct | str
    details: dict[str, Any]


class AuditLog:
    """The audit log: entries are added and read, never changed. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user_id: int, act: AuditAct, details: dict[str, Any], now: datetime) -> None:
        """Add an entry; `details` are plain values."""
        async with self._database.write() as connection:
            await connection.execute(sa.insert(audit).values(at=now, user_id=user_id, act=act, details=details))

    async def page(self, offset: int, limit: int) -> tuple[tuple[AuditEntry, ...], int]:
        """Return `limit` entries from `offset` on, the newest first, and the number of all entries."""
        query = sa.select(audit).order_by(audit.c.id.desc()).offset(offset).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            total = await connection.scalar(sa.select(sa.func.count()).select_from(audit))
        return tuple(_entry(row) for row in rows), int(total or 0)

    async def delete_before(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` entries from before then, the oldest first; return how many."""
        old = sa.select(audit.c.id).where(audit.c.at < before).order_by(audit.c.id).limit(limit)
        gone = sa.delete(audit).where(audit.c.id.in_(old))
        return await self._database.change(lambda connection: int(connection.execute(gone).rowcount))


def _entry(row: sa.Row[*tuple[Any, ...]]) -> AuditEntry:
    try:
        act: AuditAct | str = AuditAct(row.act)
    except ValueError:
        act = row.act
    return AuditEntry(row.id, row.at, row.user_id, act, dict(row.details))
