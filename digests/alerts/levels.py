"""How bad what was measured is, as a level: 1 is where an alert begins, and more is worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from math import inf
from statistics import median

_LEAST_DAYS = 5
_SILENT_TIMES = 3
_LEAST_SILENT_DAYS = 4
"""Nobody writes on a weekend with a holiday beside it."""


def rising_level(value: float, bound: float) -> float:
    """Return the level of what is worse the larger it is, and bad from `bound` on."""
    return value / bound


def falling_level(value: float, bound: float) -> float:
    """Return the level of what is worse the smaller it is, and bad up to `bound`."""
    return bound / value if value > 0 else inf


def failure_level(failed: int, ended: int, percent: float, least: int) -> float:
    """Return the level of failures among what has ended: too many by their share, and by their number."""
    return min(100 * failed / ended / percent, failed / least) if ended else 0.0


def silent_sources(days: Mapping[str, Sequence[date]]) -> tuple[str, ...]:
    """Return the sources that have brought nothing for much longer than usual, those that brought most often first.

    Measured by the last day on which any source brought something: where nothing comes at all, that is another alert.
    A source is known once it has brought something on five days; it may be silent for three times its usual gap, for as
    long as it was before, and for four days.
    """
    last = max((when[-1] for when in days.values() if when), default=None)
    if last is None:
        return ()
    silent = [
        (-len(when), source)
        for source, when in days.items()
        if len(when) >= _LEAST_DAYS and (last - when[-1]).days > _silence_bound(when)
    ]
    return tuple(source for _, source in sorted(silent))


def _silence_bound(days: Sequence[date]) -> float:
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return max(_SILENT_TIMES * median(gaps), max(gaps), _LEAST_SILENT_DAYS)
