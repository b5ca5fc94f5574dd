"""Feeds: as they are read, and as the bot looks after them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

from digests.model.article import ParsedPost

FeedId = NewType("FeedId", int)


class FeedKind(StrEnum):
    """What a feed is written in; NONE for what is no feed."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    RDF = "rdf"
    CDF = "cdf"
    NONE = "none"


class FeedTrouble(StrEnum):
    """Why a look at a feed brought nothing; the value is stored."""

    UNREACHABLE = "unreachable"
    """No answer: the name, the connection, TLS, the time that it takes."""
    FORBIDDEN = "forbidden"
    """An address that the bot asks for nothing: not of the web, private, with a password."""
    GONE = "gone"
    """410: for good."""
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    """401, 403, 406, a challenge for browsers: the site wants no such reader."""
    BUSY = "busy"
    """429, 503: later."""
    SERVER = "server"
    TOO_LARGE = "too_large"
    NOT_A_FEED = "not_a_feed"
    """A page, a parked domain, an error in words, a broken file."""
    DUPLICATE = "duplicate"
    """It has moved to the address of another feed, which is looked at already."""


@dataclass(frozen=True, slots=True)
class FeedFault:
    """What is wrong with a feed; `words` are for an operator, in English, without a secret."""

    trouble: FeedTrouble
    words: str


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An item of a feed, read as a post is.

    `key` is what it is known by within its feed: its guid, unless several items share it. `id` is the guid as it is
    written, "" for none. `written_url` is the link as the feed gives it, absolute; `post.url` is without what only
    counts visitors. `updated_at` is when the feed says that it was changed. `content_hash` changes with anything that
    the item says, dates aside.
    """

    key: str
    id: str
    post: ParsedPost
    written_url: str | None
    updated_at: datetime | None
    content_hash: str


@dataclass(frozen=True, slots=True)
class ReadFeed:
    """What the bytes of a feed say.

    `fault` says why they are none, and then there are no items. `least_minutes` is how long the feed asks to be left
    alone (ttl, sy:updatePeriod). `moved_to` is where it says that it is for good now (itunes:new-feed-url), "" for
    here. `problems` are for whoever looks after it.
    """

    kind: FeedKind
    title: str = ""
    link: str | None = None
    language: str = ""
    problems: tuple[str, ...] = ()
    items: tuple[FeedItem, ...] = field(default=(), repr=False)
    least_minutes: int | None = None
    fault: FeedFault | None = None
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """How a feed is asked and read.

    Attributes:
        category: Where its articles are placed, from the top; () for the feed's title.
        language: The language of articles whose text does not show it, as a BCP 47 tag.
        every: How many minutes lie between two looks; None: by its own rhythm, around `feeds.every`.
        full_text: Whether articles' own pages are read.
        tags_as_categories: Whether an item's categories are places of their own below `category`, not only tags.
        user_agent: The name to give to a site that refuses ours; "" for ours.
    """

    category: tuple[str, ...] = ()
    language: str = ""
    every: int | None = None
    full_text: bool = False
    tags_as_categories: bool = False
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What looks at a feed have left.

    Attributes:
        next_look_at: When it is looked at next.
        looked_at: When it was looked at last; None for never.
        read_at: When a look last succeeded, with news or without.
        news_at: When it last brought an article that it had not had before.
        etag: The header ETag of the last answer, exactly; "" for none.
        last_modified: The header Last-Modified of the last answer, exactly; "" for none.
        body_hash: A digest of the last body, by which one that is the same is not read again.
        moved_to: Where permanent redirects lead, or the feed says that it is, and `moved_looks` in a row, since
            `moved_at`.
        says_moved_to: Where the last body says that the feed is for good now; "" for where it was.
        failures: How many looks in a row have failed, since `failing_since`.
        fault: What was wrong at the last look; None if nothing was.
        least_minutes: How long the feed and its server ask to be left alone.
        brought: When it brought something new, oldest first, the last few times.
        reported: What the admins were told of it and have not seen end: "silent", "failing", "gone", "duplicate" or "".
    """

    next_look_at: datetime
    looked_at: datetime | None = None
    read_at: datetime | None = None
    news_at: datetime | None = None
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    moved_to: str = ""
    moved_looks: int = 0
    moved_at: datetime | None = None
    says_moved_to: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    fault: FeedFault | None = None
    least_minutes: int = 0
    brought: tuple[datetime, ...] = ()
    reported: str = ""


class FeedHealth(StrEnum):
    """How a feed is, in one word."""

    NEW = "new"
    """Never looked at."""
    FINE = "fine"
    SILENT = "silent"
    """Nothing new for three times longer than it usually takes."""
    FAILING = "failing"
    GONE = "gone"
    """Its server says that it is gone for good; it is not looked at any more."""
    DUPLICATE = "duplicate"
    """It has moved to another feed's address; it is not looked at any more."""
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that the bot looks at. `is_configured`: by the settings, so that the chat can't change it."""

    id: FeedId
    url: str
    title: str
    link: str
    kind: FeedKind
    options: FeedOptions
    state: FeedState
    added_at: datetime
    is_configured: bool = False
    is_paused: bool = False

    @property
    def origin(self) -> str:
        """The name under which its items are stored, as posts are under their origin's."""
        return feed_origin(self.id)


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed to be added; `next_look_at` None: looked at as soon as it is."""

    url: str
    title: str = ""
    link: str = ""
    kind: FeedKind = FeedKind.NONE
    options: FeedOptions = field(default_factory=FeedOptions)
    is_configured: bool = False
    next_look_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FeedLook:
    """What one look at a feed has left: `feed` as it was before, its `state` now, and what it says of itself.

    `title` and `link` are "" and `kind` is NONE where this look read nothing of them.
    """

    feed: Feed
    state: FeedState
    title: str = ""
    link: str = ""
    kind: FeedKind = FeedKind.NONE


NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a feed is looked at next that is gone or a duplicate, until somebody wants it to be tried again."""

ENDED = MappingProxyType(
    {FeedTrouble.GONE: FeedHealth.GONE, FeedTrouble.DUPLICATE: FeedHealth.DUPLICATE},
)
"""The troubles that do not pass, and how a feed is that has one."""

FEED_ORIGIN = "feed:"
"""How the names of origins begin that are feeds; names in the settings hold no colon."""


def feed_origin(feed: FeedId) -> str:
    """Return the name of a feed's origin."""
    return f"{FEED_ORIGIN}{feed}"
