"""Choosing the deliveries that a worker claims: due, in order, and of chats that no other worker is sending to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import Delivery, DeliveryKind, DeliveryState
from digests.model.ids import DeliveryId
from digests.storage.bulk import is_one_of
from digests.storage.database import Database
from digests.storage.deliveries.rows import OPEN
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places

# Telegram counts what a group gets within a minute; what a person gets, within seconds. By now(), which stands still in
# a transaction: an index serves no clock that goes on. In two steps, since it serves no "or" either.
_OTHERS = """
WITH given AS MATERIALIZED (
    SELECT id, chat_id FROM places WHERE chat_id = ANY(%(chats)s::bigint[])
), lately AS MATERIALIZED (
    SELECT chat_id, deliveries.id FROM given JOIN deliveries ON place_id = given.id AND settled_at IS NULL
    UNION ALL
    SELECT chat_id, deliveries.id FROM given JOIN deliveries ON place_id = given.id
        AND settled_at > now() - interval '70 s'
)
SELECT chat_id, extract(epoch FROM clock_timestamp() - sent_at)::float8 AS seconds
FROM lately JOIN parts ON parts.delivery_id = lately.id
WHERE sender <> %(owner)s AND sent_at > now() - interval '60 s'
"""
# One row stands for a chat with all its topics; whoever has it locked decides alone who sends there.
_LOCK_CHATS = """
SELECT chat_id FROM places WHERE id IN (
    SELECT min(id) FROM places WHERE chat_id IN (SELECT chat_id FROM places WHERE id = ANY(%(places)s::bigint[]))
    GROUP BY chat_id
) FOR NO KEY UPDATE SKIP LOCKED
"""


def _is_free() -> sa.ColumnElement[bool]:
    """Return the condition for deliveries that wait for no other of their place, or of their chat at another owner.

    Its parameters are `me` and `moment`.
    """
    moment = sa.bindparam("moment", type_=deliveries.c.due_at.type)
    earlier, leased = deliveries.alias("earlier"), deliveries.alias("leased")
    own, others = places.alias("own"), places.alias("others")
    # What is open was not settled: an index finds it, however much a place was sent before. OFFSET has PostgreSQL look
    # that up for each delivery by itself. Otherwise it compares each with all that is open, since it expects little of
    # that: 106 ms a claim of 100, with 4,000 open (measured).
    has_earlier = sa.exists(
        sa.select(sa.literal_column("1"))
        .where(
            earlier.c.place_id == deliveries.c.place_id,
            earlier.c.settled_at.is_(None),
            earlier.c.id < deliveries.c.id,
            earlier.c.state.in_(OPEN),
            ~((earlier.c.kind == DeliveryKind.ANNOUNCEMENT) & (earlier.c.due_at > moment)),
        )
        .offset(sa.literal_column("0"))
        .correlate(deliveries)
    )
    # Looked up once: what is leased at any moment is little.
    elsewhere = (
        sa.select(own.c.id)
        .join(others, others.c.chat_id == own.c.chat_id)
        .join(leased, leased.c.place_id == others.c.id)
        .where(
            leased.c.state == DeliveryState.SENDING,
            leased.c.lease_owner != sa.bindparam("me"),
            leased.c.lease_until >= moment,
        )
    )
    return ~has_earlier & deliveries.c.place_id.not_in(elsewhere)


# Built once: that takes longer than to run it.
_IS_FREE = _is_free()


async def select_claimable(
    database: Database,
    connection: AsyncConnection,
    owner: str,
    now: datetime,
    limit: int,
    only: Collection[DeliveryId] | None,
) -> list[DeliveryId]:
    """Return what `owner` may claim, as `LedgerStore.claim` says; on PostgreSQL it is locked."""
    # Abandoned ones first, then those that wait: two queries, each in the order of its index.
    abandoned = sa.and_(
        deliveries.c.state == DeliveryState.SENDING,
        deliveries.c.due_at <= now,
        sa.or_(
            deliveries.c.lease_until.is_(None),
            sa.and_(deliveries.c.lease_until < now, deliveries.c.lease_owner != owner),
        ),
    )
    waiting = sa.and_(deliveries.c.state == DeliveryState.PENDING, deliveries.c.due_at <= now)
    chosen: sa.ColumnElement[bool]
    if only is not None:
        chosen = deliveries.c.id.in_(list(only))
    elif database.is_sqlite:
        chosen = ~_has_earlier(now)
    else:
        chosen = _IS_FREE
    free = {} if only is not None else {"me": owner, "moment": now}
    ids: list[DeliveryId] = []
    for condition in (abandoned, waiting):
        if len(ids) >= limit:
            break
        query = sa.select(deliveries.c.id, deliveries.c.place_id).where(condition, chosen)
        query = query.order_by(deliveries.c.due_at, deliveries.c.id).limit(limit - len(ids))
        if database.is_sqlite:
            ids.extend(row.id for row in await connection.execute(query))
            continue
        query = query.with_for_update(skip_locked=True, of=deliveries)
        found = (await connection.execute(query, free)).all()
        if only is None and found:
            ids.extend(await _of_locked_chats(database, connection, found, owner, now))
        else:
            ids.extend(row.id for row in found)
    return ids


async def _of_locked_chats(
    database: Database,
    connection: AsyncConnection,
    found: Sequence[sa.Row[*tuple[Any, ...]]],
    owner: str,
    now: datetime,
) -> list[DeliveryId]:
    """Return those of the deliveries whose chats nobody else is claiming at this moment, nor claimed just now.

    Two claims at the same moment don't see each other's leases, and each would take another topic of a chat.
    """
    place_ids = sorted({row.place_id for row in found})
    locked = [row[0] for row in await connection.exec_driver_sql(_LOCK_CHATS, {"places": place_ids})]
    query = (
        sa.select(deliveries.c.id)
        .join(places, places.c.id == deliveries.c.place_id)
        .where(
            is_one_of(database, deliveries.c.id, [row.id for row in found]),
            is_one_of(database, places.c.chat_id, locked),
            _IS_FREE,
        )
    )
    free = set((await connection.execute(query, {"me": owner, "moment": now})).scalars())
    return [row.id for row in found if row.id in free]


async def with_others(
    database: Database, connection: AsyncConnection, claimed: Sequence[Delivery], owner: str
) -> tuple[Delivery, ...]:
    """Return the deliveries with what other workers sent to their chats within the last minute."""
    chats = sorted({delivery.place.chat_id for delivery in claimed})
    sent: dict[int, list[float]] = {}
    found = await connection.exec_driver_sql(_OTHERS, {"chats": chats, "owner": owner})
    for row in found.mappings():
        sent.setdefault(row["chat_id"], []).append(max(0.0, row["seconds"]))
    if not sent:
        return tuple(claimed)
    return tuple(
        replace(delivery, sent_by_others=tuple(sorted(sent.get(delivery.place.chat_id, ())))) for delivery in claimed
    )


def _has_earlier(now: datetime) -> sa.Exists:
    earlier = deliveries.alias("earlier")
    return sa.exists().where(
        earlier.c.place_id == deliveries.c.place_id,
        earlier.c.id < deliveries.c.id,
        earlier.c.state.in_(OPEN),
        ~((earlier.c.kind == DeliveryKind.ANNOUNCEMENT) & (earlier.c.due_at > now)),
    )
