"""Whom an announcement is planned for next: a batch of its recipients that have no delivery of it yet."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import DeliveryKind
from digests.model.ids import PlaceId
from digests.model.recipients import Recipients
from digests.storage.database import Database
from digests.storage.places.recipients import is_recipient
from digests.storage.places.rows import PlaceRange
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places

_LOOKED_THROUGH = 10_000
"""Places that are looked through for one batch."""


async def next_recipients(
    database: Database, connection: AsyncConnection, to: Recipients, slot: datetime, reached: PlaceId, most: int
) -> tuple[list[PlaceId], PlaceId | None]:
    """Return up to `most` recipients behind `reached` without a delivery in this slot, and how far it came.

    None: there are no more behind them.
    """
    if database.is_sqlite:
        # It takes places in the order of their ids, and stops when it has enough.
        query = _unplanned(to, places, slot).where(places.c.id > reached).order_by(places.c.id).limit(most)
        chosen = [PlaceId(place) for place in (await connection.execute(query)).scalars()]
        return chosen, chosen[-1] if chosen else None
    end = await _end_of_range(connection, reached)
    if end is None:
        return [], None
    within = (reached, end)
    # Where most places are recipients, PostgreSQL may read all of them for each batch, and all that is planned: it goes
    # by its statistics, which know nothing of a broadcast that has just begun. What it can't see, it can't read.
    near = sa.select(places).where(places.c.id > reached, places.c.id <= end).offset(0).cte("near")
    query = _unplanned(to, near, slot, within).order_by(near.c.id).limit(most)
    chosen = [PlaceId(place) for place in (await connection.execute(query)).scalars()]
    return chosen, chosen[-1] if len(chosen) == most else end


def _unplanned(to: Recipients, of: sa.FromClause, slot: datetime, within: PlaceRange | None = None) -> sa.Select[int]:
    planned = sa.exists().where(
        deliveries.c.place_id == of.c.id,
        deliveries.c.kind == DeliveryKind.ANNOUNCEMENT,
        deliveries.c.slot == slot,
    )
    if within is not None:
        planned = planned.where(deliveries.c.place_id > within[0], deliveries.c.place_id <= within[1])
    return sa.select(of.c.id).where(is_recipient(to, of, within), ~planned)


async def _end_of_range(connection: AsyncConnection, reached: PlaceId) -> PlaceId | None:
    """Return the last of the next places that are looked through; None if there is none behind `reached`."""
    behind = sa.select(places.c.id).where(places.c.id > reached).order_by(places.c.id).limit(_LOOKED_THROUGH)
    last = await connection.scalar(sa.select(sa.func.max(behind.subquery().c.id)))
    return None if last is None else PlaceId(last)
