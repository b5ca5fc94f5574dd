"""Rows of the tables of wishes: as values, and the storing of queries that several stores share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.ids import PlaceId
from digests.model.wish import Matter, QueryId, Subject, Wish, WishId, WishKind
from digests.storage.bulk import batches
from digests.storage.counters import advance
from digests.storage.database import Database
from digests.storage.schema.wish_tables import queries, query_matches, wishes

QUERIES = "queries"
"""The counter of queries that were ever stored; its row is the lock of whoever stores or deletes one."""
MATCHED = "matched"
"""The counter up to which matching has come; its row is the lock of whoever writes matches."""
REMOVED = "queries_removed"
"""The counter of times that queries were deleted: their numbers may be given to others."""


def to_wish(row: sa.Row[*tuple[Any, ...]]) -> Wish:
    """Return the wish in a row that has all columns of `wishes`."""
    return Wish(
        id=WishId(row.id),
        place_id=PlaceId(row.place_id),
        kind=WishKind(row.kind),
        subject=Subject(Matter(row.matter), row.value),
        created_at=row.created_at,
        at_once=row.at_once,
        most=row.most,
        until=row.until,
        query=None if row.query_id is None else QueryId(row.query_id),
    )


async def query_id(database: Database, connection: AsyncConnection, subject: Subject, now: datetime) -> QueryId | None:
    """Return the stored query of a wish about words, storing it if it is new; None for any other subject."""
    if subject.matter is not Matter.WORDS:
        return None
    # Holding the counter, nobody deletes the query before the wish is stored, and ids are in order of commit.
    await advance(database, connection, QUERIES, 0)
    found = await connection.scalar(sa.select(queries.c.id).where(queries.c.words == subject.value))
    if found is None:
        await advance(database, connection, QUERIES, 1)
        insert = sa.insert(queries).values(words=subject.value, created_at=now).returning(queries.c.id)
        found = (await connection.execute(insert)).scalar_one()
    return QueryId(found)


def copy_wishes(which: sa.ColumnElement[bool], to: sa.Select[tuple[PlaceId]]) -> sa.Insert:
    """Return the statement that gives some wishes to other places as well, which have none of them yet."""
    copied = [column for column in wishes.c if column.name not in ("id", "place_id")]
    there = to.subquery()
    rows = sa.select(there.c[0], *copied).select_from(wishes.join(there, sa.true())).where(which)
    return sa.insert(wishes).from_select(["place_id", *(column.name for column in copied)], rows)


async def delete_unwished(
    database: Database, connection: AsyncConnection, only: Collection[QueryId] | None = None
) -> int:
    """Delete those of the queries, or of these alone, that nobody wishes any more; return how many those were."""
    await advance(database, connection, MATCHED, 0)
    await advance(database, connection, QUERIES, 0)
    unwished = sa.select(queries.c.id).where(~sa.exists().where(wishes.c.query_id == queries.c.id))
    ids: list[QueryId] = []
    if only is None:
        ids += (await connection.execute(unwished)).scalars()
    for some in batches(sorted(only or ())):
        ids += (await connection.execute(unwished.where(queries.c.id.in_(some)))).scalars()
    if ids:
        await advance(database, connection, REMOVED, 1)
    for some in batches(ids):
        await connection.execute(sa.delete(query_matches).where(query_matches.c.query_id.in_(some)))
        await connection.execute(sa.delete(queries).where(queries.c.id.in_(some)))
    return len(ids)
