"""Decoding what strangers sent, within bounds of size and memory, to a small picture in sRGB."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import (
    AvifImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

MOST_PIXELS = 40_000_000
"""More than the sites of articles have: 40 million take 160 MB."""
LEAST_SIDE = 100
MOST_RATIO = 4
_WHOLE_ENOUGH = 0.75
"""The share of a JPEG's lines that must have arrived."""
_LARGEST_PROFILE = 4_000_000
_MOST_SCANS = 100
"""Of a JPEG, whose every scan passes over all of its pixels: a progressive one has about ten."""
_DARK, _LIGHT = (43, 47, 54), (242, 243, 245)
_BRIGHT = 200
_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
_AVIF_BRANDS = (b"avif", b"avis", b"mif1", b"msf1")
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:[!?a-z])", re.IGNORECASE)
_SVG = re.compile(rb"<svg[\s/>]", re.IGNORECASE)
_OTHERS = (
    (b"BM", "a BMP picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"\0\0\1\0", "an icon"),
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"PK", "a zip archive"),
)

# The decoders that may be met, whatever else Pillow has.
_PLUGINS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


class UnusableError(Exception):
    """The picture can't be used; the text says why."""


def decode_picture(data: bytes, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """Return the picture as it is looked at, within a square of `side` pixels, and its original size.

    Of an animation it is the first frame. What is transparent stands on a neutral ground.

    Raises:
        UnusableError: for what is no picture, is too large, too small or too long, or can't be decoded.
    """
    kind = _kind(data)
    # In what is encoded there is no other FF before a byte that is not 0 (T.81, B.1.1.5).
    if kind == "JPEG" and data.count(b"\xff\xda") > _MOST_SCANS:
        raise UnusableError("would take too long to decode")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Pillow warns of too many pixels, and refuses twice as many.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[kind]) as image:
                return _prepared(image, kind, side)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnusableError(f"more than {MOST_PIXELS // 1_000_000} million pixels") from None
    except MemoryError:
        raise UnusableError("takes too much memory") from None
    except UnusableError:
        raise
    except Exception as error:
        # Decoders meet anything, and raise anything: SyntaxError, struct.error, IndexError, ...
        words = " ".join(str(error).split())[:100]
        reason = "cut off" if "truncated" in words else f"broken {kind}: {words or type(error).__name__}"
        raise UnusableError(reason) from error


def _kind(data: bytes) -> str:
    """Return the format, by the first bytes: what a server says of it proves nothing."""
    if not data:
        raise UnusableError("empty")
    for start, kind in _SIGNATURES:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _AVIF_BRANDS:
        return "AVIF"
    if data[4:8] == b"ftyp":
        raise UnusableError("a HEIC picture or a video")
    if _MARKUP.match(data[:200]):
        raise UnusableError("an SVG drawing" if _SVG.search(data[:4000]) else "a web page")
    for start, name in _OTHERS:
        if data.startswith(start):
            raise UnusableError(name)
    raise UnusableError("no picture")


def _prepared(image: ImageFile.ImageFile, kind: str, side: int) -> tuple[Image.Image, tuple[int, int]]:
    turned = _orientation(image)
    size = image.size[::-1] if turned in _SIDEWAYS else image.size
    _check_size(*size)
    target = _within(image.size, side)
    if kind == "JPEG":
        # libjpeg decodes at a half, a quarter or an eighth of the size for a fraction of the time.
        image.draft(None, target)
        loaded = _loaded_jpeg(image)
    else:
        image.load()
        loaded = image
    small = _shrunk(_resizable(loaded), target)
    if (method := _TURNS.get(turned)) is not None:
        small = small.transpose(method)
    return _flat(_in_srgb(small, image.info.get("icc_profile"))), size


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is turned as it is looked at, by the number that EXIF has for it."""
_SIDEWAYS = (5, 6, 7, 8)


def _orientation(image: Image.Image) -> int:
    try:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001 - broken EXIF raises anything, and the picture is there without it
        return 1
    return turned if isinstance(turned, int) else 1


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise UnusableError(f"more than {MOST_PIXELS // 1_000_000} million pixels")
    if min(width, height) < LEAST_SIDE:
        raise UnusableError(f"smaller than {LEAST_SIDE} pixels: {width}x{height}")
    if max(width, height) > MOST_RATIO * min(width, height):
        raise UnusableError(f"longer than {MOST_RATIO} times its width: {width}x{height}")


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return the size within a square, never enlarged."""
    share = min(1.0, side / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _loaded_jpeg(image: ImageFile.ImageFile) -> Image.Image:
    """Return the picture, without the lines that are missing if it was cut off near its end."""
    try:
        image.load()
    except OSError as error:
        if "truncated" not in str(error):
            raise
    else:
        return image
    if image.info.get("progressive"):
        # It is there from top to bottom, but how blurred can't be told.
        raise UnusableError("cut off")
    with _taking_truncated():
        image.load()
    # What did not arrive is of one colour, a grey.
    missing = Image.new(image.mode, image.size, image.getpixel((image.width - 1, image.height - 1)))
    arrived = ImageChops.difference(image, missing).getbbox(alpha_only=False)
    lines = arrived[3] if arrived is not None else 0
    if lines < _WHOLE_ENOUGH * image.height:
        raise UnusableError("cut off")
    # The last block is half decoded.
    return image.crop((0, 0, image.width, max(1, lines - 16)))


@contextmanager
def _taking_truncated() -> Iterator[None]:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _resizable(image: Image.Image) -> Image.Image:
    """Return the picture in a mode whose pixels can be averaged."""
    if image.mode.startswith("I"):
        # 16 bits; converting would clip them to the darkest 256.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in image.info or image.mode in ("PA", "LA", "La"):
        return image.convert("RGBA")
    if image.mode in ("1", "F"):
        return image.convert("L")
    if image.mode in ("L", "RGB", "RGBA", "CMYK"):
        return image
    return image.convert("RGBA" if image.mode == "RGBa" else "RGB")


def _shrunk(image: Image.Image, target: tuple[int, int]) -> Image.Image:
    # A picture that was cut off near its end is lower than planned.
    size = target[0], max(1, min(target[1], round(image.height * target[0] / image.width)))
    if image.size == size:
        return image.copy()
    # With a gap of three, twice as fast, and no difference is seen.
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _in_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """Return the picture in the colours of every screen, if it comes with a profile of its own."""
    if not isinstance(profile, bytes) or not 0 < len(profile) <= _LARGEST_PROFILE or image.mode == "L":
        return image.convert("RGB") if image.mode == "CMYK" else image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image if image.mode == "CMYK" else image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image.convert("RGB") if image.mode == "CMYK" else image
        converted = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A broken profile: the colours are as near without it.
        return image.convert("RGB") if image.mode == "CMYK" else image
    assert converted is not None
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _flat(image: Image.Image) -> Image.Image:
    """Return the picture in RGB. What is transparent becomes light, or dark below what is bright itself."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    alpha = image.getchannel("A")
    seen = image.convert("L").histogram(alpha.point(lambda value: 255 if value > 127 else 0))
    total = sum(seen)
    if not total:
        raise UnusableError("transparent")
    brightness = sum(value * number for value, number in enumerate(seen)) / total
    is_whole = alpha.getextrema()[0] == 255
    ground = Image.new("RGB", image.size, _DARK if brightness > _BRIGHT and not is_whole else _LIGHT)
    ground.paste(image, mask=alpha)
    return ground
