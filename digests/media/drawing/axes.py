"""The numbers and labels along a diagram (pure)."""

from __future__ import annotations

import math

_MOST_STEPS = 5
_MILLION = 1_000_000


def round_ticks(largest: float) -> tuple[int, ...]:
    """Return round numbers from 0 to at least `largest`, evenly spaced; always at least two."""
    if largest <= 1:
        return (0, 1)
    rough = largest / _MOST_STEPS
    scale = 10 ** max(0, math.floor(math.log10(rough)))
    step = next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= rough)
    return tuple(range(0, (math.ceil(largest / step) + 1) * step, step))


def number_label(value: float) -> str:
    """Return a number as a label: `950`, `12,000`, `1.5M`."""
    if value >= _MILLION:
        return f"{value / _MILLION:.3g}M" if value < 1000 * _MILLION else f"{value / _MILLION:,.0f}M"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def labelled(count: int, room: float, width: float, gap: float) -> tuple[int, ...]:
    """Return which of `count` labels to show, so that labels of this width stand `gap` apart: the last is always shown.

    Args:
        count: How many labels there are, evenly spread.
        room: How much there is for all of them.
        width: That of the widest label, in the same unit.
        gap: The least distance of two labels.
    """
    if count <= 0:
        return ()
    every = max(1, math.ceil((width + gap) * count / max(room, 1)))
    return tuple(range((count - 1) % every, count, every))
