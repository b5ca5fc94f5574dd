"""Which times of files say when something was written, and which only when a copy was made (pure)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from digests.ports import File

_COPIED_WITHIN = 600 * 1_000_000_000
"""In nanoseconds: how long it takes to copy, unpack or check out a tree."""
_FEW = 3
"""So many files may well have been written within ten minutes."""


def written_apart(files: Sequence[File]) -> Mapping[str, datetime]:
    """Return when each file was written last.

    If half of the files were written within the same ten minutes, those were copied then, and say nothing.
    """
    times = sorted(file.mtime_ns for file in files)
    counts = [(bisect_right(times, first + _COPIED_WITHIN) - at, first) for at, first in enumerate(times)]
    most, begin = max(counts, default=(0, 0))
    is_copy = most >= _FEW and 2 * most >= len(times)
    return {
        file.path: datetime.fromtimestamp(file.mtime_ns / 1e9, UTC)
        for file in files
        if not (is_copy and begin <= file.mtime_ns <= begin + _COPIED_WITHIN) and 0 < file.mtime_ns < 2**62
    }
