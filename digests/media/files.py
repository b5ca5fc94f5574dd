"""The files of kept pictures and mosaics. Everything here blocks: call it in a thread."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Collection, Iterable
from pathlib import Path

from digests.errors import StorageError
from digests.media.folder import LARGE, SMALL, mosaic_path, picture_path
from digests.media.judged import Judged
from digests.storage.media.kept import FolderItem
from digests.storage.private_files import make_folder, replace_private

LEAST_FREE = 30_000_000
"""Bytes that are left to the rest of the bot, whose database may lie on the same disk."""
_UNFINISHED_SECONDS = 3600.0
_START, _END = b"\xff\xd8\xff", b"\xff\xd9"


class PicturesFolderError(StorageError):
    """The folder of pictures can't be written to: digests go on without new ones."""


def check_folder(folder: Path) -> None:
    """Raise PicturesFolderError, with the fix, if nothing can be kept in the folder; it is made if it is missing."""
    make_pictures_folder(folder)
    _check_room(folder)


def make_pictures_folder(folder: Path) -> None:
    """Create the folder, for us alone, if it is missing. Raises PicturesFolderError."""
    try:
        make_folder(folder)
    except StorageError as error:
        raise PicturesFolderError(f"{error} Digests go on without new pictures.") from error


def write_picture(folder: Path, picture: Judged) -> None:
    """Keep a picture in both sizes. Raises PicturesFolderError; what was written by then is written over later."""
    # It may have been deleted since the last.
    check_folder(folder)
    try:
        for size, data in ((LARGE, picture.large), (SMALL, picture.small)):
            file = picture_path(folder, picture.key, size)
            make_pictures_folder(file.parent)
            replace_private(file, data)
    except OSError as error:
        raise _trouble(folder, error) from error


def remove_files(folder: Path, items: Iterable[FolderItem]) -> None:
    """Delete the files of what is not needed any more; one that stays is found later by `strays`."""
    for item in items:
        for file in files_of(folder, item):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)


def missing(folder: Path, items: Collection[FolderItem]) -> list[FolderItem]:
    """Return what should be in the folder and is not, or is no whole picture any more."""
    return [item for item in items if not all(map(is_whole, files_of(folder, item)))]


def strays(folder: Path, now: float | None = None) -> dict[FolderItem, Path]:
    """Return the finished files in the folder by what they are, and delete those that were never finished.

    Files of the last hour are left out: they may be about to be written down.
    """
    before = (time.time() if now is None else now) - _UNFINISHED_SECONDS
    found: dict[FolderItem, Path] = {}
    for kind in ("kept", "mosaics"):
        for file in sorted((folder / kind).glob("*/*")):
            with contextlib.suppress(OSError):
                if file.stat().st_mtime > before:
                    continue
                if file.name.startswith("."):
                    file.unlink()
                elif file.suffix == ".jpg":
                    key = file.stem.rpartition("-")[0] if kind == "kept" else file.stem
                    found[FolderItem(key, kind == "mosaics")] = file
    return found


def files_of(folder: Path, item: FolderItem) -> list[Path]:
    """Return where the files of a picture or a mosaic are."""
    if item.is_mosaic:
        return [mosaic_path(folder, item.key)]
    return [picture_path(folder, item.key, size) for size in (LARGE, SMALL)]


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


def _check_room(folder: Path) -> None:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise _trouble(folder, error) from error
    if free < LEAST_FREE:
        raise PicturesFolderError(
            f"Only {free / 1e6:.0f} MB are free in {folder}: make room; digests go on without new pictures."
        )


def _trouble(folder: Path, error: OSError) -> PicturesFolderError:
    return PicturesFolderError(
        f"Pictures can't be kept in {folder} ({error.strerror or type(error).__name__}): make room there, and give the "
        "bot the right to write; digests go on without new pictures."
    )
