"""One look at an origin's files, by folders, and what a process remembers of the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digests.ports import File, Origin


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All files in the order of their paths. `folders`: for each ("" or with "/" at its end) a number that is another
    when any file in it is, without those below it; in this process only."""

    files: Sequence[File]
    folders: Mapping[str, int]
    unreadable: tuple[str, ...]

    def within(self, folders: frozenset[str] | None) -> Sequence[File]:
        """The files of these folders; None: all."""
        if folders is None:
            return self.files
        return [file for file in self.files if folder_of(file.path) in folders]


@dataclass(slots=True)
class ScanState:
    """A few hundred numbers instead of 100,000 rows: what is as it was need not be asked of the database."""

    reading: str = ""
    unreadable: tuple[str, ...] = ()
    folders: Mapping[str, int] | None = None

    def changed(self, snapshot: Snapshot, reading: str) -> frozenset[str] | None:
        """The folders that came, went, or hold another file than at the last look; None: nothing is remembered."""
        if self.folders is None or (reading, snapshot.unreadable) != (self.reading, self.unreadable):
            return None
        return frozenset(name for name, _ in self.folders.items() ^ snapshot.folders.items())

    def keep(self, snapshot: Snapshot, reading: str) -> None:
        self.reading, self.unreadable, self.folders = reading, snapshot.unreadable, snapshot.folders

    def forget(self) -> None:
        self.folders = None


def take_snapshot(origin: Origin) -> Snapshot:
    """Blocks. Raises OriginError."""
    files = origin.files()
    folders: dict[str, int] = {}
    for file in files:
        folder = folder_of(file.path)
        # A sum, so that the order does not count.
        folders[folder] = folders.get(folder, 0) + hash(file)
    return Snapshot(files, folders, origin.unreadable)


def folder_of(path: str) -> str:
    return path[: path.rfind("/") + 1]
