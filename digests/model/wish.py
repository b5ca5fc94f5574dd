"""Wishes: what a place wants of its digest beyond categories, each about words, a source or a category (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from digests.model.ids import CategoryId, PlaceId

WishId = NewType("WishId", int)
QueryId = NewType("QueryId", int)


class WishKind(StrEnum):
    """What a wish asks for; the values are stored."""

    WATCH = "watch"
    """Articles with these words come, even from categories that are not followed."""
    MUTE = "mute"
    """Such articles don't come."""
    MORE = "more"
    """Such articles go before others in the digest; nothing is left out for it."""
    LESS = "less"
    """Such articles go behind others in the digest; nothing is left out for it."""
    CAP = "cap"
    """At most so many articles of a category come; the rest is behind the button."""


class Matter(StrEnum):
    """What a wish is about; the values are stored."""

    WORDS = "words"
    SOURCE = "source"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a wish is about: `value` is a query in its canonical form, the name of a source, or the id of a category."""

    matter: Matter
    value: str

    @classmethod
    def of_category(cls, category: CategoryId) -> Subject:
        """Return the subject that is a category, with all below it."""
        return cls(Matter.CATEGORY, str(category))

    @property
    def category(self) -> CategoryId | None:
        """The category that it is; None for words and sources."""
        return CategoryId(int(self.value)) if self.matter is Matter.CATEGORY else None


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish of a place. A place has one wish of a kind about a subject.

    A watch that is `at_once` brings each article as soon as it is known. `most` is a cap's number of articles. A mute
    ends at `until`; None means never. `query` is the stored query of a wish about words.
    """

    id: WishId
    place_id: PlaceId
    kind: WishKind
    subject: Subject
    created_at: datetime
    at_once: bool = False
    most: int = 0
    until: datetime | None = None
    query: QueryId | None = None


# Of each pair a place has one about a subject: the later wish takes the place of the earlier.
OPPOSITES = {
    WishKind.WATCH: WishKind.MUTE,
    WishKind.MUTE: WishKind.WATCH,
    WishKind.MORE: WishKind.LESS,
    WishKind.LESS: WishKind.MORE,
}
