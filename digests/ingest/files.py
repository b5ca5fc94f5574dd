"""The files of an origin, in portions, each with its bytes or with the reason that it has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from digests.model.article import Unreadable
from digests.ports import File, Origin

ItemT = TypeVar("ItemT")


def in_batches(files: Sequence[ItemT], size: int) -> Iterator[Sequence[ItemT]]:
    """Yield files, or what else is taken in, in portions of this size."""
    return (files[start : start + size] for start in range(0, len(files), size))


def bytes_of(origin: Origin, file: File, max_bytes: int) -> bytes | Unreadable:
    """Return the bytes of a file; it may be too large, or not for the bot to read. Blocks."""
    if file.size > max_bytes:
        return Unreadable(
            f"the file has {file.size / 1e6:.1f} MB, more than {max_bytes / 1e6:g} MB",
            "make it smaller, or raise posts.max_file_mb",
        )
    try:
        return origin.read(file)
    except OSError as error:
        return Unreadable(f"the file can't be read: {error.strerror}", "give the bot the right to read it")
