"""What all layouts need to know of the installation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LayoutOptions:
    """Which pictures digests show, and how.

    Without `has_pictures` there are none, and without `has_mosaics` at most that of the lead story. `has_previews`:
    Telegram can fetch mosaics from this bot, so that a text of full length goes below one. `draws_categories`: items
    without a picture get a tile with the name of their category. `secret` goes into the keys of mosaics.
    """

    has_pictures: bool = True
    has_mosaics: bool = True
    has_previews: bool = False
    draws_categories: bool = False
    secret: bytes = b""
