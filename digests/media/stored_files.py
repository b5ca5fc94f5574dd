"""Files in an object store, with those that were used lately on this machine: the local folder is a bounded cache."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

from digests.media.files import (
    UNFINISHED_SECONDS,
    PicturesFolderError,
    check_room,
    is_whole,
    item_of,
    make_pictures_folder,
    remove_paths,
    write_file,
)
from digests.media.object_store import PictureBucket, StoredPicture
from digests.offload import in_own_thread

logger = logging.getLogger(__name__)

_LOOK = 6 * 3600.0
_ROOM = 0.9
_SPARED_SECONDS = 60.0
"""What was used a moment ago may be about to be read."""
_TOUCHED_SECONDS = 600.0
_TRIAL = b"\xff\xd8\xffdigestbot tries whether it may write here\xff\xd9"


class ObjectStoreFiles:
    """Files in a bucket, fetched when they are not here. Implements `PictureFiles`; `cache_bytes` bounds the folder."""

    def __init__(self, bucket: PictureBucket, folder: Path, cache_bytes: int) -> None:
        self.folder = folder
        self.grace = timedelta()
        self.look_seconds = _LOOK
        self._bucket = bucket
        self._cache_bytes = cache_bytes
        # Unknown at first: what an earlier process left counts too.
        self._new_bytes = cache_bytes
        self._fetching: dict[str, asyncio.Task[Path | None]] = {}
        self._trimming: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Raise PicturesFolderError, with the fix, if nothing can be put, read or deleted in the store."""
        name = f"trials/{token_hex(8)}.jpg"
        await self._bucket.put(name, _TRIAL)
        found = await self._bucket.get(name)
        await self._bucket.delete([name])
        if found is None or found.data != _TRIAL:
            raise PicturesFolderError(f"The store {self._bucket.name} does not return what is put there.")

    async def has(self, name: str) -> bool:
        """Return whether there is such a file, here or in the store. Raises PicturesFolderError."""
        return await in_own_thread(self._local, name) is not None or await self._bucket.has(name)

    async def path(self, name: str) -> Path | None:
        """Return the file, fetched if it is not here; None if there is none. Raises PicturesFolderError."""
        if (file := await in_own_thread(self._local, name)) is not None:
            return file
        task = self._fetching.get(name)
        if task is None:
            task = self._fetching[name] = asyncio.create_task(self._fetch(name))
            task.add_done_callback(lambda _: self._fetching.pop(name, None))
        return await asyncio.shield(task)

    async def bring(self, names: Collection[str]) -> None:
        """Have files here, as far as there are such. Raises PicturesFolderError."""
        await asyncio.gather(*[self.path(name) for name in names])

    async def put(self, name: str, data: bytes) -> None:
        """Put a file into the store, and keep it here. Raises PicturesFolderError if the store does not take it."""
        await self._bucket.put(name, data)
        # Here it is only a copy: a disk that is full costs a request later.
        with contextlib.suppress(PicturesFolderError):
            await self._keep(name, StoredPicture(data, datetime.now(UTC)))

    async def remove(self, names: Collection[str]) -> None:
        """Delete files here and in the store; one that stays is found by `strays` later."""
        await in_own_thread(remove_paths, [self.folder / name for name in names])
        try:
            await self._bucket.delete(list(names))
        except PicturesFolderError as error:
            logger.warning("old pictures can't be deleted in the store", extra={"reason": str(error)})

    async def is_emptied(self) -> bool:
        """Return False: whether the store still has everything is told by `missing` alone."""
        return False

    async def missing(self, names: Collection[str]) -> frozenset[str]:
        """Return those that are not in the store. Raises PicturesFolderError."""
        there = {listed.name for listed in await self._bucket.all() if listed.bytes > 0}
        return frozenset(names) - there

    async def strays(self) -> list[str]:
        """Return the names of our files in the store of an hour ago and before; nothing if it can't be asked."""
        try:
            listed = await self._bucket.all()
        except PicturesFolderError as error:
            logger.warning("the store of pictures can't be listed", extra={"reason": str(error)})
            return []
        before = time.time() - UNFINISHED_SECONDS
        return [each.name for each in listed if each.at.timestamp() <= before and item_of(each.name) is not None]

    async def close(self) -> None:
        """Abandon what is being fetched."""
        tasks: list[asyncio.Task[Path | None] | asyncio.Task[None]] = [*self._fetching.values()]
        if self._trimming is not None:
            tasks.append(self._trimming)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, name: str) -> Path | None:
        found = await self._bucket.get(name)
        if found is None:
            return None
        await self._keep(name, found)
        return self.folder / name

    async def _keep(self, name: str, picture: StoredPicture) -> None:
        await in_own_thread(self._write, self.folder / name, picture)
        self._new_bytes += len(picture.data)
        if self._new_bytes >= self._cache_bytes * (1 - _ROOM) and self._trimming is None:
            self._new_bytes = 0
            self._trimming = asyncio.create_task(in_own_thread(trim_cache, self.folder, self._cache_bytes))
            self._trimming.add_done_callback(self._trimmed)

    def _trimmed(self, task: asyncio.Task[None]) -> None:
        self._trimming = None
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("the copies of pictures can't be counted", extra={"reason": str(error)})

    def _write(self, file: Path, picture: StoredPicture) -> None:
        make_pictures_folder(self.folder)
        check_room(self.folder)
        write_file(self.folder, file, picture.data)
        # As in the store, so that every machine says the same of its age.
        with contextlib.suppress(OSError):
            os.utime(file, (time.time(), picture.at.timestamp()))

    def _local(self, name: str) -> Path | None:
        """Return the copy that is here, if it is whole, and note that it is in use."""
        file = self.folder / name
        if not is_whole(file):
            return None
        with contextlib.suppress(OSError):
            status, now = file.stat(), time.time()
            if now - status.st_atime > _TOUCHED_SECONDS:
                os.utime(file, (now, status.st_mtime))
        return file


def trim_cache(folder: Path, most: int, now: float | None = None) -> None:
    """Delete copies that were not used for the longest time, until what is left takes less than `most` bytes."""
    now = time.time() if now is None else now
    found: list[tuple[float, int, Path]] = []
    for file in folder.glob("*/*/*"):
        # Another process of this machine may tidy too.
        with contextlib.suppress(OSError):
            status = file.stat()
            if file.name.startswith(".") and status.st_mtime < now - UNFINISHED_SECONDS:
                file.unlink()
            elif item_of(file.relative_to(folder).as_posix()) is not None:
                found.append((status.st_atime, status.st_size, file))
    left = sum(size for _, size, _ in found)
    if left <= most:
        return
    for used_at, size, file in sorted(found):
        if left <= most * _ROOM or used_at > now - _SPARED_SECONDS:
            break
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
            left -= size
