"""Articles that change, for an index to be filled from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace

from digests.model.article import IndexEntry
from digests.model.ids import ArticleId


class Newspaper:
    """Articles that change; what an index is filled from."""

    def __init__(self) -> None:
        self._entries: dict[ArticleId, IndexEntry] = {}
        self._revision = 0

    def change(self, entries: Iterable[IndexEntry]) -> None:
        for entry in entries:
            self._revision += 1
            self._entries[entry.id] = replace(entry, revision=self._revision)

    @property
    def entries(self) -> list[IndexEntry]:
        return list(self._entries.values())

    async def last_revision(self) -> int:
        return self._revision

    async def counts(self) -> tuple[int, int]:
        return len(self._entries), 0

    async def changed_since(self, revision: int, limit: int) -> Sequence[IndexEntry]:
        changed = sorted(
            (entry for entry in self.entries if entry.revision > revision), key=lambda entry: entry.revision
        )
        return changed[:limit]

    async def by_time(self, size: int) -> AsyncIterator[Sequence[IndexEntry]]:
        ordered = sorted(self.entries, key=lambda entry: (entry.shown_at, entry.id))
        for start in range(0, len(ordered), size):
            yield ordered[start : start + size]
