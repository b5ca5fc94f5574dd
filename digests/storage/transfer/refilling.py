"""Filling a database from a backup, after all of the backup was read once. All of it blocks."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from digests.errors import StorageError
from digests.ports import OnProgress
from digests.storage.migrate import known_revisions, latest_revision
from digests.storage.transfer.archive import ArchiveReader
from digests.storage.transfer.copying import START, behind, differing, fill_table, sum_up
from digests.storage.transfer.ends import Summing, TableSum, Target
from digests.storage.transfer.lines import whole_lines
from digests.storage.transfer.manifest import Manifest, member_of, parse_manifest
from digests.storage.transfer.tables import TableForm


class OpenBackup:
    """A backup with an unbroken seal and a manifest that makes sense. Methods may raise StorageError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._archive = ArchiveReader(path)
        try:
            self.manifest: Manifest = parse_manifest(self._archive.manifest, self._archive.names, known_revisions())
        except BaseException:
            self._archive.close()
            raise

    def lines(self, form: TableForm) -> Generator[bytes]:
        """Yield a table's lines, many at a time."""
        try:
            yield from whole_lines(self._archive.read(member_of(form.name), self.manifest.sums[form.name].bytes))
        except ValueError as error:
            raise StorageError(
                f"The backup {self.path} is damaged (in {form.name}: {error}): take another one."
            ) from error

    def file(self, name: str) -> Generator[bytes]:
        """Yield the bytes of one of the files."""
        return self._archive.read(name, self.manifest.files[name].bytes)

    def check(self, on_progress: OnProgress) -> None:
        """Read all of it, and compare it with what the manifest says.

        Raises:
            StorageError: It is something else.
        """
        total, done = self.manifest.bytes, 0
        members: Sequence[tuple[str, TableSum, Generator[bytes]]] = [
            *((form.name, self.manifest.sums[form.name], self.lines(form)) for form in self.manifest.forms),
            *((name, each, self.file(name)) for name, each in self.manifest.files.items()),
        ]
        for name, expected, chunks in members:
            summing = Summing()
            with closing(chunks):
                for chunk in chunks:
                    summing.add(chunk)
                    on_progress((done + summing.bytes) // 1000, total // 1000)
            done += summing.bytes
            if summing.sum() != expected:
                raise StorageError(f"The backup {self.path} is not what it says (in {name}): take another one.")

    def close(self) -> None:
        """Close the file."""
        self._archive.close()


def refill(backup: OpenBackup, target: Target, on_progress: OnProgress) -> None:
    """Fill a target with what is in a backup, and compare it: afterwards it is complete, but not released.

    Raises:
        StorageError: A row can't be stored, or what is stored is not the same.
    """
    manifest = backup.manifest
    older = "" if manifest.revision == latest_revision() else manifest.revision
    target.begin(json.dumps({"kind": "restore", "from": str(backup.path)}), older)
    total, done = 2 * manifest.rows, 0
    for form in manifest.forms:
        with closing(backup.lines(form)) as chunks:
            try:
                fill_table(target, form, chunks, START, behind(done, total, on_progress))
            except ValueError as error:
                raise StorageError(f"The backup {backup.path} has an odd row (in {form.name}: {error}).") from error
        done += manifest.sums[form.name].rows
    target.complete(manifest.forms)
    with closing(target.source()) as filled:
        sums = sum_up(filled, manifest.forms, lambda rows, _: on_progress(done + rows, total))
    if wrong := differing(manifest.sums, sums):
        raise StorageError(f"What was restored is not what the backup has (in {', '.join(wrong)}): please report it.")
