"""What a place was sent: which digest has an article, and whether it came at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from digests.model.delivery import DeliveryKind, DeliveryState
from digests.model.ids import ArticleId, DeliveryId, PlaceId
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles
from digests.storage.schema.delivery_tables import deliveries, renderings
from digests.storage.schema.wish_tables import sent_at_once

_SLOT_BEFORE = timedelta(days=2)
"""A slot is at most a day before the time of planning; this bound makes the unique index useful."""


@dataclass(frozen=True, slots=True)
class DeliveredArticle:
    """A delivery to a place that has an article; `is_shown` is False where it is behind the button."""

    delivery: DeliveryId
    state: DeliveryState
    at: datetime
    is_shown: bool


class HistoryStore:
    """Reads what places were sent. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_article(self, place_id: PlaceId, article: ArticleId, since: datetime) -> tuple[DeliveredArticle, ...]:
        """Return the digests planned since then for this place that have the article, the latest first.

        Those that were cancelled are none.
        """
        columns = deliveries.c.id, deliveries.c.state, deliveries.c.created_at, renderings.c["items"].label("shown")
        # Matching as text first leaves little to parse, on both databases.
        number = f"%{int(article)}%"
        has = [sa.cast(column, sa.Text).like(number) for column in (renderings.c["items"], renderings.c.rest)]
        query = (
            sa.select(*columns, renderings.c.rest)
            .join(renderings, renderings.c.key == deliveries.c.rendering)
            .where(
                deliveries.c.place_id == place_id,
                deliveries.c.kind == DeliveryKind.DIGEST,
                deliveries.c.slot >= since - _SLOT_BEFORE,
                deliveries.c.state != DeliveryState.CANCELLED,
                sa.or_(*has),
            )
            .order_by(deliveries.c.slot.desc(), deliveries.c.id.desc())
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(
            DeliveredArticle(DeliveryId(row.id), DeliveryState(row.state), row.created_at, article in row.shown)
            for row in rows
            if article in (*row.shown, *row.rest)
        )

    async def sent_at_once(self, place_id: PlaceId, article: ArticleId) -> datetime | None:
        """Return when an article was sent to a place at once; None where it was not."""
        query = sa.select(sent_at_once.c.at).where(
            sent_at_once.c.place_id == place_id, sent_at_once.c.article_id == article
        )
        async with self._database.read() as connection:
            found: datetime | None = await connection.scalar(query)
        return found

    async def is_news(self, article: ArticleId) -> bool:
        """Return whether an article was new enough for digests when it was first seen."""
        query = sa.select(articles.c.fresh).where(articles.c.id == article)
        async with self._database.read() as connection:
            return bool(await connection.scalar(query))
