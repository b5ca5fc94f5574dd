"""Who sends what, and what came of it: leases, parts, outcomes, many in one transaction.

A part is pending, sending, sent, failed or uncertain. It is "sending" from before its request leaves until what
came of it is stored; whoever claims a delivery whose holder is gone finds such parts and calls them uncertain.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.announcement import AnnouncementState
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState
from digests.model.ids import AnnouncementId, DeliveryId
from digests.storage.database import Database
from digests.storage.deliveries.rows import INTERRUPTED, OPEN, read_deliveries
from digests.storage.schema import announcements, deliveries, parts

PartId = tuple[DeliveryId, int]

_LONGEST_LEASE = timedelta(days=1)
# Rate limits put off for hours at most; an announcement by the chats' own clocks, to the end of quiet hours, for days.
_PUT_OFF = timedelta(days=1)
_PUT_OFF_LOCALLY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class PartChange:
    """What a part has come to."""

    delivery: DeliveryId
    number: int
    state: DeliveryState
    message_id: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """The delivery is over, and so is its lease."""

    delivery: DeliveryId
    state: DeliveryState
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Postponed:
    """The delivery is given back, to be taken up at `until`; `failed` counts one more attempt. `anew`: only then it is
    first tried, so it is tried from then on as long as any."""

    delivery: DeliveryId
    until: datetime
    error: str
    failed: bool
    anew: bool = False


_PART = (
    sa.update(parts)
    .where(parts.c.delivery_id == sa.bindparam("of"), parts.c.number == sa.bindparam("at"))
    .values(state=sa.bindparam("to"), message_id=sa.bindparam("message"), error=sa.bindparam("why"))
)
_END = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("of"), deliveries.c.lease_owner == sa.bindparam("owner"))
    .values(
        state=sa.bindparam("to"),
        error=sa.bindparam("why"),
        settled_at=sa.bindparam("at", type_=deliveries.c.settled_at.type),
        due_at=sa.func.coalesce(sa.bindparam("due", type_=deliveries.c.due_at.type), deliveries.c.due_at),
        attempts=deliveries.c.attempts + sa.bindparam("failed", type_=sa.Integer()),
        resent_at=sa.func.coalesce(sa.bindparam("anew", type_=deliveries.c.resent_at.type), deliveries.c.resent_at),
        lease_owner=None,
        lease_until=None,
    )
)
_EXTEND = (
    sa.update(deliveries)
    .where(deliveries.c.id.in_(sa.bindparam("ids", expanding=True)), deliveries.c.lease_owner == sa.bindparam("owner"))
    .values(lease_until=sa.bindparam("lease", type_=deliveries.c.lease_until.type))
    .returning(deliveries.c.id)
)


class LedgerStore:
    """Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, only: Collection[DeliveryId] | None = None
    ) -> tuple[Delivery, ...]:
        """Takes up to `limit` open deliveries that are due and that nobody holds, for as long as `lease`.

        One whose place has an earlier one open waits for it, unless it is asked for by `only` or the earlier one is an
        announcement whose moment is still to come (on the chat's own clock, at the end of its quiet hours). What
        `owner` holds himself he isn't given again, though the lease ran out: he still has it in hand.
        """
        async with self._database.write() as connection:
            ids = await self._free(connection, owner, now, limit, only)
            if not ids:
                return ()
            await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.id.in_(ids))
                .values(lease_owner=owner, lease_until=now + lease, state=DeliveryState.SENDING)
            )
            # Who held it no longer lives: whether his last request arrived is not known.
            await connection.execute(
                sa.update(parts)
                .where(parts.c.delivery_id.in_(ids), parts.c.state == DeliveryState.SENDING)
                .values(state=DeliveryState.UNCERTAIN, error=INTERRUPTED)
            )
            return await read_deliveries(connection, ids)

    async def _free(
        self,
        connection: AsyncConnection,
        owner: str,
        now: datetime,
        limit: int,
        only: Collection[DeliveryId] | None,
    ) -> list[DeliveryId]:
        """Left behind first, then what waits; two queries, each in the order of its index."""
        left = sa.and_(
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.due_at <= now,
            sa.or_(
                deliveries.c.lease_until.is_(None),
                sa.and_(deliveries.c.lease_until < now, deliveries.c.lease_owner != owner),
            ),
        )
        chosen = ~_has_earlier(now) if only is None else deliveries.c.id.in_(list(only))
        waiting = sa.and_(deliveries.c.state == DeliveryState.PENDING, deliveries.c.due_at <= now)
        ids: list[DeliveryId] = []
        for condition in (left, waiting):
            if len(ids) >= limit:
                break
            query = sa.select(deliveries.c.id).where(condition, chosen)
            query = query.order_by(deliveries.c.due_at, deliveries.c.id).limit(limit - len(ids))
            if not self._database.is_sqlite:
                query = query.with_for_update(skip_locked=True, of=deliveries)
            ids.extend((await connection.execute(query)).scalars())
        return ids

    async def write(
        self,
        owner: str,
        begun: Collection[PartId],
        changes: Sequence[PartChange],
        ends: Sequence[Settled | Postponed],
        lease_until: datetime,
    ) -> frozenset[DeliveryId]:
        """All of it or nothing, in one transaction. The deliveries of `begun` that `owner` still holds: their parts
        are "sending" now, and their leases last until `lease_until`; those of others must not be sent."""
        async with self._database.write() as connection:
            held: frozenset[DeliveryId] = frozenset()
            if begun:
                asked = {"ids": sorted({one for one, _ in begun}), "owner": owner, "lease": lease_until}
                held = frozenset((await connection.execute(_EXTEND, asked)).scalars())
            rows = [
                {"of": one.delivery, "at": one.number, "to": one.state, "message": one.message_id, "why": one.error}
                for one in changes
            ]
            rows.extend(
                {"of": delivery, "at": number, "to": DeliveryState.SENDING, "message": None, "why": ""}
                for delivery, number in begun
                if delivery in held
            )
            if rows:
                await connection.execute(_PART, rows)
            if ends:
                await connection.execute(_END, [_end_row(one, owner) for one in ends])
        return held

    async def still_leased(self, owner: str, ids: Collection[DeliveryId]) -> frozenset[DeliveryId]:
        """Those of them that `owner` holds."""
        query = sa.select(deliveries.c.id).where(deliveries.c.id.in_(list(ids)), deliveries.c.lease_owner == owner)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def release(self, owner: str, ids: Collection[DeliveryId]) -> None:
        """Gives back what was claimed and not begun."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.id.in_(list(ids)), deliveries.c.lease_owner == owner)
                .values(state=DeliveryState.PENDING, lease_owner=None, lease_until=None)
            )

    async def release_all(self) -> int:
        """Ends every lease: for a process that starts and knows that it is the only one."""
        async with self._database.write() as connection:
            result = await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.lease_until.is_not(None))
                .values(lease_owner=None, lease_until=None)
            )
            return int(result.rowcount)

    async def uncertain(self, announcement_id: AnnouncementId | None = None) -> int:
        """How many deliveries have parts of which nobody knows whether they came."""
        query = sa.select(sa.func.count()).select_from(deliveries).where(_is_uncertain(announcement_id))
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def resend_uncertain(self, now: datetime, announcement_id: AnnouncementId | None = None) -> int:
        """Has their uncertain parts sent again, at the risk of a double; how many deliveries that are."""
        chosen = _is_uncertain(announcement_id)
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(parts)
                .where(
                    parts.c.delivery_id.in_(sa.select(deliveries.c.id).where(chosen)),
                    parts.c.state == DeliveryState.UNCERTAIN,
                )
                .values(state=DeliveryState.PENDING, error="")
            )
            result = await connection.execute(
                sa.update(deliveries)
                .where(chosen)
                .values(state=DeliveryState.PENDING, due_at=now, resent_at=now, attempts=0, error="", settled_at=None)
            )
            return int(result.rowcount)

    async def set_back(self, now: datetime, longest: timedelta, lease: timedelta = _LONGEST_LEASE) -> None:
        """After the clock went back: what was planned under the later time is due all the same, and so is what would
        wait longer than `longest` after a failure, or longer than anything is put off. What was put off on purpose
        stays so, and so does the day that an admin chose. No lease lasts longer than `lease` from now."""
        at_once = (deliveries.c.created_at > now) & (deliveries.c.due_at <= deliveries.c.created_at)
        too_long = (deliveries.c.attempts > 0) & (deliveries.c.due_at > now + longest)
        put_off = sa.case((deliveries.c.announcement_id.is_(None), now + _PUT_OFF), else_=now + _PUT_OFF_LOCALLY)
        waiting = deliveries.c.state.in_(OPEN) & (deliveries.c.due_at > now)
        held = (deliveries.c.state == DeliveryState.SENDING) & (deliveries.c.lease_until > now + lease)
        async with self._database.write() as connection:
            later = await _chosen_days(connection, now)
            free = sa.or_(deliveries.c.announcement_id.is_(None), deliveries.c.announcement_id.not_in(list(later)))
            wrong = at_once | too_long | (deliveries.c.due_at > put_off)
            await connection.execute(sa.update(deliveries).where(waiting, free, wrong).values(due_at=now))
            for announcement, day in later.items():
                of_it = (deliveries.c.announcement_id == announcement) & (deliveries.c.due_at > day + _PUT_OFF_LOCALLY)
                await connection.execute(sa.update(deliveries).where(waiting, of_it).values(due_at=day))
            await connection.execute(sa.update(deliveries).where(held).values(lease_until=now + lease))


async def _chosen_days(connection: AsyncConnection, now: datetime) -> dict[int, datetime]:
    """Announcements under way for which an admin chose a moment that is still to come."""
    chosen = (announcements.c.send_at > now) & (announcements.c.send_at > announcements.c.confirmed_at)
    under_way = announcements.c.state.in_((AnnouncementState.SENDING, AnnouncementState.PAUSED))
    query = sa.select(announcements.c.id, announcements.c.send_at).where(under_way, chosen)
    return {row.id: row.send_at for row in await connection.execute(query)}


def _has_earlier(now: datetime) -> sa.Exists:
    earlier = deliveries.alias("earlier")
    return sa.exists().where(
        earlier.c.place_id == deliveries.c.place_id,
        earlier.c.id < deliveries.c.id,
        earlier.c.state.in_(OPEN),
        ~((earlier.c.kind == DeliveryKind.ANNOUNCEMENT) & (earlier.c.due_at > now)),
    )


def _is_uncertain(announcement_id: AnnouncementId | None) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = deliveries.c.state == DeliveryState.UNCERTAIN
    if announcement_id is not None:
        condition &= deliveries.c.announcement_id == announcement_id
    return condition


def _end_row(end: Settled | Postponed, owner: str) -> dict[str, object]:
    row: dict[str, object] = {"of": end.delivery, "owner": owner, "why": end.error}
    if isinstance(end, Settled):
        return row | {"to": end.state, "at": end.at, "due": None, "failed": 0, "anew": None}
    anew = end.until if end.anew else None
    return row | {
        "to": DeliveryState.PENDING, "at": None, "due": end.until, "failed": int(end.failed), "anew": anew,
    }  # fmt: skip
