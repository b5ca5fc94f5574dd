"""What the folder of pictures holds, by the database: how much of it there is, what goes first, and what is lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from digests.model.picture import FILE_GONE, MADE_ROOM
from digests.storage.articles.wanted_pictures import WAITING
from digests.storage.bulk import batches
from digests.storage.database import Database
from digests.storage.media.progress import EVICTED, KEPT
from digests.storage.schema.article_tables import articles
from digests.storage.schema.media_tables import article_pictures, fetched_pictures, kept_pictures, mosaics

_SOME = 200


class FolderUse(NamedTuple):
    """How many pictures and mosaics there are, and how many bytes they take."""

    pictures: int = 0
    picture_bytes: int = 0
    mosaics: int = 0
    mosaic_bytes: int = 0

    @property
    def bytes(self) -> int:
        """What all of them take."""
        return self.picture_bytes + self.mosaic_bytes


class FolderItem(NamedTuple):
    """A kept picture or a mosaic."""

    key: str
    is_mosaic: bool


class KeptStore:
    """Stores what is in the folder of pictures. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def use(self) -> FolderUse:
        """Return how full the folder is."""
        async with self._database.read() as connection:
            return await folder_use(connection)

    async def likenesses(self) -> list[str]:
        """Return what the pictures look like that are kept, or that are known to stand with many articles."""
        async with self._database.read() as connection:
            return list((await connection.execute(sa.select(kept_pictures.c.likeness).distinct())).scalars())

    async def evict(self, limit: int) -> list[FolderItem]:
        """Forget what was not used for the longest time until at most `limit` bytes are left; return what that was."""
        evicted: list[FolderItem] = []
        while True:
            async with self._database.write() as connection:
                too_much = (await folder_use(connection)).bytes - limit
                found = await _oldest(connection, too_much) if too_much > 0 else []
                await _forget(connection, [item.key for item in found if not item.is_mosaic])
                made = [item.key for item in found if item.is_mosaic]
                await connection.execute(sa.delete(mosaics).where(mosaics.c.key.in_(made)))
            evicted += found
            if not found:
                return evicted

    async def expire(self, before: datetime) -> list[FolderItem]:
        """Forget some of the pictures that were not used since then; return what that was, [] if there is nothing."""
        old = sa.select(kept_pictures.c.key).where(kept_pictures.c.bytes > 0, kept_pictures.c.used_at < before)
        async with self._database.write() as connection:
            keys = list((await connection.execute(old.order_by(kept_pictures.c.used_at).limit(_SOME))).scalars())
            await _forget(connection, keys)
        return [FolderItem(key, False) for key in keys]

    async def items(self, before: datetime | None = None) -> list[FolderItem]:
        """Return all that should be in the folder; with `before`, only what was not used after it."""
        kept = sa.select(kept_pictures.c.key).where(kept_pictures.c.bytes > 0)
        made = sa.select(mosaics.c.key).where(mosaics.c.bytes > 0)
        if before is not None:
            kept, made = kept.where(kept_pictures.c.used_at <= before), made.where(mosaics.c.used_at <= before)
        async with self._database.read() as connection:
            found = [FolderItem(key, False) for key in (await connection.execute(kept)).scalars()]
            return found + [FolderItem(key, True) for key in (await connection.execute(made)).scalars()]

    async def lose(self, lost: Collection[FolderItem], since: datetime, now: datetime) -> None:
        """Forget what is no longer in the folder; articles that came in since `since` get their pictures again."""
        for batch in batches(sorted(lost), _SOME):
            keys = [item.key for item in batch if not item.is_mosaic]
            has_it = sa.select(articles.c.id).where(articles.c.picture.in_(keys))
            rows = sa.update(article_pictures).where(article_pictures.c.state == KEPT)
            again = rows.where(article_pictures.c.article_id.in_(has_it.where(articles.c.shown_at >= since)))
            too_old = rows.where(article_pictures.c.article_id.in_(has_it))
            made = [item.key for item in batch if item.is_mosaic]
            async with self._database.write() as connection:
                await connection.execute(again.values(state=WAITING, reason="", tries=0, next_at=now))
                await connection.execute(too_old.values(state=EVICTED, reason=FILE_GONE, next_at=None))
                await _forget_pictures(connection, keys)
                await connection.execute(sa.delete(mosaics).where(mosaics.c.key.in_(made)))

    async def unknown(self, items: Collection[FolderItem]) -> list[FolderItem]:
        """Return those of the items that the database knows nothing of: files that a crash left behind."""
        found: list[FolderItem] = []
        async with self._database.read() as connection:
            for batch in batches(sorted(items)):
                kept = sa.select(kept_pictures.c.key).where(
                    kept_pictures.c.key.in_([item.key for item in batch]), kept_pictures.c.repeats.is_(sa.false())
                )
                made = sa.select(mosaics.c.key).where(mosaics.c.key.in_([item.key for item in batch]))
                known = {FolderItem(key, False) for key in (await connection.execute(kept)).scalars()}
                known |= {FolderItem(key, True) for key in (await connection.execute(made)).scalars()}
                found += [item for item in batch if item not in known]
        return found

    async def tidy(self, before: datetime) -> None:
        """Forget what came of addresses that nobody asked for since."""
        gone = fetched_pictures.c.picture.not_in(sa.select(kept_pictures.c.key))
        async with self._database.write() as connection:
            await connection.execute(sa.delete(fetched_pictures).where(fetched_pictures.c.fetched_at < before, gone))


async def folder_use(connection: AsyncConnection) -> FolderUse:
    """Return how full the folder is."""
    kept = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(kept_pictures.c.bytes), 0))
    made = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(mosaics.c.bytes), 0))
    pictures, picture_bytes = (await connection.execute(kept.where(kept_pictures.c.bytes > 0))).one()
    mosaics_, mosaic_bytes = (await connection.execute(made.where(mosaics.c.bytes > 0))).one()
    return FolderUse(pictures, int(picture_bytes), mosaics_, int(mosaic_bytes))


async def _oldest(connection: AsyncConnection, size: int) -> list[FolderItem]:
    """Return what was not used for the longest time: enough to free `size` bytes, or some of it."""
    tables = [
        sa.select(table.c.key, sa.literal(number).label("is_mosaic"), table.c.bytes, table.c.used_at)
        .where(table.c.bytes > 0)
        .order_by(table.c.used_at)
        .limit(_SOME)
        for number, table in enumerate((kept_pictures, mosaics))
    ]
    rows = [row for table in tables for row in await connection.execute(table)]
    found: list[FolderItem] = []
    # Up to the end of the shorter list, what is beyond it is not known.
    for row in sorted(rows, key=lambda row: row.used_at)[:_SOME]:
        if size <= 0:
            break
        found.append(FolderItem(row.key, bool(row.is_mosaic)))
        size -= row.bytes
    return found


async def _forget(connection: AsyncConnection, keys: Sequence[str]) -> None:
    """Take pictures that make room from the articles that have them."""
    if not keys:
        return
    has_it = sa.select(articles.c.id).where(articles.c.picture.in_(keys))
    rows = sa.update(article_pictures).where(
        article_pictures.c.article_id.in_(has_it), article_pictures.c.state == KEPT
    )
    await connection.execute(rows.values(state=EVICTED, reason=MADE_ROOM, next_at=None))
    await _forget_pictures(connection, keys)


async def _forget_pictures(connection: AsyncConnection, keys: Sequence[str]) -> None:
    await connection.execute(sa.update(articles).where(articles.c.picture.in_(keys)).values(picture=""))
    await connection.execute(sa.delete(fetched_pictures).where(fetched_pictures.c.picture.in_(keys)))
    await connection.execute(sa.delete(kept_pictures).where(kept_pictures.c.key.in_(keys)))
