"""When a feed is looked at next (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from digests.model.feed import ENDED, NEVER, FeedOptions, FeedState

LONGEST_INTERVAL = timedelta(days=1)
"""The most that lies between two looks that succeed, unless the settings or a feed's own options want more."""
LONGEST_WAIT = timedelta(days=2)
"""The most that a server is left alone because it asks for it (Retry-After)."""
LONGEST_AHEAD = timedelta(days=8)
"""No next look is further away, but that of a feed which is gone or a duplicate."""
BACK_OFF = (timedelta(hours=1), timedelta(days=1), timedelta(days=2), timedelta(days=7))
"""After the first failure, the second one in a row, and so on; then always the last."""
_LEAST_NEWS = 4
"""Two gaps may be alike by chance."""
_LOOKS_PER_GAP = 2
_SILENCE_SHARE = 8
"""A feed that has been silent for long is taken for one with gaps of this share of its silence."""
_SPREAD = 0.1
_LEAST = timedelta(seconds=1)
"""Without any bound, a feed that always has news would be looked at without a pause."""


@dataclass(frozen=True, slots=True)
class LookPace:
    """What the settings say of the time between looks: while a feed's rhythm is not known, and at least."""

    every: timedelta = timedelta(hours=1)
    least: timedelta = timedelta(minutes=15)


def rhythm_of(brought: Sequence[datetime]) -> timedelta | None:
    """Return the usual gap between the moments at which a feed brought something; None while there are too few."""
    moments = sorted(set(brought))
    if len(moments) < _LEAST_NEWS:
        return None
    return timedelta(seconds=median((later - earlier).total_seconds() for earlier, later in pairwise(moments)))


def next_look(
    options: FeedOptions,
    state: FeedState,
    now: datetime,
    pace: LookPace,
    jitter: float,
    wait: timedelta = timedelta(),
) -> datetime:
    """Return when a feed is to be looked at next, after a look that ended now.

    Args:
        options: The feed's options; their `every` wins over all but what the server wants with `wait`.
        state: What the look has left, but for the moment in question.
        now: When it ended.
        pace: What the settings say.
        jitter: From 0 to 1, another number for each look, so that feeds that were looked at together do not stay so.
        wait: How long the server wants to be left alone from now on (Retry-After); zero if it doesn't say.
    """
    if state.fault is None:
        return now + _interval(options, state, now, pace, jitter)
    if state.fault.trouble in ENDED:
        return NEVER
    if wait:
        # A server that goes on asking for a few seconds gets no more looks than one that answers.
        least = pace.least if state.failures <= 1 else _interval(options, state, now, pace, 0)
        return now + _later(max(least, min(wait, LONGEST_WAIT)), jitter)
    return now + _later(BACK_OFF[min(max(state.failures, 1), len(BACK_OFF)) - 1], jitter)


def _interval(options: FeedOptions, state: FeedState, now: datetime, pace: LookPace, jitter: float) -> timedelta:
    if options.every is not None:
        return _later(timedelta(minutes=options.every), jitter)
    longest = max(LONGEST_INTERVAL, pace.every)
    least = max(pace.least, _LEAST, min(timedelta(minutes=state.least_minutes), longest))
    usual = min(max(_usual_interval(state, now, pace), least), longest)
    later = _later(usual, jitter)
    return later if later <= longest else max(least, usual - (later - usual))


def _usual_interval(state: FeedState, now: datetime, pace: LookPace) -> timedelta:
    """Return about half the gap after which a feed brings something, as far as that can be told."""
    rhythm = rhythm_of(state.brought)
    usual = pace.every if rhythm is None else rhythm / _LOOKS_PER_GAP
    if state.news_at is None or state.news_at >= now:
        return usual
    return max(usual, (now - state.news_at) / _SILENCE_SHARE / _LOOKS_PER_GAP)


def _later(interval: timedelta, jitter: float) -> timedelta:
    """Return up to a tenth more than the interval: never less, since a server may have asked for it."""
    return interval * (1 + _SPREAD * jitter)
