"""Drawing a mosaic, also below the words of a cover."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from PIL import Image

from digests.media.drawing.cover import paint_words
from digests.media.drawing.geometry import Arrangement, arrange
from digests.media.drawing.tiles import label_tile, picture_tile, put_number
from digests.media.folder import PictureGoneError
from digests.model.mosaic import Mosaic, recipe_of

WIDTH = 1080
"""Pixels: those of a phone's display."""
MOST_BYTES = 250_000
GAP = 6
# Between tiles: seen on a light ground and on a dark one, and loud on neither.
GROUND = (136, 142, 150)
_COVER_HEIGHT = 1350
"""The highest form that chats show whole, 4:5."""
_QUALITIES = (85, 76, 66, 52, 36, 20)


def paint_mosaic(mosaic: Mosaic, folder: Path) -> bytes:
    """Return the mosaic as a JPEG file of at most MOST_BYTES, or nearly, made of the pictures in the folder.

    A picture that is no longer there, or can't be read, gets no tile; the numbers of the others stay.

    Raises:
        PictureGoneError: for the last picture, if none can be shown.
        ValueError: for no tiles and no words, or for too many tiles.
    """
    while True:
        try:
            return _painted(mosaic, folder)
        except PictureGoneError as error:
            left = [tile for tile in mosaic.tiles if tile.picture != error.key]
            if not any(tile.picture for tile in left):
                raise
            mosaic = replace(mosaic, recipe=recipe_of(left))


def _painted(mosaic: Mosaic, folder: Path) -> bytes:
    if mosaic.cover is None:
        arrangement = arrange(len(mosaic.tiles), WIDTH, GAP)
        return _jpeg(_tiled(mosaic, arrangement, folder))
    words = paint_words(mosaic.cover, WIDTH)
    if not mosaic.tiles:
        if words is None:
            raise ValueError("a cover without tiles has no words that can be drawn")
        return _jpeg(words)
    room = _COVER_HEIGHT - (words.height if words is not None else 0)
    tiled = _tiled(mosaic, arrange(len(mosaic.tiles), WIDTH, GAP, max(room, WIDTH // 2)), folder)
    if words is None:
        return _jpeg(tiled)
    canvas = Image.new("RGB", (WIDTH, tiled.height + words.height), GROUND)
    canvas.paste(words, (0, 0))
    canvas.paste(tiled, (0, words.height))
    return _jpeg(canvas)


def _tiled(mosaic: Mosaic, arrangement: Arrangement, folder: Path) -> Image.Image:
    canvas = Image.new("RGB", (arrangement.width, arrangement.height), GROUND)
    for tile, box in zip(mosaic.tiles, arrangement.tiles, strict=True):
        size = (box.width, box.height)
        canvas.paste(picture_tile(folder, tile.picture, size) if tile.picture else label_tile(tile.label, size), box)
        if tile.number:
            put_number(canvas, tile.number, (box.left, box.top))
    return canvas


def _jpeg(image: Image.Image) -> bytes:
    """Return the file: smaller ones are fetched sooner, and Telegram compresses them again anyway."""
    data = b""
    for quality in _QUALITIES:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        data = file.getvalue()
        if len(data) <= MOST_BYTES:
            break
    return data
