"""Keeps a second bot from running on the same files."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import StartError

_ONLY_US = 0o600


class BotLock:
    """Held from `take` until the process ends or `release`; the system frees it after a crash too.

    The folder is locked for the search index in it, the database because another folder's bot may be told to use it.
    The latter by a file beside it: SQLite's own locks on a database end when any file handle on it is closed.
    """

    def __init__(self, folder: Path, database: Path | None = None) -> None:
        self._paths = {folder / "digestbot.lock": f"{folder}: end it first, or give this one another data_dir."}
        if database is not None:
            # A link to a database, or to a folder on the way to it, leads to the same lock.
            real = Path(os.path.realpath(database))
            said = f"the database {database}: end it first, or give this one another database.url."
            self._paths[real.with_name(f"{real.name}.lock")] = said
        self._held: list[int] = []

    def acquire(self) -> None:
        """Raises StartError when another process holds it."""
        for path, said in self._paths.items():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _ONLY_US)
            except OSError as error:
                self.release()
                raise StartError(
                    f"The folder {path.parent} can't be written to ({error.strerror}): "
                    "set data_dir to a folder that the bot may write to."
                ) from error
            self._held.append(file)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.release()
                raise StartError(f"Another bot is running on {said}") from None

    def release(self) -> None:
        for file in self._held:
            os.close(file)
        self._held.clear()
