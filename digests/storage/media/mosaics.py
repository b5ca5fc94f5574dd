"""What became of mosaics, and which are wanted.

A mosaic is wanted while deliveries wait that show it and nothing is written of it: planning writes no row for it. Where
several processes draw, a row says that one of them is at it. The recipe is in the renderings, which are stored with the
plan.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from digests.model.delivery import DeliveryState
from digests.model.mosaic import Mosaic
from digests.storage.bulk import is_one_of
from digests.storage.database import Database
from digests.storage.media.recipes import mosaic_of, mosaic_row
from digests.storage.schema.delivery_tables import deliveries, renderings
from digests.storage.schema.media_tables import mosaics

MADE, FAILED, DRAWING = "made", "failed", "drawing"
_WAITING = (DeliveryState.PENDING, DeliveryState.SENDING)


class MosaicStore:
    """Stores mosaics. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, mosaic: Mosaic, now: datetime, lapsed: datetime) -> bool:
        """Claim a mosaic for drawing; return False if it is settled, or was claimed by another after `lapsed`."""
        row = {"key": mosaic.key, "recipe": mosaic_row(mosaic), "state": DRAWING, "created_at": now, "used_at": now}
        claimed = (
            self._database.insert(mosaics)
            .values(row)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={"created_at": now, "used_at": now},
                where=sa.and_(mosaics.c.state == DRAWING, mosaics.c.created_at <= lapsed),
            )
            .returning(mosaics.c.key)
        )
        async with self._database.write() as connection:
            return await connection.scalar(claimed) is not None

    async def give_back(self, key: str, claimed_at: datetime) -> None:
        """Give back a mosaic that was claimed at this moment, and was not drawn."""
        mine = (mosaics.c.key == key, mosaics.c.state == DRAWING, mosaics.c.created_at == claimed_at)
        async with self._database.write() as connection:
            await connection.execute(sa.delete(mosaics).where(*mine))

    async def wanted(self, limit: int, lapsed: datetime | None = None) -> list[Mosaic]:
        """Return mosaics that deliveries wait for and that are neither settled nor being drawn, most deliveries first.

        What was claimed for drawing by the moment `lapsed` is wanted again.
        """
        if limit <= 0:
            return []
        # Counted by rendering first: very many deliveries share few of those.
        waiting = (
            sa.select(deliveries.c.rendering, sa.func.count().label("number"))
            .where(deliveries.c.state.in_(_WAITING))
            .group_by(deliveries.c.rendering)
            .subquery()
        )
        number = sa.func.sum(waiting.c.number)
        taken = sa.exists().where(mosaics.c.key == renderings.c.mosaic)
        if lapsed is not None:
            taken = taken.where(sa.or_(mosaics.c.state != DRAWING, mosaics.c.created_at > lapsed))
        query = (
            sa.select(renderings.c.mosaic, sa.func.min(renderings.c.key))
            .join(waiting, waiting.c.rendering == renderings.c.key)
            .where(renderings.c.mosaic.is_not(None), ~taken)
            .group_by(renderings.c.mosaic)
            .order_by(number.desc(), renderings.c.mosaic)
            .limit(limit)
        )
        async with self._database.read() as connection:
            found = [(key, rendering) for key, rendering in await connection.execute(query)]
            keys = [rendering for _, rendering in found]
            rows = sa.select(renderings.c.mosaic, renderings.c.parts).where(
                is_one_of(self._database, renderings.c.key, keys)
            )
            recipes = {
                key: mosaic_of(part["mosaic"])
                for key, parts in await connection.execute(rows)
                for part in parts
                if part.get("mosaic", {}).get("key") == key
            }
        return [recipes[key] for key, _ in found if key in recipes]

    async def settled(self, keys: Collection[str]) -> frozenset[str]:
        """Return those of the mosaics that were made or given up."""
        query = sa.select(mosaics.c.key).where(
            is_one_of(self._database, mosaics.c.key, list(keys)), mosaics.c.state != DRAWING
        )
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def made(self, mosaic: Mosaic, size: int, now: datetime) -> None:
        """Write down that a mosaic was made, and how many bytes its file has."""
        await self._write(mosaic, {"state": MADE, "reason": "", "bytes": size}, now)

    async def failed(self, mosaic: Mosaic, reason: str, now: datetime) -> None:
        """Write down that a mosaic can't be made."""
        await self._write(mosaic, {"state": FAILED, "reason": reason, "bytes": 0}, now)

    async def _write(self, mosaic: Mosaic, values: dict[str, object], now: datetime) -> None:
        insert = self._database.insert(mosaics)
        statement = insert.on_conflict_do_update(index_elements=["key"], set_={**values, "used_at": now})
        row = {"key": mosaic.key, "recipe": mosaic_row(mosaic), "created_at": now, "used_at": now, **values}
        async with self._database.write() as connection:
            await connection.execute(statement.values(row))

    async def number_since(self, since: datetime) -> int:
        """Return how many mosaics were made, given up or begun with since then."""
        query = sa.select(sa.func.count()).where(mosaics.c.created_at >= since)
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def forget_unused(self, before: datetime) -> list[str]:
        """Forget the mosaics that were not used since then, and return their keys."""
        async with self._database.write() as connection:
            statement = sa.delete(mosaics).where(mosaics.c.used_at < before).returning(mosaics.c.key)
            return list((await connection.execute(statement)).scalars())
