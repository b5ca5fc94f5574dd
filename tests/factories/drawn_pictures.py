"""Pictures of every form, drawn with Pillow, also broken and hostile ones."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from digests.media.folder import LARGE, SMALL, picture_path
from digests.media.judged import Judged
from digests.media.work import judge_picture

BANDS = ((200, 60, 50), (60, 160, 70), (50, 80, 190), (230, 200, 90))


def striped(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Return a picture of four vertical bands, the first of them red, over a darker lower half."""
    image = Image.new("RGB", (width, height))
    for number, colour in enumerate(BANDS):
        box = (number * width // 4, 0, (number + 1) * width // 4, height)
        image.paste(colour, box)
        image.paste(tuple(value // 2 for value in colour), (box[0], height // 2, box[2], height))
    return image if mode == "RGB" else image.convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    """Return the picture of a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(*chunks: bytes, width: int = 200, height: int = 200, bits: int = 8, colours: int = 2) -> bytes:
    """Return a PNG file with these chunks after its head, and no end."""
    head = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + b"".join(chunks)


def zeros(megabytes: int) -> bytes:
    """Return so many zeros, compressed to a thousandth."""
    packer = zlib.compressobj(9)
    block = bytes(1_000_000)
    return b"".join([packer.compress(block) for _ in range(megabytes)]) + packer.flush()


def scene(number: int, width: int = 640, height: int = 360) -> Image.Image:
    """Return a picture like a photo: a sky, a ground and a sun, in other colours and places for each number."""
    sky, ground, sun = (BANDS[(number + shift) % len(BANDS)] for shift in range(3))
    image = Image.linear_gradient("L").resize((width, height))
    image = ImageOps.colorize(image, tuple(value // 3 for value in sky), sky)
    horizon = height * (5 + number % 4) // 9
    image.paste(ground, (0, horizon, width, height))
    radius, x = height // 7, width * (1 + number % 5) // 6
    ImageDraw.Draw(image).ellipse((x - radius, horizon - 2 * radius, x + radius, horizon), fill=sun)
    return image


def keep_pictures(folder: Path, *images: Image.Image) -> list[str]:
    """Keep pictures in the folder as the pipeline does, and return their keys."""
    keys = []
    for image in images:
        judged = judge_picture(encoded(image, quality=92))
        assert isinstance(judged, Judged), judged
        for side, data in ((LARGE, judged.large), (SMALL, judged.small)):
            path = picture_path(folder, judged.key, side)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        keys.append(judged.key)
    return keys
