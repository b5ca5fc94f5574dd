"""What became of a candidate, told by the stages of the selection that decided it (pure)."""

from __future__ import annotations

from enum import StrEnum

from digests.compose.pool import CandidatePool
from digests.compose.select import Selection


class Fate(StrEnum):
    """Where in a selection a candidate was left out, or that it was not."""

    UNWANTED = "unwanted"
    """It is in no category that is followed, and no watch finds it."""
    MUTED = "muted"
    SENT_BEFORE = "sent before"
    """It came before the digest's window, or was sent at once."""
    STORY_SENT = "story sent"
    """Another article of its story was sent."""
    SAME_STORY = "same story"
    """Another article of its story is shown, and names it among those that report the same."""
    CAPPED = "capped"
    """It is behind the button, since a cap allows no more of its category."""
    CUT = "cut"
    """It is behind the button, since there are more than a digest shows."""
    SHOWN = "shown"


def fate_of(pool: CandidatePool, selection: Selection, position: int) -> Fate:
    """Return what became of the candidate at this position."""
    if position not in selection.wanted:
        return Fate.UNWANTED
    if position not in selection.unmuted:
        return Fate.MUTED
    if position not in selection.new:
        return Fate.SENT_BEFORE
    if position not in selection.ranked:
        first = selection.first_of.get(pool.stories[position])
        return Fate.SAME_STORY if first != position and first in selection.ranked else Fate.STORY_SENT
    if position in selection.shown:
        return Fate.SHOWN
    # Only a cap lets something that is ranked lower be shown, or leaves room.
    rank = {at: number for number, at in enumerate(selection.ranked)}
    is_full = len(selection.shown) == selection.max_items
    return Fate.CUT if is_full and rank[position] > max(rank[at] for at in selection.shown) else Fate.CAPPED
