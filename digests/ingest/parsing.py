"""Parses the posts of an origin (pure). It runs in a process beside the bot too, so it imports little."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digests.articles.hexo.neighbours import Neighbours
from digests.articles.hexo.site import SiteRules
from digests.articles.options import DEFAULTS, PostOptions
from digests.articles.reading import read_post
from digests.model.article import ParsedPost, Unreadable

READING_VERSION = 4
"""Raised whenever posts are read differently: all of them are then read again, once."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How to read the posts of an origin, and which of them.

    `broken` says that the site's rules are missing only because they can't be read now.
    """

    post: PostOptions = DEFAULTS
    max_age: timedelta | None = timedelta(days=3)
    max_bytes: int = 10_000_000
    delete_missing: bool = False
    broken: bool = False

    @property
    def fingerprint(self) -> str:
        """Equal as long as the same bytes are read to the same article; "" while the site's rules are missing."""
        return (
            ""
            if self.broken
            else hashlib.sha256(repr((READING_VERSION, self.post, *self.post.picture_hosts)).encode()).hexdigest()
        )

    @property
    def surveys(self) -> SiteRules | None:
        """The site whose links depend on all its posts; None where each post is enough for itself."""
        site = self.post.site
        return site if site is not None and site.needs_neighbours else None


def parse_some(
    posts: Sequence[tuple[bytes, str]],
    options: PostOptions,
    now: datetime,
    neighbours: Neighbours | None,
    standing: Collection[str],
) -> list[ParsedPost | Unreadable]:
    """Return what the posts, given as (bytes, path), say, in their order."""
    return [read_post(data, path, options, neighbours=neighbours, now=now, standing=standing) for data, path in posts]
