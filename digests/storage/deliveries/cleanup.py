"""Deleting what is too old to be kept of the ledger, some rows at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from digests.model.ids import DeliveryId
from digests.storage.bulk import batches, is_one_of
from digests.storage.database import Database
from digests.storage.deliveries.renderings import pieces_of_renderings
from digests.storage.schema.delivery_tables import deliveries, pieces, renderings
from digests.storage.schema.wish_tables import sent_at_once

_DAY = timedelta(days=1)


class LedgerCleanup:
    """Deletes old deliveries, and what they alone have used. Any method may raise StorageError.

    Each call reads as long as it has to and writes one short transaction, so that nobody waits long for it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def delete_settled(self, before: datetime, beyond: DeliveryId, limit: int) -> tuple[DeliveryId | None, int]:
        """Delete deliveries that were settled before then, with their parts, among those with ids beyond `beyond`.

        Return the last id that was deleted, None if there are no more, and how many deliveries were deleted.
        """
        query = sa.select(deliveries.c.id).where(deliveries.c.id > beyond, deliveries.c.settled_at < before)
        found = await self._read(query.order_by(deliveries.c.id).limit(limit))
        if not found:
            return None, 0
        # One that is sent anew is not settled any more.
        gone = sa.delete(deliveries).where(
            is_one_of(self._database, deliveries.c.id, found), deliveries.c.settled_at < before
        )
        return DeliveryId(found[-1]), await self._write(gone)

    async def delete_renderings(self, before: datetime, limit: int) -> int:
        """Delete renderings older than that which no delivery uses, some at a time; return how many.

        Whoever plans with one meanwhile makes it young again first.
        """
        used = sa.select(deliveries.c.rendering)
        using = renderings.alias("using")
        fallbacks = sa.select(using.c.fallback).where(using.c.fallback != "", using.c.key.in_(used))
        old = sa.select(renderings.c.key).where(renderings.c.created_at < before)
        unused = await self._read(old.where(renderings.c.key.not_in(used), renderings.c.key.not_in(fallbacks)))
        deleted = 0
        for some in batches(unused, limit):
            chosen = is_one_of(self._database, renderings.c.key, some)
            deleted += await self._write(sa.delete(renderings).where(chosen, renderings.c.created_at < before))
        return deleted

    async def delete_pieces(self, before: datetime, limit: int) -> int:
        """Delete pieces that were last planned with before then, and that no rendering that remains uses.

        A rendering that uses an old piece is as old, and nearly all of those are gone by now. Return how many.
        """
        remaining = await self._read(sa.select(renderings.c.parts).where(renderings.c.created_at < before))
        in_use = pieces_of_renderings(remaining)
        # That moment is only kept to the day.
        before -= _DAY
        old = sa.select(pieces.c.key).where(pieces.c.used_at < before)
        unused = [key for key in await self._read(old) if key not in in_use]
        deleted = 0
        for some in batches(unused, limit):
            chosen = is_one_of(self._database, pieces.c.key, some)
            deleted += await self._write(sa.delete(pieces).where(chosen, pieces.c.used_at < before))
        return deleted

    async def forget_sent_at_once(self, before: datetime) -> int:
        """Forget what was sent at once before then; return of how many articles and places."""
        return await self._write(sa.delete(sent_at_once).where(sent_at_once.c.at < before))

    async def _read(self, query: sa.Select[Any]) -> list[Any]:
        return await self._database.run(lambda connection: list(connection.execute(query).scalars()))

    async def _write(self, statement: sa.Delete) -> int:
        return await self._database.change(lambda connection: int(connection.execute(statement).rowcount))
