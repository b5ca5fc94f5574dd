"""How a feed is (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from digests.feeds.schedule import rhythm_of
from digests.model.feed import ENDED, Feed, FeedHealth, FeedState

SILENT_TIMES = 3
"""So many times longer than usual a feed brings nothing before it counts as silent."""
LEAST_SILENCE = timedelta(days=4)
"""Nobody writes on a weekend with a holiday beside it."""
FAILING_FOR = timedelta(days=2)
_LEAST_FAILURES = 3


def health_of(feed: Feed, now: datetime) -> FeedHealth:
    """Return how a feed is.

    Only looks count: a bot that did not run for a month has no feeds that were silent or failed for a month.
    """
    state = feed.state
    if feed.is_paused:
        return FeedHealth.PAUSED
    if state.fault is not None and state.fault.trouble in ENDED:
        return ENDED[state.fault.trouble]
    if _is_failing(state, now):
        return FeedHealth.FAILING
    if state.read_at is None:
        return FeedHealth.NEW
    return FeedHealth.SILENT if _is_silent(state, state.read_at) else FeedHealth.FINE


def _is_failing(state: FeedState, now: datetime) -> bool:
    """Return whether looks have failed for two days: by the last of them, or by now if several have."""
    since = state.failing_since
    if since is None or not state.failures:
        return False
    last = now if state.failures >= _LEAST_FAILURES else min(now, state.looked_at or since)
    return last - since >= FAILING_FOR


def _is_silent(state: FeedState, read_at: datetime) -> bool:
    """Return whether the last look that succeeded found the feed silent for longer than it ever is."""
    bound, since = silence_bound(state), silent_since(state)
    return bound is not None and since is not None and read_at - since > bound


def silent_since(state: FeedState) -> datetime | None:
    """Return when a feed last brought something; None for never."""
    return max(filter(None, (state.news_at, *state.brought)), default=None)


def silence_bound(state: FeedState) -> timedelta | None:
    """Return how long a feed may bring nothing; None while its rhythm is not known.

    That is three times its usual gap, and at least what it was silent for lately without having ended.
    """
    rhythm = rhythm_of(state.brought)
    if rhythm is None:
        return None
    moments = sorted(state.brought)
    longest = max(later - earlier for earlier, later in pairwise(moments))
    return max(SILENT_TIMES * rhythm, longest, LEAST_SILENCE)
