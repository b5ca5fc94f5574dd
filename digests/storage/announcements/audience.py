"""How many an announcement reaches."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from digests.model.recipients import Hours, Recipients
from digests.storage.database import Database
from digests.storage.places.recipients import is_recipient
from digests.storage.schema.place_tables import places


class AudienceStore:
    """Counts the places that announcements reach. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def languages(self, recipients: Recipients) -> dict[str, int]:
        """Return how many places they are, by language."""
        query = sa.select(places.c.language, sa.func.count()).where(is_recipient(recipients))
        query = query.group_by(places.c.language)
        async with self._database.read() as connection:
            return {row.language: row[1] for row in await connection.execute(query)}

    async def hours(self, recipients: Recipients) -> dict[Hours, int]:
        """Return how many places they are, by time zone and quiet hours."""
        of_each = (places.c.timezone, places.c.quiet)
        query = sa.select(*of_each, sa.func.count()).where(is_recipient(recipients))
        query = query.group_by(*of_each).order_by(*of_each)
        async with self._database.read() as connection:
            return {(zone, quiet): number for zone, quiet, number in await connection.execute(query)}

    async def known(self, ids: Collection[int]) -> frozenset[int]:
        """Return those of these chats that the bot has met."""
        query = sa.select(places.c.chat_id).where(places.c.chat_id.in_(list(ids)))
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())
