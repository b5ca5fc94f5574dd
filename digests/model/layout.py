"""How a place's digests look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Layout(StrEnum):
    """The form of a digest. Each is complete in itself."""

    GALLERY = "gallery"
    """Numbered items under a mosaic of their pictures."""
    LIST = "list"
    """Items in full, under one large picture."""
    HEADLINES = "headlines"
    """Titles alone, many on a screen."""
    MAGAZINE = "magazine"
    """One rich message, for clients that show those."""


@dataclass(frozen=True, slots=True)
class DigestStyle:
    """How a digest is rendered, apart from what is in it. Equal digests in equal styles are rendered once.

    With `is_at_once`, it is not the day's digest but what watches found just now. With `has_cover`, the picture above
    it is a cover: a mosaic with the date and headlines. With `offers_magazine`, a last line offers to try the magazine.
    With `is_caption`, the first text stands below a picture in any case: it is to replace one that did.
    """

    layout: Layout
    language: str
    timezone: str
    has_cover: bool = False
    offers_magazine: bool = False
    is_caption: bool = False
    is_at_once: bool = False
