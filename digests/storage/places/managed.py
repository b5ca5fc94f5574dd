"""Which groups and channels people set up from their private chats, and which of them they are at just now."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from digests.model.ids import PlaceId
from digests.model.place import Place
from digests.storage.database import Database
from digests.storage.places.rows import to_place
from digests.storage.schema.place_tables import managed, places


class ManagedStore:
    """Stores what people manage. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def at(self, user_id: int) -> Place | None:
        """Return the place that somebody is setting up; None for their own."""
        query = (
            sa.select(places)
            .join(managed, managed.c.place_id == places.c.id)
            .where(managed.c.user_id == user_id, managed.c.is_current)
        )

        def work(connection: sa.Connection) -> Place | None:
            row = connection.execute(query).first()
            return to_place(row) if row else None

        return await self._database.peek(work)

    async def note(self, user_id: int, place_id: PlaceId, now: datetime) -> None:
        """Remember that somebody has to do with a place, so that it is offered to them."""
        insert = self._database.insert(managed).values(user_id=user_id, place_id=place_id, at=now)
        async with self._database.write() as connection:
            await connection.execute(
                insert.on_conflict_do_update(index_elements=[managed.c.user_id, managed.c.place_id], set_={"at": now})
            )

    async def begin(self, user_id: int, place_id: PlaceId, now: datetime) -> None:
        """Have what somebody does in their private chat concern this place from now on."""
        insert = self._database.insert(managed).values(user_id=user_id, place_id=place_id, at=now, is_current=True)
        async with self._database.write() as connection:
            await connection.execute(sa.update(managed).where(managed.c.user_id == user_id).values(is_current=False))
            await connection.execute(
                insert.on_conflict_do_update(
                    index_elements=[managed.c.user_id, managed.c.place_id], set_={"at": now, "is_current": True}
                )
            )

    async def end(self, user_id: int) -> bool:
        """Have it concern their own digest again; False where it did already."""
        is_theirs = (managed.c.user_id == user_id) & managed.c.is_current
        async with self._database.write() as connection:
            ended = await connection.execute(sa.update(managed).where(is_theirs).values(is_current=False))
        return bool(ended.rowcount)

    async def leave(self, user_id: int, chat_id: int) -> None:
        """Forget that somebody manages anything of a chat."""
        of_chat = sa.select(places.c.id).where(places.c.chat_id == chat_id)
        async with self._database.write() as connection:
            await connection.execute(
                sa.delete(managed).where(managed.c.user_id == user_id, managed.c.place_id.in_(of_chat))
            )

    async def known_to(self, user_id: int) -> tuple[Place, ...]:
        """Return the places that somebody set up from their private chat, the latest first."""
        query = (
            sa.select(places)
            .join(managed, managed.c.place_id == places.c.id)
            .where(managed.c.user_id == user_id)
            .order_by(managed.c.at.desc(), places.c.id)
        )
        async with self._database.read() as connection:
            return tuple(to_place(row) for row in await connection.execute(query))
