"""Rows of the ledger as values, and the hashes by which parts are compared."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import Delivery, DeliveryKind, DeliveryState, Part, PartRow, Rendering
from digests.model.ids import DeliveryId
from digests.storage.database import Database
from digests.storage.places.rows import to_place
from digests.storage.schema.delivery_tables import deliveries, parts
from digests.storage.schema.place_tables import places

OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)
_DELIVERY_COLUMNS = [column.label(f"delivery_{column.name}") for column in deliveries.c]
_DELIVERIES = (
    sa.select(places, *_DELIVERY_COLUMNS)
    .join(deliveries, deliveries.c.place_id == places.c.id)
    .order_by(deliveries.c.due_at, deliveries.c.id)
)
_PART_COLUMNS = (parts.c.delivery_id, parts.c.number, parts.c.state, parts.c.hash, parts.c.message_id, parts.c.error)
_PARTS = sa.select(*_PART_COLUMNS).order_by(parts.c.delivery_id, parts.c.number)
_EACH: sa.BindParameter[Sequence[int]] = sa.bindparam("ids", expanding=True)
_DELIVERIES_OF, _PARTS_OF = _DELIVERIES.where(deliveries.c.id.in_(_EACH)), _PARTS.where(parts.c.delivery_id.in_(_EACH))


HASH_LENGTH = 16
KEY_LENGTH = 32
INTERRUPTED = "interrupted"
"""Why a part is uncertain whose bot ended while sending it."""


def part_hash(part: Part) -> str:
    """Return a hash that shows whether a part to be sent again is the one that was planned."""
    return part_digest(part)[:HASH_LENGTH]


def part_digest(part: Part) -> str:
    """Return a digest of everything that a part sends."""
    text = part.text if isinstance(part.text, str) else "\0".join(map(piece_key, part.text))
    content = "\0".join((text, part.picture or "", part.photo or ""))
    # Left out if there are none, so that parts planned by an older version keep their hash.
    if part.stories:
        content += f"\0{part.stories}"
    if part.is_announced:
        options = (part.silent, part.pinned, part.paid, part.despite_quiet)
        copy_of = None if part.copy_of is None else tuple(part.copy_of)
        content += f"\0{(part.media, copy_of, part.buttons, options)!r}"
    if part.mosaic is not None:
        content += f"\0{part.mosaic.key} {part.is_caption}"
    if part.rich is not None:
        content += f"\0{(part.rich.html, part.rich.pictures)!r}"
    if part.offers_magazine:
        content += "\0offers the magazine"
    if part.asks_magazine:
        content += "\0asks whether the magazine is seen"
    if part.is_covered:
        content += f"\0{(part.spoilers, part.caption_above)!r}"
    return hashlib.sha256(content.encode()).hexdigest()


# Cached, since thousands of parts share the same pieces.
@lru_cache(maxsize=4096)
def piece_key(html: str) -> str:
    """Return the key, of KEY_LENGTH characters, under which a piece is stored."""
    return hashlib.sha256(html.encode()).hexdigest()[:KEY_LENGTH]


def part_hashes(rendering: Rendering) -> tuple[str, ...]:
    """Return the hashes of a rendering's parts, in order."""
    return tuple(part_hash(part) for part in rendering.parts)


@lru_cache(maxsize=1)
def _among_an_array() -> tuple[sa.Select[*tuple[Any, ...]], sa.Select[*tuple[Any, ...]]]:
    """Return what reads deliveries and parts from PostgreSQL; built once, since that takes as long as reading some."""
    from sqlalchemy.dialects import postgresql

    ids: sa.BindParameter[Sequence[int]] = sa.bindparam("ids", type_=postgresql.ARRAY(sa.BigInteger()))
    return _DELIVERIES.where(deliveries.c.id == sa.any_(ids)), _PARTS.where(parts.c.delivery_id == sa.any_(ids))


async def read_deliveries(database: Database, connection: AsyncConnection, ids: Sequence[int]) -> tuple[Delivery, ...]:
    """Return deliveries with their parts, in the order in which they are due."""
    of_deliveries, of_parts = (_DELIVERIES_OF, _PARTS_OF) if database.is_sqlite else _among_an_array()
    values = {"ids": list(ids)}
    rows = (await connection.execute(of_deliveries, values)).all()
    parts_of: dict[int, list[PartRow]] = {}
    for part in (await connection.execute(of_parts, values)).all():
        row = PartRow(part.number, DeliveryState(part.state), part.hash, part.message_id, part.error)
        parts_of.setdefault(part.delivery_id, []).append(row)
    return tuple(_delivery(row, tuple(parts_of.get(row.delivery_id, ()))) for row in rows)


def _delivery(row: sa.Row[*tuple[Any, ...]], part_rows: tuple[PartRow, ...]) -> Delivery:
    return Delivery(
        id=DeliveryId(row.delivery_id),
        place=to_place(row),
        kind=DeliveryKind(row.delivery_kind),
        slot=row.delivery_slot,
        state=DeliveryState(row.delivery_state),
        rendering=row.delivery_rendering,
        attempts=row.delivery_attempts,
        created_at=row.delivery_created_at,
        parts=part_rows,
        announcement_id=row.delivery_announcement_id,
        offers=row.delivery_offers,
        resent_at=row.delivery_resent_at,
    )
