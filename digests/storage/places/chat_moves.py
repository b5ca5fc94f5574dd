"""A group that became a supergroup, which has another id: everything of it goes on under that."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.place import PlaceKind, PlaceState
from digests.storage.schema.place_tables import managed, members, places


async def move_chat(connection: AsyncConnection, old: int, new: int) -> None:
    """Let everything go on under the new id, as `PlaceStore.move_chat` says."""
    other = places.alias("other")
    twin = sa.exists().where(other.c.chat_id == new, other.c.thread_id == places.c.thread_id)
    moving = sa.select(places.c.thread_id).where(places.c.chat_id == old)
    await connection.execute(
        sa.delete(places).where(
            places.c.chat_id == new, places.c.state == PlaceState.NEW, places.c.thread_id.in_(moving)
        )
    )
    stopped = {"state": PlaceState.STOPPED, "state_reason": f"became {new}", "next_at": None}
    await _hand_over_managed(connection, old, new)
    await connection.execute(sa.update(places).where(places.c.chat_id == old, twin).values(stopped))
    await connection.execute(
        sa.update(places)
        .where(places.c.chat_id == old, ~twin)
        .values(chat_id=new, kind=PlaceKind.SUPERGROUP, refuses_ephemeral=False)
    )
    is_let_in = sa.select(members.c.chat_id).where(members.c.chat_id == new)
    await connection.execute(
        sa.update(members).where(members.c.chat_id == old, ~is_let_in.exists()).values(chat_id=new)
    )


async def _hand_over_managed(connection: AsyncConnection, old: int, new: int) -> None:
    """Have those who manage a place that stops manage the one that goes on in its stead."""
    other = places.alias("other")
    twins = sa.select(places.c.id, other.c.id).where(
        places.c.chat_id == old, other.c.chat_id == new, other.c.thread_id == places.c.thread_id
    )
    for stopped, goes_on in (await connection.execute(twins)).all():
        there = sa.select(managed.c.user_id).where(managed.c.place_id == goes_on)
        is_stopped = managed.c.place_id == stopped
        await connection.execute(
            sa.update(managed).where(is_stopped, managed.c.user_id.not_in(there)).values(place_id=goes_on)
        )
        await connection.execute(sa.delete(managed).where(is_stopped))
