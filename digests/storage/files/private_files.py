"""Files of the bot that nobody else on the machine may read."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from digests.errors import StorageError

_PRIVATE_FILE = 0o600
_OTHERS = 0o077
_PRIVATE_FOLDER = 0o700


def make_folder(folder: Path) -> None:
    """Create the folder, for us alone, if it is missing.

    Raises:
        StorageError: It can't be created.
    """
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} can't be created ({error.strerror}): set data_dir to one that the bot may write to."
        ) from error


def make_database_file(file: Path) -> None:
    """Create an empty database that only we may read, if there is none.

    SQLite gives the files that it creates beside a database the rights of that database. An existing file is never
    opened: closing it would release the locks that SQLite holds on it in this process.

    Raises:
        StorageError: It can't be created.
    """
    make_folder(file.parent)
    target = Path(os.path.realpath(file))
    try:
        os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE))
    except FileExistsError:
        return
    except OSError as error:
        raise StorageError(
            f"The database {file} can't be created ({error.strerror}): check the folder, its rights and the disk."
        ) from error


def tighten_database(file: Path) -> None:
    """Remove others' rights from a database and the files beside it.

    To be called only once SQLite has opened it: whatever else a setting or a link may lead to is not ours to change.
    """
    target = Path(os.path.realpath(file))
    for suffix in ("", "-wal", "-shm", "-journal"):
        tighten(target.with_name(target.name + suffix))


def tighten(path: Path) -> None:
    """Remove others' rights from a file that is ours; leave another user's, which `is_open_to_others` reports."""
    with contextlib.suppress(OSError):
        if is_open_to_others(path) and path.is_file():
            path.chmod(_PRIVATE_FILE)


def tighten_folder(folder: Path) -> None:
    """Remove others' rights from a folder that is ours; a group that may write there was let in on purpose."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(folder.stat().st_mode)
        kept = mode & stat.S_IRWXG if mode & (stat.S_IWGRP | stat.S_ISGID) else 0
        if folder.is_dir() and not folder.is_symlink() and mode & _OTHERS & ~kept:
            folder.chmod(mode & ~_OTHERS | kept)


def is_open_to_others(path: Path) -> bool:
    """Return whether others on this machine have any right to the file; False if it does not exist."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def write_private(file: Path, text: str) -> None:
    """Write the text into a file that only we may read, even if the file exists with other rights.

    Raises:
        OSError: It can't be written.
    """
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _PRIVATE_FILE)
    with open(opened, "w", encoding="utf-8", newline="") as out:  # noqa: PTH123 - an open file
        if file.is_file() and is_open_to_others(file):
            os.fchmod(opened, _PRIVATE_FILE)
        out.write(text)


def replace_private(file: Path, data: bytes) -> None:
    """Put a file that only we may read in place of what is there; whoever opens it sees all of it or the one before.

    Raises:
        OSError: It can't be written; nothing is left behind then.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
        with open(opened, "wb") as out:  # noqa: PTH123 - an open file
            out.write(data)
        unfinished.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
