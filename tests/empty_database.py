"""Migrated, empty databases of SQLite: copies of a file, since making each anew would take most of a short test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from digests.storage.files.private_files import make_database_file
from digests.storage.migrate import migrate


def make_empty_database(file: Path) -> str:
    """Put a database at the path, with the rights that the program gives it, and return its URL."""
    make_database_file(file)
    file.write_bytes(_pattern())
    return f"sqlite:///{file}"


@cache
def _pattern() -> bytes:
    """Return the file of a database that the program has made."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()
