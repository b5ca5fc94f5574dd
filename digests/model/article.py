"""Articles: as parsed, as stored, as indexed, and as choosing sees them.

Like all data that rooms hand to each other: frozen, slotted, with aware UTC datetimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digests.model.ids import ArticleId, CategoryId, IngestNumber, StoryId


@dataclass(frozen=True, slots=True)
class ParsedPost:
    """What one post says, cleaned. All text is plain: no markup, no control characters, one line.

    `title` may be empty (a post without one). `published_at` is None when the post names no date that can be
    read. `thumbnail`, `url` and `original_url` are absolute http(s) or None. `text` is the body's plain text,
    for the search. `identity` is equal for two posts exactly when they are the same article.
    """

    title: str
    categories: tuple[str, ...]
    author: str
    source: str
    published_at: datetime | None
    summary: str
    thumbnail: str | None
    url: str | None
    original_url: str | None
    text: str
    language: str
    identity: str
    content_hash: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A post that no careful person could read: where the trouble is, why, and how to mend it."""

    cause: str
    fix: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article. `shown_at` is the published time where that is plausible, else the first sight."""

    id: ArticleId
    ingest: IngestNumber
    title: str
    categories: tuple[str, ...]
    category_id: CategoryId | None
    author: str
    source: str
    published_at: datetime | None
    first_seen_at: datetime
    shown_at: datetime
    summary: str
    thumbnail: str | None
    url: str | None
    original_url: str | None = None
    language: str = ""
    story: StoryId | None = None

    def __hash__(self) -> int:
        # Equal articles have equal ids; all fields would take long where renderings are looked up by very many.
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the search index takes of an article, and the revision that says how new this is.

    `categories` are all that it is in, with all that these are in.
    """

    id: ArticleId
    revision: int
    title: str
    summary: str
    text: str
    source: str
    language: str
    shown_at: datetime
    categories: tuple[CategoryId, ...] = ()
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """What choosing needs to know of an article, and no more: 100,000 of them fit in memory."""

    id: ArticleId
    ingest: IngestNumber
    categories: tuple[CategoryId, ...]
    source: str
    shown_at: datetime
    story: StoryId | None = None
