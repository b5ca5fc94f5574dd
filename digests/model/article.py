"""Articles, in four forms: as parsed, as stored, as indexed, and as candidates for a digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digests.model.gaps import Gap
from digests.model.ids import ArticleId, CategoryId, IngestNumber, StoryId


@dataclass(frozen=True, slots=True)
class ParsedPost:
    """What one post says, cleaned. All text is plain: no markup, no control characters, one line.

    `title` is empty for a post without one. `published_at` is None when the post has no readable date. `thumbnail`,
    `url` and `original_url` are absolute http(s) addresses or None. `text` is the body's plain text, for the search.
    `identity` and `address` are what an article is recognised by, and `is_telling` says whether the title alone does
    (`digests/articles/identity.py`); `link_key` and `headline_key` say the same whatever the source, "" where nothing
    tells. `branches` are all categories, each from the top, and `categories` is the first of
    them. `pictures` are the addresses that may represent the article, best first: the thumbnail, and those that are
    tried if it turns out to be unusable. `unlisted_because` says why no reader may see the article; it is "" for one
    that readers see. `gaps` are what readers miss in it.
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
    branches: tuple[tuple[str, ...], ...] = ()
    tags: tuple[str, ...] = ()
    unlisted_because: str = ""
    gaps: tuple[Gap, ...] = ()
    address: str = ""
    is_telling: bool = True
    pictures: tuple[str, ...] = ()
    link_key: str = ""
    headline_key: str = ""


def is_day_alone(moment: datetime) -> bool:
    """Return whether a time of an article stands for a day without a time, as feeds and people give it.

    Such a day is stored as its midnight in UTC, which is also how feeds write a day where they need a time.
    """
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0) and not moment.utcoffset()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A post that even a careful person could not read: what is wrong, how to fix it, and in which line."""

    cause: str
    fix: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A stored article.

    `shown_at` is its published time where that is plausible, else when its post first appeared; 1990 where that is not
    known either. `picture` is the key of its kept picture, "" while there is none.
    """

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
    picture: str = ""

    @property
    def is_dated(self) -> bool:
        """Whether `shown_at` is a time that the post itself gives."""
        return self.published_at is not None and self.published_at >= self.shown_at

    def __hash__(self) -> int:
        # Equal articles have equal ids. Hashing all fields would be slow: renderings are looked up by many articles.
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """What the search index needs of an article, at one revision of it.

    `categories` are all that the article is in, with all of their ancestors.
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
    tags: tuple[str, ...] = ()
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """What selection needs to know of an article, and no more: 100,000 of them fit in memory.

    `categories` are all that it is in, and `category` the one under which digests show it.
    """

    id: ArticleId
    ingest: IngestNumber
    categories: tuple[CategoryId, ...]
    source: str
    shown_at: datetime
    story: StoryId | None = None
    is_dated: bool = True
    category: CategoryId | None = None
