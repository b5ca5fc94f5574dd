"""Storing places and their subscriptions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.ids import CategoryId, PlaceId
from digests.model.layout import Layout
from digests.model.place import Place, PlaceKind, PlaceState
from digests.model.schedule import next_slot_of
from digests.model.wish import WishKind
from digests.storage.articles.read import ingest_now
from digests.storage.counters import INGEST, current_value
from digests.storage.database import Database
from digests.storage.engine.server import unanswered
from digests.storage.places.chat_moves import move_chat
from digests.storage.places.private_topics import and_its_topics, end_topic
from digests.storage.places.rows import cancel_deliveries, to_place
from digests.storage.schema.place_tables import places, subscriptions
from digests.storage.schema.wish_tables import wishes


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A chat that the bot meets: what a new place is made of."""

    chat_id: int
    thread_id: int
    kind: PlaceKind
    title: str
    language: str
    time: str
    timezone: str
    layout: Layout = Layout.GALLERY
    knows_zone: bool = False


_main, _topics = places.alias("main"), places.alias("topics")
_TOPICS = (
    sa.select(_topics.c.id)
    .join(_main, _main.c.chat_id == _topics.c.chat_id)
    .where(_main.c.id == sa.bindparam("place"), _main.c.thread_id == 0, _topics.c.topic_of.is_not(None))
)
# What a private chat follows is what its topics follow, too.
_IS_FOLLOWED_THERE = (subscriptions.c.place_id == sa.bindparam("place")) | subscriptions.c.place_id.in_(_TOPICS)
_SUBSCRIPTIONS = sa.select(subscriptions.c.category_id).where(_IS_FOLLOWED_THERE)
_IS_WATCHED_THERE = (wishes.c.kind == WishKind.WATCH) & (
    (wishes.c.place_id == sa.bindparam("place")) | wishes.c.place_id.in_(_TOPICS)
)
_WANTS_ANYTHING = sa.select(sa.exists().where(_IS_FOLLOWED_THERE) | sa.exists().where(_IS_WATCHED_THERE))


class PlaceStore:
    """Stores places and their subscriptions. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def meet(self, new_place: NewPlace, now: datetime) -> Place:
        """Return the place of this chat, creating it if it is new; update its title and the time of its last use."""
        async with self._database.write() as connection:
            return await _find_or_create(self._database, connection, new_place, now)

    async def find(self, chat_id: int, thread_id: int = 0) -> Place | None:
        """Return the place of a chat or one of its topics, if it is known."""
        query = sa.select(places).where(places.c.chat_id == chat_id, places.c.thread_id == thread_id)

        def work(connection: sa.Connection) -> Place | None:
            row = connection.execute(query).first()
            return to_place(row) if row else None

        return await self._database.peek(work)

    async def of_chat(self, chat_id: int) -> tuple[Place, ...]:
        """Return the places of a chat: itself, then its topics, by their threads."""
        query = sa.select(places).where(places.c.chat_id == chat_id).order_by(places.c.thread_id)
        async with self._database.read() as connection:
            return tuple(to_place(row) for row in await connection.execute(query))

    async def and_its_topics(self, place: Place) -> tuple[Place, ...]:
        """Return a place, and the topics of its categories if it is a private chat."""
        query = sa.select(places).where(and_its_topics(place.id)).order_by(places.c.thread_id)
        async with self._database.read() as connection:
            return tuple(to_place(row) for row in await connection.execute(query))

    async def subscriptions(self, place_id: PlaceId) -> frozenset[CategoryId]:
        """Return the categories that the place subscribes to; a private chat also those of its topics."""
        values = {"place": place_id}
        return await self._database.peek(lambda connection: frozenset(connection.scalars(_SUBSCRIPTIONS, values)))

    async def wants_anything(self, place_id: PlaceId) -> bool:
        """Return whether a digest of the place can have anything: what it follows, or what it watches."""
        values = {"place": place_id}
        return await self._database.peek(lambda connection: bool(connection.scalar(_WANTS_ANYTHING, values)))

    async def subscribe(
        self,
        place_id: PlaceId,
        wanted: Iterable[CategoryId],
        now: datetime,
        *,
        instead_of: Collection[CategoryId] = (),
    ) -> None:
        """Add subscriptions, and remove others in the same transaction; those that exist already stay as they are."""
        rows = [{"place_id": place_id, "category_id": category, "created_at": now} for category in sorted(set(wanted))]
        insert = self._database.insert(subscriptions).on_conflict_do_nothing()
        delete = _delete_subscriptions(place_id, instead_of)

        def work(connection: sa.Connection) -> None:
            if instead_of:
                connection.execute(delete)
            if rows:
                connection.execute(insert, rows)

        if rows or instead_of:
            await self._database.change(work)

    async def unsubscribe(self, place_id: PlaceId, unwanted: Collection[CategoryId]) -> None:
        """Remove subscriptions; those that don't exist are ignored."""
        statement = _delete_subscriptions(place_id, unwanted)
        if unwanted:
            await self._database.change(lambda connection: connection.execute(statement).rowcount)

    async def activate(self, place_id: PlaceId, next_at: datetime, now: datetime, *, from_now: bool = False) -> None:
        """Let the place get digests from now on; with `from_now`, none has articles from before now."""
        async with self._database.write() as connection:
            values: dict[str, Any] = {
                "state": PlaceState.ACTIVE,
                "state_reason": "",
                "next_at": next_at,
                "resume_at": None,
            }
            if from_now:
                values |= {"window_from": current_value(INGEST), "window_from_at": now}
            await connection.execute(sa.update(places).where(and_its_topics(place_id)).values(values))

    async def silence(self, place_id: PlaceId, state: PlaceState, reason: str = "") -> None:
        """Stop digests until `activate`, keeping the settings; STOPPED also cancels deliveries that are pending."""
        async with self._database.write() as connection:
            chosen = and_its_topics(place_id)
            values = {"state": state, "state_reason": reason, "next_at": None, "resume_at": None}
            if state is PlaceState.UNREACHABLE:
                values = _lost(reason)
            if state is PlaceState.STOPPED:
                await cancel_deliveries(connection, chosen)
            await connection.execute(sa.update(places).where(chosen).values(values))

    async def end_topic(self, topic: Place, now: datetime) -> None:
        """Have a private chat itself get what a topic got that its reader deleted."""
        async with self._database.write() as connection:
            await end_topic(connection, topic, now)

    async def mark_lost(self, chat_id: int, reason: str) -> None:
        """Mark all places of a chat as unreachable; they get nothing until `regain`."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(places)
                .where(places.c.chat_id == chat_id, places.c.state != PlaceState.STOPPED)
                .values(_lost(reason))
            )

    async def regain(self, chat_id: int, now: datetime) -> int:
        """Let the unreachable places of a chat go on as before, and return how many there are."""
        unreachable = sa.select(places).where(places.c.chat_id == chat_id, places.c.state == PlaceState.UNREACHABLE)
        async with self._database.write() as connection:
            returning = [(to_place(row), row.lost_from) for row in await connection.execute(unreachable)]
            for place, lost_from in returning:
                values: dict[str, Any]
                if lost_from in (PlaceState.PAUSED, PlaceState.NEW):
                    values = {"state": lost_from, "state_reason": ""}
                elif await connection.scalar(_WANTS_ANYTHING, {"place": place.id}):
                    next_at = next_slot_of(place, now)
                    values = {"state": PlaceState.ACTIVE, "state_reason": "", "next_at": next_at}
                else:
                    values = {"state": PlaceState.NEW, "state_reason": ""}
                await connection.execute(sa.update(places).where(places.c.id == place.id).values(values))
        return len(returning)

    async def next_moment(self) -> datetime | None:
        """Return when the next digest of any place is due; None if no place is active."""
        query = sa.select(sa.func.min(places.c.next_at)).where(places.c.state == PlaceState.ACTIVE)
        async with self._database.read() as connection:
            moment: datetime | None = await connection.scalar(query)
        return moment

    async def set_schedule(self, place_id: PlaceId, now: datetime, **changed: object) -> Place:
        """Change when a place's digests come and how they look, by the fields of a Place, and the next slot with it.

        Return the changed place.
        """
        async with self._database.write() as connection:
            chosen = and_its_topics(place_id)
            with unanswered(connection):
                await connection.execute(sa.update(places).where(chosen).values(changed))
            found = [to_place(row) for row in await connection.execute(sa.select(places).where(chosen))]
            slots = {place.id: next_slot_of(place, now) for place in found if place.state is PlaceState.ACTIVE}
            with unanswered(connection):
                for active, next_at in slots.items():
                    await connection.execute(sa.update(places).where(places.c.id == active).values(next_at=next_at))
        (place,) = (place for place in found if place.id == place_id)
        return replace(place, next_at=slots.get(place_id, place.next_at))

    async def pause_until(self, place_id: PlaceId, until: datetime) -> None:
        """Pause the place until then; a single digest then has what came meanwhile."""
        values = {"state": PlaceState.PAUSED, "state_reason": "", "next_at": None, "resume_at": until}
        async with self._database.write() as connection:
            await connection.execute(sa.update(places).where(and_its_topics(place_id)).values(values))

    async def end_pauses(self, now: datetime) -> int:
        """Activate all places whose pause is over, with a digest due at once, and return how many there are."""
        is_over = (places.c.state == PlaceState.PAUSED) & (places.c.resume_at <= now)
        values = {"state": PlaceState.ACTIVE, "next_at": places.c.resume_at, "resume_at": None}
        statement = sa.update(places).where(is_over).values(values)
        return await self._database.change_once(lambda connection: connection.execute(statement).rowcount)

    async def set_language(self, place_id: PlaceId, language: str, *, is_chosen: bool = False) -> None:
        """Set the language of the place, and whether it was chosen; topics of a private chat have that of the chat."""
        chat = sa.select(places.c.chat_id).where(places.c.id == place_id).scalar_subquery()
        is_meant = (places.c.id == place_id) | ((places.c.kind == PlaceKind.PRIVATE) & (places.c.chat_id == chat))
        values = {"language": language, "has_chosen_language": is_chosen}
        async with self._database.write() as connection:
            await connection.execute(sa.update(places).where(is_meant).values(values))

    async def refuse_ephemeral(self, chat_id: int) -> None:
        """Remember that Telegram shows nothing in this chat to one person alone."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(places).where(places.c.chat_id == chat_id).values(refuses_ephemeral=True)
            )

    async def move_chat(self, old: int, new: int) -> None:
        """Let everything go on under the new id of a group that became a supergroup.

        If the bot met the supergroup before it learned of the move, the place with settings stays: the old one, unless
        something was chosen under the new id already. In that case the old one stops, so that nothing comes twice.
        """
        async with self._database.write() as connection:
            await move_chat(connection, old, new)

    async def counts(self) -> dict[str, int]:
        """Return the number of places in each state."""
        query = sa.select(places.c.state, sa.func.count()).group_by(places.c.state)
        async with self._database.read() as connection:
            return {row.state: row[1] for row in await connection.execute(query)}


async def _find_or_create(database: Database, connection: AsyncConnection, new_place: NewPlace, now: datetime) -> Place:
    insert = database.insert(places).values(
        chat_id=new_place.chat_id,
        thread_id=new_place.thread_id,
        kind=new_place.kind,
        title=new_place.title,
        language=new_place.language,
        time=new_place.time,
        timezone=new_place.timezone,
        layout=new_place.layout,
        knows_zone=new_place.knows_zone,
        state=PlaceState.NEW,
        state_reason="",
        window_from=await ingest_now(connection),
        window_from_at=now,
        created_at=now,
        active_at=now,
    )
    statement = insert.on_conflict_do_update(
        index_elements=[places.c.chat_id, places.c.thread_id],
        set_={"title": new_place.title, "active_at": now},
    ).returning(*places.c)
    return to_place((await connection.execute(statement)).one())


def _lost(reason: str) -> dict[str, Any]:
    """Return the fields of a place that becomes unreachable: it remembers, however often that is said, what it was."""
    was = sa.case((places.c.state == PlaceState.UNREACHABLE, places.c.lost_from), else_=places.c.state)
    return {"state": PlaceState.UNREACHABLE, "state_reason": reason, "next_at": None, "lost_from": was}


def _delete_subscriptions(place_id: PlaceId, unwanted: Collection[CategoryId]) -> sa.Delete:
    followers = sa.select(places.c.id).where(and_its_topics(place_id))
    return sa.delete(subscriptions).where(
        subscriptions.c.place_id.in_(followers), subscriptions.c.category_id.in_(list(unwanted))
    )
