"""Comparing pictures by their likenesses (pure)."""

from __future__ import annotations

_SHARE = 10
"""One step in so many may be another, in the same picture at another size or quality (measured: up to 9 %)."""


def look_alike(first: str, second: str) -> bool:
    """Return whether two pictures are the same, perhaps at another size or quality, by their `Judged.likeness`.

    Covers of one design that differ in their words are not the same.
    """
    if first == second:
        return True
    return same_steps(int(first, 16), int(second, 16))


def same_steps(steps: int, others: int) -> bool:
    """Return whether two likenesses, as numbers, are those of pictures that look the same."""
    return (steps ^ others).bit_count() * _SHARE <= min(steps.bit_count(), others.bit_count())
