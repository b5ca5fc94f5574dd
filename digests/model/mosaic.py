"""Mosaics: one picture made of the kept pictures of a digest's items."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_TILES = 9
"""A large tile for the lead story, and eight more."""
COVER_LANGUAGE = "zh-CN"
"""The language whose forms of characters a cover has, unless it says otherwise."""
_VERSION = 1
_KEY_LENGTH = 40


class Tile(NamedTuple):
    """One item's place in a mosaic.

    `number` is the one that the item has in the text; 0 shows none. `picture` is the key of a kept picture. It is ""
    for a drawn tile, which shows `label`, the name of the item's category.
    """

    number: int
    picture: str
    label: str = ""


TileValues = tuple[int, str, str]
"""A tile as a plain tuple, which takes an eighth of the time to make: planning makes hundreds of thousands."""


@dataclass(frozen=True, slots=True)
class CoverText:
    """The words on a cover: plain text, each on lines of its own, shortened to what fits when it is drawn.

    `language` ("zh-TW") says which forms the Chinese characters have.
    """

    title: str
    day: str
    headlines: tuple[str, ...] = ()
    language: str = COVER_LANGUAGE


@dataclass(frozen=True, slots=True)
class Mosaic:
    """What a mosaic is made of. `key` names it everywhere, and can't be guessed.

    `recipe` has a line for each tile, the lead story's first: there are tens of thousands of mosaics at a time, and a
    string takes a tenth of the memory and time of its tiles.
    """

    key: str
    recipe: str
    cover: CoverText | None = None

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """The tiles, the lead story's first."""
        lines = [line.split(" ", 2) for line in self.recipe.split("\n") if line]
        return tuple([Tile(int(number), picture, label) for number, picture, label in lines])


def compose_mosaic(tiles: Sequence[TileValues], secret: bytes, cover: CoverText | None = None) -> Mosaic:
    """Return the mosaic of these tiles, of which there are at most MOST_TILES.

    Equal tiles and words have equal keys. Whoever doesn't know `secret` can't tell the key, so that an address with it
    is known only to those who got the message.
    """
    recipe = recipe_of(tiles)
    text = f"{_VERSION}\n{recipe}\n{cover!r}"
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=secret[:64], digest_size=_KEY_LENGTH // 2)
    return Mosaic(digest.hexdigest(), recipe, cover)


def recipe_of(tiles: Sequence[TileValues]) -> str:
    """Return the tiles as the recipe of a mosaic."""
    return "\n".join(
        [
            f"{number} {picture} {' '.join(label.split())}" if label else f"{number} {picture} "
            for number, picture, label in tiles
        ]
    )
