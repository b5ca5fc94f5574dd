"""How long to wait before the next try (pure)."""

from __future__ import annotations

_MAX_DOUBLINGS = 30


def growing_wait(failures: int, first: float, longest: float) -> float:
    """Return how many seconds to wait: `first` before any failure, doubled by each, and at most `longest`."""
    return min(first * (1 << min(failures, _MAX_DOUBLINGS)), longest)
