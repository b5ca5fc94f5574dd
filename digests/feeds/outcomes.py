"""What comes of a look at a feed, and what that makes of the feed's state (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digests.feeds.schedule import LookPace, next_look
from digests.model.feed import Feed, FeedFault, FeedState

MOST_BROUGHT = 12
"""So many moments are kept at which a feed brought something."""
LOOKS_TO_MOVE = 3
TIME_TO_MOVE = timedelta(days=2)
"""A permanent redirect is believed after so many looks in a row, over so much time: sites redirect by mistake too."""
MOST_MINUTES = 10_080
"""A feed that asks for more than a week means something else."""
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d+)", re.IGNORECASE)
_FRESH_NEVER = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Validators:
    """What a body is known by: by its server, exactly as it said, and by its hash."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


@dataclass(frozen=True, slots=True)
class LookOutcome:
    """What came of a look.

    Attributes:
        fault: Why it brought nothing; None if it succeeded.
        wait: How long the server wants to be left alone.
        validators: Those of a body that came; None if none did, and what is known stays.
        least_minutes: How long the feed's body and its server's caches ask to be left alone.
        keeps_least: Whether what was asked before holds as well, since no body was read now.
        is_news: Whether it brought an article that the feed had not had before, also one that another origin had.
        moved_to: Where permanent redirects led; None if there was no answer, so that nobody knows.
        says_moved_to: Where the body says that the feed is for good now; None if none was read, and what is known
            stays.
    """

    fault: FeedFault | None = None
    wait: timedelta = timedelta()
    validators: Validators | None = None
    least_minutes: int = 0
    keeps_least: bool = True
    is_news: bool = False
    moved_to: str | None = None
    says_moved_to: str | None = None


def max_age_minutes(cache_control: str) -> int:
    """Return for how many minutes an answer stays fresh by its header Cache-Control (RFC 9111, 5.2.2.1); 0 for none."""
    if _FRESH_NEVER.search(cache_control):
        return 0
    found = _MAX_AGE.search(cache_control)
    return min(-(-int(found[1][:12]) // 60), MOST_MINUTES) if found else 0


def state_after(feed: Feed, outcome: LookOutcome, now: datetime, pace: LookPace, jitter: float) -> FeedState:
    """Return the state of a feed after a look that ended now."""
    state = feed.state
    if outcome.says_moved_to is not None:
        state = replace(state, says_moved_to=outcome.says_moved_to)
    state = _moved(state, outcome.moved_to, now)
    if outcome.validators is not None:
        known = outcome.validators
        state = replace(state, etag=known.etag, last_modified=known.last_modified, body_hash=known.body_hash)
    if outcome.fault is not None:
        since = state.failing_since if state.failures and state.failing_since is not None else now
        state = replace(state, fault=outcome.fault, failures=state.failures + 1, failing_since=since)
    else:
        state = _succeeded(state, outcome, now)
    state = replace(state, looked_at=now)
    return replace(state, next_look_at=next_look(feed.options, state, now, pace, jitter, outcome.wait))


def _succeeded(state: FeedState, outcome: LookOutcome, now: datetime) -> FeedState:
    is_first = state.read_at is None
    least = min(max(outcome.least_minutes, state.least_minutes if outcome.keeps_least else 0), MOST_MINUTES)
    state = replace(state, fault=None, failures=0, failing_since=None, read_at=now, least_minutes=least)
    if not outcome.is_news:
        return state
    # What was there when it was added tells nothing of how often something comes.
    brought = state.brought if is_first else (*state.brought, now)[-MOST_BROUGHT:]
    return replace(state, news_at=now, brought=brought)


def _moved(state: FeedState, moved_to: str | None, now: datetime) -> FeedState:
    """Count the looks in a row that a permanent redirect, or else the feed itself, named one address.

    A look without an answer is none.
    """
    if moved_to is None:
        return state
    moved_to = moved_to or state.says_moved_to
    if not moved_to:
        return replace(state, moved_to="", moved_looks=0, moved_at=None)
    if moved_to == state.moved_to and state.moved_at is not None and state.moved_at <= now:
        return replace(state, moved_looks=state.moved_looks + 1)
    return replace(state, moved_to=moved_to, moved_looks=1, moved_at=now)


def has_moved(state: FeedState, now: datetime) -> bool:
    """Return whether a feed is to be asked at `state.moved_to` from now on."""
    since = state.moved_at
    return since is not None and state.moved_looks >= LOOKS_TO_MOVE and now - since >= TIME_TO_MOVE
