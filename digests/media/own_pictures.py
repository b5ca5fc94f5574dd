"""The port `OwnPictures` over the database and the files, with what was read lately kept in memory.

Both are asked for each picture every few seconds, not for every message.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic

from digests.errors import StorageError
from digests.media.files import PictureFiles, PicturesFolderError
from digests.media.folder import LARGE, mosaic_name, picture_name
from digests.offload import in_own_thread
from digests.ports import Clock, OwnPicture, PictureContent
from digests.storage.media.uploads import UploadRow, UploadStore

logger = logging.getLogger(__name__)

_FOUND_SECONDS = 5.0
"""How soon to look again for what is there: another process may have uploaded it."""
_ABSENT_SECONDS = 0.5
"""How soon to look again for what is not there: a mosaic may be made at any moment."""
_KEPT = 5000
_DAY = timedelta(days=1)
_Name = tuple[str, bool]
"""A picture's key, and whether it is a mosaic."""
_Reading = asyncio.Task[dict[str, OwnPicture | None]]


class StoredPictures:
    """Pictures that can be sent. Implements `OwnPictures`: a database that fails means that there is none for now."""

    def __init__(
        self, store: UploadStore, files: PictureFiles, clock: Clock, steady: Callable[[], float] = monotonic
    ) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._steady = steady
        self._reading: dict[_Name, _Reading] = {}
        self._trouble = ""
        self._known: OrderedDict[_Name, tuple[OwnPicture | None, float]] = OrderedDict()

    async def mosaic(self, key: str) -> OwnPicture | None:
        """Return a mosaic; None while it is not made, or if its file is gone."""
        found = await self._of([key], is_mosaic=True)
        return found.get(key)

    async def kept(self, keys: Sequence[str]) -> Mapping[str, OwnPicture]:
        """Return the kept pictures among these keys that can be sent, each in its large size."""
        return await self._of(keys, is_mosaic=False)

    async def latest(self, picture: OwnPicture) -> OwnPicture:
        """Return a picture with the service's name for it as of now; as it is, if the database fails."""
        self._forget(picture)
        found = await self._of([picture.key], is_mosaic=picture.is_mosaic)
        return found.get(picture.key, picture)

    async def content(self, picture: OwnPicture) -> PictureContent | None:
        """Return the file of a picture; None if it can't be had now."""
        try:
            for _ in range(2):
                if (file := await self._files.path(_name(picture))) is None:
                    break
                # Between the two steps, a copy may have made room for others.
                with suppress(FileNotFoundError):
                    content = await in_own_thread(_content, file)
                    self._trouble = ""
                    return content
        except PicturesFolderError as error:
            self._say(picture, error)
        except OSError as error:
            logger.warning("a picture of ours can't be read", extra={"picture": picture.key, "reason": str(error)})
        return None

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
        """Return what is known, and look for the rest: many who ask for one at once cause one look-up."""
        now = self._steady()
        found: dict[str, OwnPicture | None] = {}
        new: list[str] = []
        for key in dict.fromkeys(keys):
            entry = self._known.get((key, is_mosaic))
            if entry is not None and entry[1] > now:
                found[key] = entry[0]
            else:
                new.append(key)
        if new:
            for task in self._look_for(new, is_mosaic=is_mosaic):
                # Shielded: whoever stops waiting ends no look-up of others.
                found |= await asyncio.shield(task)
        return {key: picture for key in keys if (picture := found.get(key)) is not None}

    def _look_for(self, keys: Sequence[str], *, is_mosaic: bool) -> list[_Reading]:
        """Return what is looking for these keys, each once."""
        missing = [key for key in keys if (key, is_mosaic) not in self._reading]
        if missing:
            task = asyncio.create_task(self._read(missing, is_mosaic=is_mosaic))
            self._reading |= dict.fromkeys([(key, is_mosaic) for key in missing], task)
            task.add_done_callback(lambda _: [self._reading.pop((key, is_mosaic), None) for key in missing])
        return list(dict.fromkeys(self._reading[key, is_mosaic] for key in keys))

    async def _read(self, keys: Sequence[str], *, is_mosaic: bool) -> dict[str, OwnPicture | None]:
        try:
            rows = await self._rows(keys, is_mosaic=is_mosaic)
            there, gone = await self._existing(rows, is_mosaic=is_mosaic)
            now = self._clock.now()
            if unused := [row.key for row in rows if row.used_at < now - _DAY]:
                await self._store.use(unused, now, is_mosaic=is_mosaic)
            # What was written a moment ago may not be seen on this machine yet.
            if is_mosaic and (lost := [row.key for row in gone if row.used_at <= now - self._files.grace]):
                await self._store.lose_mosaics(lost)
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

    async def _existing(
        self, rows: Sequence[UploadRow], *, is_mosaic: bool
    ) -> tuple[list[OwnPicture], list[UploadRow]]:
        """Return the pictures whose files are there, and the rows of those whose files are surely not.

        A kept one that Telegram has can be sent without, and so can a mosaic while its file is out of reach.
        """
        pictures = [OwnPicture(row.key, is_mosaic, row.file_id) for row in rows]
        unsure = [picture for picture in pictures if is_mosaic or not picture.file_id]
        states = await asyncio.gather(*[self._is_there(picture) for picture in unsure])
        state = {picture.key: is_there for picture, is_there in zip(unsure, states, strict=True)}
        there = [
            picture
            for picture in pictures
            if (found := state.get(picture.key, True)) or (found is None and picture.file_id)
        ]
        return there, [row for row in rows if state.get(row.key, True) is False]

    async def _is_there(self, picture: OwnPicture) -> bool | None:
        """Return whether a picture's file is there; None if that can't be told now."""
        try:
            return await self._files.has(_name(picture))
        except PicturesFolderError as error:
            self._say(picture, error)
            return None

    def _say(self, picture: OwnPicture, error: PicturesFolderError) -> None:
        """Log what is wrong with where files are, once for all that are asked for."""
        if str(error) != self._trouble:
            self._trouble = str(error)
            logger.warning("pictures are left out", extra=_said(picture, error))

    def _forget(self, picture: OwnPicture) -> None:
        self._known.pop((picture.key, picture.is_mosaic), None)


def _name(picture: OwnPicture) -> str:
    return mosaic_name(picture.key) if picture.is_mosaic else picture_name(picture.key, LARGE)


def _content(file: Path) -> PictureContent:
    with file.open("rb") as opened:
        return PictureContent(opened.read(), os.fstat(opened.fileno()).st_mtime)


def _said(picture: OwnPicture, error: StorageError) -> dict[str, str]:
    return {"picture": picture.key, "reason": str(error)}
