"""Files of the bot's own, which nobody else on the machine may read."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from digests.errors import StorageError

_ONLY_US = 0o600
_OTHERS = 0o077
_ONLY_OUR_FOLDER = 0o700


def make_folder(folder: Path) -> None:
    """Makes the folder, for us alone, where it is missing. Raises StorageError."""
    try:
        folder.mkdir(mode=_ONLY_OUR_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} can't be made ({error.strerror}): set data_dir to one that the bot may write to."
        ) from error


def make_database_file(file: Path) -> None:
    """Makes an empty database that only we may read, where there is none. Raises StorageError.

    SQLite gives the files that it writes beside a database the rights of that database. A file that is there is never
    opened: closing it again would let go of the locks that SQLite holds on it in this process.
    """
    make_folder(file.parent)
    real = Path(os.path.realpath(file))
    try:
        os.close(os.open(real, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _ONLY_US))
    except FileExistsError:
        return
    except OSError as error:
        raise StorageError(
            f"The database {file} can't be made ({error.strerror}): check the folder, its rights and the disk."
        ) from error


def tighten_database(file: Path) -> None:
    """Takes the rights of others from a database and what lies beside it.

    Only once SQLite has opened it: whatever else a setting or a link leads to by mistake is not ours to change.
    """
    real = Path(os.path.realpath(file))
    for suffix in ("", "-wal", "-shm", "-journal"):
        tighten(real.with_name(real.name + suffix))


def tighten(path: Path) -> None:
    """Takes the rights of others from a file that is ours; another's is left, and `is_open_to_others` tells of it."""
    with contextlib.suppress(OSError):
        if is_open_to_others(path) and path.is_file():
            path.chmod(_ONLY_US)


def is_open_to_others(path: Path) -> bool:
    """Whether others on this machine have any right to it; not if it is not there."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def write_private(file: Path, text: str) -> None:
    """Writes the text into a file that only we may read, also where it was there with other rights. Raises OSError."""
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _ONLY_US)
    with open(opened, "w", encoding="utf-8", newline="") as out:  # noqa: PTH123 - an open file
        if file.is_file() and is_open_to_others(file):
            os.fchmod(opened, _ONLY_US)
        out.write(text)
