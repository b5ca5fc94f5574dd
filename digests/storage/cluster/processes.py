"""Which processes of the bot there are, by their signs of life."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.model.process import ProcessRole, ProcessRow
from digests.storage.database import Database
from digests.storage.schema.cluster_tables import processes

ALIVE_FOR = timedelta(seconds=90)
"""How long after its last sign of life a process counts as alive; it gives one every 5 seconds."""

DEAD_AFTER = timedelta(seconds=30)
"""How long after its last sign of life what a process leased is anybody's: its loop stood still for six signs."""


class ProcessStore:
    """Stores the processes of the bot, by moments of the database's clock. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(
        self,
        name: str,
        host: str,
        roles: Iterable[ProcessRole],
        version: str,
        started_at: datetime,
        now: datetime,
        skew: float,
    ) -> bool:
        """Store a sign of life, and return True; False if another process of this name is alive, whose row it is."""
        row = {
            "name": name,
            "host": host,
            "roles": ",".join(sorted(roles)),
            "version": version,
            "started_at": started_at,
            "seen_at": now,
            "skew": skew,
        }
        insert = self._database.insert(processes).values(row)
        is_ours = (processes.c.host == host) & (processes.c.started_at == started_at)
        statement = insert.on_conflict_do_update(
            index_elements=["name"], set_={key: row[key] for key in row if key != "name"}, where=is_ours | ~_alive(now)
        ).returning(processes.c.name)
        return await self._database.change(lambda connection: connection.scalar(statement)) is not None

    async def alive(self, now: datetime) -> tuple[ProcessRow, ...]:
        """Return the processes that gave a sign of life lately, by name."""
        query = sa.select(processes).where(_alive(now)).order_by(processes.c.name)

        def work(connection: sa.Connection) -> tuple[ProcessRow, ...]:
            return tuple(_process(row) for row in connection.execute(query))

        return await self._database.peek(work)

    async def forget(self, name: str) -> None:
        """Delete a process that ends."""
        gone = sa.delete(processes).where(processes.c.name == name)
        await self._database.change(lambda connection: connection.execute(gone).rowcount)

    async def tidy(self, before: datetime) -> None:
        """Delete the processes that were last seen before then."""
        gone = sa.delete(processes).where(processes.c.seen_at < before)
        await self._database.change(lambda connection: connection.execute(gone).rowcount)


def _alive(now: datetime) -> sa.ColumnElement[bool]:
    # A sign that lies ahead was given before the clock was set back, and says nothing.
    return processes.c.seen_at.between(now - ALIVE_FOR, now + ALIVE_FOR)


def _process(row: sa.Row[tuple[object, ...]]) -> ProcessRow:
    known = {str(role) for role in ProcessRole}
    # A newer program may know more roles.
    roles = frozenset(ProcessRole(role) for role in row.roles.split(",") if role in known)
    return ProcessRow(row.name, row.host, roles, row.version, row.started_at, row.seen_at, row.skew)
