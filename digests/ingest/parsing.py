"""Parses the posts of an origin (pure). It runs in a process beside the bot too, so it imports little."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from digests.articles.hexo.neighbours import Neighbours
from digests.articles.hexo.site import SiteRules
from digests.articles.reading import read_post
from digests.model.article import ParsedPost, Unreadable

READING_VERSION = 1
"""Raised whenever posts are read differently: all of them are then read again, once."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How to read the posts of an origin. `language` is for those whose text does not tell.

    `broken` says that the site's rules are missing only because they can't be read now.
    """

    site: SiteRules | None = None
    timezone: tzinfo = UTC
    max_age: timedelta | None = timedelta(days=3)
    max_bytes: int = 10_000_000
    default_pictures: tuple[str, ...] = ()
    language: str = ""
    category_prefix: tuple[str, ...] = ()
    delete_missing: bool = False
    broken: bool = False

    @property
    def fingerprint(self) -> str:
        """Equal as long as the same bytes are read to the same article; "" while the site's rules are missing."""
        if self.broken:
            return ""
        told = (READING_VERSION, self.site, self.timezone, self.default_pictures, self.language, self.category_prefix)
        return hashlib.sha256(repr(told).encode()).hexdigest()

    @property
    def surveys(self) -> SiteRules | None:
        """The site whose links depend on all its posts; None where each post is enough for itself."""
        return self.site if self.site is not None and self.site.needs_neighbours else None


def parse_one(
    data: bytes, path: str, reading: ReadingOptions, now: datetime, neighbours: Neighbours | None = None
) -> ParsedPost | Unreadable:
    """Return what the post says, by the options of its origin."""
    result = read_post(
        data,
        path,
        site=reading.site,
        timezone=reading.timezone,
        default_pictures=reading.default_pictures,
        neighbours=neighbours,
        now=now,
    )
    if isinstance(result, Unreadable) or not (reading.category_prefix or reading.language):
        return result
    prefix = reading.category_prefix
    return replace(
        result,
        categories=(*prefix, *result.categories),
        language=result.language or reading.language,
        content_hash=hashlib.sha256(f"{prefix} {result.content_hash}".encode()).hexdigest(),
    )


def parse_some(
    posts: Sequence[tuple[bytes, str]], reading: ReadingOptions, now: datetime, neighbours: Neighbours | None
) -> list[ParsedPost | Unreadable]:
    """Return what the posts, given as (bytes, path), say, in their order."""
    return [parse_one(data, path, reading, now, neighbours) for data, path in posts]
