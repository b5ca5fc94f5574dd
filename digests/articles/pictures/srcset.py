"""Reading the candidates of `srcset`, by the HTML standard ("parse a srcset attribute"), and choosing among them."""

from __future__ import annotations

import re
from typing import NamedTuple

# White space and commas, an address up to white space, and its descriptors up to a comma outside of parentheses. An
# address may hold commas: only those at its end belong to the list. No part of it can be taken back.
_CANDIDATE = re.compile(r"[\s,]*+(\S++)")
_DESCRIPTORS = re.compile(r"(?:[^,(]++|\([^)]*+\)?+)*+")
_DESCRIPTOR = re.compile(r"(?<!\S)([0-9]{1,6}(?:\.[0-9]{0,3})?)([wx])(?!\S)")
_MAX_CANDIDATES = 100
_MAX_WIDTH = 2_000
"""In pixels: Telegram shows no more, and the largest files are those of the camera."""
_USUAL_WIDTH = 640
"""What a candidate without a width is taken to have, times its density."""
_MAX_DENSITY = 3


class ImageSource(NamedTuple):
    """An address, with the width in pixels or the density that is written beside it, or neither."""

    address: str
    width: float | None = None
    density: float | None = None


def read_srcset(text: str) -> list[ImageSource]:
    """Return the candidates in order, at most 100 of them; linear in the text's length."""
    found: list[ImageSource] = []
    at = 0
    while len(found) < _MAX_CANDIDATES and (match := _CANDIDATE.match(text, at)) is not None:
        at, address = match.end(), match[1]
        if address.endswith(","):
            found.append(ImageSource(address.rstrip(",")))
        else:
            descriptors = _DESCRIPTORS.match(text, at)
            assert descriptors is not None  # it matches nothing too
            at = descriptors.end()
            sizes = {unit: float(number) for number, unit in _DESCRIPTOR.findall(descriptors[0][:200])}
            found.append(ImageSource(address, sizes.get("w"), sizes.get("x")))
    return [candidate for candidate in found if candidate.address]


def by_preference(text: str) -> list[str]:
    """Return the addresses in `srcset`, the best for a message first: the largest that is no more than 2,000 wide."""
    ranked = sorted(read_srcset(text), key=_rank)
    return [candidate.address for candidate in ranked]


def _rank(candidate: ImageSource) -> tuple[bool, float]:
    """Return the candidate's place: what is small enough first, and of that the largest; then the least too large."""
    density = 1.0 if candidate.density is None else candidate.density
    width = density * _USUAL_WIDTH if candidate.width is None else candidate.width
    too_large = width > _MAX_WIDTH if candidate.width is not None else density > _MAX_DENSITY
    return too_large, width if too_large else -width
