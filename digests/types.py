"""The data that rooms hand to each other: frozen, slotted, with aware UTC datetimes.

One word per idea; docs/glossary.md explains the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

PlaceId = NewType("PlaceId", int)
ArticleId = NewType("ArticleId", int)
CategoryId = NewType("CategoryId", int)
DeliveryId = NewType("DeliveryId", int)
AnnouncementId = NewType("AnnouncementId", int)
StoryId = NewType("StoryId", int)
"""Of articles of several sources about one thing: the id of the first of them."""
IngestNumber = NewType("IngestNumber", int)
"""Position in the order in which articles were committed; a window is (from, to] of these."""


@dataclass(frozen=True, slots=True)
class Parsed:
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
    mend: str
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


@dataclass(frozen=True, slots=True)
class Category:
    """One node of the category tree. `count` is the number of articles in it and its children."""

    id: CategoryId
    parent_id: CategoryId | None
    name: str
    path: tuple[str, ...]
    count: int = 0
    alias_of: CategoryId | None = None


EVERY_DAY = "1234567"


class PlaceKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class PlaceState(StrEnum):
    """NEW has met the bot but chosen nothing; ACTIVE gets digests; the others get none and keep their settings."""

    NEW = "new"
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Place:
    """A chat or one forum topic of it. `thread_id` 0 is the chat itself.

    `time` is local, "07:30" or "07:30,18:00"; `weekdays` are ISO numbers, "12345"; `quiet` is "22:00-07:00" or "".
    A paused place goes on at `resume_at`. Fewer new articles than `least_items` wait for the next slot; `silent`
    digests make no sound.
    """

    id: PlaceId
    chat_id: int
    thread_id: int
    kind: PlaceKind
    title: str
    language: str
    time: str
    timezone: str
    state: PlaceState
    state_reason: str
    next_at: datetime | None
    window_from: IngestNumber
    window_from_at: datetime
    created_at: datetime
    active_at: datetime
    weekdays: str = EVERY_DAY
    quiet: str = ""
    resume_at: datetime | None = None
    least_items: int = 1
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The articles with since < ingest <= until."""

    since: IngestNumber
    until: IngestNumber


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a digest tells the news; given where it is not simply the last day."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One article in a digest. `also` are other sources' articles of the same story, the first of them first."""

    article: Article
    also: tuple[Article, ...] = ()

    def __hash__(self) -> int:
        return hash(self.article.id)


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one category heading, best first."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What one place gets of a window. `rest` counts the articles that max_items cut off."""

    groups: tuple[Group, ...]
    rest: tuple[ArticleId, ...] = ()
    covers: Span | None = None
    picture: str | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for group in self.groups for item in group.items)


class DeliveryKind(StrEnum):
    DIGEST = "digest"
    ANNOUNCEMENT = "announcement"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    HELD = "held"
    """Its announcement is paused."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a delivery: `html` within Telegram's limits, which is its `text`, whole or in pieces to be joined.

    Digests have their items in common: what they share is one string in memory and one row in a store.

    `picture` is the address of a picture to show large above the text; `photo` is a file_id to send with it.
    `stories` counts the delivery's items that other sources bring too; a button below the last part offers those.
    Announcements know more: other files or an album as (kind, file_id), a message to copy as (chat, message),
    buttons as (label, url), whether it comes without a sound and is pinned, whether it is paid for (None: as what
    goes to many is), whether it comes in quiet hours too (without a sound then) instead of waiting for their end, which
    of its files are under a spoiler, and whether its text stands above them.
    """

    text: str | tuple[str, ...]
    picture: str | None = None
    photo: str | None = None
    stories: int = 0
    media: tuple[tuple[str, str], ...] = ()
    copy_of: tuple[int, int] | None = None
    buttons: tuple[tuple[str, str], ...] = ()
    silent: bool = False
    pinned: bool = False
    paid: bool | None = None
    despite_quiet: bool = False
    spoilers: tuple[int, ...] = ()
    caption_above: bool = False

    def __post_init__(self) -> None:
        # As JSON it comes back with lists; most have none of these, and there are very many.
        if self.media != ():
            object.__setattr__(self, "media", tuple((kind, file) for kind, file in self.media))
        if self.buttons != ():
            object.__setattr__(self, "buttons", tuple((label, url) for label, url in self.buttons))
        if self.spoilers != ():
            object.__setattr__(self, "spoilers", tuple(self.spoilers))
        if self.copy_of is not None:
            chat, message = self.copy_of
            object.__setattr__(self, "copy_of", (chat, message))

    @property
    def html(self) -> str:
        return self.text if isinstance(self.text, str) else "".join(self.text)

    @property
    def is_covered(self) -> bool:
        """Whether its files are shown otherwise than usual."""
        return bool(self.spoilers or self.caption_above)

    @property
    def is_announced(self) -> bool:
        """Whether it has anything that only announcements know."""
        manner = self.silent or self.pinned or self.paid is not None or self.despite_quiet or self.is_covered
        return bool(self.media or self.copy_of or self.buttons or manner)


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a delivery sends, kept by `key` so that equal digests are rendered once and retries send the same."""

    key: str
    parts: tuple[Part, ...]
    items: tuple[ArticleId, ...] = ()
    rest: tuple[ArticleId, ...] = ()


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part as the ledger holds it."""

    number: int
    state: DeliveryState
    hash: str
    message_id: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One place's copy of a digest or an announcement.

    `offers` is an earlier digest of the place that may not have come: a button below this one shows its items.
    `resent_at` is when an admin had it sent again: from then on it is tried as long as at first.
    """

    id: DeliveryId
    place: Place
    kind: DeliveryKind
    slot: datetime
    state: DeliveryState
    rendering: str
    attempts: int
    created_at: datetime
    parts: tuple[PartRow, ...] = ()
    announcement_id: AnnouncementId | None = None
    offers: DeliveryId | None = None
    resent_at: datetime | None = None


class AnnouncementState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """What somebody may do: an editor drafts announcements, an admin sends them too, an owner gives roles."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
