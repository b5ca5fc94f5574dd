"""`digestbot migrate`: to this version of the program, or to another database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.output import progress_bar
from bot.errors import StartError
from bot.runtime.lock import BotLock
from config.load import load_settings
from config.settings import Settings
from digests.errors import InvalidInput
from digests.operation.moving import MoveReport, check_ends, move
from digests.storage.engine.addresses import read_url, shown_url, sqlite_file
from digests.storage.migrate import migrate, take_back
from digests.storage.transfer.opening import open_source


def migrate_or_move(config: Path | None, source: str | None, target: str | None, *, anew: bool, back: bool) -> None:
    """Migrate the database of the settings, or move everything from `source` to `target`.

    Raises:
        InvalidInput: The options don't go together.
        StartError: A bot runs on one of the databases.
    """
    if back and (target or anew):
        raise InvalidInput("--back goes with nothing but --from: it lets a database be used again that was moved.")
    if (source is None) != (target is None) and not back:
        raise InvalidInput("--from and --to belong together: name the database to move from, and the one to move to.")
    if anew and target is None:
        raise InvalidInput("--anew belongs to --from and --to: it begins a move anew that was interrupted.")
    if back:
        _take_back(load_settings(config).database_url if source is None else source)
    elif source is not None and target is not None:
        _move(config, source, target, anew=anew)
    else:
        before, after = migrate(load_settings(config).database_url)
        print(
            f"The database is up to date (revision {after})." if before == after else f"Migrated to revision {after}."
        )


def _move(config: Path | None, source: str, target: str, *, anew: bool) -> None:
    # Not needed to move, but a mistake in them would be met at the next start.
    settings = load_settings(config)
    # Before both are locked: the second lock would find the first.
    check_ends(source, target)
    with ExitStack() as held:
        for url in (source, target):
            held.enter_context(nobody_on(url, "Then start it with database.url set to the new database."))
        moved = move(source, target, datetime.now(UTC), progress_bar, anew=anew)
    _tell(moved, source, settings)


def _tell(moved: MoveReport, source: str, settings: Settings) -> None:
    rows = sum(moved.rows.values())
    full = sum(1 for number in moved.rows.values() if number)
    print(f"Moved {rows:,} rows of {full} tables to {moved.destination}; each table was compared with the original.")
    print(
        f"Now set database.url to it and start the bot. {shown_url(source)} is kept as it was, and marked so that no "
        "bot starts on it by mistake; `digestbot migrate --back` takes that away."
    )
    print(
        f"Pictures stay in {settings.pictures_folder}: copy the folder if the bot moves to another machine. "
        "The search index is made anew at the first start."
    )


def _take_back(url: str) -> None:
    # Else a file with a mistyped name would be made, and be no moved database.
    open_source(url).close()
    with nobody_on(url, ""):
        was_moved = take_back(url)
    if was_moved:
        print(f"{shown_url(url)} can be used again. See that no bot runs on the database that it was moved to.")
    else:
        print(f"{shown_url(url)} was not moved: nothing was to be done.")


@contextmanager
def nobody_on(url: str, then: str) -> Iterator[None]:
    """Hold a bot's lock on a SQLite database; raise StartError if a bot runs on it. `then` follows what is said."""
    file = sqlite_file(read_url(url))
    if file is None or not file.parent.is_dir():
        yield
        return
    lock = BotLock(None, file)
    try:
        lock.acquire()
    except StartError as error:
        raise StartError(f"{error} {then}".rstrip()) from error
    try:
        yield
    finally:
        lock.release()
