"""What becomes of a picture that was fetched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """A usable picture, shrunk. `key` is made of what it shows, so that equal pictures are kept once.

    `likeness` is a perceptual hash, in hexadecimal digits: `look_alike` (`likeness.py`) compares two. `width` and
    `height` are the original's, in pixels, as it is looked at. `large` and `small` are JPEG files within squares of
    `LARGE` and `SMALL` pixels (`folder.py`).
    """

    key: str
    likeness: str
    width: int
    height: int
    large: bytes
    small: bytes


@dataclass(frozen=True, slots=True)
class Unusable:
    """A picture that represents no article, and why: a few words for an operator."""

    reason: str
