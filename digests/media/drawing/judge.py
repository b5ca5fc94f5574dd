"""Judging a picture: whether it represents an article, what it looks like, and its small copies."""

from __future__ import annotations

import hashlib
import io
from itertools import pairwise

from PIL import Image, ImageChops

from digests.media.drawing.decode import UnusableError, decode_picture
from digests.media.folder import LARGE, SMALL
from digests.media.judged import Judged, Unusable

_KEY_BYTES = 20
_QUALITY = {LARGE: 84, SMALL: 82}
_ALIKE = 14
"""How far two levels of a channel may be apart, of 255, to pass as the same colour."""
_PLAIN_SHARE = 0.985
_SAMPLE = 64
_GRID = (24, 16)
_NOISE = 4
"""Steps between neighbours, of 255 levels, that compression can make."""
_FEW_STEPS = 6


def examine(data: bytes) -> Judged | Unusable:
    """Return a usable picture, shrunk, or why it is unusable; never raises for whatever it is."""
    try:
        image, (width, height) = decode_picture(data, LARGE)
        if _is_plain(image):
            raise UnusableError("nearly one colour")
    except UnusableError as error:
        return Unusable(str(error))
    small = image
    if max(image.size) > SMALL:
        share = SMALL / max(image.size)
        size = max(1, round(image.width * share)), max(1, round(image.height * share))
        small = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    key = content_key(image)
    return Judged(key, likeness(small, key), width, height, _jpeg(image, LARGE), _jpeg(small, SMALL))


def content_key(image: Image.Image) -> str:
    """Return a key that equal pixels share, whatever file they came in."""
    seen = hashlib.blake2b(f"{image.width}x{image.height}".encode(), digest_size=_KEY_BYTES)
    seen.update(image.tobytes())
    return seen.hexdigest()


def likeness(image: Image.Image, key: str) -> str:
    """Return a perceptual hash of 384 bits: where in a grid the next cell is brighter (a difference hash).

    Steps that are noise count as none, so that flat pictures mostly keep their hash when they are compressed again; the
    fine grid tells covers of one design apart by their words. What has next to no steps has a hash of its own, made of
    its key.
    """
    across, down = _GRID
    levels = image.convert("L").resize((across + 1, down), Image.Resampling.BOX).tobytes()
    steps = 0
    for row in range(down):
        line = levels[row * (across + 1) : (row + 1) * (across + 1)]
        for left, right in pairwise(line):
            steps = steps << 1 | (right - left > _NOISE)
    digits = across * down // 4
    if steps.bit_count() < _FEW_STEPS:
        return hashlib.blake2b(key.encode(), digest_size=digits // 2).hexdigest()
    return f"{steps:0{digits}x}"


def _is_plain(image: Image.Image) -> bool:
    """Return whether nearly all of it is of one colour."""
    sample = image.resize((_SAMPLE, _SAMPLE), Image.Resampling.BOX)
    middle = [_median(channel.histogram()) for channel in sample.split()]
    apart = ImageChops.difference(sample, Image.new("RGB", sample.size, (middle[0], middle[1], middle[2])))
    red, green, blue = apart.split()
    furthest = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return sum(furthest[: _ALIKE + 1]) >= _PLAIN_SHARE * _SAMPLE * _SAMPLE


def _median(histogram: list[int]) -> int:
    half, seen = sum(histogram) / 2, 0
    for level, number in enumerate(histogram):
        seen += number
        if seen >= half:
            return level
    return len(histogram) - 1


def _jpeg(image: Image.Image, side: int) -> bytes:
    file = io.BytesIO()
    # Nothing of the original's metadata goes along: a new picture has none.
    image.save(file, "JPEG", quality=_QUALITY[side], exif=b"", icc_profile=None, comment=None)
    return file.getvalue()
