"""Writing what workers report: a row at a time into SQLite, and by one statement for all rows into PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import DeliveryState
from digests.model.ids import DeliveryId
from digests.storage.deliveries.results import PartChange, PartId, Postponed, Settled
from digests.storage.engine.encoding import JSON
from digests.storage.engine.server import unanswered
from digests.storage.schema.delivery_tables import deliveries, parts

_UPDATE_PART = (
    sa.update(parts)
    .where(parts.c.delivery_id == sa.bindparam("of"), parts.c.number == sa.bindparam("at"))
    .values(state=sa.bindparam("to"), message_id=sa.bindparam("message"), error=sa.bindparam("why"))
)
_END_DELIVERY = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("of"), deliveries.c.lease_owner == sa.bindparam("owner"))
    .values(
        state=sa.bindparam("to"),
        error=sa.bindparam("why"),
        settled_at=sa.bindparam("at", type_=deliveries.c.settled_at.type),
        due_at=sa.func.coalesce(sa.bindparam("due", type_=deliveries.c.due_at.type), deliveries.c.due_at),
        attempts=deliveries.c.attempts + sa.bindparam("failed", type_=sa.Integer()),
        resent_at=sa.func.coalesce(sa.bindparam("anew", type_=deliveries.c.resent_at.type), deliveries.c.resent_at),
        lease_owner=None,
        lease_until=None,
    )
)
_EXTEND_LEASES = (
    sa.update(deliveries)
    .where(deliveries.c.id.in_(sa.bindparam("ids", expanding=True)), deliveries.c.lease_owner == sa.bindparam("owner"))
    .values(lease_until=sa.bindparam("lease", type_=deliveries.c.lease_until.type))
    .returning(deliveries.c.id)
)

_EXTEND_ARRAY = """
UPDATE deliveries SET lease_until = %(lease)s WHERE id = ANY(%(ids)s::bigint[]) AND lease_owner = %(owner)s RETURNING id
"""
# What is sent, or about to be, says when and by whom: by the database's clock, since hosts' clocks differ.
_UPDATE_PARTS = """
UPDATE parts SET state = given."to", message_id = given.message, error = given.why,
    sent_at = CASE WHEN given."to" IN ('sending', 'sent') THEN clock_timestamp()
        WHEN given."to" = 'uncertain' THEN parts.sent_at END,
    sender = CASE WHEN given."to" IN ('sending', 'sent', 'uncertain') THEN %(owner)s END
FROM json_to_recordset(%(rows)s::json) AS given(of bigint, at int, "to" text, message bigint, why text)
WHERE parts.delivery_id = given.of AND parts.number = given.at
"""
_END_DELIVERIES = """
UPDATE deliveries SET state = given."to", error = given.why, settled_at = given.at,
    due_at = coalesce(given.due, due_at), attempts = attempts + given.failed,
    resent_at = coalesce(given.anew, resent_at), lease_owner = NULL, lease_until = NULL
FROM json_to_recordset(%(rows)s::json) AS given(of bigint, "to" text, why text, at timestamptz, due timestamptz,
    failed int, anew timestamptz)
WHERE deliveries.id = given.of AND deliveries.lease_owner = %(owner)s
"""


async def write_ledger_rows(
    connection: AsyncConnection,
    owner: str,
    begun: Collection[PartId],
    changes: Sequence[PartChange],
    ends: Sequence[Settled | Postponed],
    lease_until: datetime,
) -> frozenset[DeliveryId]:
    """Write what `LedgerStore.write` is given, and return what it returns."""
    still_leased: frozenset[DeliveryId] = frozenset()
    if begun:
        values = {"ids": sorted({delivery for delivery, _ in begun}), "owner": owner, "lease": lease_until}
        still_leased = frozenset((await connection.execute(_EXTEND_LEASES, values)).scalars())
    rows = [_part_row(change) for change in await _still_true(connection, owner, changes)]
    rows.extend(_begun_row(part) for part in begun if part[0] in still_leased)
    if rows:
        await connection.execute(_UPDATE_PART, rows)
    if ends:
        await connection.execute(_END_DELIVERY, [_end_row(end, owner) for end in ends])
    return still_leased


async def write_at_once(
    connection: AsyncConnection,
    owner: str,
    begun: Collection[PartId],
    changes: Sequence[PartChange],
    ends: Sequence[Settled | Postponed],
    lease_until: datetime,
) -> frozenset[DeliveryId]:
    """Write the same to PostgreSQL, in a few statements, however much there is."""
    still_leased: frozenset[DeliveryId] = frozenset()
    if begun:
        # In the order of their ids, as everybody who locks several of them.
        values = {"ids": sorted({delivery for delivery, _ in begun}), "owner": owner, "lease": lease_until}
        found = await connection.exec_driver_sql(_EXTEND_ARRAY, values)
        still_leased = frozenset(DeliveryId(row[0]) for row in found)
    # A row is changed once by a statement: what is said last of a part holds, and an end only while the lease lasts.
    true = await _still_true(connection, owner, changes)
    last = {(change.delivery, change.number): _part_row(change) for change in true}
    last |= {part: _begun_row(part) for part in begun if part[0] in still_leased}
    with unanswered(connection):
        if last:
            values = {"rows": _json([last[part] for part in sorted(last)]), "owner": owner}
            await connection.exec_driver_sql(_UPDATE_PARTS, values)
        if ends:
            first = {end.delivery: _end_row(end, owner) for end in reversed(ends)}
            values = {"rows": _json([first[delivery] for delivery in sorted(first)]), "owner": owner}
            await connection.exec_driver_sql(_END_DELIVERIES, values)
    return still_leased


async def _still_true(connection: AsyncConnection, owner: str, changes: Sequence[PartChange]) -> list[PartChange]:
    """Return the changes of what nobody has taken over from `owner`, and all that say that a part was sent.

    Who stood still reports late. By then another has taken its deliveries over, and has found what was being sent to be
    uncertain: it is not pending again because the request was given up. What was sent is so, whoever has it.
    """
    doubtful = sorted({change.delivery for change in changes if change.state is not DeliveryState.SENT})
    if not doubtful:
        return list(changes)
    # What was released or held meanwhile is nobody's.
    is_free = deliveries.c.lease_owner.is_(None) & deliveries.c.settled_at.is_(None)
    ours = sa.select(deliveries.c.id).where(
        deliveries.c.id.in_(doubtful), (deliveries.c.lease_owner == owner) | is_free
    )
    untouched = frozenset((await connection.execute(ours.order_by(deliveries.c.id).with_for_update())).scalars())
    return [change for change in changes if change.state is DeliveryState.SENT or change.delivery in untouched]


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    # The driver would take three times as long for arrays (measured).
    return JSON.encode(
        [
            {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
            for row in rows
        ]
    )


def _begun_row(part: PartId) -> dict[str, object]:
    return {"of": part[0], "at": part[1], "to": DeliveryState.SENDING, "message": None, "why": ""}


def _part_row(change: PartChange) -> dict[str, object]:
    return {
        "of": change.delivery,
        "at": change.number,
        "to": change.state,
        "message": change.message_id,
        "why": change.error,
    }


def _end_row(end: Settled | Postponed, owner: str) -> dict[str, object]:
    row: dict[str, object] = {"of": end.delivery, "owner": owner, "why": end.error}
    if isinstance(end, Settled):
        return row | {"to": end.state, "at": end.at, "due": None, "failed": 0, "anew": None}
    anew = end.until if end.anew else None
    return row | {
        "to": DeliveryState.PENDING, "at": None, "due": end.until, "failed": int(end.failed), "anew": anew,
    }  # fmt: skip
