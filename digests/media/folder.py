"""Where kept pictures and mosaics lie: by their keys, below one folder or in one object store."""

from __future__ import annotations

from pathlib import Path

from digests.errors import DigestsError

LARGE, SMALL = 640, 320
"""Pixels of the longer side of a kept picture, in its two sizes."""


def picture_name(key: str, size: int) -> str:
    """Return the name of a kept picture in this size."""
    return f"kept/{key[:2]}/{key}-{size}.jpg"


def mosaic_name(key: str) -> str:
    """Return the name of a mosaic."""
    return f"mosaics/{key[:2]}/{key}.jpg"


def picture_path(folder: Path, key: str, size: int) -> Path:
    """Return where a kept picture lies in this size."""
    return folder / picture_name(key, size)


def mosaic_path(folder: Path, key: str) -> Path:
    """Return where a mosaic lies."""
    return folder / mosaic_name(key)


class PictureGoneError(DigestsError):
    """A kept picture, named by its `key`, is not in the folder any more, or is broken there."""

    def __init__(self, words: str, key: str = "") -> None:
        super().__init__(words)
        self.key = key
