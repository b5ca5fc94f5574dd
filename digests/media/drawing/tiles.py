"""One tile of a mosaic: a kept picture cut to its form, or a category's name on a ground; and the number on it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from digests.media.drawing.geometry import crop_to, kept_share
from digests.media.drawing.lettering import Type, printable, type_for
from digests.media.drawing.line_breaks import break_lines
from digests.media.folder import LARGE, SMALL, PictureGoneError, picture_path

_LEAST_KEPT = 0.5
"""A picture of which a tile would show less is shown whole, on a ground made of itself."""
_BLURRED = 24
_SHADE = 0.55
_BADGE = 52
_BADGE_MARGIN = 12
_BADGE_INK, _BADGE_GROUND = "#ffffff", (17, 20, 24)
_BADGE_OPACITY = 200
_FINE = 4
_PLAIN = (117, 125, 135)
# Grounds of drawn tiles: dark enough for white letters (a contrast of 4.5 or more), and not louder than photos.
_GROUNDS = (
    (62, 95, 138), (46, 110, 99), (122, 84, 48), (108, 78, 130), (133, 70, 86), (74, 104, 58), (70, 88, 104),
    (128, 76, 50),
)  # fmt: skip


def picture_tile(folder: Path, key: str, size: tuple[int, int]) -> Image.Image:
    """Return a kept picture in the size of a tile: cut to its form, never stretched.

    Raises:
        PictureGoneError: for a picture that is not in the folder, or is broken there.
    """
    with _opened(folder, key, size) as source:
        if kept_share(source.size, size) < _LEAST_KEPT:
            return _whole(source.convert("RGB"), size)
        box = crop_to(source.size, size)
        return source.resize(size, Image.Resampling.BICUBIC, box, reducing_gap=2.0).convert("RGB")


def _opened(folder: Path, key: str, size: tuple[int, int]) -> Image.Image:
    """Return the picture, decoded at the smaller of its two sizes if that suffices."""
    sides = (SMALL, LARGE) if max(size) <= SMALL else (LARGE, SMALL)
    for side in sides:
        try:
            image = Image.open(picture_path(folder, key, side), formats=["JPEG"])
            image.load()
        except FileNotFoundError:
            continue
        except (OSError, SyntaxError, ValueError) as error:
            raise PictureGoneError(f"the kept picture {key} can't be read: {error}", key) from error
        return image
    raise PictureGoneError(f"the kept picture {key} is not in the folder", key)


def _whole(source: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the whole picture on a blurred, darker ground of its own colours."""
    tiny = (max(2, size[0] // _BLURRED), max(2, size[1] // _BLURRED))
    ground = source.resize(tiny, Image.Resampling.BOX, crop_to(source.size, tiny))
    ground = ground.filter(ImageFilter.BoxBlur(1)).point(lambda value: value * _SHADE)
    ground = ground.resize(size, Image.Resampling.BICUBIC)
    share = min(size[0] / source.width, size[1] / source.height)
    fitted = (max(1, round(source.width * share)), max(1, round(source.height * share)))
    shown = source.resize(fitted, Image.Resampling.BICUBIC, reducing_gap=2.0)
    ground.paste(shown, ((size[0] - fitted[0]) // 2, (size[1] - fitted[1]) // 2))
    return ground


def label_tile(label: str, size: tuple[int, int]) -> Image.Image:
    """Return a tile with a category's name, on a ground that is always the same for that name.

    Without a font that has the name's letters it is the ground alone.
    """
    tile = Image.new("RGB", size, ground_of(label))
    kind = type_for(max(24, min(size) // 6), label, bold=True)
    lines = break_lines(printable(kind, label), 0.8 * size[0], 3, kind.width)
    if lines:
        _write_centred(tile, lines, kind)
    return tile


def ground_of(label: str) -> tuple[int, int, int]:
    """Return the colour of a category's tile."""
    if not label:
        return _PLAIN
    number = hashlib.blake2b(label.encode("utf-8", "surrogatepass"), digest_size=2).digest()
    return _GROUNDS[int.from_bytes(number, "big") % len(_GROUNDS)]


def _write_centred(tile: Image.Image, lines: tuple[str, ...], kind: Type) -> None:
    draw = ImageDraw.Draw(tile)
    step = round(kind.size * 1.3)
    # The middle of the letters, not of the lines, is in the middle of the tile.
    baseline = (tile.height - step * (len(lines) - 1)) / 2 + kind.size * 0.36
    for line in lines:
        draw.text((tile.width / 2, baseline), line, "#ffffff", font=kind.font, anchor="ms")
        baseline += step


def put_number(canvas: Image.Image, number: int, corner: tuple[int, int]) -> None:
    """Draw the number of an item into a tile's upper left corner."""
    ground, digits = _badge(number)
    at = (corner[0] + _BADGE_MARGIN, corner[1] + _BADGE_MARGIN)
    canvas.paste(_BADGE_GROUND, at, ground)
    canvas.paste(_BADGE_INK, at, digits)


@lru_cache(maxsize=128)
def _badge(number: int) -> tuple[Image.Image, Image.Image]:
    """Return where the ground of a number is seen, and its digits: masks. Pillow's own font has digits everywhere."""
    kind = Type(34 * _FINE)
    text = str(number)
    width = max(_BADGE * _FINE, round(kind.width(text)) + 26 * _FINE)
    size = (width, _BADGE * _FINE)
    ground, digits = Image.new("L", size), Image.new("L", size)
    ImageDraw.Draw(ground).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), 16 * _FINE, fill=_BADGE_OPACITY)
    draw = ImageDraw.Draw(digits)
    draw.text((size[0] / 2, size[1] / 2), text, 255, font=kind.font, anchor="mm", stroke_width=_FINE, stroke_fill=255)
    return ground.reduce(_FINE), digits.reduce(_FINE)
