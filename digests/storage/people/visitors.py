"""Visitors: all that is read from the database for every message and every press of a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from config.accounts import is_group, is_person
from digests.model.ids import PlaceId
from digests.model.place import Place
from digests.model.role import Role
from digests.storage.database import Database
from digests.storage.places.rows import to_place
from digests.storage.schema.place_tables import admins, managed, members, places

_PLACES = sa.select(places).where(
    places.c.chat_id == sa.bindparam("chat"), places.c.thread_id.in_([sa.bindparam("thread"), sa.bindparam("main")])
)
_NAMED = sa.select(places).where(places.c.id == sa.bindparam("place"))
_MANAGED = (
    sa.select(places)
    .join(managed, managed.c.place_id == places.c.id)
    .where(managed.c.user_id == sa.bindparam("user"), managed.c.is_current)
)
_ROLE = sa.select(admins.c.role).where(admins.c.user_id == sa.bindparam("user"))
_KINDS = _IS_HERE, _IS_NAMED, _IS_MANAGED = "here", "named", "managed"
_MEMBERS = sa.select(members.c.chat_id).where(members.c.chat_id.in_([sa.bindparam("chat"), sa.bindparam("user")]))


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person in a chat; `place` is None if the chat is unknown, and `is_member` if they or the chat were let in.

    In a private chat a topic is a place of its own only if the bot made it for a category; any other belongs to the
    chat's. `named` is the place that was asked for by its id, `managed` the one that they set up from their private
    chat.
    """

    place: Place | None
    role: Role | None
    is_member: bool
    named: Place | None = None
    managed: Place | None = None


class VisitorStore:
    """Reads visitors. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, chat_id: int, thread_id: int, user_id: int, named: PlaceId | None = None) -> Visitor:
        """Return what is known of a person and the place they are in; an id that is not a person's has no role."""
        is_private = chat_id > 0
        values = {"chat": chat_id, "thread": thread_id, "main": 0 if is_private else thread_id, "user": user_id}
        values["place"] = 0 if named is None else named

        def work(connection: sa.Connection) -> _LookedUp:
            # One statement at a time takes SQLite the least, and several a server the most.
            return _look_up(connection, values) if self._database.is_sqlite else _look_up_at_once(connection, values)

        known = await self._database.peek(work)
        place = known.here.get(thread_id)
        if is_private and (place is None or place.topic_of is None):
            place = known.here.get(0)
        return Visitor(
            place,
            Role(known.role) if known.role and is_person(user_id) else None,
            any(is_person(found) or is_group(found) for found in known.inside),
            known.named,
            known.managed if chat_id == user_id else None,
        )


class _LookedUp(NamedTuple):
    """What the database says of a person, and of their chat's places by topic."""

    here: Mapping[int, Place]
    role: str | None
    inside: Sequence[int]
    named: Place | None
    managed: Place | None


def _look_up(connection: sa.Connection, values: Mapping[str, int]) -> _LookedUp:
    return _LookedUp(
        {row.thread_id: to_place(row) for row in connection.execute(_PLACES, values)},
        connection.scalar(_ROLE, values) if is_person(values["user"]) else None,
        connection.execute(_MEMBERS, values).scalars().all(),
        _first_place(connection, _NAMED, values) if values["place"] else None,
        _first_place(connection, _MANAGED, values) if values["chat"] == values["user"] else None,
    )


def _look_up_at_once(connection: sa.Connection, values: Mapping[str, int]) -> _LookedUp:
    rows = connection.execute(_all_at_once(), values).all()
    found = {what: {row.thread_id: to_place(row) for row in rows if row.what == what} for what in _KINDS}
    named, managed = (next(iter(found[what].values()), None) for what in (_IS_NAMED, _IS_MANAGED))
    return _LookedUp(found[_IS_HERE], rows[0].role, rows[0].inside or (), named, managed)


@cache
def _all_at_once() -> sa.Select[*tuple[Any, ...]]:
    """Return what looks up all of it on PostgreSQL: a row for each place, at least one."""
    kinds = zip(_KINDS, (_PLACES, _NAMED, _MANAGED), strict=True)
    asked = sa.union_all(*(query.add_columns(sa.literal(what).label("what")) for what, query in kinds)).subquery()
    inside = _MEMBERS.with_only_columns(sa.func.json_agg(members.c.chat_id))
    of_person = sa.select(_ROLE.scalar_subquery().label("role"), inside.scalar_subquery().label("inside")).subquery()
    return sa.select(asked, of_person).select_from(of_person.outerjoin(asked, sa.true()))


def _first_place(
    connection: sa.Connection, query: sa.Select[*tuple[Any, ...]], values: Mapping[str, int]
) -> Place | None:
    row = connection.execute(query, values).first()
    return to_place(row) if row else None
