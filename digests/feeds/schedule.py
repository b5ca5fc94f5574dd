"""When a feed is looked at next (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

_LEAST_NEWS = 4
"""Two gaps may be alike by chance."""


def rhythm_of(brought: Sequence[datetime]) -> timedelta | None:
    """Return the usual gap between the moments at which a feed brought something; None while there are too few."""
    moments = sorted(set(brought))
    if len(moments) < _LEAST_NEWS:
        return None
    return timedelta(seconds=median((later - earlier).total_seconds() for earlier, later in pairwise(moments)))
