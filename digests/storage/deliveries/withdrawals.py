"""Storing withdrawals of articles, and finding the deliveries that show these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.delivery import Delivery, DeliveryState, Rendering
from digests.model.ids import ArticleId, DeliveryId
from digests.storage.articles.revisions import revise
from digests.storage.database import Database
from digests.storage.deliveries.renderings import store_renderings
from digests.storage.deliveries.rows import part_hash
from digests.storage.schema.article_tables import withdrawn
from digests.storage.schema.delivery_tables import deliveries, parts, renderings

ADMIN = "admin"
"""The reason of a withdrawal by an admin; only an admin brings the article back."""
_SENT = (DeliveryState.SENT, DeliveryState.UNCERTAIN, DeliveryState.FAILED)


class Recall(StrEnum):
    """Whether a withdrawn article is also removed from messages that were sent."""

    NOT_ASKED = ""
    ASKED = "asked"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawn article; `edited` messages no longer show it, `unedited` ones could not be changed."""

    article: ArticleId
    reason: str
    recall: Recall
    edited: int = 0
    unedited: int = 0
    report_chat: int | None = None


class WithdrawalStore:
    """Stores withdrawals. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def withdraw(self, article: ArticleId, recall: Recall, report_chat: int | None, now: datetime) -> None:
        """Withdraw an article from readers; safe to repeat. A recall that is asked for again starts over."""
        row = {
            "article_id": article,
            "reason": ADMIN,
            "at": now,
            "recall": recall,
            "edited": 0,
            "unedited": 0,
            "report_chat": report_chat,
        }
        insert = self._database.insert(withdrawn).values(row)
        changed = {name: insert.excluded[name] for name in row if name != "article_id"}
        async with self._database.write() as connection:
            await connection.execute(insert.on_conflict_do_update(index_elements=["article_id"], set_=changed))
            await revise(self._database, connection, [article])

    async def bring_back(self, article: ArticleId) -> bool:
        """Bring an article back, and return whether it was withdrawn; digests sent without it stay as they are."""
        async with self._database.write() as connection:
            deleted = await connection.execute(sa.delete(withdrawn).where(withdrawn.c.article_id == article))
            if deleted.rowcount:
                await revise(self._database, connection, [article])
        return bool(deleted.rowcount)

    async def get(self, article: ArticleId) -> Withdrawal | None:
        """Return the article's withdrawal, if there is one."""
        found = await self._select(withdrawn.c.article_id == article)
        return found[0] if found else None

    async def recalling(self) -> tuple[Withdrawal, ...]:
        """Return the articles that are to be removed from sent messages and are not yet removed from all."""
        return await self._select(withdrawn.c.recall == Recall.ASKED)

    async def latest(self, limit: int) -> tuple[Withdrawal, ...]:
        """Return the latest withdrawals by admins, the newest first."""
        return await self._select(withdrawn.c.reason == ADMIN, limit)

    async def _select(self, condition: sa.ColumnElement[bool], limit: int | None = None) -> tuple[Withdrawal, ...]:
        query = sa.select(withdrawn).where(condition).order_by(withdrawn.c.at.desc(), withdrawn.c.article_id)
        async with self._database.read() as connection:
            return tuple(
                Withdrawal(
                    ArticleId(row.article_id),
                    row.reason,
                    Recall(row.recall),
                    row.edited,
                    row.unedited,
                    row.report_chat,
                )
                for row in await connection.execute(query.limit(limit))
            )

    async def finish(self, article: ArticleId) -> bool:
        """Mark the recall as done, and return whether it was not done before."""
        statement = sa.update(withdrawn).where(withdrawn.c.article_id == article, withdrawn.c.recall == Recall.ASKED)
        async with self._database.write() as connection:
            return bool((await connection.execute(statement.values(recall=Recall.DONE))).rowcount)

    async def renderings_with(self, article: ArticleId) -> tuple[str, ...]:
        """Return the keys of the renderings that show the article."""
        # Matching as text first leaves little to parse, on both databases.
        query = sa.select(renderings.c.key, renderings.c["items"].label("shown")).where(
            sa.cast(renderings.c["items"], sa.Text).like(f"%{int(article)}%")
        )
        async with self._database.read() as connection:
            return tuple(key for key, items in await connection.execute(query) if article in items)

    async def may_show(self, mosaic: str) -> bool:
        """Return whether a digest has the mosaic of which no article is withdrawn."""
        query = sa.select(renderings.c["items"]).where(renderings.c.mosaic == mosaic)
        async with self._database.read() as connection:
            shown = [frozenset(items) for items in (await connection.execute(query)).scalars()]
            if not shown:
                return False
            gone = sa.select(withdrawn.c.article_id).where(withdrawn.c.article_id.in_(frozenset().union(*shown)))
            is_gone = frozenset((await connection.execute(gone)).scalars())
        return any(items.isdisjoint(is_gone) for items in shown)

    async def count_sent(self, article: ArticleId) -> int:
        """Return how many deliveries that were sent show the article."""
        query = sa.select(sa.func.count()).where(_has_rendering(await self.renderings_with(article), _SENT))
        async with self._database.read() as connection:
            return int(await connection.scalar(query) or 0)

    async def sent_with(self, article: ArticleId, limit: int) -> tuple[DeliveryId, ...]:
        """Return deliveries that were sent with the article, the newest first."""
        condition = _has_rendering(await self.renderings_with(article), _SENT)
        query = sa.select(deliveries.c.id).where(condition).order_by(deliveries.c.id.desc()).limit(limit)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def waiting_with(self, rendering: str) -> DeliveryId | None:
        """Return any delivery of this rendering of which nothing has been sent yet."""
        query = sa.select(deliveries.c.id).where(_untouched(rendering)).limit(1)
        async with self._database.read() as connection:
            found: int | None = await connection.scalar(query)
        return None if found is None else DeliveryId(found)

    async def replace_waiting(self, old: str, new: Sequence[Rendering], now: datetime) -> int:
        """Let deliveries of `old` of which nothing has been sent send the first of `new` instead, or nothing if none.

        The others of `new` are its fallbacks, which are stored with it. Return how many deliveries there were.
        """
        async with self._database.write() as connection:
            waiting = sa.select(deliveries.c.id).where(_untouched(old))
            if not new:
                statement = sa.update(deliveries).where(_untouched(old))
                values = {"state": DeliveryState.CANCELLED, "error": "its article was withdrawn", "settled_at": now}
                return int((await connection.execute(statement.values(values))).rowcount)
            await store_renderings(self._database, connection, new, now)
            await _replace_parts(connection, parts.c.delivery_id.in_(waiting), new[0])
            statement = sa.update(deliveries).where(_untouched(old))
            return int((await connection.execute(statement.values(rendering=new[0].key))).rowcount)

    async def note_edited(
        self, delivery: Delivery, new: Rendering, article: ArticleId, counts: tuple[int, int], now: datetime
    ) -> None:
        """Record that the delivery's messages now show `new` or can't be changed, so that it is not edited again."""
        async with self._database.write() as connection:
            await store_renderings(self._database, connection, [new], now)
            await connection.execute(
                sa.update(deliveries).where(deliveries.c.id == delivery.id).values(rendering=new.key)
            )
            await _replace_parts(connection, parts.c.delivery_id == delivery.id, new)
            await connection.execute(
                sa.update(withdrawn)
                .where(withdrawn.c.article_id == article)
                .values(edited=withdrawn.c.edited + counts[0], unedited=withdrawn.c.unedited + counts[1])
            )


async def _replace_parts(connection: AsyncConnection, of: sa.ColumnElement[bool], new: Rendering) -> None:
    """Let the parts of these deliveries be those of `new`."""
    for number, part in enumerate(new.parts):
        await connection.execute(sa.update(parts).where(of, parts.c.number == number).values(hash=part_hash(part)))
    await connection.execute(sa.delete(parts).where(of, parts.c.number >= len(new.parts)))


def _has_rendering(keys: Sequence[str], states: Sequence[DeliveryState]) -> sa.ColumnElement[bool]:
    return deliveries.c.rendering.in_(list(keys)) & deliveries.c.state.in_(states)


def _untouched(rendering: str) -> sa.ColumnElement[bool]:
    begun: sa.Select[Any] = sa.select(parts.c.delivery_id).where(
        parts.c.delivery_id == deliveries.c.id, parts.c.state != DeliveryState.PENDING
    )
    return (deliveries.c.rendering == rendering) & (deliveries.c.state == DeliveryState.PENDING) & ~sa.exists(begun)
