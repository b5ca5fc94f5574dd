"""The port `OwnPictures` over the database and the folder, with what was read lately kept in memory."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic

from digests.errors import StorageError
from digests.media.files import is_whole
from digests.media.folder import LARGE, mosaic_path, picture_path
from digests.offload import in_own_thread
from digests.ports import Clock, OwnPicture
from digests.storage.media.uploads import UploadRow, UploadStore

logger = logging.getLogger(__name__)

_FOUND_SECONDS = 30.0
_ABSENT_SECONDS = 0.5
"""How soon to look again for what is not there: a mosaic may be made at any moment."""
_KEPT = 5000
_DAY = timedelta(days=1)
_Name = tuple[str, bool]
"""A picture's key, and whether it is a mosaic."""


class StoredPictures:
    """Pictures that can be sent. Implements `OwnPictures`: a database that fails means that there is none for now."""

    def __init__(self, store: UploadStore, folder: Path, clock: Clock, steady: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock
        self._steady = steady
        self._known: OrderedDict[_Name, tuple[OwnPicture | None, float]] = OrderedDict()

    async def mosaic(self, key: str) -> OwnPicture | None:
        """Return a mosaic; None while it is not made, or if its file is gone."""
        found = await self._of([key], is_mosaic=True)
        return found.get(key)

    async def kept(self, keys: Sequence[str]) -> Mapping[str, OwnPicture]:
        """Return the kept pictures among these keys that can be sent, each in its large size."""
        return await self._of(keys, is_mosaic=False)

    async def uploaded(self, picture: OwnPicture, file_id: str) -> None:
        """Remember the service's name for a picture."""
        self._forget(picture)
        try:
            await self._store.set_file_id(picture.key, file_id, is_mosaic=picture.is_mosaic, now=self._clock.now())
        except StorageError as error:
            logger.warning("a picture's file_id can't be stored; it is uploaded again", extra=_said(picture, error))

    async def forgotten(self, picture: OwnPicture) -> None:
        """Forget the service's name for a picture, since the service does not know it any more."""
        self._forget(picture)
        try:
            await self._store.clear_file_id(picture.key, picture.file_id, is_mosaic=picture.is_mosaic)
        except StorageError as error:
            logger.warning("a picture's old file_id can't be removed", extra=_said(picture, error))

    async def refused(self, picture: OwnPicture) -> None:
        """Never send a picture again: the service refuses its file."""
        self._forget(picture)
        try:
            await self._store.refuse(picture.key, is_mosaic=picture.is_mosaic)
        except StorageError as error:
            logger.warning("a refused picture can't be written down", extra=_said(picture, error))

    async def _of(self, keys: Sequence[str], *, is_mosaic: bool) -> dict[str, OwnPicture]:
        now = self._steady()
        known = {key: self._known.get((key, is_mosaic)) for key in keys}
        new = [key for key, entry in known.items() if entry is None or entry[1] <= now]
        found = {key: entry[0] for key, entry in known.items() if entry is not None and key not in new}
        if new:
            found |= await self._read(new, is_mosaic=is_mosaic)
        return {key: picture for key in keys if (picture := found.get(key)) is not None}

    async def _read(self, keys: Sequence[str], *, is_mosaic: bool) -> dict[str, OwnPicture | None]:
        try:
            rows = await self._rows(keys, is_mosaic=is_mosaic)
            pictures = [OwnPicture(row.key, is_mosaic, row.file_id, self._file(row.key, is_mosaic)) for row in rows]
            there = await in_own_thread(_existing, pictures) if pictures else []
            now = self._clock.now()
            if unused := [row.key for row in rows if row.used_at < now - _DAY]:
                await self._store.use(unused, now, is_mosaic=is_mosaic)
            if is_mosaic and len(there) < len(rows):
                await self._store.lose_mosaics({row.key for row in rows} - {picture.key for picture in there})
        except StorageError as error:
            logger.warning("pictures can't be looked up", extra={"reason": str(error)})
            return {}
        found: dict[str, OwnPicture | None] = dict.fromkeys(keys)
        found |= {picture.key: picture for picture in there}
        for key, picture in found.items():
            seconds = _ABSENT_SECONDS if picture is None else _FOUND_SECONDS
            self._known[key, is_mosaic] = (picture, self._steady() + seconds)
            self._known.move_to_end((key, is_mosaic))
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return found

    async def _rows(self, keys: Sequence[str], *, is_mosaic: bool) -> list[UploadRow]:
        if not is_mosaic:
            return await self._store.kept(keys)
        rows = [await self._store.mosaic(key) for key in keys]
        return [row for row in rows if row is not None]

    def _file(self, key: str, is_mosaic: bool) -> Path:
        return mosaic_path(self._folder, key) if is_mosaic else picture_path(self._folder, key, LARGE)

    def _forget(self, picture: OwnPicture) -> None:
        self._known.pop((picture.key, picture.is_mosaic), None)


def _existing(pictures: Sequence[OwnPicture]) -> list[OwnPicture]:
    """Return the pictures whose files are there. A kept one that Telegram has can be sent without."""
    return [picture for picture in pictures if (picture.file_id and not picture.is_mosaic) or is_whole(picture.file)]


def _said(picture: OwnPicture, error: StorageError) -> dict[str, str]:
    return {"picture": picture.key, "reason": str(error)}
