"""Whose turn it is to look at feeds: one process at a time, so that no server is asked twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.schema.base import facts

_NAME = "looking at feeds"


class LookTurn:
    """The turn, kept in the database for a while at a time. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def holder(self) -> str:
        """Return who has the turn, or had it last; "" for nobody."""
        query = sa.select(facts.c.value).where(facts.c.name == _NAME)
        return await self._database.peek(lambda connection: connection.scalar(query) or "")

    async def take(self, owner: str, now: datetime, length: timedelta, *, instead_of: str = "") -> bool:
        """Take the turn, or keep it, until `length` from now, and return whether that could be done.

        It can if nobody else has it, if their time is up, or if they are `instead_of`, who is known to be gone. A time
        that is further ahead than any turn lasts comes from a wrong clock.
        """
        insert = self._database.insert(facts).values(name=_NAME, value=owner, at=now + length)
        is_free = (facts.c.at <= now) | (facts.c.at > now + 2 * length)
        mine = facts.c.value.in_([owner, instead_of] if instead_of else [owner])
        statement = insert.on_conflict_do_update(
            index_elements=["name"], set_={"value": owner, "at": now + length}, where=mine | is_free
        ).returning(facts.c.value)
        taken = await self._database.change(lambda connection: connection.scalar(statement))
        return taken is not None

    async def leave(self, owner: str) -> None:
        """Give the turn back, if this one has it."""
        mine = sa.delete(facts).where(facts.c.name == _NAME, facts.c.value == owner)
        await self._database.change(lambda connection: connection.execute(mine).rowcount)
