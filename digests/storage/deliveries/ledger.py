"""The ledger: who sends what, and with what result. Leases, parts and outcomes, many in one transaction.

A part is pending, sending, sent, failed or uncertain. It is "sending" from before its request leaves until the result
is stored. A worker that claims a delivery whose previous owner died finds such parts, and marks them as uncertain.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.announcement import AnnouncementState
from digests.model.delivery import Delivery, DeliveryState
from digests.model.ids import AnnouncementId, DeliveryId
from digests.model.layout import Layout
from digests.storage.bulk import is_one_of
from digests.storage.database import Database
from digests.storage.deliveries.claiming import select_claimable, with_others
from digests.storage.deliveries.ledger_rows import write_at_once, write_ledger_rows
from digests.storage.deliveries.results import PartChange, PartId, Postponed, Replaced, Settled
from digests.storage.deliveries.rows import INTERRUPTED, OPEN, read_deliveries
from digests.storage.engine.server import unanswered
from digests.storage.schema.announcement_tables import announcements
from digests.storage.schema.delivery_tables import deliveries, parts
from digests.storage.schema.place_tables import places

_MAX_LEASE = timedelta(days=1)
# Rate limits delay a delivery by hours at most; the chats' own clocks and quiet hours delay an announcement by days.
_MAX_DELAY = timedelta(days=1)
_MAX_LOCAL_DELAY = timedelta(days=3)


class LedgerStore:
    """Stores how deliveries are sent. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, only: Collection[DeliveryId] | None = None
    ) -> tuple[Delivery, ...]:
        """Lease up to `limit` open deliveries that are due and not leased, for the time `lease`, and return them.

        A delivery waits for an earlier open one of its place, unless it is asked for by `only` or the earlier one is an
        announcement that is not due yet (by the chat's own clock, or its quiet hours). An owner is not given its own
        deliveries again, even if their lease ran out: it is still working on them.

        Where several processes send, a chat is one owner's at a time, with all its topics: what others hold of it holds
        up the rest, but for what is asked for by `only`. The deliveries say what others sent to their chats lately.
        """
        database = self._database
        async with database.write() as connection:
            ids = await select_claimable(database, connection, owner, now, limit, only)
            if not ids:
                return ()
            leased = sa.update(deliveries).where(_among(database, deliveries.c.id, ids))
            # The previous owner died, so we cannot know whether its last request arrived.
            interrupted = sa.update(parts).where(
                _among(database, parts.c.delivery_id, ids), parts.c.state == DeliveryState.SENDING
            )
            with unanswered(connection):
                await connection.execute(
                    leased.values(lease_owner=owner, lease_until=now + lease, state=DeliveryState.SENDING)
                )
                await connection.execute(interrupted.values(state=DeliveryState.UNCERTAIN, error=INTERRUPTED))
            claimed = await read_deliveries(database, connection, ids)
            return claimed if database.is_sqlite else await with_others(database, connection, claimed, owner)

    async def write(
        self,
        owner: str,
        begun: Collection[PartId],
        changes: Sequence[PartChange],
        ends: Sequence[Settled | Postponed],
        lease_until: datetime,
    ) -> frozenset[DeliveryId]:
        """Store begun parts, results and ends in one transaction, and return what `owner` may send.

        These are the deliveries of `begun` that it still leases: their parts are "sending" now, and their leases last
        until `lease_until`. The others must not be sent.
        """
        async with self._database.write() as connection:
            if self._database.is_sqlite:
                return await write_ledger_rows(connection, owner, begun, changes, ends, lease_until)
            return await write_at_once(connection, owner, begun, changes, ends, lease_until)

    async def replace(self, owner: str, replaced: Replaced, lease_until: datetime) -> bool:
        """Let a delivery that `owner` leases send another rendering, from its first part on, in one transaction.

        Return whether it does. False: it belongs to another owner, or sends something else, by now.
        """
        mine = (deliveries.c.id == replaced.delivery) & (deliveries.c.lease_owner == owner)
        change = sa.update(deliveries).where(mine, deliveries.c.rendering == replaced.old)
        async with self._database.write() as connection:
            changed = await connection.execute(change.values(rendering=replaced.new, lease_until=lease_until))
            if not changed.rowcount:
                return False
            await connection.execute(sa.delete(parts).where(parts.c.delivery_id == replaced.delivery))
            rows = [
                {"delivery_id": replaced.delivery, "number": number, "hash": each, "state": DeliveryState.PENDING}
                for number, each in enumerate(replaced.hashes)
            ]
            await connection.execute(sa.insert(parts), rows)
            if replaced.for_good:
                await _refuse_magazine(connection, replaced)
        return True

    async def still_leased(self, owner: str, ids: Collection[DeliveryId]) -> frozenset[DeliveryId]:
        """Return those of the deliveries that `owner` still leases."""
        query = sa.select(deliveries.c.id).where(deliveries.c.id.in_(list(ids)), deliveries.c.lease_owner == owner)
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def release(self, owner: str, ids: Collection[DeliveryId]) -> None:
        """Release deliveries that were claimed and not begun."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.id.in_(list(ids)), deliveries.c.lease_owner == owner)
                .values(state=DeliveryState.PENDING, lease_owner=None, lease_until=None)
            )

    async def release_all(self) -> int:
        """End every lease and return how many there were; for a process that starts, and knows that it is alone."""
        async with self._database.write() as connection:
            result = await connection.execute(
                sa.update(deliveries)
                .where(deliveries.c.lease_until.is_not(None))
                .values(lease_owner=None, lease_until=None)
            )
            return int(result.rowcount)

    async def uncertain(self, announcement_id: AnnouncementId | None = None) -> int:
        """Return how many deliveries have parts that may or may not have arrived."""
        query = sa.select(sa.func.count()).select_from(deliveries).where(_is_uncertain(announcement_id))
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def resend_uncertain(self, now: datetime, announcement_id: AnnouncementId | None = None) -> int:
        """Have uncertain parts sent again, at the risk of duplicates, and return how many deliveries have such."""
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

    async def set_back(self, now: datetime, longest: timedelta, lease: timedelta = _MAX_LEASE) -> None:
        """Repair the times of deliveries after the clock was set back.

        What was planned under the later time becomes due, and so does what would wait longer than `longest` after a
        failure, or longer than anything is ever delayed. Intended delays stay, and so does a day that an admin chose.
        No lease lasts longer than `lease` from now.
        """
        due_on_creation = (deliveries.c.created_at > now) & (deliveries.c.due_at <= deliveries.c.created_at)
        too_long = (deliveries.c.attempts > 0) & (deliveries.c.due_at > now + longest)
        put_off = sa.case((deliveries.c.announcement_id.is_(None), now + _MAX_DELAY), else_=now + _MAX_LOCAL_DELAY)
        waiting = deliveries.c.state.in_(OPEN) & (deliveries.c.due_at > now)
        leased_too_long = (deliveries.c.state == DeliveryState.SENDING) & (deliveries.c.lease_until > now + lease)
        async with self._database.write() as connection:
            chosen_days = await _chosen_days(connection, now)
            may_change = sa.or_(
                deliveries.c.announcement_id.is_(None), deliveries.c.announcement_id.not_in(list(chosen_days))
            )
            wrong = due_on_creation | too_long | (deliveries.c.due_at > put_off)
            await connection.execute(sa.update(deliveries).where(waiting, may_change, wrong).values(due_at=now))
            for announcement, day in chosen_days.items():
                too_late = (deliveries.c.announcement_id == announcement) & (
                    deliveries.c.due_at > day + _MAX_LOCAL_DELAY
                )
                await connection.execute(sa.update(deliveries).where(waiting, too_late).values(due_at=day))
            await connection.execute(sa.update(deliveries).where(leased_too_long).values(lease_until=now + lease))


def _among(database: Database, column: sa.ColumnElement[int], ids: Sequence[DeliveryId]) -> sa.ColumnElement[bool]:
    # PostgreSQL knows a statement again, and need not plan it, if the ids are one value.
    return column.in_(ids) if database.is_sqlite else is_one_of(database, column, ids)


async def _refuse_magazine(connection: AsyncConnection, replaced: Replaced) -> None:
    """Note that the place can't be sent the magazine; a layout that was chosen meanwhile stays."""
    left = sa.case((places.c.layout == Layout.MAGAZINE, Layout.GALLERY), else_=places.c.layout)
    values = {"layout": left, "refuses_magazine": True}
    await connection.execute(sa.update(places).where(places.c.id == replaced.place).values(values))


async def _chosen_days(connection: AsyncConnection, now: datetime) -> dict[int, datetime]:
    """Return the announcements under way for which an admin chose a time in the future, with that time."""
    chosen = (announcements.c.send_at > now) & (announcements.c.send_at > announcements.c.confirmed_at)
    under_way = announcements.c.state.in_((AnnouncementState.SENDING, AnnouncementState.PAUSED))
    query = sa.select(announcements.c.id, announcements.c.send_at).where(under_way, chosen)
    return {row.id: row.send_at for row in await connection.execute(query)}


def _is_uncertain(announcement_id: AnnouncementId | None) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = deliveries.c.state == DeliveryState.UNCERTAIN
    if announcement_id is not None:
        condition &= deliveries.c.announcement_id == announcement_id
    return condition
