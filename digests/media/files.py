"""The files of kept pictures and mosaics, by name: in a folder, which several machines may share, or in a store."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Collection, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from digests.errors import StorageError
from digests.media.folder import LARGE, SMALL, mosaic_name, picture_name
from digests.model.mosaic import Mosaic
from digests.offload import in_own_thread
from digests.storage.files.private_files import make_folder, replace_private
from digests.storage.media.kept import FolderItem

LEAST_FREE = 30_000_000
"""Bytes that are left to the rest of the bot, whose database may lie on the same disk."""
UNFINISHED_SECONDS = 3600.0
"""Younger files are about to be written down in the database, or to be renamed."""
_START, _END = b"\xff\xd8\xff", b"\xff\xd9"
_KEPT = re.compile(rf"kept/[^/]{{1,2}}/([^/.][^/]*)-(?:{LARGE}|{SMALL})\.jpg")
_MOSAIC = re.compile(r"mosaics/[^/]{1,2}/([^/.][^/]*)\.jpg")
_LOCAL_LOOK, _SHARED_LOOK = 600.0, 6 * 3600.0
_SHARED_GRACE = timedelta(minutes=2)
"""How long other machines may hold on to what they saw of a shared folder: NFS does so for up to a minute."""


class PicturesFolderError(StorageError):
    """Pictures can't be kept or looked up now: digests go on without new ones."""


class PictureFiles(Protocol):
    """The files of pictures and mosaics, by their names (`folder.picture_name`, `folder.mosaic_name`).

    `folder` is where files lie that `path` has returned, for the second process to read them. A file may be seen as
    late as `grace` after it was written, and whether all are there should be looked at every `look_seconds`.
    """

    folder: Path
    grace: timedelta
    look_seconds: float

    async def check(self) -> None:
        """Raise PicturesFolderError, with the fix, if nothing can be kept now."""

    async def has(self, name: str) -> bool:
        """Return whether there is such a whole file. Raises PicturesFolderError if that can't be told now."""

    async def path(self, name: str) -> Path | None:
        """Return the whole file on this machine; None if there is none. Raises PicturesFolderError as `has` does."""

    async def bring(self, names: Collection[str]) -> None:
        """Have files on this machine, as far as there are such. Raises PicturesFolderError as `has` does."""

    async def put(self, name: str, data: bytes) -> None:
        """Keep a file; whoever looks sees all of it or nothing. Raises PicturesFolderError if it can't be kept."""

    async def remove(self, names: Collection[str]) -> None:
        """Delete files, as far as that can be done now; the others are found by `strays` later."""

    async def is_emptied(self) -> bool:
        """Return whether all files seem to be gone at once."""

    async def missing(self, names: Collection[str]) -> frozenset[str]:
        """Return those that are not there, or are not whole. Raises PicturesFolderError if that can't be told."""

    async def strays(self) -> list[str]:
        """Return the names of all files that are there for an hour or longer; nothing if that can't be told now."""

    async def close(self) -> None:
        """End what is under way."""


class FolderFiles:
    """Files in a folder. Implements `PictureFiles`.

    With `is_shared`, other machines use the same folder. It is never created then, since it may only not be mounted,
    and a file that can't be seen is looked for a second time. Nothing relies on locks or on being told of changes.
    """

    def __init__(self, folder: Path, *, is_shared: bool = False) -> None:
        self.folder = folder
        self.grace = _SHARED_GRACE if is_shared else timedelta()
        self.look_seconds = _SHARED_LOOK if is_shared else _LOCAL_LOOK
        self._is_shared = is_shared

    async def check(self) -> None:
        """Raise PicturesFolderError, with the fix, if nothing can be kept; the folder is made if it is ours alone."""
        await in_own_thread(self._check)

    async def has(self, name: str) -> bool:
        """Return whether there is such a whole file."""
        return await in_own_thread(self._is_there, self.folder / name)

    async def path(self, name: str) -> Path | None:
        """Return the whole file; None if there is none."""
        file = self.folder / name
        return file if await in_own_thread(self._is_there, file) else None

    async def bring(self, names: Collection[str]) -> None:
        """Do nothing but look at files of a shared folder, which may be late."""
        if self._is_shared:
            await in_own_thread(lambda: [self._is_there(self.folder / name) for name in names])

    async def put(self, name: str, data: bytes) -> None:
        """Keep a file. Raises PicturesFolderError."""
        await in_own_thread(self._write, self.folder / name, data)

    async def remove(self, names: Collection[str]) -> None:
        """Delete files; one that stays is found by `strays` later."""
        await in_own_thread(remove_paths, [self.folder / name for name in names])

    async def is_emptied(self) -> bool:
        """Return whether the folder was deleted, or is not mounted."""
        return not await in_own_thread((self.folder / "kept").is_dir)

    async def missing(self, names: Collection[str]) -> frozenset[str]:
        """Return those of the files that are not there, or are no whole pictures any more.

        Raises PicturesFolderError if the folder is shared and has none at all: then it is not mounted.
        """
        return await in_own_thread(self._missing, names)

    async def strays(self) -> list[str]:
        """Return the names of the finished files of an hour ago and before; delete those that were never finished."""
        return await in_own_thread(finished_files, self.folder)

    async def close(self) -> None:
        """Do nothing: nothing is under way."""

    def _check(self) -> None:
        if self._is_shared and not self.folder.is_dir():
            raise PicturesFolderError(
                f"The folder {self.folder} (media.folder) is not there: mount it, or create it. Digests go on without "
                "new pictures."
            )
        make_pictures_folder(self.folder)
        check_room(self.folder)

    def _write(self, file: Path, data: bytes) -> None:
        # It may have been deleted since the last.
        self._check()
        write_file(self.folder, file, data)

    def _is_there(self, file: Path) -> bool:
        if is_whole(file):
            return True
        if not self._is_shared:
            return False
        # Opening the folder makes NFS ask its server again about names that it did not find before.
        with contextlib.suppress(OSError), os.scandir(file.parent) as entries:
            next(entries, None)
        return is_whole(file)

    def _missing(self, names: Collection[str]) -> frozenset[str]:
        if self._is_shared and names and not (self.folder / "kept").is_dir():
            raise PicturesFolderError(
                f"The pictures that were kept in {self.folder} are not there: mount it; if they were deleted on "
                f"purpose, create the folder {self.folder / 'kept'}. Digests go on without new pictures."
            )
        return frozenset(name for name in names if not self._is_there(self.folder / name))


def names_of(item: FolderItem) -> list[str]:
    """Return the names of the files of a picture or a mosaic."""
    return [mosaic_name(item.key)] if item.is_mosaic else [picture_name(item.key, size) for size in (LARGE, SMALL)]


def item_of(name: str) -> FolderItem | None:
    """Return what a file is by its name; None for a file that is none of ours."""
    if (found := _KEPT.fullmatch(name)) is not None:
        return FolderItem(found[1], False)
    if (found := _MOSAIC.fullmatch(name)) is not None:
        return FolderItem(found[1], True)
    return None


async def remove_items(files: PictureFiles, items: Iterable[FolderItem]) -> None:
    """Delete the files of what is not needed any more."""
    if names := [name for item in items for name in names_of(item)]:
        await files.remove(names)


async def bring_tiles(files: PictureFiles, mosaic: Mosaic) -> None:
    """Have a mosaic's pictures on this machine, as far as there are any. Raises PicturesFolderError."""
    keys = dict.fromkeys(tile.picture for tile in mosaic.tiles if tile.picture)
    await files.bring([picture_name(key, size) for key in keys for size in (LARGE, SMALL)])


def make_pictures_folder(folder: Path) -> None:
    """Create the folder, for us alone, if it is missing. Raises PicturesFolderError."""
    try:
        make_folder(folder)
    except StorageError as error:
        raise PicturesFolderError(f"{error} Digests go on without new pictures.") from error


def check_room(folder: Path) -> None:
    """Raise PicturesFolderError if the disk is nearly full."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise _trouble(folder, error) from error
    if free < LEAST_FREE:
        raise PicturesFolderError(
            f"Only {free / 1e6:.0f} MB are free in {folder}: make room; digests go on without new pictures."
        )


def write_file(folder: Path, file: Path, data: bytes) -> None:
    """Put a file into its place below the folder, whole. Raises PicturesFolderError."""
    for parent in reversed(file.relative_to(folder).parents):
        # One by one, since those above the last would get the rights that the umask leaves.
        make_pictures_folder(folder / parent)
    try:
        replace_private(file, data)
    except OSError as error:
        raise _trouble(folder, error) from error


def remove_paths(files: Iterable[Path]) -> None:
    """Delete files, as far as that can be done."""
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def finished_files(folder: Path, now: float | None = None) -> list[str]:
    """Return the names of the finished files of an hour ago and before; delete those that were never finished."""
    before = (time.time() if now is None else now) - UNFINISHED_SECONDS
    found: list[str] = []
    for kind in ("kept", "mosaics"):
        for file in sorted((folder / kind).glob("*/*")):
            with contextlib.suppress(OSError):
                if file.stat().st_mtime > before:
                    continue
                name = file.relative_to(folder).as_posix()
                if file.name.startswith("."):
                    file.unlink()
                elif item_of(name) is not None:
                    found.append(name)
    return found


def is_whole_picture(data: bytes) -> bool:
    """Return whether this is a JPEG file from its beginning to its end."""
    return data.startswith(_START) and data.endswith(_END)


def is_whole(file: Path) -> bool:
    """Return whether this is a JPEG file from its beginning to its end: after a power cut it may be cut off or empty.

    Asked of ten thousand files at a time, so nothing is decoded.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_START))
            opened.seek(-len(_END), os.SEEK_END)
            return start == _START and opened.read() == _END
    except OSError:
        return False


def _trouble(folder: Path, error: OSError) -> PicturesFolderError:
    return PicturesFolderError(
        f"Pictures can't be kept in {folder} ({error.strerror or type(error).__name__}): make room there, and give the "
        "bot the right to write; digests go on without new pictures."
    )
