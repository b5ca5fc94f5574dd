"""Posts in a folder. Symbolic links are not followed: they could lead anywhere."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path

from digests.errors import OriginError
from digests.origins.globs import Globs
from digests.ports import File

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
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
        root = os.fsencode(self._folder)
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
            found = [file for file in found if self._globs.take(file.path)]
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
                        stat = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    path = prefix + _shown(name)
                    if "\\" in path:
                        odd[path] = entry.path
                    found.append(_make(File, (path, stat.st_mtime_ns, stat.st_size)))
                elif entry.is_dir(follow_symlinks=False) and not name.startswith(b"."):
                    waiting.append((entry.path, f"{prefix}{_shown(name)}/"))

    def read(self, file: File) -> bytes:
        """One byte more than the file had when it was listed shows that it has grown since."""
        real = self._odd.get(file.path) or os.path.join(os.fsencode(self._folder), file.path.encode())  # noqa: PTH118
        opened = os.open(real, os.O_RDONLY | os.O_CLOEXEC | _NO_LINKS)
        with open(opened, "rb", buffering=0) as raw:  # noqa: PTH123 - names are bytes, some no valid text
            return _whole(raw.read, file.size + 1)

    def close(self) -> None:
        """Nothing is kept open."""


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


def _whole(read: Callable[[int], bytes | None], size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
