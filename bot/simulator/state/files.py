"""Files that were uploaded, and pictures that Telegram "fetched": kept in memory, named by file ids."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bot.simulator.text.formatted import Json


@dataclass(slots=True)
class StoredFile:
    """`content` is empty for a picture given by its address: the simulator fetches nothing from the net."""

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
        return self.file_id[-16:]

    @property
    def path(self) -> str:
        folder = "photos" if self.kind == "photo" else "documents"
        return f"{folder}/file_{self.unique_id}{_SUFFIXES.get(self.mime, '')}"

    def as_json(self) -> Json:
        """What every sort of file shows."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.content) or 40_000}

    def sizes_json(self) -> list[Json]:
        """Telegram's PhotoSize list, smallest first; all sizes lead to the same file."""
        sizes: list[Json] = []
        for box in (90, 320, 800, 1280):
            scale = min(1.0, box / max(self.width, self.height, 1))
            size = {"width": max(1, round(self.width * scale)), "height": max(1, round(self.height * scale))}
            sizes.append({**self.as_json(), **size})
            if scale == 1.0:
                break
        return sizes


_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp"}


class Files:
    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._paths: dict[str, StoredFile] = {}

    def add(
        self, kind: str, name: str, mime: str, content: bytes, *, size: tuple[int, int] = (0, 0), url: str = ""
    ) -> StoredFile:
        """The same content (or address) gets the same id."""
        digest = hashlib.sha256(kind.encode() + (content or url.encode())).hexdigest()
        prefix = "AgACAgIAAx" if kind == "photo" else "BQACAgIAAx"
        file = StoredFile(f"{prefix}{digest[:40]}", kind, name, mime, content, *size, url)
        self._files[file.file_id] = file
        self._paths[file.path] = file
        return file

    def get(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        return self._paths.get(path)
