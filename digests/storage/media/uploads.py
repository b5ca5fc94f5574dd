"""Which pictures of ours can be sent, and by which file_id Telegram knows them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.engine.first_write import repeatable_writes
from digests.storage.media.mosaics import FAILED, MADE
from digests.storage.schema.media_tables import kept_pictures, mosaics


class UploadRow(NamedTuple):
    """A picture that can be sent; `file_id` is "" before it was uploaded."""

    key: str
    file_id: str
    used_at: datetime


class UploadStore:
    """Stores what Telegram knows of our pictures. Any method may raise StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mosaic(self, key: str) -> UploadRow | None:
        """Return a mosaic that is made."""
        columns = (mosaics.c.key, mosaics.c.file_id, mosaics.c.used_at)
        query = sa.select(*columns).where(mosaics.c.key == key, mosaics.c.state == MADE)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else UploadRow(*row)

    async def kept(self, keys: Collection[str]) -> list[UploadRow]:
        """Return those of the kept pictures that were not refused."""
        columns = (kept_pictures.c.key, kept_pictures.c.file_id, kept_pictures.c.used_at)
        query = sa.select(*columns).where(
            kept_pictures.c.key.in_(list(keys)), kept_pictures.c.refused.is_(sa.false()), kept_pictures.c.bytes > 0
        )
        async with self._database.read() as connection:
            return [UploadRow(*row) for row in await connection.execute(query)]

    async def set_file_id(self, key: str, file_id: str, *, is_mosaic: bool, now: datetime) -> None:
        """Remember by which file_id Telegram knows a picture, and that it is in use."""
        table = _table(is_mosaic)
        await self._update(sa.update(table).where(table.c.key == key).values(file_id=file_id, used_at=now))

    async def clear_file_id(self, key: str, file_id: str, *, is_mosaic: bool) -> None:
        """Forget this file_id of a picture, unless it has another one by now."""
        table = _table(is_mosaic)
        forgotten = sa.update(table).where(table.c.key == key, table.c.file_id == file_id)
        await self._update(forgotten.values(file_id=""))

    async def refuse(self, key: str, *, is_mosaic: bool) -> None:
        """Send a picture no more."""
        if is_mosaic:
            refused = sa.update(mosaics).values(state=FAILED, reason="Telegram refuses it").where(mosaics.c.key == key)
        else:
            refused = sa.update(kept_pictures).values(refused=True).where(kept_pictures.c.key == key)
        await self._update(refused)

    async def lose_mosaics(self, keys: Collection[str]) -> None:
        """Forget mosaics whose files are gone: they are made again when deliveries wait for them."""
        async with self._database.write() as connection:
            await connection.execute(sa.delete(mosaics).where(mosaics.c.key.in_(list(keys))))

    async def use(self, keys: Collection[str], now: datetime, *, is_mosaic: bool) -> None:
        """Write down that pictures are in use: those that were not used for the longest time make room first."""
        table = _table(is_mosaic)
        await self._update(sa.update(table).where(table.c.key.in_(list(keys))).values(used_at=now))

    async def _update(self, statement: sa.Update) -> None:
        # What was noted of a picture is no answer to anybody.
        with repeatable_writes():
            async with self._database.write() as connection:
                await connection.execute(statement)


def _table(is_mosaic: bool) -> sa.Table:
    return mosaics if is_mosaic else kept_pictures
