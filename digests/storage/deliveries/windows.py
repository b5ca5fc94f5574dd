"""Moving the windows of places for which digests were planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.ids import IngestNumber, PlaceId
from digests.storage.bulk import is_one_of
from digests.storage.database import Database
from digests.storage.deliveries.plan import Plan
from digests.storage.engine.encoding import JSON
from digests.storage.engine.server import unanswered
from digests.storage.schema.place_tables import places

_MANY_PLANS = 50
_Point = tuple[IngestNumber, datetime | None]
"""Where a plan expects its place: the beginning of its window, and its `guard`."""
# Always in the same order, so that two planners at once don't deadlock. Who waited for a lock sees the row as it is.
_MOVED = """
WITH given AS MATERIALIZED (
    SELECT CAST(member AS bigint) AS id, since, guard
    FROM json_to_recordset(CAST(%(groups)s AS json)) AS points(since bigint, guard timestamptz, members json),
        json_array_elements_text(members) AS member
), held AS MATERIALIZED (
    SELECT id, window_from, next_at FROM places WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR UPDATE
)
SELECT given.id FROM given LEFT JOIN held ON held.id = given.id
WHERE held.id IS NULL OR held.window_from <> given.since
    OR given.guard IS NOT NULL AND held.next_at IS DISTINCT FROM given.guard
"""


async def unmoved(database: Database, connection: AsyncConnection, plans: Sequence[Plan]) -> list[Plan]:
    """Return the plans whose places have not moved; they can't move before the transaction ends."""
    groups: dict[_Point, list[Plan]] = {}
    for plan in plans:
        groups.setdefault((plan.window.since, plan.guard), []).append(plan)
    if not database.is_sqlite:
        gone = await _moved(connection, groups)
        return [plan for plan in plans if plan.place_id not in gone]
    moved: set[PlaceId] = set()
    unsure: list[Plan] = []
    for (since, guard), group in groups.items():
        # If many places were at one point, they nearly always still are, and counting them reads one row.
        if len(group) < _MANY_PLANS or await _count_at(database, connection, group, since, guard) < len(group):
            unsure += group
    if unsure:
        is_among = is_one_of(database, places.c.id, [plan.place_id for plan in unsure])
        query = sa.select(places.c.id, places.c.window_from, places.c.next_at).where(is_among)
        at = {place: (window_from, next_at) for place, window_from, next_at in await connection.execute(query)}
        for plan in unsure:
            window_from, next_at = at.get(plan.place_id, (None, None))
            if window_from != plan.window.since or plan.guard not in (None, next_at):
                moved.add(plan.place_id)
    return [plan for plan in plans if plan.place_id not in moved]


async def _moved(connection: AsyncConnection, groups: Mapping[_Point, Sequence[Plan]]) -> frozenset[PlaceId]:
    """Return the places that are not where their plans expect them; PostgreSQL holds the others where they are."""
    given = [
        (since, None if guard is None else guard.isoformat(), [plan.place_id for plan in group])
        for (since, guard), group in groups.items()
    ]
    rows = [{"since": since, "guard": guard, "members": members} for since, guard, members in given]
    ids = [place for _, _, members in given for place in members]
    found = await connection.exec_driver_sql(_MOVED, {"groups": JSON.encode(rows), "ids": ids})
    return frozenset(found.scalars())


async def _count_at(
    database: Database, connection: AsyncConnection, plans: Sequence[Plan], since: IngestNumber, guard: datetime | None
) -> int:
    matches = is_one_of(database, places.c.id, [plan.place_id for plan in plans])
    matches &= places.c.window_from == since
    if guard is not None:
        matches &= places.c.next_at == guard
    return int(await connection.scalar(sa.select(sa.func.count()).where(matches)) or 0)


async def move_windows(database: Database, connection: AsyncConnection, plans: Sequence[Plan], now: datetime) -> None:
    """Move the windows, with one statement for all places that move to the same end; such ends are few."""
    groups: dict[tuple[IngestNumber | None, datetime | None, bool], list[PlaceId]] = {}
    for plan in plans:
        moves_to = plan.window.until if plan.moves else None
        groups.setdefault((moves_to, plan.next_at, plan.rendering is not None and plan.is_news), []).append(
            plan.place_id
        )
    for (until, next_at, has_digest), ids in groups.items():
        values: dict[str, Any] = {} if until is None else {"window_from": until, "window_from_at": now}
        if has_digest:
            values["digests"] = places.c.digests + 1
        if next_at is not None:
            values["next_at"] = next_at
        with unanswered(connection):
            await connection.execute(sa.update(places).where(is_one_of(database, places.c.id, ids)).values(values))
