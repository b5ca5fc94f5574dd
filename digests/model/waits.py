"""How long to wait before the next try (pure)."""

from __future__ import annotations

_MOST_DOUBLINGS = 30


def growing_wait(failures: int, first: float, longest: float) -> float:
    """Return seconds: `first` where nothing has failed before, twice as many after each failure, at most `longest`."""
    return min(first * (1 << min(failures, _MOST_DOUBLINGS)), longest)
