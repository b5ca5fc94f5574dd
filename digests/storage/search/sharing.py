"""What articles must share to be alike, whichever engine finds them (pure)."""

from __future__ import annotations

from digests.stories.telling import COMMON

_SCORE_STEPS = 1000
"""Weights are whole numbers in statements."""
COUNTED_ARTICLES = 10 * COMMON
"""Articles of a language up to which they are counted: of more, the common share is COMMON anyway."""
LEAST_SHARED = 2
TITLE_BONUS = 0.5
"""Of a word's weight, for an article that has it in its title."""


def score_steps(score: float) -> int:
    """Return a score as a whole number."""
    return round(score * _SCORE_STEPS)


def score_of(steps: int) -> float:
    """Return the score of a whole number."""
    return steps / _SCORE_STEPS
