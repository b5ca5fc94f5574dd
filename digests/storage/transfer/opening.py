"""Opening the two ends of a move by their addresses."""

from __future__ import annotations

import os

import sqlalchemy as sa

from digests.errors import InvalidInput, StorageError
from digests.storage.engine.addresses import read_url, shown_url, sqlite_file
from digests.storage.transfer.ends import Source, Target
from digests.storage.transfer.sqlite_end import SqliteSource, SqliteTarget


def open_source(url: str) -> Source:
    """Open a database to read all of it, as it is now.

    Raises:
        InvalidInput: The address is invalid.
        StorageError: No database can be read there.
    """
    parsed = _readable(url)
    if (file := sqlite_file(parsed)) is not None:
        if not file.is_file():
            raise StorageError(f"There is no database at {shown_url(url)}.")
        return SqliteSource(file)
    # Imported for those who use it: it takes a good part of the program's start.
    from digests.storage.transfer.postgres_end import PostgresSource

    return PostgresSource(parsed)


def open_target(url: str) -> Target:
    """Open a database to fill it.

    Raises:
        InvalidInput: The address is invalid.
        StorageError: No database can be opened there.
    """
    parsed = _readable(url)
    if (file := sqlite_file(parsed)) is not None:
        return SqliteTarget(file)
    from digests.storage.transfer.postgres_end import PostgresTarget

    return PostgresTarget(parsed)


def are_same(url: str, other: str) -> bool:
    """Return whether two addresses lead to one database, as far as addresses tell."""
    files = [sqlite_file(read_url(each)) for each in (url, other)]
    if None not in files:
        return len({os.path.realpath(file) for file in files if file is not None}) == 1
    return shown_url(url) == shown_url(other)


def _readable(url: str) -> sa.URL:
    """Parse the address of a database that lasts."""
    parsed = read_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite" and sqlite_file(parsed) is None:
        raise InvalidInput("A database in memory can't be moved: name a file, as in sqlite:///file.")
    if backend not in ("sqlite", "postgresql"):
        raise InvalidInput(f"A database of {backend} can't be used: write sqlite:///file or postgresql://….")
    return parsed
