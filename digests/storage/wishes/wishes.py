"""Storing what places wish for. The words of wishes are stored once, however many places have them.

As with all settings, what is wished for in a private chat holds in its topics too. Only watches don't: what they find
comes once, in the chat itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from digests.errors import NotFound
from digests.model.ids import PlaceId
from digests.model.wish import OPPOSITES, Matter, Subject, Wish, WishId, WishKind
from digests.storage.bulk import is_one_of
from digests.storage.database import Database
from digests.storage.places.private_topics import and_its_topics
from digests.storage.places.wish_rows import copy_wishes, query_id, to_wish
from digests.storage.schema.place_tables import places
from digests.storage.schema.wish_tables import wishes
from digests.wishes.canonical import WishRefusal, WishRefused

_KINDS = {kind: number for number, kind in enumerate(WishKind)}


class WishStore:
    """Stores the wishes of places. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_place(self, place_id: PlaceId, now: datetime) -> tuple[Wish, ...]:
        """Return the wishes of a place that hold now, by kind, the oldest first."""
        query = sa.select(wishes).where(wishes.c.place_id == place_id, _holds(now))

        def work(connection: sa.Connection) -> list[Wish]:
            return [to_wish(row) for row in connection.execute(query)]

        return _in_order(await self._database.peek(work))

    async def of_places(self, place_ids: Sequence[PlaceId], now: datetime) -> dict[PlaceId, tuple[Wish, ...]]:
        """Return the wishes of places that hold now, as `of_place` does; places without any are left out."""
        is_theirs = is_one_of(self._database, wishes.c.place_id, place_ids)
        query = sa.select(wishes).where(is_theirs, _holds(now))
        found: dict[PlaceId, list[Wish]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                found.setdefault(row.place_id, []).append(to_wish(row))
        return {place_id: _in_order(theirs) for place_id, theirs in found.items()}

    async def put(
        self,
        place_id: PlaceId,
        kind: WishKind,
        subject: Subject,
        now: datetime,
        *,
        limit: int,
        until: datetime | None = None,
        at_once: bool = False,
        most: int = 0,
    ) -> Wish:
        """Store a wish, in the place of its opposite; one that is there already is changed.

        Raises:
            WishRefused: The place has `limit` wishes.
            NotFound: There is no such place any more.
        """
        details = {"at_once": at_once, "most": most, "until": until}
        mine = wishes.c.place_id == place_id
        same = mine & (wishes.c.matter == subject.matter) & (wishes.c.value == subject.value)
        async with self._database.write() as connection:
            # Two taps at once may not exceed the limit together.
            locked = sa.select(places.c.id).where(places.c.id == place_id).with_for_update()
            if await connection.scalar(locked) is None:
                raise NotFound("The chat is not known any more: send /start.")
            about = (wishes.c.matter == subject.matter) & (wishes.c.value == subject.value)
            opposite = about & (wishes.c.kind == OPPOSITES[kind]) if kind in OPPOSITES else sa.false()
            await connection.execute(sa.delete(wishes).where(_and_in_topics(place_id), opposite))
            await connection.execute(sa.delete(wishes).where(mine & (wishes.c.until <= now)))
            changed = sa.update(wishes).where(same, wishes.c.kind == kind).values(details)
            row = (await connection.execute(changed.returning(*wishes.c))).first()
            if row is None:
                count = await connection.scalar(sa.select(sa.func.count()).select_from(wishes).where(mine))
                if int(count or 0) >= limit:
                    raise WishRefused(WishRefusal.TOO_MANY)
                values = {"place_id": place_id, "kind": kind, "matter": subject.matter, "value": subject.value}
                values |= details | {
                    "created_at": now,
                    "query_id": await query_id(self._database, connection, subject, now),
                }
                row = (await connection.execute(sa.insert(wishes).values(values).returning(*wishes.c))).one()
            wish = to_wish(row)
            if kind is not WishKind.WATCH:
                await connection.execute(sa.delete(wishes).where(_in_topics(wish)))
                await connection.execute(copy_wishes(wishes.c.id == wish.id, _topics_of(place_id)))
        return wish

    async def change(self, place_id: PlaceId, wish_id: WishId, now: datetime, **changed: object) -> Wish | None:
        """Change `at_once`, `most` or `until` of a wish, and return it; None where the place has no such wish now.

        Only watches for words come at once, and only caps have a number.
        """
        mine = (wishes.c.place_id == place_id) & (wishes.c.id == wish_id) & _holds(now)
        if "at_once" in changed:
            mine &= (wishes.c.kind == WishKind.WATCH) & (wishes.c.matter == Matter.WORDS)
        if "most" in changed:
            mine &= wishes.c.kind == WishKind.CAP
        statement = sa.update(wishes).where(mine).values(changed).returning(*wishes.c)
        if not changed:
            return next((wish for wish in await self.of_place(place_id, now) if wish.id == wish_id), None)
        async with self._database.write() as connection:
            row = (await connection.execute(statement)).first()
            if row is not None:
                await connection.execute(sa.update(wishes).where(_in_topics(to_wish(row))).values(changed))
        return None if row is None else to_wish(row)

    async def remove(self, place_id: PlaceId, wish_id: WishId) -> Wish | None:
        """Delete a wish, and return it as it was; None where the place has no such wish."""
        mine = (wishes.c.place_id == place_id) & (wishes.c.id == wish_id)
        async with self._database.write() as connection:
            row = (await connection.execute(sa.delete(wishes).where(mine).returning(*wishes.c))).first()
            if row is not None:
                await connection.execute(sa.delete(wishes).where(_in_topics(to_wish(row))))
        return None if row is None else to_wish(row)


def _topics_of(place_id: PlaceId) -> sa.Select[tuple[PlaceId]]:
    """Return the topics of a private chat's categories; none of any other place."""
    return sa.select(places.c.id).where(and_its_topics(place_id), places.c.id != place_id)


def _and_in_topics(place_id: PlaceId) -> sa.ColumnElement[bool]:
    return (wishes.c.place_id == place_id) | wishes.c.place_id.in_(_topics_of(place_id))


def _in_topics(wish: Wish) -> sa.ColumnElement[bool]:
    """Return the condition for the same wish in the topics of its place, which have no watch from there."""
    if wish.kind is WishKind.WATCH:
        return sa.false()
    about = (wishes.c.matter == wish.subject.matter) & (wishes.c.value == wish.subject.value)
    return wishes.c.place_id.in_(_topics_of(wish.place_id)) & (wishes.c.kind == wish.kind) & about


def _holds(now: datetime) -> sa.ColumnElement[bool]:
    return wishes.c.until.is_(None) | (wishes.c.until > now)


def _in_order(some: Sequence[Wish]) -> tuple[Wish, ...]:
    return tuple(sorted(some, key=lambda wish: (_KINDS[wish.kind], wish.created_at, wish.id)))
