"""Edits and recalls of announcements that were sent: a row a copy, claimed, settled and counted like deliveries.

Both can be repeated without harm, so no row is ever uncertain: claiming one pushes its moment on, and when the worker
dies it becomes due again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.copy_change import Copy, CopyChange, CopyChangeKind, CopyState
from digests.model.delivery import DeliveryState, Rendering
from digests.model.ids import AnnouncementId, MessageRef
from digests.storage.announcements.encoding import report_of
from digests.storage.database import Database
from digests.storage.deliveries.renderings import part_of, store_renderings
from digests.storage.deliveries.rows import part_hash
from digests.storage.schema.announcement_tables import announcement_acts, announcement_copies
from digests.storage.schema.delivery_tables import album_messages, deliveries, parts, renderings
from digests.storage.schema.place_tables import places

_copies = announcement_copies.c


class CopyChangeStore:
    """Keeps the changes of copies, and their rows. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, rendering: Rendering, now: datetime) -> None:
        """Store the text that copies are to get."""
        async with self._database.write() as connection:
            await store_renderings(self._database, connection, [rendering], now)

    async def begin(
        self,
        announcement_id: AnnouncementId,
        kind: CopyChangeKind,
        by: int,
        now: datetime,
        rendering: str | None = None,
        report: MessageRef | None = None,
    ) -> CopyChange:
        """Make a row for every copy; `rendering` is what those of its language are to become (None: recall all).

        It replaces what is still to be done of an older change.
        """
        chat, message = report or (None, None)
        async with self._database.write() as connection:
            await self._end(connection, announcement_id)
            values = {"announcement_id": announcement_id, "kind": kind, "by_id": by, "created_at": now}
            values |= {"rendering": rendering, "report_chat": chat, "report_message": message}
            statement = sa.insert(announcement_acts).values(values).returning(*announcement_acts.c)
            change = _act((await connection.execute(statement)).one())
            await self._fill(connection, change, now)
        return change

    async def catch_up(self, change: CopyChange, now: datetime) -> bool:
        """Add copies that were under way when it began; return whether any still is, or was added."""
        async with self._database.write() as connection:
            if change.rendering is not None:
                await self._exchange(connection, change, change.rendering)
            added = await self._fill(connection, change, now)
            under_way = sa.select(sa.func.count()).where(_old(change), deliveries.c.state == DeliveryState.SENDING)
            return bool(added or await connection.scalar(under_way))

    async def _exchange(self, connection: AsyncConnection, change: CopyChange, key: str) -> None:
        """Give what is still to be sent the new text."""
        (part,) = (await connection.execute(sa.select(renderings.c.parts).where(renderings.c.key == key))).scalar_one()
        changed = await connection.execute(
            sa.update(deliveries)
            .where(_old(change), deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.PAUSED)))
            .values(rendering=key)
            .returning(deliveries.c.id)
        )
        ids = list(changed.scalars())
        for at in range(0, len(ids), 500):
            of_some = sa.update(parts).where(parts.c.delivery_id.in_(ids[at : at + 500]))
            await connection.execute(of_some.values(hash=part_hash(part_of(part))))

    async def _fill(self, connection: AsyncConnection, change: CopyChange, now: datetime) -> int:
        went = sa.select(
            sa.literal(change.id),
            deliveries.c.id,
            sa.literal(str(CopyState.PENDING)),
            sa.literal(0),
            sa.bindparam("due", now, _copies.due_at.type),
            sa.literal(""),
        ).where(_old(change), deliveries.c.state == DeliveryState.SENT)
        columns = ["act_id", "delivery_id", "state", "attempts", "due_at", "error"]
        result = await connection.execute(
            self._database.insert(announcement_copies).from_select(columns, went).on_conflict_do_nothing(),
            execution_options={"preserve_rowcount": True},
        )
        return max(0, int(result.rowcount))

    async def open(self) -> tuple[CopyChange, ...]:
        """Return the changes that are not finished, the oldest first."""
        query = sa.select(announcement_acts).where(announcement_acts.c.finished_at.is_(None))
        async with self._database.read() as connection:
            return tuple(_act(row) for row in await connection.execute(query.order_by(announcement_acts.c.id)))

    async def last(self, announcement_id: AnnouncementId) -> CopyChange | None:
        """Return the newest change of an announcement's copies."""
        query = (
            sa.select(announcement_acts)
            .where(announcement_acts.c.announcement_id == announcement_id)
            .order_by(announcement_acts.c.id.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return _act(row) if row else None

    async def progress(self, act_id: int) -> dict[CopyState, int]:
        """Return how many copies there are, by state."""
        query = sa.select(_copies.state, sa.func.count()).where(_copies.act_id == act_id).group_by(_copies.state)
        async with self._database.read() as connection:
            return {CopyState(state): number for state, number in await connection.execute(query)}

    async def recalled(self, announcement_id: AnnouncementId) -> bool:
        """Return whether the announcement was ever taken back."""
        query = sa.select(announcement_acts.c.id).where(
            announcement_acts.c.announcement_id == announcement_id, announcement_acts.c.kind == CopyChangeKind.RECALL
        )
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None

    async def report_to(self, act_id: int, report: MessageRef) -> None:
        """Note in which message the change is shown while it goes on."""
        async with self._database.write() as connection:
            await connection.execute(
                sa.update(announcement_acts)
                .where(announcement_acts.c.id == act_id)
                .values(report_chat=report.chat_id, report_message=report.message_id)
            )

    async def finish(self, act_id: int, now: datetime) -> bool:
        """Note that all copies are changed; False: that was known already."""
        statement = (
            sa.update(announcement_acts)
            .where(announcement_acts.c.id == act_id, announcement_acts.c.finished_at.is_(None))
            .values(finished_at=now)
        )
        async with self._database.write() as connection:
            return bool((await connection.execute(statement)).rowcount)

    async def stop(self, announcement_id: AnnouncementId) -> None:
        """Leave the copies that are not changed yet as they are."""
        async with self._database.write() as connection:
            await self._end(connection, announcement_id)

    async def _end(self, connection: AsyncConnection, announcement_id: AnnouncementId) -> None:
        mine = sa.select(announcement_acts.c.id).where(announcement_acts.c.announcement_id == announcement_id)
        await connection.execute(
            sa.update(announcement_copies)
            .where(_copies.act_id.in_(mine), _copies.state == CopyState.PENDING)
            .values(state=CopyState.CANCELLED)
        )

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> tuple[Copy, ...]:
        """Return copies to change now. They become due again after `lease` unless they are settled."""
        query = (
            sa.select(_copies.act_id, _copies.delivery_id)
            .where(_copies.state == CopyState.PENDING, _copies.due_at <= now)
            .order_by(_copies.due_at, _copies.act_id, _copies.delivery_id)
            .limit(limit)
        )
        if not self._database.is_sqlite:
            query = query.with_for_update(skip_locked=True)
        async with self._database.write() as connection:
            keys = [tuple(row) for row in await connection.execute(query)]
            if not keys:
                return ()
            mine = sa.tuple_(_copies.act_id, _copies.delivery_id).in_(keys)
            await connection.execute(sa.update(announcement_copies).where(mine).values(due_at=now + lease))
            rows = (await connection.execute(_claimed().where(mine))).all()
            albums = await _albums(connection, [key[1] for key in keys])
        return tuple(_copy(row, albums.get(row.delivery_id)) for row in rows)

    async def settle(self, copy: Copy, state: CopyState, error: str = "") -> None:
        """Note what came of a copy, unless its change was replaced meanwhile."""
        async with self._database.write() as connection:
            await connection.execute(self._row(copy).values(state=state, error=error))
            if state is CopyState.EDITED and copy.kind is CopyChangeKind.EDIT:
                await connection.execute(
                    sa.update(deliveries).where(deliveries.c.id == copy.delivery_id).values(rendering=copy.new_key)
                )

    async def postpone(self, copy: Copy, until: datetime, error: str, *, failed: bool) -> None:
        """Make a copy due again at `until`; `failed`: the try counts as a failure."""
        async with self._database.write() as connection:
            await connection.execute(
                self._row(copy).values(due_at=until, error=error, attempts=_copies.attempts + int(failed))
            )

    def _row(self, copy: Copy) -> sa.Update:
        return sa.update(announcement_copies).where(
            _copies.act_id == copy.act_id,
            _copies.delivery_id == copy.delivery_id,
            _copies.state == CopyState.PENDING,
        )


def _old(change: CopyChange) -> sa.ColumnElement[bool]:
    """Return the condition for the deliveries it is about: all, or those of one language that have another text."""
    condition = deliveries.c.announcement_id == change.announcement_id
    if change.rendering is None:
        return condition
    family = change.rendering.rpartition(":")[0] + ":"
    return (
        condition
        & deliveries.c.rendering.startswith(family, autoescape=True)
        & (deliveries.c.rendering != change.rendering)
    )


def _claimed() -> sa.Select[*tuple[Any, ...]]:
    """Select copies with all that is needed to change them."""
    return (
        sa.select(
            _copies.act_id,
            _copies.delivery_id,
            _copies.attempts,
            announcement_acts.c.kind,
            announcement_acts.c.created_at.label("act_at"),
            places.c.chat_id,
            places.c.language,
            deliveries.c.settled_at,
            parts.c.message_id,
            renderings.c.key,
            renderings.c.parts,
        )
        .join(announcement_acts, announcement_acts.c.id == _copies.act_id)
        .join(deliveries, deliveries.c.id == _copies.delivery_id)
        .join(places, places.c.id == deliveries.c.place_id)
        .join(parts, (parts.c.delivery_id == deliveries.c.id) & (parts.c.number == 0))
        .join(
            renderings,
            renderings.c.key == sa.func.coalesce(announcement_acts.c.rendering, deliveries.c.rendering),
        )
    )


async def _albums(connection: AsyncConnection, delivery_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the messages of those that are albums, in their order."""
    albums: dict[int, list[int]] = {}
    query = sa.select(album_messages).where(album_messages.c.delivery_id.in_(delivery_ids))
    for delivery_id, message_id in await connection.execute(query.order_by(album_messages.c.message_id)):
        albums.setdefault(delivery_id, []).append(message_id)
    return albums


def _copy(row: sa.Row[*tuple[Any, ...]], album: Sequence[int] | None) -> Copy:
    return Copy(
        act_id=row.act_id,
        kind=CopyChangeKind(row.kind),
        delivery_id=row.delivery_id,
        chat_id=row.chat_id,
        language=row.language,
        messages=tuple(album or ([row.message_id] if row.message_id else [])),
        sent_at=row.settled_at or row.act_at,
        attempts=row.attempts,
        act_at=row.act_at,
        part=part_of(row.parts[0]),
        new_key=row.key,
    )


def _act(row: sa.Row[*tuple[Any, ...]]) -> CopyChange:
    values = dict(row._mapping)
    report = report_of(values.pop("report_chat"), values.pop("report_message"))
    return CopyChange(**{**values, "kind": CopyChangeKind(values["kind"])}, report=report)
