"""Visitors: all that is read from the database for every message and every press of a button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

        def work(connection: sa.Connection) -> Visitor:
            found = connection.execute(
                _PLACES, {"chat": chat_id, "thread": thread_id, "main": 0 if is_private else thread_id}
            )
            here = {row.thread_id: to_place(row) for row in found}
            place = here.get(thread_id)
            if is_private and (place is None or place.topic_of is None):
                place = here.get(0)
            role = connection.scalar(_ROLE, {"user": user_id}) if is_person(user_id) else None
            inside = connection.execute(_MEMBERS, {"chat": chat_id, "user": user_id}).scalars().all()
            return Visitor(
                place,
                Role(role) if role else None,
                any(is_person(found) or is_group(found) for found in inside),
                _first_place(connection, _NAMED, {"place": named}) if named is not None else None,
                _first_place(connection, _MANAGED, {"user": user_id}) if chat_id == user_id else None,
            )

        return await self._database.peek(work)


def _first_place(
    connection: sa.Connection, query: sa.Select[*tuple[Any, ...]], values: Mapping[str, int]
) -> Place | None:
    row = connection.execute(query, values).first()
    return to_place(row) if row else None
