"""Topics of private chats, each the place of a category that is followed in the chat."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.ids import CategoryId, DeliveryId, PlaceId
from digests.model.place import Place, PlaceKind, PlaceState
from digests.model.wish import OPPOSITES, WishKind
from digests.storage.database import Database
from digests.storage.places.rows import to_place
from digests.storage.places.wish_rows import copy_wishes
from digests.storage.schema.delivery_tables import deliveries, parts
from digests.storage.schema.place_tables import places, subscriptions
from digests.storage.schema.wish_tables import wishes

_GONE = "topic deleted"
_JUST_NOW = timedelta(hours=1)

is_gone = (places.c.state == PlaceState.STOPPED) & (places.c.state_reason == _GONE)
"""The condition for topics that their reader deleted; their categories stay in the chat itself."""


def and_its_topics(place_id: PlaceId) -> sa.ColumnElement[bool]:
    """Return the condition for a place, and for the topics of its categories if it is a private chat."""
    main = places.alias("main")
    chat = sa.select(main.c.chat_id).where(main.c.id == place_id, main.c.thread_id == 0).scalar_subquery()
    return (places.c.id == place_id) | (places.c.topic_of.is_not(None) & (places.c.chat_id == chat) & ~is_gone)


class PrivateTopicStore:
    """Stores which category of a private chat has which topic. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_chat(self, chat_id: int) -> tuple[Place, ...]:
        """Return the topics of a chat, also those that are gone, as their state tells."""
        query = sa.select(places).where(places.c.chat_id == chat_id, places.c.topic_of.is_not(None))
        async with self._database.read() as connection:
            return tuple(to_place(row) for row in await connection.execute(query.order_by(places.c.id)))

    async def own_subscriptions(self, place_id: PlaceId) -> frozenset[CategoryId]:
        """Return what the place itself is subscribed to, without its topics."""
        query = sa.select(subscriptions.c.category_id).where(subscriptions.c.place_id == place_id)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def unsorted(self) -> tuple[Place, ...]:
        """Return the chats with topics that follow something in the chat itself."""
        topics = places.alias("topics")
        chats = sa.select(topics.c.chat_id).where(topics.c.topic_of.is_not(None), topics.c.state != PlaceState.STOPPED)
        query = sa.select(places).where(
            places.c.chat_id.in_(chats),
            places.c.thread_id == 0,
            places.c.state == PlaceState.ACTIVE,
            sa.exists().where(subscriptions.c.place_id == places.c.id),
        )
        async with self._database.read() as connection:
            return tuple(to_place(row) for row in await connection.execute(query))

    async def open(
        self, main: Place, thread: int, category: CategoryId, title: str, wanted: Collection[CategoryId], now: datetime
    ) -> None:
        """Make a topic a category's place, with the settings and wishes of the chat, and move these there.

        What the chat watches comes in the chat itself.
        """
        async with self._database.write() as connection:
            row = (await connection.execute(sa.select(places).where(places.c.id == main.id))).one()
            values = {name: value for name, value in row._mapping.items() if name != "id"}
            values |= {"thread_id": thread, "topic_of": category, "title": title, "created_at": now, "digests": 0}
            insert = sa.insert(places).values(values).returning(places.c.id)
            topic = (await connection.execute(insert)).scalar_one()
            here = (wishes.c.place_id == main.id) & (wishes.c.kind != WishKind.WATCH)
            await connection.execute(copy_wishes(here, sa.select(places.c.id).where(places.c.id == topic)))
            await _move(connection, main.id, topic, wanted)

    async def move(self, main: PlaceId, topic: PlaceId, wanted: Collection[CategoryId]) -> None:
        """Move subscriptions from the chat to a topic of it."""
        async with self._database.write() as connection:
            await _move(connection, main, topic, wanted)

    async def close(self, topic: Place, now: datetime) -> None:
        """Have the chat itself get what a topic got, and what was not sent there, and forget the topic."""
        async with self._database.write() as connection:
            await _return(connection, topic, now)
            await connection.execute(sa.delete(places).where(places.c.id == topic.id))

    async def forget_gone(self, chat_id: int) -> None:
        """Forget which topics of a chat were deleted."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(places).where(places.c.chat_id == chat_id, is_gone))


async def end_topic(connection: AsyncConnection, topic: Place, now: datetime) -> None:
    """Have the chat itself get what a topic got that its reader deleted; none is made for its category again."""
    await _return(connection, topic, now)
    await connection.execute(
        sa.update(places)
        .where(places.c.id == topic.id)
        .values(state=PlaceState.STOPPED, state_reason=_GONE, next_at=None, resume_at=None)
    )


async def _move(connection: AsyncConnection, from_id: PlaceId, to_id: PlaceId, wanted: Collection[CategoryId]) -> None:
    there = sa.select(subscriptions.c.category_id).where(subscriptions.c.place_id == to_id)
    moving = (subscriptions.c.place_id == from_id) & subscriptions.c.category_id.in_(list(wanted))
    await connection.execute(
        sa.update(subscriptions).where(moving, subscriptions.c.category_id.not_in(there)).values(place_id=to_id)
    )
    await connection.execute(sa.delete(subscriptions).where(moving))


async def _return(connection: AsyncConnection, topic: Place, now: datetime) -> None:
    """Move a topic's subscriptions, and its deliveries that are not sent, to its chat."""
    query = sa.select(places.c.id).where(
        places.c.chat_id == topic.chat_id, places.c.thread_id == 0, places.c.kind == PlaceKind.PRIVATE
    )
    main = (await connection.execute(query)).scalar()
    if main is None:
        return
    wanted = sa.select(subscriptions.c.category_id).where(subscriptions.c.place_id == topic.id)
    await _move(connection, topic.id, main, list((await connection.execute(wanted)).scalars()))
    await _return_wishes(connection, topic.id, main)
    failed_now = (deliveries.c.state == "failed") & (deliveries.c.settled_at >= now - _JUST_NOW)
    is_unsent = (deliveries.c.place_id == topic.id) & ((deliveries.c.state == "pending") | failed_now)
    taken = set((await connection.execute(sa.select(deliveries.c.slot).where(deliveries.c.place_id == main))).scalars())
    for row in (await connection.execute(sa.select(deliveries.c.id, deliveries.c.slot).where(is_unsent))).all():
        await _resend(connection, DeliveryId(row.id), main, _free(row.slot, taken), now)


async def _return_wishes(connection: AsyncConnection, topic: PlaceId, main: PlaceId) -> None:
    """Move what was wished for in a topic to its chat, which keeps what it wishes about the same."""
    query = sa.select(wishes.c.id, wishes.c.kind, wishes.c.matter, wishes.c.value)
    here = {(kind, *about) for _, kind, *about in await connection.execute(query.where(wishes.c.place_id == main))}
    moving = []
    for number, kind, *about in await connection.execute(query.where(wishes.c.place_id == topic)):
        kinds = (kind, OPPOSITES.get(WishKind(kind), kind))
        if not any((other, *about) in here for other in kinds):
            moving.append(number)
    await connection.execute(sa.update(wishes).where(wishes.c.id.in_(moving)).values(place_id=main))
    await connection.execute(sa.delete(wishes).where(wishes.c.place_id == topic))


def _free(slot: datetime, taken: set[datetime]) -> datetime:
    """Return the slot, or the next moment that no digest of the chat has."""
    while slot in taken:
        slot = slot.replace(microsecond=slot.microsecond + 1)
    taken.add(slot)
    return slot


async def _resend(
    connection: AsyncConnection, delivery: DeliveryId, place: PlaceId, slot: datetime, now: datetime
) -> None:
    """Have a delivery sent to another place; what was sent of it went with the topic."""
    again: dict[str, Any] = {"state": "pending", "error": ""}
    is_part = parts.c.delivery_id == delivery
    await connection.execute(sa.update(parts).where(is_part).values(again | {"message_id": None}))
    again |= {"place_id": place, "slot": slot, "due_at": now, "resent_at": now, "attempts": 0, "settled_at": None}
    await connection.execute(sa.update(deliveries).where(deliveries.c.id == delivery).values(again))
