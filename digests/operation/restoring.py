"""Putting back what a backup has. All of it blocks; the caller knows that no bot runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import sqlite_url
from digests.errors import StorageError
from digests.operation.backup import Belongings
from digests.ports import ShowProgress
from digests.storage.engine.addresses import read_url, shown_url, sqlite_file
from digests.storage.engine.failures import explain_file_error
from digests.storage.files.private_files import make_folder
from digests.storage.migrate import migrate, refuse_others
from digests.storage.transfer.living import living_processes
from digests.storage.transfer.manifest import PICTURES, SEARCH, Manifest
from digests.storage.transfer.opening import open_target
from digests.storage.transfer.refilling import OpenBackup, refill

_BESIDE = ("-wal", "-shm", "-journal")
_PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored; `kept` is where the database is that was there before, `missing` how many pictures are not."""

    manifest: Manifest
    kept: Path | None
    pictures: int
    missing: int


def restore(
    path: Path, url: str, belongings: Belongings, now: datetime, show: ShowProgress, *, replace: bool = False
) -> RestoreReport:
    """Restore a backup into the database at `url`; `replace` one that is not empty.

    Nothing is written before all of the backup was read and compared with its checksums.

    Raises:
        StorageError: The backup is not good, a bot is running, or the database is not empty.
        NewerDatabase: The backup was made by a newer version of the program.
    """
    with closing(OpenBackup(path)) as backup:
        with show("Reading the backup, in kB") as on_progress:
            backup.check(on_progress)
        file = sqlite_file(read_url(url))
        if file is not None:
            kept = _into_file(backup, Path(os.path.realpath(file)), now, show, replace=replace)
        else:
            kept = None
            _into_server(backup, url, show, replace=replace)
        _put_index(backup, belongings.search)
        pictures, missing = _compare_pictures(backup, belongings.pictures)
    return RestoreReport(backup.manifest, kept, pictures, missing)


def _refuse_full(url: str, table: str | None, *, replace: bool) -> None:
    if table is not None and not replace:
        raise StorageError(
            f"The database at {shown_url(url)} is not empty (there are rows in {table}). Add --replace if what is in "
            "it may be lost."
        )


def _into_file(backup: OpenBackup, file: Path, now: datetime, show: ShowProgress, *, replace: bool) -> Path | None:
    """Fill a new file beside the database, then let it take its place; return where the old one is, if any."""
    url = sqlite_url(file)
    make_folder(file.parent)
    is_there = file.is_file() and file.stat().st_size > 0
    if is_there:
        if not replace:
            refuse_others(url)
        with closing(open_target(url)) as present:
            _refuse_full(url, present.row_in_use(), replace=replace)
    _check_room(backup, file.parent)
    new = file.with_name(f"{file.name}.new")
    _remove(new)
    try:
        with closing(open_target(sqlite_url(new))) as target, show("Restoring") as on_progress:
            refill(backup, target, on_progress)
            target.release()
        migrate(sqlite_url(new))
        _empty_journal(new)
        kept = _set_aside(file, now) if is_there else None
        new.replace(file)
    except BaseException:
        _remove(new)
        raise
    return kept


def _into_server(backup: OpenBackup, url: str, show: ShowProgress, *, replace: bool) -> None:
    if living := living_processes(url):
        raise StorageError(f"A bot runs on the database ({', '.join(living)}): stop it, and run this command again.")
    with closing(open_target(url)) as target:
        note = target.note()
        if note is None:
            if not replace:
                refuse_others(url)
            _refuse_full(url, target.row_in_use(), replace=replace)
        elif '"restore"' not in note[0] and not replace:
            raise StorageError(
                f"An unfinished move is in the database at {shown_url(url)}: end it, or add --replace to drop it."
            )
        with show("Restoring") as on_progress:
            refill(backup, target, on_progress)
        target.release()
    migrate(url)


def _check_room(backup: OpenBackup, folder: Path) -> None:
    """Check that the disk has room for what the backup says that it has."""
    free = shutil.disk_usage(folder).free
    if backup.manifest.bytes > free:
        raise StorageError(
            f"The backup needs {backup.manifest.bytes / 1e6:,.0f} MB in {folder}, where {free / 1e6:,.0f} MB are free: "
            "make room."
        )


def _set_aside(file: Path, now: datetime) -> Path:
    """Give the old database another name, with all that is in its journal."""
    _empty_journal(file)
    kept = file.with_name(f"{file.name}.before-{now:%Y%m%d-%H%M%S}")
    try:
        # Both names, so that at no time there is no database.
        kept.hardlink_to(file)
    except OSError:
        file.replace(kept)
    for suffix in _BESIDE:
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    return kept


def _empty_journal(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StorageError(explain_file_error(error, file)) from error


def _remove(file: Path) -> None:
    for suffix in ("", *_BESIDE):
        with suppress(OSError):
            file.with_name(file.name + suffix).unlink()


def _put_index(backup: OpenBackup, search: Path | None) -> None:
    """Put the search index in its place; without one, remove an index of what was there before: it is made anew."""
    if search is None:
        return
    new = search.with_name(f"{search.name}.new")
    _remove(new)
    if SEARCH in backup.manifest.files:
        make_folder(search.parent)
        opened = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE)
        with open(opened, "wb") as out:  # noqa: PTH123 - an open file
            out.writelines(backup.file(SEARCH))
    _remove(search)
    if new.exists():
        new.replace(search)


def _compare_pictures(backup: OpenBackup, folder: Path) -> tuple[int, int]:
    """Return how many pictures the bot had, and how many of them are not in the folder."""
    if PICTURES not in backup.manifest.files:
        return 0, 0
    listed = b"".join(backup.file(PICTURES)).decode(errors="surrogateescape").splitlines()
    names = [line.partition("\t")[0] for line in listed]
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*")} if folder.is_dir() else set()
    return len(names), sum(1 for name in names if name not in here)
