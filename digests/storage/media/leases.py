"""What one process at a time may do, for as long as it says so: a row of `facts` per task, with who and until when."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.first_write import repeatable_writes
from digests.storage.schema.base import facts


class LeaseStore:
    """Leases over all processes of one database. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, task: str, owner: str, now: datetime, until: datetime) -> bool:
        """Take a task, or keep it; return False if another process has it until later than now."""
        name = _name_of(task)
        insert = self._database.insert(facts).values(name=name, value=owner, at=until)
        is_free = sa.or_(facts.c.value == owner, facts.c.at <= now)
        taken = insert.on_conflict_do_update(
            index_elements=["name"], set_={"value": owner, "at": until}, where=is_free
        ).returning(facts.c.value)
        with repeatable_writes():
            async with self._database.write() as connection:
                return bool(await connection.scalar(taken) == owner)

    async def release(self, task: str, owner: str) -> None:
        """Give a task back, if it is still this process's."""
        async with self._database.write() as connection:
            mine = sa.delete(facts).where(facts.c.name == _name_of(task), facts.c.value == owner)
            await connection.execute(mine)


def _name_of(task: str) -> str:
    return f"lease {task}"
