"""The simulated day as a picture: lines over the hours of a day, as SVG (pure).

It is 480 units wide, so that a phone shows its words in a size that can be read, and follows the reader's colours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 480
_LEFT, _RIGHT = 62, 14
_PANEL, _GAP, _TOP = 190, 64, 92
_STYLE = """
svg { font: 14px system-ui, sans-serif; }
.ground { fill: #fcfcfb; } text { fill: #3d3c38; } .title { font-weight: 600; fill: #0b0b0b; }
.grid { stroke: #e1e0d9; } .line { fill: none; stroke-width: 2.4; stroke-linejoin: round; }
.a { stroke: #2a78d6; } .b { stroke: #d9561f; } .spread { stroke-dasharray: 5 4; }
@media (prefers-color-scheme: dark) {
.ground { fill: #1a1a19; } text { fill: #c3c2b7; } .title { fill: #ffffff; } .grid { stroke: #383835; }
.a { stroke: #4a97f0; } .b { stroke: #e8703c; }
}
"""


@dataclass(frozen=True, slots=True)
class CurveOfDay:
    """Values at even steps over the day, and how they are drawn: `kind` is "a" or "b", with " spread" for dashes."""

    label: str
    kind: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines over one day, on a scale whose `ticks` are values with their words; the first and the last bound it."""

    title: str
    lines: Sequence[CurveOfDay]
    ticks: Sequence[tuple[float, str]]
    is_logarithmic: bool = False


def draw(title: str, panels: Sequence[Panel], x_words: str) -> str:
    """Return the panels below each other, with one legend, as an SVG document."""
    height = _TOP + len(panels) * (_PANEL + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{height}"/>',
        f'<text class="title" x="14" y="26">{escape(title)}</text>',
        *_legend(panels[0].lines),
    ]
    for number, panel in enumerate(panels):
        parts.extend(_drawn(panel, _TOP + number * (_PANEL + _GAP), x_words))
    return "\n".join([*parts, "</svg>", ""])


def _legend(lines: Sequence[CurveOfDay]) -> list[str]:
    parts = []
    for number, line in enumerate(lines):
        x, y = 14 + 226 * (number % 2), 46 + 22 * (number // 2)
        parts.append(f'<path class="line {line.kind}" d="M{x} {y}h30"/>')
        parts.append(f'<text x="{x + 38}" y="{y + 5}">{escape(line.label)}</text>')
    return parts


def _drawn(panel: Panel, top: int, x_words: str) -> list[str]:
    y = _scale(panel, top)
    parts = [f'<text class="title" x="14" y="{top + 14}">{escape(panel.title)}</text>']
    for value, words in panel.ticks:
        parts.append(f'<path class="grid" d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y(value) + 5:.1f}" text-anchor="end">{escape(words)}</text>')
    bottom = y(panel.ticks[0][0])
    parts.extend(
        f'<text x="{_x(hour / 24):.1f}" y="{bottom + 20:.1f}" text-anchor="middle">{hour:02d}</text>'
        for hour in range(0, 25, 6)
    )
    parts.append(f'<text x="{_x(0.5):.1f}" y="{bottom + 38:.1f}" text-anchor="middle">{escape(x_words)}</text>')
    for line in panel.lines:
        steps = len(line.values)
        points = (f"{_x((n + 0.5) / steps):.1f} {y(value):.1f}" for n, value in enumerate(line.values))
        parts.append(f'<path class="line {line.kind}" d="M{"L".join(points)}"/>')
    return parts


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _scale(panel: Panel, top: int) -> Callable[[float], float]:
    def place(value: float) -> float:
        return math.log(value) if panel.is_logarithmic else value

    low, high = panel.ticks[0][0], panel.ticks[-1][0]
    begin, end = top + _PANEL, top + 30

    def y(value: float) -> float:
        share = (place(min(max(value, low), high)) - place(low)) / (place(high) - place(low))
        return begin + share * (end - begin)

    return y
