"""Leases: what one process alone does for a while, unless it renews that, such as looking at feeds."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.engine.first_write import repeatable_writes
from digests.storage.schema.base import facts


class LeaseStore:
    """Leases over all processes of one database. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def holder(self, task: str) -> str:
        """Return who has a task, or had it last; "" for nobody."""
        query = sa.select(facts.c.value).where(facts.c.name == _name_of(task))
        return await self._database.peek(lambda connection: connection.scalar(query) or "")

    async def take(self, task: str, owner: str, now: datetime, until: datetime, *, instead_of: str = "") -> bool:
        """Take a task, or keep it, and return whether that could be done.

        It can if nobody else has it, if their time is up, or if they are `instead_of`, who is known to be gone. A time
        that is further ahead than any lease lasts comes from a wrong clock.
        """
        name = _name_of(task)
        insert = self._database.insert(facts).values(name=name, value=owner, at=until)
        is_free = (facts.c.at <= now) | (facts.c.at > now + 2 * (until - now))
        mine = facts.c.value.in_([owner, instead_of] if instead_of else [owner])
        statement = insert.on_conflict_do_update(
            index_elements=["name"], set_={"value": owner, "at": until}, where=mine | is_free
        ).returning(facts.c.value)
        with repeatable_writes():
            taken = await self._database.change(lambda connection: connection.scalar(statement))
        return taken is not None

    async def renew(self, task: str, owner: str, until: datetime) -> bool:
        """Keep a task for longer, and return whether it still was this owner's."""
        mine = sa.update(facts).where(facts.c.name == _name_of(task), facts.c.value == owner).values(at=until)
        with repeatable_writes():
            return bool(await self._database.change(lambda connection: connection.execute(mine).rowcount))

    async def release(self, task: str, owner: str) -> None:
        """Give a task back, if it is still this process's."""
        await self._delete(sa.delete(facts).where(facts.c.name == _name_of(task), facts.c.value == owner))

    async def end(self, task: str) -> None:
        """Take a task from whoever has it."""
        await self._delete(sa.delete(facts).where(facts.c.name == _name_of(task)))

    async def _delete(self, statement: sa.Delete) -> None:
        with repeatable_writes():
            await self._database.change(lambda connection: connection.execute(statement).rowcount)


def _name_of(task: str) -> str:
    return f"lease {task}"
