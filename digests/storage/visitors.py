"""Visitors: all that is read from the database for every message and every press of a button."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from config.accounts import is_group, is_person
from digests.model.place import Place
from digests.model.role import Role
from digests.storage.database import Database
from digests.storage.place_rows import to_place
from digests.storage.schema.place_tables import admins, members, places

_PLACE = sa.select(places).where(places.c.chat_id == sa.bindparam("chat"), places.c.thread_id == sa.bindparam("thread"))
_ROLE = sa.select(admins.c.role).where(admins.c.user_id == sa.bindparam("user"))
_MEMBERS = sa.select(members.c.chat_id).where(members.c.chat_id.in_([sa.bindparam("chat"), sa.bindparam("user")]))


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person in a chat; `place` is None if the chat is unknown, and `is_member` if they or the chat were let in."""

    place: Place | None
    role: Role | None
    is_member: bool


class VisitorStore:
    """Reads visitors. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, chat_id: int, thread_id: int, user_id: int) -> Visitor:
        """Return what is known of a person and the place they are in; an id that is not a person's has no role."""

        def work(connection: sa.Connection) -> Visitor:
            row = connection.execute(_PLACE, {"chat": chat_id, "thread": thread_id}).first()
            role = connection.scalar(_ROLE, {"user": user_id}) if is_person(user_id) else None
            inside = connection.execute(_MEMBERS, {"chat": chat_id, "user": user_id}).scalars().all()
            return Visitor(
                to_place(row) if row else None,
                Role(role) if role else None,
                any(is_person(found) or is_group(found) for found in inside),
            )

        return await self._database.peek(work)
