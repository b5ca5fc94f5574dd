"""Whom an announcement reaches, as a store is asked for them (pure)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from digests.model.announcement import EVERY_LANGUAGE, Audience
from digests.model.ids import AnnouncementId, CategoryId

Hours = tuple[str, str]
"""A place's time zone and its quiet hours, as they are stored."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """The places that an announcement reaches, or those of them that all of the conditions below hold for.

    `categories` are the audience's, with all that lies in them and above them; None: whatever a place follows. The
    audience's days of activity are counted from `now`. `language` is that of the text that they get: with
    `EVERY_LANGUAGE`, those whose language is none of `own_languages`. `hours`: those with one of these (None: any).
    `without_row_of`: those for whom this announcement has no row yet.
    """

    audience: Audience
    categories: frozenset[CategoryId] | None
    now: datetime
    language: str = EVERY_LANGUAGE
    own_languages: tuple[str, ...] = ()
    hours: frozenset[Hours] | None = None
    without_row_of: AnnouncementId | None = None

    def speaking(self, language: str, own_languages: tuple[str, ...]) -> Recipients:
        """Return those who get the text of `language`, where `own_languages` have texts of their own."""
        return replace(self, language=language, own_languages=own_languages)

    def keeping(self, hours: Collection[Hours]) -> Recipients:
        """Return those with one of these time zones and quiet hours."""
        return replace(self, hours=frozenset(hours))

    def left_out_of(self, announcement_id: AnnouncementId) -> Recipients:
        """Return those for whom the announcement has no row yet."""
        return replace(self, without_row_of=announcement_id)
