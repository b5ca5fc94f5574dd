"""Keeps a second bot from running on the same files."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from bot.errors import StartError

_ONLY_US = 0o600


class BotLock:
    """A lock held from `acquire` until `release` or the end of the process; after a crash the system frees it.

    The data folder is locked for the search index in it, and the database because a bot with another data folder may be
    configured to use it. The latter takes a lock file: SQLite's own locks end when any handle on the database is
    closed. Without a folder, only the database is locked: by whoever moves or restores it.
    """

    def __init__(self, folder: Path | None, database: Path | None = None) -> None:
        self._paths: dict[Path, str] = {}
        if folder is not None:
            said = f"{folder}: stop it first, or give this bot another data_dir."
            self._paths[folder / "digestbot.lock"] = said
        if database is not None:
            # A link to the database, or to a folder on the way to it, leads to the same lock.
            real = Path(os.path.realpath(database))
            said = f"the database {database}: stop it first, or give this bot another database.url."
            self._paths[real.with_name(f"{real.name}.lock")] = said
        self._held: list[int] = []

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            StartError: when another process holds it, or the lock file can't be written.
        """
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
        """Give up the lock, if it is held."""
        for file in self._held:
            os.close(file)
        self._held.clear()
