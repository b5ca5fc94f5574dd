"""Databases as released versions of the program left them."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

RELEASES = ("0.1.0",)
LEFT_AT = datetime(2026, 6, 7, 9, 0, tzinfo=UTC)
"""When each of them was stopped, with digests planned that were not sent, and one in the middle of being sent."""


def load_released(version: str, file: Path) -> str:
    """Make the database of a released version at `file`, and return its URL."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = gzip.decompress(Path(__file__).with_name(f"{version}.sql.gz").read_bytes()).decode()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(text)
    return f"sqlite:///{file}"
