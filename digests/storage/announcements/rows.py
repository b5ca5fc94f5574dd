"""The ledger's rows of an announcement, all at once: paused, released, cancelled, sent again, listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.announcement import OPEN, AnnouncementState
from digests.model.delivery import DeliveryState, OutcomeRow
from digests.model.ids import AnnouncementId
from digests.model.place import PlaceState
from digests.storage.database import Database
from digests.storage.deliveries.rows import INTERRUPTED
from digests.storage.schema.announcement_tables import announcements
from digests.storage.schema.delivery_tables import album_messages, deliveries, parts
from digests.storage.schema.place_tables import places

_AGAIN = (DeliveryState.FAILED, DeliveryState.UNCERTAIN)
_REACHABLE = (PlaceState.ACTIVE, PlaceState.PAUSED, PlaceState.NEW)
_CLAIMED_AT_ONCE = 5000


class AnnouncementRows:
    """Changes all rows of an announcement. Any method may raise StorageError.

    A row of which a part is on the line is left to its worker; call again after that. One that was only claimed loses
    its lease, so that its worker can't begin it.

    Rows follow the announcement's state, which is read in the same transaction: whoever was told to pause it may get
    here after somebody else has resumed it, and would hold rows that nobody releases again.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pause(self, announcement_id: AnnouncementId) -> int:
        """Hold what waits to be sent, and return how many rows that changed: none unless the announcement is paused."""
        values: dict[str, object] = {"state": DeliveryState.PAUSED}
        held = await self._move(announcement_id, AnnouncementState.PAUSED, (DeliveryState.PENDING,), values)
        return held + await self._take_away(announcement_id, AnnouncementState.PAUSED, values)

    async def resume(self, announcement_id: AnnouncementId, now: datetime) -> int:
        """Release what was held, each row for its moment, and return how many: none unless it is being sent.

        The time for which they are tried begins anew.
        """
        begun = sa.case(
            (deliveries.c.due_at < now, sa.bindparam("now", now, deliveries.c.resent_at.type)),
            else_=deliveries.c.resent_at,
        )
        values = {"state": DeliveryState.PENDING, "resent_at": begun}
        return await self._move(announcement_id, AnnouncementState.SENDING, (DeliveryState.PAUSED,), values)

    async def cancel(self, announcement_id: AnnouncementId, reason: str, now: datetime) -> int:
        """Cancel what waits, and return how many rows: none unless the announcement was cancelled."""
        values = {"state": DeliveryState.CANCELLED, "error": reason, "settled_at": now}
        waiting = (DeliveryState.PENDING, DeliveryState.PAUSED)
        cancelled = await self._move(announcement_id, AnnouncementState.CANCELLED, waiting, values)
        return cancelled + await self._take_away(announcement_id, AnnouncementState.CANCELLED, values)

    async def _move(
        self,
        announcement_id: AnnouncementId,
        only_if: AnnouncementState,
        states: tuple[DeliveryState, ...],
        values: dict[str, object],
    ) -> int:
        statement = (
            sa.update(deliveries)
            .where(deliveries.c.announcement_id == announcement_id, deliveries.c.state.in_(states))
            .values(values)
        )
        async with self._database.write() as connection:
            if not await _stands(connection, announcement_id, only_if):
                return 0
            return int((await connection.execute(statement)).rowcount)

    async def _take_away(
        self, announcement_id: AnnouncementId, only_if: AnnouncementState, values: dict[str, object]
    ) -> int:
        """Take from workers what they have claimed, where no part was begun; return how many rows."""
        claimed = sa.select(deliveries.c.id).where(
            deliveries.c.announcement_id == announcement_id, deliveries.c.state == DeliveryState.SENDING, _is_unbegun()
        )
        claimed = claimed.order_by(deliveries.c.id).limit(_CLAIMED_AT_ONCE)
        if not self._database.is_sqlite:
            # A worker that is writing now has begun it, or asks after us and finds its lease gone.
            claimed = claimed.with_for_update(skip_locked=True, of=deliveries)
        async with self._database.write() as connection:
            if not await _stands(connection, announcement_id, only_if):
                return 0
            ids = list((await connection.execute(claimed)).scalars())
            if not ids:
                return 0
            # Asked again now that nobody can begin them: what was read above may be older than the lock.
            statement = sa.update(deliveries).where(deliveries.c.id.in_(ids), _is_unbegun())
            statement = statement.values(values | {"lease_owner": None, "lease_until": None})
            return int((await connection.execute(statement)).rowcount)

    async def out(self, announcement_id: AnnouncementId, family: str) -> int:
        """Return how many copies were sent whose rendering's key begins so."""
        query = sa.select(sa.func.count()).where(
            deliveries.c.announcement_id == announcement_id,
            deliveries.c.state == DeliveryState.SENT,
            deliveries.c.rendering.startswith(family, autoescape=True),
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def to_resend(self, announcement_id: AnnouncementId) -> dict[DeliveryState, int]:
        """Count, by state, the copies that failed or are uncertain and whose chat can be reached now."""
        query = (
            sa.select(deliveries.c.state, sa.func.count())
            .join(places, places.c.id == deliveries.c.place_id)
            .where(_again(announcement_id))
            .group_by(deliveries.c.state)
        )
        async with self._database.read() as connection:
            return {DeliveryState(state): number for state, number in await connection.execute(query)}

    async def resend(self, announcement_id: AnnouncementId, now: datetime) -> int:
        """Have those sent once more, and the announcement with them; return how many."""
        inside = sa.select(deliveries.c.id).join(places, places.c.id == deliveries.c.place_id)
        over = (AnnouncementState.DONE, AnnouncementState.CANCELLED)
        async with self._database.write() as connection:
            if not await _stands(connection, announcement_id, *over):
                return 0
            ids = list((await connection.execute(inside.where(_again(announcement_id)))).scalars())
            if not ids:
                return 0
            # Together with its rows: one that was cancelled would have them cancelled again.
            reopened = sa.update(announcements).where(announcements.c.id == announcement_id)
            await connection.execute(
                reopened.values(state=AnnouncementState.SENDING, finished_at=None, reason="", resumed_at=now)
            )
            for at in range(0, len(ids), 500):
                await _begin_anew(connection, ids[at : at + 500], now)
        return len(ids)

    async def last_settled(
        self, announcement_id: AnnouncementId, since: datetime, limit: int
    ) -> list[tuple[DeliveryState, bool]]:
        """Return the newest outcomes since then, as (state, whether the chat is lost).

        What a restart left uncertain does not count.
        """
        query = (
            sa.select(deliveries.c.state, places.c.state == PlaceState.UNREACHABLE)
            .join(places, places.c.id == deliveries.c.place_id)
            .where(
                deliveries.c.announcement_id == announcement_id,
                deliveries.c.settled_at >= since,
                deliveries.c.state.in_((DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNCERTAIN)),
                deliveries.c.error != INTERRUPTED,
            )
            .order_by(deliveries.c.settled_at.desc(), deliveries.c.id.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [(DeliveryState(state), bool(lost)) for state, lost in await connection.execute(query)]

    async def why(self, announcement_id: AnnouncementId, limit: int) -> list[tuple[str, int]]:
        """Return the most frequent reasons of failures, as (reason, how often)."""
        number = sa.func.count()
        query = (
            sa.select(deliveries.c.error, number)
            .where(deliveries.c.announcement_id == announcement_id, deliveries.c.state.in_(_AGAIN))
            .group_by(deliveries.c.error)
            .order_by(number.desc(), deliveries.c.error)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [(error, count) for error, count in await connection.execute(query)]

    async def last_due(self, announcement_id: AnnouncementId) -> datetime | None:
        """Return when the last of those that wait is to be sent."""
        query = sa.select(sa.func.max(deliveries.c.due_at)).where(
            deliveries.c.announcement_id == announcement_id, deliveries.c.state.in_(OPEN)
        )
        async with self._database.read() as connection:
            found: datetime | None = await connection.scalar(query)
        return found

    async def open_due(self, announcement_id: AnnouncementId, now: datetime) -> int:
        """Return how many wait that could be sent now."""
        query = sa.select(sa.func.count()).where(
            deliveries.c.announcement_id == announcement_id, deliveries.c.state.in_(OPEN), deliveries.c.due_at <= now
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def settled_since(self, announcement_id: AnnouncementId, since: datetime) -> int:
        """Return how many were settled since then."""
        query = sa.select(sa.func.count()).where(
            deliveries.c.announcement_id == announcement_id, deliveries.c.settled_at >= since
        )
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def outcomes(self, announcement_id: AnnouncementId) -> list[OutcomeRow]:
        """Return every copy, in the order in which the chats were planned."""
        query = (
            sa.select(
                places.c.chat_id,
                places.c.thread_id,
                places.c.kind,
                places.c.language,
                deliveries.c.state,
                deliveries.c.error,
                parts.c.message_id,
                deliveries.c.settled_at,
            )
            .join(places, places.c.id == deliveries.c.place_id)
            .outerjoin(parts, (parts.c.delivery_id == deliveries.c.id) & (parts.c.number == 0))
            .where(deliveries.c.announcement_id == announcement_id)
            .order_by(deliveries.c.id)
        )
        async with self._database.read() as connection:
            return [
                OutcomeRow(*row[:4], DeliveryState(row[4]), row[5], row[6], row[7])
                for row in await connection.execute(query)
            ]

    async def keep_album(self, delivery_id: int, messages: tuple[int, ...]) -> None:
        """Store the ids of all messages of an album that was sent."""
        rows = [{"delivery_id": delivery_id, "message_id": message} for message in messages]
        async with self._database.write() as connection:
            await connection.execute(self._database.insert(album_messages).on_conflict_do_nothing(), rows)


async def _stands(connection: AsyncConnection, announcement_id: AnnouncementId, *states: AnnouncementState) -> bool:
    """Return whether it is in one of these states, in which it stays until the transaction ends."""
    query = sa.select(announcements.c.state).where(announcements.c.id == announcement_id).with_for_update()
    return await connection.scalar(query) in states


async def _begin_anew(connection: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    await connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(
            state=DeliveryState.PENDING,
            attempts=0,
            due_at=now,
            resent_at=now,
            settled_at=None,
            error="",
            lease_owner=None,
            lease_until=None,
        )
    )
    await connection.execute(
        sa.update(parts)
        .where(parts.c.delivery_id.in_(ids), parts.c.state != DeliveryState.SENT)
        .values(state=DeliveryState.PENDING, error="")
    )


def _is_unbegun() -> sa.ColumnElement[bool]:
    begun = parts.c.state.in_((DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNCERTAIN))
    return ~sa.exists().where(parts.c.delivery_id == deliveries.c.id, begun)


def _again(announcement_id: AnnouncementId) -> sa.ColumnElement[bool]:
    return (
        (deliveries.c.announcement_id == announcement_id)
        & deliveries.c.state.in_(_AGAIN)
        & places.c.state.in_(_REACHABLE)
    )
