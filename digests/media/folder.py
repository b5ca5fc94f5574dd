"""Where kept pictures and mosaics lie on the disk: by their keys, below one folder."""

from __future__ import annotations

from pathlib import Path

from digests.errors import DigestsError

LARGE, SMALL = 640, 320
"""Pixels of the longer side of a kept picture, in its two sizes."""


def picture_path(folder: Path, key: str, size: int) -> Path:
    """Return where a kept picture lies in this size."""
    return folder / "kept" / key[:2] / f"{key}-{size}.jpg"


def mosaic_path(folder: Path, key: str) -> Path:
    """Return where a mosaic lies."""
    return folder / "mosaics" / key[:2] / f"{key}.jpg"


class PictureGoneError(DigestsError):
    """A kept picture, named by its `key`, is not in the folder any more, or is broken there."""

    def __init__(self, words: str, key: str = "") -> None:
        super().__init__(words)
        self.key = key
