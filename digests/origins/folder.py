"""Posts in a folder. Symbolic links are not followed: they could lead anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from digests.errors import OriginError
from digests.ports import File


class FolderOrigin:
    """Every `*.md` below a folder, hidden folders aside."""

    def __init__(self, folder: Path) -> None:
        self.name = "folder"
        self._folder = folder
        self._real: dict[str, bytes] = {}

    def files(self) -> Sequence[File]:
        """All posts in the order of their paths. Raises OriginError when the folder itself can't be read.

        A folder inside that can't be read is as if it were empty for now: its articles stay.
        """
        if not self._folder.is_dir():
            raise OriginError(
                f"The posts folder {self._folder} is not there: create it, or set posts.folder to where the posts lie."
            )
        try:
            found = list(self._walk(os.fsencode(self._folder)))
        except OSError as error:
            raise OriginError(
                f"The posts folder {self._folder} can't be read ({error.strerror}): give the bot the right to read it."
            ) from error
        self._real = {file.path: real for file, real in found}
        return [file for file, _ in sorted(found, key=lambda pair: pair[0].path)]

    def read(self, file: File) -> bytes:
        with open(self._real[file.path], "rb") as opened:  # noqa: PTH123 - names are bytes, some no valid text
            return opened.read()

    def _walk(self, root: bytes) -> Iterator[tuple[File, bytes]]:
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            try:
                entries = os.scandir(folder)
            except OSError:
                if folder == root:
                    raise
                continue
            with entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith(b"."):
                            waiting.append(entry.path)
                    elif entry.name.endswith(b".md") and entry.is_file(follow_symlinks=False):
                        stat = entry.stat(follow_symlinks=False)
                        path = os.path.relpath(entry.path, root).decode("utf-8", "backslashreplace")
                        yield File(path, stat.st_mtime_ns, stat.st_size), entry.path
