"""Posts in a folder. Symbolic links are not followed: they could lead anywhere."""

from __future__ import annotations

import errno
import gc
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path

from digests.errors import OriginError
from digests.origins.globs import Globs
from digests.ports import File

# Without links in the last part of a path, and without waiting for whoever writes into a pipe.
_FILE = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
# As a mere place to go on from, where the system knows such: that needs no right to list it, and is quicker.
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC | os.O_DIRECTORY
_INSIDE = _FOLDER | os.O_NOFOLLOW
# What File(…) does, without its own step of the program for each of 100,000.
_make = tuple.__new__


class FolderOrigin:
    """Every `*.md` below a folder, hidden folders aside."""

    def __init__(
        self, folder: Path, name: str = "folder", setting: str = "posts.folder", globs: Globs | None = None
    ) -> None:
        self.name = name
        self.unreadable: tuple[str, ...] = ()
        self._folder = folder
        self._root = os.fsencode(folder)
        self._setting = setting
        self._globs = globs or Globs()
        # Names that are no valid text, by how they are shown; all others are their own names.
        self._odd: dict[str, bytes] = {}

    def files(self) -> Sequence[File]:
        """All posts in the order of their paths. Raises OriginError when the folder itself can't be read.

        A folder inside that can't be read is as it was: what lay in it stays.
        """
        if not self._folder.is_dir():
            raise OriginError(
                f"The posts folder {self._folder} is not there: create it, "
                f"or set {self._setting} to where the posts lie."
            )
        found: list[File] = []
        odd: dict[str, bytes] = {}
        unreadable: list[str] = []
        root = self._root
        waiting = [(root, "")]
        with _no_search_for_garbage():
            while waiting:
                folder, prefix = waiting.pop()
                try:
                    self._look_into(folder, prefix, found, waiting, odd)
                except OSError as error:
                    if folder == root:
                        raise OriginError(
                            f"The posts folder {self._folder} can't be read ({error.strerror}): "
                            "give the bot the right to read it."
                        ) from error
                    unreadable.append(prefix)
        if not self._globs.everything:
            found = [file for file in found if self._globs.matches(file.path)]
        found.sort(key=itemgetter(0))
        self._odd, self.unreadable = odd, tuple(unreadable)
        return found

    def _look_into(
        self,
        folder: bytes,
        prefix: str,
        found: list[File],
        waiting: list[tuple[bytes, str]],
        odd: dict[str, bytes],
    ) -> None:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.endswith(b".md") and entry.is_file(follow_symlinks=False):
                    try:
                        seen = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    path = prefix + _shown(name)
                    if "\\" in path:
                        odd[path] = entry.path.removeprefix(self._root).lstrip(b"/")
                    found.append(_make(File, (path, seen.st_mtime_ns, seen.st_size)))
                elif entry.is_dir(follow_symlinks=False) and not name.startswith(b"."):
                    waiting.append((entry.path, f"{prefix}{_shown(name)}/"))

    def read(self, file: File) -> bytes:
        """One byte more than the file had when it was listed shows that it has grown since."""
        opened = _open_below(self._root, self._odd.get(file.path) or file.path.encode())
        try:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise OSError(errno.EINVAL, "it is no regular file")
            return _whole(opened, file.size + 1)
        finally:
            os.close(opened)

    def close(self) -> None:
        """Nothing is kept open."""


def _open_below(root: bytes, path: bytes) -> int:
    """Opens what lies at this path below the root, step by step: a folder on the way may have become a link."""
    at = os.open(root, _FOLDER)
    try:
        *folders, last = path.split(b"/")
        for name in folders:
            inside = os.open(name, _INSIDE, dir_fd=at)
            os.close(at)
            at = inside
        return os.open(last, _FILE, dir_fd=at)
    finally:
        os.close(at)


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """100,000 new files make Python search all its objects again and again: a quarter of the time (measured)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _whole(opened: int, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := os.read(opened, size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
