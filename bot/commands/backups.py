"""`digestbot backup` and `digestbot restore`."""

from __future__ import annotations

import asyncio
import contextlib
import os
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bot.commands.output import progress_bar
from bot.errors import StartError
from bot.runtime.lock import BotLock
from config.load import load_settings
from config.settings import Settings
from digests.model.backup import LAST_BACKUP
from digests.operation.backup import BackupReport, Belongings, make_backup
from digests.operation.restoring import restore
from digests.storage.database import Database
from digests.storage.files.data_folder import prepare_data_folder
from digests.storage.people.people import PeopleStore

# Readers' commands come first.
_NICENESS = 10


def back_up(config: Path | None, file: Path, *, with_search: bool) -> None:
    """Make a backup, and note that for the doctor."""
    settings = load_settings(config)
    prepare_data_folder(settings)
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    now = datetime.now(UTC)
    belongings = _belongings(settings, with_search=with_search)
    report = make_backup(settings.database_url, file, belongings, now, version("digestbot"), progress_bar)
    shown = f"{report.manifest.rows:,} rows, {report.bytes / 1e6:,.1f} MB"
    asyncio.run(_note(settings, f"{file.absolute()}: {shown}", now))
    print(f"Backed up to {file}: {shown}. It was restored into a temporary place, and is the same there.")
    _tell_what_is_not_in_it(settings, report)


def _tell_what_is_not_in_it(settings: Settings, report: BackupReport) -> None:
    print(
        f"It has no token and no settings, but all that is known of readers: keep it where nobody else may look. "
        f"Of the pictures in {settings.pictures_folder} it has the list alone."
    )


async def _note(settings: Settings, text: str, now: datetime) -> None:
    database = Database(settings.database_url)
    try:
        await PeopleStore(database).note(LAST_BACKUP, text, now)
    finally:
        await database.close()


def restore_backup(config: Path | None, file: Path, *, replace: bool) -> None:
    """Restore a backup.

    Raises:
        StartError: A bot is running.
    """
    settings = load_settings(config)
    prepare_data_folder(settings)
    lock = BotLock(settings.data_dir, settings.database_file)
    try:
        lock.acquire()
    except StartError as error:
        raise StartError(
            f"{error} A restore under a running bot would be lost, or make it send things twice."
        ) from error
    try:
        report = restore(
            file,
            settings.database_url,
            _belongings(settings, with_search=True),
            datetime.now(UTC),
            progress_bar,
            replace=replace,
        )
    finally:
        lock.release()
    manifest = report.manifest
    print(f"Restored {manifest.rows:,} rows from the backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC.")
    print("What was sent since then is not in it: some of it may come again. Uncertain messages are held.")
    if report.kept is not None:
        print(f"The database that was there is now {report.kept}: delete it once all is well.")
    if report.missing:
        print(
            f"{report.missing:,} of {report.pictures:,} pictures are not in {settings.pictures_folder}: copy them "
            "there if you have them; digests come without them otherwise."
        )


def _belongings(settings: Settings, *, with_search: bool) -> Belongings:
    is_file = settings.database_file is not None
    return Belongings(settings.search_path if with_search and is_file else None, settings.pictures_folder)
