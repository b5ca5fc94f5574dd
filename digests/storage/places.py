"""Places and their subscriptions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.ids import CategoryId, IngestNumber, PlaceId
from digests.model.place import Place, PlaceKind, PlaceState
from digests.model.schedule import next_slot_of
from digests.storage.articles.read import ingest_now
from digests.storage.database import Database
from digests.storage.schema import deliveries, lookups, members, places, subscriptions


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A chat that the bot meets: what a place is made of."""

    chat_id: int
    thread_id: int
    kind: PlaceKind
    title: str
    language: str
    time: str
    timezone: str


_SUBSCRIPTIONS = sa.select(subscriptions.c.category_id).where(subscriptions.c.place_id == sa.bindparam("place"))


class PlaceStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def meet(self, new_place: NewPlace, now: datetime) -> Place:
        """The place of this chat, made if it is new; its title and last moment of use are brought up to date."""
        async with self._database.write() as connection:
            return await _meet(self._database, connection, new_place, now)

    async def find(self, chat_id: int, thread_id: int = 0) -> Place | None:
        query = sa.select(places).where(places.c.chat_id == chat_id, places.c.thread_id == thread_id)

        def work(connection: sa.Connection) -> Place | None:
            row = connection.execute(query).first()
            return to_place(row) if row else None

        return await self._database.peek(work)

    async def subscriptions(self, place_id: PlaceId) -> frozenset[CategoryId]:
        given = {"place": place_id}
        return await self._database.peek(lambda connection: frozenset(connection.scalars(_SUBSCRIPTIONS, given)))

    async def subscribe(
        self,
        place_id: PlaceId,
        wanted: Iterable[CategoryId],
        now: datetime,
        *,
        instead_of: Collection[CategoryId] = (),
    ) -> None:
        """Begin subscriptions, and end others in the same transaction; those that are there already stay."""
        rows = [{"place_id": place_id, "category_id": category, "created_at": now} for category in sorted(set(wanted))]
        insert = self._database.insert(subscriptions).on_conflict_do_nothing()
        delete = _ending(place_id, instead_of)

        def work(connection: sa.Connection) -> None:
            if instead_of:
                connection.execute(delete)
            if rows:
                connection.execute(insert, rows)

        if rows or instead_of:
            await self._database.change(work)

    async def unsubscribe(self, place_id: PlaceId, unwanted: Collection[CategoryId]) -> None:
        """End subscriptions; those that are not there are passed over."""
        statement = _ending(place_id, unwanted)
        if unwanted:
            await self._database.change(lambda connection: connection.execute(statement).rowcount)

    async def activate(self, place_id: PlaceId, next_at: datetime, now: datetime, *, from_now: bool = False) -> None:
        """Digests come from now on. `from_now`: what came before this moment is in none of them."""
        async with self._database.write() as connection:
            values: dict[str, Any] = {
                "state": PlaceState.ACTIVE,
                "state_reason": "",
                "next_at": next_at,
                "resume_at": None,
            }
            if from_now:
                values |= {"window_from": await ingest_now(connection), "window_from_at": now}
            await connection.execute(sa.update(places).where(places.c.id == place_id).values(values))

    async def silence(self, place_id: PlaceId, state: PlaceState, reason: str = "") -> None:
        """No digests until `activate`; the settings stay, and what waits to be sent is cancelled."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(places)
                .where(places.c.id == place_id)
                .values(state=state, state_reason=reason, next_at=None, resume_at=None)
            )
            if state is PlaceState.STOPPED:
                await cancel_deliveries(connection, places.c.id == place_id)

    async def erase(self, place_id: PlaceId) -> None:
        """The place, its subscriptions and its deliveries are gone, and what was searched for in its chat."""
        chat = sa.select(places.c.chat_id).where(places.c.id == place_id).scalar_subquery()
        async with self._database.write() as connection:
            await connection.execute(sa.delete(lookups).where(lookups.c.chat_id == chat))
            await connection.execute(sa.delete(places).where(places.c.id == place_id))

    async def mark_lost(self, chat_id: int, reason: str) -> None:
        """The chat can't be reached any more: all its places fall silent until it comes back."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(places)
                .where(places.c.chat_id == chat_id, places.c.state != PlaceState.STOPPED)
                .values(state=PlaceState.UNREACHABLE, state_reason=reason, next_at=None)
            )

    async def regain(self, chat_id: int, now: datetime) -> int:
        """The chat can be reached again: its places that were lost go on as they were; how many there are."""
        lost = sa.select(places).where(places.c.chat_id == chat_id, places.c.state == PlaceState.UNREACHABLE)
        async with self._database.write() as connection:
            found = [to_place(row) for row in await connection.execute(lost)]
            for place in found:
                wants = sa.select(sa.func.count()).where(subscriptions.c.place_id == place.id)
                if await connection.scalar(wants):
                    next_at = next_slot_of(place, now)
                    values = {"state": PlaceState.ACTIVE, "state_reason": "", "next_at": next_at}
                else:
                    values = {"state": PlaceState.NEW, "state_reason": ""}
                await connection.execute(sa.update(places).where(places.c.id == place.id).values(values))
        return len(found)

    async def next_moment(self) -> datetime | None:
        """When the next digest of any place is due."""
        query = sa.select(sa.func.min(places.c.next_at)).where(places.c.state == PlaceState.ACTIVE)
        async with self._database.read() as connection:
            moment: datetime | None = await connection.scalar(query)
        return moment

    async def set_schedule(self, place_id: PlaceId, now: datetime, **changed: object) -> Place:
        """Changes time, timezone, weekdays, quiet, least_items or silent; the next slot follows. The place after it."""
        async with self._database.write() as connection:
            at = places.c.id == place_id
            await connection.execute(sa.update(places).where(at).values(changed))
            place = to_place((await connection.execute(sa.select(places).where(at))).one())
            if place.state is PlaceState.ACTIVE:
                next_at = next_slot_of(place, now)
                await connection.execute(sa.update(places).where(at).values(next_at=next_at))
                place = replace(place, next_at=next_at)
        return place

    async def pause_until(self, place_id: PlaceId, until: datetime) -> None:
        """Paused until then; one digest tells what came meanwhile."""
        values = {"state": PlaceState.PAUSED, "state_reason": "", "next_at": None, "resume_at": until}
        async with self._database.write() as connection:
            await connection.execute(sa.update(places).where(places.c.id == place_id).values(values))

    async def end_pauses(self, now: datetime) -> int:
        """Places whose break is over are active again, with a digest due at once; how many there are."""
        over = (places.c.state == PlaceState.PAUSED) & (places.c.resume_at <= now)
        values = {"state": PlaceState.ACTIVE, "next_at": places.c.resume_at, "resume_at": None}
        async with self._database.write() as connection:
            return int((await connection.execute(sa.update(places).where(over).values(values))).rowcount)

    async def set_language(self, place_id: PlaceId, language: str) -> None:
        """Sets the language of the place."""
        async with self._database.write() as connection:
            await connection.execute(sa.update(places).where(places.c.id == place_id).values(language=language))

    async def move_chat(self, old: int, new: int) -> None:
        """A group became a supergroup: everything goes on under the new id.

        Where the bot met the supergroup before it heard of the move, the place that has settings stays: the old one,
        unless something was chosen under the new id already. Then the old one stops, so that nothing comes twice.
        """
        other = places.alias("other")
        twin = sa.exists().where(other.c.chat_id == new, other.c.thread_id == places.c.thread_id)
        async with self._database.write() as connection:
            moving = sa.select(places.c.thread_id).where(places.c.chat_id == old)
            await connection.execute(
                sa.delete(places).where(
                    places.c.chat_id == new, places.c.state == PlaceState.NEW, places.c.thread_id.in_(moving)
                )
            )
            stopped = {"state": PlaceState.STOPPED, "state_reason": f"became {new}", "next_at": None}
            await connection.execute(sa.update(places).where(places.c.chat_id == old, twin).values(stopped))
            await connection.execute(
                sa.update(places).where(places.c.chat_id == old, ~twin).values(chat_id=new, kind=PlaceKind.SUPERGROUP)
            )
            let_in = sa.select(members.c.chat_id).where(members.c.chat_id == new)
            await connection.execute(
                sa.update(members).where(members.c.chat_id == old, ~let_in.exists()).values(chat_id=new)
            )

    async def counts(self) -> dict[str, int]:
        """Places by state."""
        query = sa.select(places.c.state, sa.func.count()).group_by(places.c.state)
        async with self._database.read() as connection:
            return {row.state: row[1] for row in await connection.execute(query)}

    async def subscribers(self, categories: Collection[CategoryId] | None) -> int:
        """How many active places an announcement to these categories (None: to everybody) would reach."""
        query = sa.select(sa.func.count()).select_from(places).where(audience(categories))
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def export(self) -> tuple[tuple[Place, frozenset[CategoryId]], ...]:
        """Every place with its subscriptions, in the order in which they came."""
        async with self._database.read() as connection:
            rows = (await connection.execute(sa.select(places).order_by(places.c.id))).all()
            wanted: dict[int, set[CategoryId]] = {}
            for place_id, category_id in await connection.execute(
                sa.select(subscriptions.c.place_id, subscriptions.c.category_id)
            ):
                wanted.setdefault(place_id, set()).add(category_id)
        return tuple((to_place(row), frozenset(wanted.get(row.id, ()))) for row in rows)


async def _meet(database: Database, connection: AsyncConnection, new_place: NewPlace, now: datetime) -> Place:
    insert = database.insert(places).values(
        chat_id=new_place.chat_id,
        thread_id=new_place.thread_id,
        kind=new_place.kind,
        title=new_place.title,
        language=new_place.language,
        time=new_place.time,
        timezone=new_place.timezone,
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


def _ending(place_id: PlaceId, unwanted: Collection[CategoryId]) -> sa.Delete:
    return sa.delete(subscriptions).where(
        subscriptions.c.place_id == place_id, subscriptions.c.category_id.in_(list(unwanted))
    )


async def cancel_deliveries(connection: AsyncConnection, condition: sa.ColumnElement[bool]) -> None:
    """What waits to be sent to the places of this condition is not sent."""
    inside = sa.select(places.c.id).where(condition)
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.place_id.in_(inside), deliveries.c.state == "pending")
        .values(state="cancelled")
    )


def audience(categories: Collection[CategoryId] | None, of: sa.FromClause = places) -> sa.ColumnElement[bool]:
    """The places that an announcement to `categories` (with their descendants; None: everybody) goes to.

    Paused places are reached too: who paused the digests did not leave. New ones chose nothing yet.
    """
    reachable = of.c.state.in_([PlaceState.ACTIVE, PlaceState.PAUSED])
    if categories is None:
        return reachable
    inside = sa.select(subscriptions.c.place_id).where(subscriptions.c.category_id.in_(list(categories)))
    return reachable & of.c.id.in_(inside)


def to_place(row: sa.Row[*tuple[Any, ...]]) -> Place:
    values = dict(row._mapping)
    return Place(
        id=PlaceId(values["id"]),
        chat_id=values["chat_id"],
        thread_id=values["thread_id"],
        kind=PlaceKind(values["kind"]),
        title=values["title"],
        language=values["language"],
        time=values["time"],
        timezone=values["timezone"],
        state=PlaceState(values["state"]),
        state_reason=values["state_reason"],
        next_at=values["next_at"],
        window_from=IngestNumber(values["window_from"]),
        window_from_at=values["window_from_at"],
        created_at=values["created_at"],
        active_at=values["active_at"],
        weekdays=values["weekdays"],
        quiet=values["quiet"],
        resume_at=values["resume_at"],
        least_items=values["least_items"],
        silent=values["silent"],
    )
