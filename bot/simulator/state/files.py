"""Files that were uploaded, and pictures that Telegram "fetched": kept in memory, by file id."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bot.simulator.text.formatted import Json


@dataclass(slots=True)
class StoredFile:
    """A file; `content` is empty when the bot gave an address outside this machine, of which nothing is fetched."""

    file_id: str
    kind: str
    name: str
    mime: str
    content: bytes
    width: int = 0
    height: int = 0
    url: str = ""

    @property
    def unique_id(self) -> str:
        """Telegram's file_unique_id."""
        return self.file_id[-16:]

    @property
    def path(self) -> str:
        """Telegram's file_path, which getFile returns."""
        folder = "photos" if self.kind == "photo" else "documents"
        return f"{folder}/file_{self.unique_id}{_SUFFIXES.get(self.mime, '')}"

    def as_json(self) -> Json:
        """Return the fields that all of Telegram's kinds of files share."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.content) or 40_000}

    def sizes_json(self) -> list[Json]:
        """Return Telegram's PhotoSize objects, smallest first; all of them lead to the same file."""
        sizes: list[Json] = []
        for box in (90, 320, 800, 1280):
            scale = min(1.0, box / max(self.width, self.height, 1))
            size = {"width": max(1, round(self.width * scale)), "height": max(1, round(self.height * scale))}
            sizes.append({**self.as_json(), **size})
            if scale == 1.0:
                break
        return sizes


_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp"}


class FileStore:
    """All files, by id and by path."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._paths: dict[str, StoredFile] = {}
        self._forgotten: set[str] = set()

    def add(
        self, kind: str, name: str, mime: str, content: bytes, *, size: tuple[int, int] = (0, 0), url: str = ""
    ) -> StoredFile:
        """Add a file; the same content, or the same address, gets the same id, unless that was forgotten."""
        prefix = "AgACAgIAAx" if kind == "photo" else "BQACAgIAAx"
        digest = hashlib.sha256(kind.encode() + (content or url.encode())).hexdigest()
        while prefix + digest[:40] in self._forgotten:
            digest = hashlib.sha256(digest.encode()).hexdigest()
        file = StoredFile(prefix + digest[:40], kind, name, mime, content, *size, url)
        self._files[file.file_id] = file
        self._paths[file.path] = file
        return file

    def get(self, file_id: str) -> StoredFile | None:
        """Return the file with this id, which may have been forgotten: people still see it."""
        return self._files.get(file_id)

    def usable(self, file_id: str) -> StoredFile | None:
        """Return the file with this id, if the bot may still send it."""
        return None if file_id in self._forgotten else self._files.get(file_id)

    def forget(self) -> None:
        """Refuse all ids that are known now from the bot, as when Telegram forgets files."""
        self._forgotten.update(self._files)

    def by_path(self, path: str) -> StoredFile | None:
        """Return the file with this path."""
        return self._paths.get(path)
