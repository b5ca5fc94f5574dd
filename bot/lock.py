"""Keeps a second bot from running on the same files."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from bot.errors import StartError


class FolderLock:
    """Held from `take` until the process ends or `release`; the system frees it after a crash too."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "digestbot.lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises StartError when another process holds it."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w")
        except OSError as error:
            raise StartError(
                f"The data folder {self._path.parent} can't be written to ({error.strerror}): "
                "set data_dir to a folder that the bot may write to."
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise StartError(
                f"Another bot is running on {self._path.parent}: end it first, or give this one another data_dir."
            ) from None

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
