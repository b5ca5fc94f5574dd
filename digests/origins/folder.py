"""Posts in a folder; symbolic links are not followed, since they could lead anywhere."""

from __future__ import annotations

import errno
import gc
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from pathlib import Path

from digests.errors import OriginError
from digests.model.post_folders import DRAFTS_FOLDER, POSTS_FOLDER
from digests.origins.file_times import written_apart
from digests.origins.globs import Globs
from digests.origins.post_names import may_be_post, posts_among
from digests.ports import File

# Not through a link in the last part of a path, and without waiting for the writer of a pipe.
_FILE_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
# As a mere place to go on from, where the system has such: that needs no right to list it, and is quicker.
_FOLDER_FLAGS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC | os.O_DIRECTORY
_SUBFOLDER_FLAGS = _FOLDER_FLAGS | os.O_NOFOLLOW
_SITE_FOLDERS = (os.fsencode(POSTS_FOLDER), os.fsencode(DRAFTS_FOLDER))
# What File(…) does, without the cost of a Python call for each of 100,000.
_new = tuple.__new__


class FolderOrigin:
    """The origin of the posts below a folder, except in hidden folders."""

    def __init__(
        self, folder: Path, name: str = "folder", setting: str = "posts.folder", globs: Globs | None = None
    ) -> None:
        self.name = name
        self.unreadable: tuple[str, ...] = ()
        self._folder = folder
        self._root = os.fsencode(folder)
        self._setting = setting
        self._globs = globs or Globs()
        # File names that are not valid UTF-8, by how they are shown; all others are shown as they are.
        self._undecodable: dict[str, bytes] = {}
        self._files: Sequence[File] = ()
        self._is_mixed = False

    def files(self) -> Sequence[File]:
        """Return all posts, sorted by path; subfolders that can't be read are listed in `unreadable`.

        Raises:
            OriginError: The folder itself can't be read.
        """
        if not self._folder.is_dir():
            raise OriginError(
                f"The posts folder {self._folder} does not exist: create it, "
                f"or set {self._setting} to the folder of the posts."
            )
        # Nearly all folders have plain *.md alone, and are scanned often.
        self._is_mixed = False
        found: list[File] = []
        undecodable: dict[str, bytes] = {}
        unreadable: list[str] = []
        root = self._root
        waiting = [(root, "")]
        with _garbage_collection_off():
            while waiting:
                folder, prefix = waiting.pop()
                try:
                    self._scan(folder, prefix, found, waiting, undecodable)
                except OSError as error:
                    if folder == root:
                        raise OriginError(
                            f"The posts folder {self._folder} can't be read ({error.strerror}): "
                            "give the bot the right to read it."
                        ) from error
                    unreadable.append(prefix)
        if not self._globs.everything:
            found = [file for file in found if self._globs.matches(file.path)]
        if self._is_mixed:
            found = posts_among(found, is_posts_folder=POSTS_FOLDER in self._folder.absolute().parts)
        found.sort(key=itemgetter(0))
        self._undecodable, self.unreadable = undecodable, tuple(unreadable)
        self._files = found
        return found

    def first_times(self, *, history: bool) -> Mapping[str, datetime]:
        """Return when each file was written last, without the times at which most of them were: those of a copy."""
        return written_apart(self._files)

    def _scan(
        self,
        folder: bytes,
        prefix: str,
        found: list[File],
        waiting: list[tuple[bytes, str]],
        undecodable: dict[str, bytes],
    ) -> None:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                is_post = name.endswith(b".md")
                if not is_post and b"." in name[1:] and may_be_post(_printable(name)):
                    is_post = self._is_mixed = True
                if is_post and entry.is_file(follow_symlinks=False):
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    path = prefix + _printable(name)
                    if "\\" in path:
                        undecodable[path] = entry.path.removeprefix(self._root).lstrip(b"/")
                    found.append(_new(File, (path, status.st_mtime_ns, status.st_size)))
                elif entry.is_dir(follow_symlinks=False) and not name.startswith(b"."):
                    self._is_mixed |= name in _SITE_FOLDERS
                    waiting.append((entry.path, f"{prefix}{_printable(name)}/"))

    def read(self, file: File) -> bytes:
        """Return the file's bytes, with one more than its listed size if it has grown since.

        Raises:
            OSError: The file can't be read, or is no longer a regular file.
        """
        opened = _open_below(self._root, self._undecodable.get(file.path) or file.path.encode())
        try:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file")
            return _read_up_to(opened, file.size + 1)
        finally:
            os.close(opened)

    def close(self) -> None:
        """Do nothing: nothing is kept open."""


def _open_below(root: bytes, path: bytes) -> int:
    """Open the file at this path below the root, step by step: a folder on the way may have become a link."""
    at = os.open(root, _FOLDER_FLAGS)
    try:
        *folders, last = path.split(b"/")
        for name in folders:
            inside = os.open(name, _SUBFOLDER_FLAGS, dir_fd=at)
            os.close(at)
            at = inside
        return os.open(last, _FILE_FLAGS, dir_fd=at)
    finally:
        os.close(at)


@contextmanager
def _garbage_collection_off() -> Iterator[None]:
    """Turn off garbage collection: with 100,000 new files, it would take a quarter of the time (measured)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_up_to(opened: int, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := os.read(opened, size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _printable(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
