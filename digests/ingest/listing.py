"""The files of an origin at one moment, by folders, and what a scan leaves to the next one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digests.ports import File, Origin


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All files of an origin, in the order of their paths, as a scan found them.

    `folders` has for each ("" or with "/" at its end) a number that is another when any file in it is, those below it
    not counted; it can be compared in this process only. Into `unreadable` folders the scan could not look.
    """

    files: Sequence[File]
    folders: Mapping[str, int]
    unreadable: tuple[str, ...]

    def within(self, folders: frozenset[str] | None) -> Sequence[File]:
        """Return the files of these folders, not of those below them; None: all."""
        if folders is None:
            return self.files
        return [file for file in self.files if folder_of(file.path) in folders]


@dataclass(slots=True)
class ScanState:
    """What a process remembers of an origin's last scan.

    A few hundred numbers instead of 100,000 rows: what is as it was need not be asked of the database.
    """

    reading: str = ""
    unreadable: tuple[str, ...] = ()
    folders: Mapping[str, int] | None = None

    def changed(self, snapshot: Snapshot, reading: str) -> frozenset[str] | None:
        """Return the folders that came, went, or hold another file than then; None: nothing is remembered."""
        if self.folders is None or (reading, snapshot.unreadable) != (self.reading, self.unreadable):
            return None
        return frozenset(name for name, _ in self.folders.items() ^ snapshot.folders.items())

    def keep(self, snapshot: Snapshot, reading: str) -> None:
        """Remember a scan after which nothing is left to be read again; `reading` is the fingerprint of how it read."""
        self.reading, self.unreadable, self.folders = reading, snapshot.unreadable, snapshot.folders

    def forget(self) -> None:
        """Make the next scan ask the database of every file."""
        self.folders = None


def take_snapshot(origin: Origin) -> Snapshot:
    """Return what is there now. Blocks; raises OriginError."""
    files = origin.files()
    folders: dict[str, int] = {}
    for file in files:
        folder = folder_of(file.path)
        # A sum, so that the order does not count.
        folders[folder] = folders.get(folder, 0) + hash(file)
    return Snapshot(files, folders, origin.unreadable)


def folder_of(path: str) -> str:
    """Return the folder of a file, with "/" at its end; "" for one that lies in none."""
    return path[: path.rfind("/") + 1]
