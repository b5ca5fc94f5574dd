"""The two ends of a move: a database that is read, and one that is filled. All of it blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from digests.storage.transfer.tables import TableForm


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, how many bytes their lines take, and the SHA-256 of those."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a table has come in a target: the rows written, and the key of the last."""

    rows: int
    key: tuple[object, ...]


class Source(Protocol):
    """A database at one moment. Any method may raise StorageError."""

    def lines(self, form: TableForm, after: Sequence[object] = ()) -> Generator[bytes]:
        """Yield the table's lines in the order of its key, many at a time, those behind the key `after`."""
        ...

    def counts(self, forms: Sequence[TableForm]) -> dict[str, int]:
        """Return the number of rows of each table."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Target(Protocol):
    """A database that is being filled; nobody else uses it. Any method may raise StorageError."""

    def note(self) -> tuple[str, dict[str, Reached]] | None:
        """Return what was noted when filling it began, and how far each table has come; None if that never was."""
        ...

    def row_in_use(self) -> str | None:
        """Return the name of one of our tables that has a row; None if all are empty or missing."""
        ...

    def begin(self, note: str, older: str = "") -> None:
        """Make the tables anew, without what is slow to fill, and note that they are being filled.

        `older` is a revision whose tables are made, with all that belongs to them, if it is not the latest.
        """
        ...

    def write(self, form: TableForm, lines: bytes, reached: Reached) -> None:
        """Add lines, and note that the table has come so far, in one transaction."""
        ...

    def complete(self, forms: Sequence[TableForm]) -> None:
        """Make the indexes, check what refers to what, and let the numbering of rows go on."""
        ...

    def release(self) -> None:
        """End the leases of the processes of the old database, and let programs use this one."""
        ...

    def source(self) -> Source:
        """Return it as a source, to be read back."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Summing:
    """Sums up lines as they pass."""

    def __init__(self) -> None:
        self.rows = 0
        self.bytes = 0
        self._hash = hashlib.sha256()

    def add(self, lines: bytes) -> None:
        """Count some lines."""
        self.rows += lines.count(b"\n")
        self.bytes += len(lines)
        self._hash.update(lines)

    def sum(self) -> TableSum:
        """Return the sum so far."""
        return TableSum(self.rows, self.bytes, self._hash.hexdigest())


def passing(lines: Iterable[bytes], summing: Summing) -> Iterator[bytes]:
    """Yield the lines, and sum them up."""
    for chunk in lines:
        summing.add(chunk)
        yield chunk
