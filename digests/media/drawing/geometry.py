"""Where the tiles of a mosaic lie (pure).

The rows are planned for a phone: the lead story is full width, or two thirds of it with two tiles at its side; the
others are in rows of two to four, near to the form of a photo. The whole is between a square and 16:9, which chats show
without cutting it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from digests.model.mosaic import MOST_TILES

_LEAD_SHARE = 2 / 3
_ABOVE = 0.35
"""How much of what a picture is too high by is cut off above."""
_BESIDE = 0
"""A row that is the lead with two tiles at its side, above each other."""
# Per number of tiles: rows from the top, each as its number of tiles and its height in widths of the canvas.
_ROWS: dict[int, tuple[tuple[int, float], ...]] = {
    1: ((1, 0.5625),),
    2: ((1, 0.53), (1, 0.46)),
    3: ((1, 0.55), (2, 0.35)),
    4: ((1, 0.55), (3, 0.25)),
    5: ((1, 0.48), (2, 0.26), (2, 0.26)),
    6: ((_BESIDE, 0.5), (3, 0.25)),
    7: ((1, 0.49), (3, 0.25), (3, 0.25)),
    8: ((1, 0.5), (3, 0.25), (4, 0.2)),
    9: ((_BESIDE, 0.5), (3, 0.25), (3, 0.25)),
}


class Box(NamedTuple):
    """A rectangle in pixels: the first row and column inside, and the first outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """How wide it is."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """How high it is."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A canvas and the tiles on it, the lead's first."""

    width: int
    height: int
    tiles: tuple[Box, ...]


def arrange(count: int, width: int, gap: int, most_height: int | None = None) -> Arrangement:
    """Return where so many tiles lie on a canvas of this width, `gap` pixels apart.

    With `most_height` all rows are lower, if it takes that.

    Raises:
        ValueError: for more tiles than a mosaic has, or none.
    """
    if not 1 <= count <= MOST_TILES:
        raise ValueError(f"a mosaic has 1 to {MOST_TILES} tiles, not {count}")
    rows = _ROWS[count]
    gaps = gap * (len(rows) - 1)
    share = 1.0
    if most_height is not None:
        share = min(1.0, (most_height - gaps) / (width * sum(height for _, height in rows)))
    tiles: list[Box] = []
    top = 0
    for number, height in rows:
        bottom = top + round(width * height * share)
        tiles += _beside(top, bottom, width, gap) if number == _BESIDE else _in_a_row(number, top, bottom, width, gap)
        top = bottom + gap
    return Arrangement(width, top - gap, tuple(tiles))


def _in_a_row(number: int, top: int, bottom: int, width: int, gap: int) -> list[Box]:
    room = width - gap * (number - 1)
    edges = [round(room * at / number) for at in range(number + 1)]
    return [Box(edges[at] + gap * at, top, edges[at + 1] + gap * at, bottom) for at in range(number)]


def _beside(top: int, bottom: int, width: int, gap: int) -> list[Box]:
    edge = round((width - gap) * _LEAD_SHARE)
    middle = top + (bottom - top - gap) // 2
    lead = Box(0, top, edge, bottom)
    return [lead, Box(edge + gap, top, width, middle), Box(edge + gap, middle + gap, width, bottom)]


def crop_to(size: tuple[int, int], tile: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return the part of a picture that has the form of a tile: as much as possible of the middle.

    Of a picture that is too high, it is a part above the middle: there people have their faces.
    """
    width, height = size
    ratio = tile[0] / tile[1]
    if width > height * ratio:
        part = height * ratio
        left = max(0.0, (width - part) / 2)
        return left, 0.0, min(float(width), left + part), float(height)
    part = width / ratio
    # Rounding may make the part a little too high.
    top = max(0.0, (height - part) * _ABOVE)
    return 0.0, top, float(width), min(float(height), top + part)


def kept_share(size: tuple[int, int], tile: tuple[int, int]) -> float:
    """Return how much of a picture `crop_to` keeps."""
    left, top, right, bottom = crop_to(size, tile)
    return (right - left) * (bottom - top) / (size[0] * size[1])
