"""Mosaics: one picture made of the kept pictures of a digest's items."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_TILES = 9
"""A large tile for the lead story, and eight more."""
_VERSION = 1
_KEY_LENGTH = 40


class Tile(NamedTuple):
    """One item's place in a mosaic; a tuple, since each of very many digests has nine.

    `number` is the one that the item has in the text; 0 shows none. `picture` is the key of a kept picture. It is ""
    for a drawn tile, which shows `label`, the name of the item's category.
    """

    number: int
    picture: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class CoverText:
    """The words on a cover: plain text, each on lines of its own, shortened to what fits when it is drawn."""

    title: str
    day: str
    headlines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mosaic:
    """What a mosaic is made of, the lead story's tile first. `key` names it everywhere, and can't be guessed."""

    key: str
    tiles: tuple[Tile, ...]
    cover: CoverText | None = None


def compose_mosaic(tiles: Sequence[Tile], secret: bytes, cover: CoverText | None = None) -> Mosaic:
    """Return the mosaic of these tiles, of which there are at most MOST_TILES.

    Equal tiles and words have equal keys. Whoever doesn't know `secret` can't tell the key, so that an address with it
    is known only to those who got the message.
    """
    # Made for each of very many digests; what `repr` would make of it takes four times as long.
    shown = "\n".join([f"{tile.number} {tile.picture} {tile.label and repr(tile.label)}" for tile in tiles])
    text = f"{_VERSION}\n{shown}\n{cover!r}"
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=secret[:64], digest_size=_KEY_LENGTH // 2)
    return Mosaic(digest.hexdigest(), tuple(tiles), cover)
