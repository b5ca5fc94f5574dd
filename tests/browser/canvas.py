"""A canvas for flat shapes on gradients, drawn at twice the size and shrunk, so that edges are smooth."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

WIDTH, HEIGHT = 800, 450
SCALE = 2
MAX_BYTES = 40_000
Point = tuple[float, float]
Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]


class Canvas:
    """A picture that is being drawn, in the coordinates of the finished picture."""

    def __init__(self, *sky: str) -> None:
        self.image = gradient([colour(stop) for stop in sky])
        self.random = random.Random("".join(sky))

    def layer(
        self, paint: Callable[[ImageDraw.ImageDraw], None], fill: str, *, alpha: float = 1.0, blur: float = 0
    ) -> None:
        """Paint on a transparent layer, and lay it over the picture; its tint keeps blurred edges from darkening."""
        pane = Image.new("RGBA", self.image.size, (*colour(fill), 0))
        paint(ImageDraw.Draw(pane))
        if blur:
            pane = pane.filter(ImageFilter.GaussianBlur(blur * SCALE))
        if alpha < 1:
            pane.putalpha(pane.getchannel("A").point(lambda value: round(value * alpha)))
        self.image.paste(pane, (0, 0), pane)

    def polygon(self, points: Iterable[Point], fill: str, *, alpha: float = 1.0, blur: float = 0) -> None:
        """Fill a polygon."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.layer(lambda draw: draw.polygon(scaled, fill=colour(fill)), fill, alpha=alpha, blur=blur)

    def disc(self, x: float, y: float, radius: float, fill: str, *, alpha: float = 1.0, blur: float = 0) -> None:
        """Fill a circle."""
        self.oval(x, y, radius, radius, fill, alpha=alpha, blur=blur)

    def oval(
        self, x: float, y: float, across: float, down: float, fill: str, *, alpha: float = 1.0, blur: float = 0
    ) -> None:
        """Fill an ellipse; `across` and `down` are its radii."""
        box = scaled_box(x - across, y - down, x + across, y + down)
        self.layer(lambda draw: draw.ellipse(box, fill=colour(fill)), fill, alpha=alpha, blur=blur)

    def ring(
        self, x: float, y: float, across: float, down: float, stroke: str, width: float, *, alpha: float = 1.0
    ) -> None:
        """Stroke an ellipse; `across` and `down` are its radii."""
        box = scaled_box(x - across, y - down, x + across, y + down)
        thick = max(1, round(width * SCALE))
        self.layer(lambda draw: draw.ellipse(box, outline=colour(stroke), width=thick), stroke, alpha=alpha)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0, alpha: float = 1.0
    ) -> None:
        """Fill a rectangle, with rounded corners if a radius is given."""
        corners = scaled_box(x, y, x + width, y + height)
        self.layer(
            lambda draw: draw.rounded_rectangle(corners, radius=radius * SCALE, fill=colour(fill)), fill, alpha=alpha
        )

    def line(self, points: Sequence[Point], stroke: str, width: float, *, alpha: float = 1.0, blur: float = 0) -> None:
        """Stroke a line with round ends."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        thick = max(1, round(width * SCALE))

        def paint(draw: ImageDraw.ImageDraw) -> None:
            draw.line(scaled, fill=colour(stroke), width=thick, joint="curve")
            for x, y in (scaled[0], scaled[-1]):
                draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=colour(stroke))

        self.layer(paint, stroke, alpha=alpha, blur=blur)

    def arc(self, box: Box, start: float, end: float, stroke: str, width: float, *, alpha: float = 1.0) -> None:
        """Stroke an arc between two angles in degrees."""
        corners = scaled_box(*box)
        thick = max(1, round(width * SCALE))
        self.layer(lambda draw: draw.arc(corners, start, end, fill=colour(stroke), width=thick), stroke, alpha=alpha)

    def dome(self, box: Box, fill: str) -> None:
        """Draw the upper half of an oval."""
        corners = scaled_box(*box)
        self.layer(lambda draw: draw.pieslice(corners, 180, 360, fill=colour(fill)), fill)

    def frame(self, box: Box, stroke: str, width: float) -> None:
        """Stroke a rectangle."""
        corners = scaled_box(*box)
        self.layer(
            lambda draw: draw.rectangle(corners, outline=colour(stroke), width=max(1, round(width * SCALE))), stroke
        )

    def hills(self, height: float, swing: float, fill: str, *, rough: float = 1.0, alpha: float = 1.0) -> None:
        """Draw a range of hills from edge to edge, with its crest near `height`."""
        phase = [self.random.uniform(0, math.tau) for _ in range(4)]
        crest = [
            (
                x,
                height
                - swing * sum(math.sin(x / 800 * math.tau * (n + 0.6) * rough + phase[n]) / (n + 1) for n in range(4)),
            )
            for x in range(-10, WIDTH + 20, 8)
        ]
        self.polygon([*crest, (WIDTH + 20, HEIGHT), (-10, HEIGHT)], fill, alpha=alpha)

    def peaks(self, crest: Sequence[Point], fill: str, snow: str | None = None) -> None:
        """Draw mountains with this crest, with snow on their peaks if its colour is given."""
        self.polygon([(-10, HEIGHT), *crest, (WIDTH + 10, HEIGHT)], fill)
        if snow:
            for (left, low), (x, top), (right, low_too) in zip(crest, crest[1:], crest[2:], strict=False):
                if top < low and top < low_too:
                    cap = 0.32
                    edge_left = (x + (left - x) * cap, top + (low - top) * cap)
                    edge_right = (x + (right - x) * cap, top + (low_too - top) * cap)
                    middle = (edge_left[1] + edge_right[1]) / 2
                    jag = [(x + 14, middle - 14), (x, middle + 8), (x - 13, middle - 12)]
                    self.polygon([(x, top), edge_right, *jag, edge_left], snow)

    def stars(self, count: int, below: float, fill: str = "#ffffff") -> None:
        """Scatter stars above a height."""
        for _ in range(count):
            self.disc(
                self.random.uniform(0, WIDTH), self.random.uniform(0, below), self.random.choice((0.7, 0.9, 1.2, 1.7)),
                fill, alpha=self.random.uniform(0.35, 0.95),
            )  # fmt: skip

    def shade(self, area: Callable[[ImageDraw.ImageDraw], None], paint: Callable[[Canvas], None]) -> None:
        """Paint inside an area only."""
        mask = Image.new("L", self.image.size, 0)
        area(ImageDraw.Draw(mask))
        before = self.image.copy()
        paint(self)
        self.image = Image.composite(self.image, before, mask)

    def change(self, turn: float, zoom: float) -> None:
        """Make another picture of the scene: mirrored, with other colours, and nearer.

        `turn` is how far colours move round their circle, from 0 to 1.
        """
        hue, *others = self.image.convert("HSV").split()
        hue = hue.point([round(value + turn * 256) % 256 for value in range(256)])
        image = ImageOps.mirror(Image.merge("HSV", (hue, *others)).convert("RGB"))
        wide, high = image.width / zoom, image.height / zoom
        left, top = (image.width - wide) / 2, (image.height - high) * 0.6
        self.image = image.resize(image.size, Image.Resampling.LANCZOS, (left, top, left + wide, top + high))

    def save(self, file: Path) -> int:
        """Save a JPEG of the highest quality that fits the size limit, and return its size in bytes."""
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        # A little noise hides the banding of the gradients.
        grain = Image.effect_noise((WIDTH, HEIGHT), 3).convert("RGB")
        small = ImageChops.add(small, grain, scale=1, offset=-128)
        for quality in range(90, 40, -4):
            small.save(file, quality=quality, optimize=True, progressive=True)
            if file.stat().st_size <= MAX_BYTES:
                break
        return file.stat().st_size


def colour(text: str) -> Colour:
    """Return the components of #rrggbb."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def gradient(stops: Sequence[Colour]) -> Image.Image:
    """Return a vertical gradient."""
    column = Image.new("RGB", (1, HEIGHT * SCALE))
    for y in range(HEIGHT * SCALE):
        place = y / (HEIGHT * SCALE - 1) * (len(stops) - 1)
        first = min(int(place), len(stops) - 2)
        share = place - first
        above, below = stops[first], stops[first + 1]
        column.putpixel((0, y), tuple(round(a + (b - a) * share) for a, b in zip(above, below, strict=True)))
    return column.resize((WIDTH * SCALE, HEIGHT * SCALE))


def scaled_box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
    """Return a box in the coordinates of the enlarged picture."""
    return left * SCALE, top * SCALE, right * SCALE, bottom * SCALE


def wave(
    y: float, height: float, length: float, phase: float = 0, left: float = -10, right: float = WIDTH + 20
) -> list[Point]:
    """Return the points of a sine wave."""
    steps = int((right - left) // 5)
    return [(left + 5 * n, y + height * math.sin((left + 5 * n) / length * math.tau + phase)) for n in range(steps + 1)]
