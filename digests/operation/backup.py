"""Making a backup of a bot that may be running, and trying it out before it is called good. All of it blocks.

Readers and writers go on meanwhile: the database is read as it was at one moment, in a transaction that locks nothing.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import sqlite_url
from digests.errors import InvalidInput, StorageError
from digests.ports import OnProgress, ShowProgress
from digests.storage.engine.failures import explain_file_error
from digests.storage.files.private_files import make_database_file
from digests.storage.migrate import latest_revision, migrate
from digests.storage.transfer.archive import ArchiveWriter
from digests.storage.transfer.ends import Source, Summing, TableSum, passing
from digests.storage.transfer.manifest import PICTURES, SEARCH, Manifest, manifest_data, member_of
from digests.storage.transfer.opening import open_source, open_target
from digests.storage.transfer.refilling import OpenBackup, refill
from digests.storage.transfer.tables import moved_tables

_CHUNK = 1_000_000
_BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a bot keeps beside its database: the search index, if it is a file, and the folder of pictures."""

    search: Path | None
    pictures: Path


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was made and tried out; `bytes` is the size of its file."""

    manifest: Manifest
    bytes: int


def make_backup(
    url: str, path: Path, belongings: Belongings, now: datetime, version: str, show: ShowProgress
) -> BackupReport:
    """Write a backup of a database and of what belongs to it to `path`, and restore it into a temporary place.

    Raises:
        InvalidInput: `path` can't be taken.
        StorageError: The database can't be read, the backup can't be written, or it is not good.
    """
    _check_place(path)
    migrate(url)
    archive = ArchiveWriter(path)
    try:
        manifest = _write(archive, url, belongings, now, version, show)
        archive.seal(manifest_data(manifest))
        with show("Trying the backup out") as on_progress:
            _try_out(archive.unfinished, path.parent, on_progress)
        archive.put_in_place()
    finally:
        archive.discard()
    return BackupReport(manifest, path.stat().st_size)


def _check_place(path: Path) -> None:
    """Check that a backup may take this place: nothing else may be lost."""
    try:
        path.stat()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InvalidInput(f"{path} can't be written ({error.strerror}): name another file.") from error
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder: name a file in it, such as {path / 'digestbot.backup'}.")
    if not path.parent.is_dir():
        raise InvalidInput(f"The folder {path.parent} is not there: create it, or name another file.")
    if not os.path.lexists(path):
        return
    try:
        OpenBackup(path).close()
    except StorageError as error:
        raise InvalidInput(f"{path} is there already, and is no backup: name another file.") from error


def _write(
    archive: ArchiveWriter, url: str, belongings: Belongings, now: datetime, version: str, show: ShowProgress
) -> Manifest:
    files: dict[str, TableSum] = {}
    # The index comes first: one that is behind its articles catches up with them, one that is ahead would not.
    if belongings.search is not None and belongings.search.is_file():
        with (
            show("Backing up the search index, in kB") as on_progress,
            _copied_index(belongings.search, archive.path.parent) as copy,
        ):
            files[SEARCH] = _add(archive, SEARCH, _file_chunks(copy, on_progress))
    with closing(open_source(url)) as source:
        sums = _write_tables(archive, source, show)
    files[PICTURES] = _add(archive, PICTURES, _listed_pictures(belongings.pictures))
    return Manifest(version, latest_revision(), now, moved_tables(), sums, files)


def _write_tables(archive: ArchiveWriter, source: Source, show: ShowProgress) -> dict[str, TableSum]:
    forms = moved_tables()
    sums: dict[str, TableSum] = {}
    total, done = sum(source.counts(forms).values()), 0
    with show("Backing up the database") as on_progress:
        for form in forms:
            with closing(source.lines(form)) as lines:
                sums[form.name] = _add(archive, member_of(form.name), _told(lines, done, total, on_progress))
            done += sums[form.name].rows
    return sums


def _told(lines: Iterator[bytes], done: int, total: int, on_progress: OnProgress) -> Iterator[bytes]:
    for chunk in lines:
        yield chunk
        done += chunk.count(b"\n")
        on_progress(done, total)


def _add(archive: ArchiveWriter, name: str, chunks: Iterator[bytes]) -> TableSum:
    summing = Summing()
    archive.add(name, passing(chunks, summing))
    return summing.sum()


@contextmanager
def _copied_index(search: Path, folder: Path) -> Generator[Path]:
    """Provide a copy of the search index as it is now; whoever writes it goes on."""
    with _room(folder) as room:
        copy = room / "search.db"
        make_database_file(copy)
        try:
            with closing(sqlite3.connect(search, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
                connection.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error as error:
            raise StorageError(explain_file_error(error, search)) from error
        yield copy


def _file_chunks(file: Path, on_progress: OnProgress) -> Iterator[bytes]:
    total, done = file.stat().st_size, 0
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk
            done += len(chunk)
            on_progress(done // 1000, total // 1000)


def _listed_pictures(folder: Path) -> Iterator[bytes]:
    """Yield a line for each file of the folder: its name and its size."""
    names = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    for path in names:
        name = path.relative_to(folder).as_posix()
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            # It made room for another one meanwhile.
            continue
        if "\n" not in name and "\t" not in name:
            yield f"{name}\t{size}\n".encode(errors="surrogateescape")


def _try_out(unfinished: Path, folder: Path, on_progress: OnProgress) -> None:
    """Restore a backup into a temporary place, and compare what is there with it."""
    with closing(OpenBackup(unfinished)) as backup, _room(folder) as room:
        for name in backup.manifest.files:
            for _ in backup.file(name):
                pass
        with closing(open_target(sqlite_url(room / "tried.db"))) as target:
            refill(backup, target, on_progress)


@contextmanager
def _room(folder: Path) -> Generator[Path]:
    """Provide a temporary folder for us alone, beside the backup, where there has to be room anyway."""
    try:
        room = tempfile.mkdtemp(prefix=".digestbot-", dir=folder)
    except OSError as error:
        raise StorageError(f"Nothing can be written to {folder} ({error.strerror}): name another file.") from error
    try:
        yield Path(room)
    finally:
        shutil.rmtree(room, ignore_errors=True)
