"""What the bytes of a feed say, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from digests.model.feed import FeedFault, FeedKind


@dataclass(frozen=True, slots=True)
class FeedBounds:
    """How much of a feed is read; each is a whole number of at least 1.

    Attributes:
        bytes: The size of a feed, unpacked; a larger one is not read at all.
        items: How many of its items are read, the first ones.
        depth: How deep its elements (objects and lists of JSON) may lie in each other.
        elements: How many elements are read.
        loose_bytes: How much of a feed that is not well-formed is read, from its beginning: that takes its time.
        loose_signs: The same, as a number of `<` and `&`.
        text: How many characters a field of an item may have; the rest is cut off.
    """

    bytes: int = 5 * 1024 * 1024
    items: int = 2_000
    depth: int = 200
    elements: int = 150_000
    loose_bytes: int = 2 * 1024 * 1024
    loose_signs: int = 100_000
    text: int = 1_000_000


@dataclass(frozen=True, slots=True)
class EntryLink:
    """A link of an entry, with its attributes as written; `href` is absolute where a base was known."""

    href: str
    rel: str = ""
    type: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An item or entry as it is written: markup untouched, white space around trimmed; "" or () where there is none.

    Attributes:
        guid: Its guid, Atom id, rdf:about or JSON id, as written.
        guid_is_link: Whether the feed says that the guid is the item's address (isPermaLink), and it looks like one.
        title: Its title; `title_is_markup` where it is HTML by what the feed says, or by what it looks like.
        link: The address of the article: of several, the alternate; "" if it has none of the web.
        links: All its links, in order, with that of the article.
        published: When it was published, the raw string.
        updated: When it was changed, the raw string.
        published_at: A reading of `published` in UTC, the last resort: it can be wrong where a date is of no standard.
        updated_at: The same of `updated`.
        authors: Names of its authors, without addresses for mail; each once.
        categories: Its categories, subjects and keywords, each once.
        summary: Its description, summary or teaser.
        content: Its body: content:encoded, Atom content, content_html or content_text; not the summary again.
        pictures: Addresses of pictures that stand for it, best first, absolute.
        base: The address against which those inside the markup are resolved.
        language: Its language, or the feed's, as written.
        source_title: The title of the feed or site that it was taken from, if it says so.
        original_link: The address behind one that counts clicks (feedburner:origLink).
    """

    guid: str = ""
    guid_is_link: bool = False
    title: str = ""
    title_is_markup: bool = False
    link: str = ""
    links: tuple[EntryLink, ...] = ()
    published: str = ""
    updated: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    summary: str = field(default="", repr=False)
    summary_is_markup: bool = False
    content: str = field(default="", repr=False)
    content_is_markup: bool = False
    pictures: tuple[str, ...] = ()
    base: str = ""
    language: str = ""
    source_title: str = ""
    original_link: str = ""


@dataclass(frozen=True, slots=True)
class FeedContents:
    """A feed as it is written; with a `fault` it is none, and has no entries.

    Attributes:
        kind: What it is written in.
        title: Its title, as plain text.
        link: The address of the site, absolute; "" for none.
        language: Its language as written.
        entries: Its items in their order.
        least_minutes: How long it asks to be left alone (ttl, sy:updatePeriod), in minutes; None if it says nothing.
        problems: What is wrong with it, although it could be read: a clear sentence each, in English, for an operator.
        fault: Why it could not be read.
        picture: The address of its own picture, which represents no item.
        moved_to: The address that it says it has moved to (itunes:new-feed-url); "" for none.
    """

    kind: FeedKind
    title: str = ""
    link: str = ""
    language: str = ""
    entries: tuple[FeedEntry, ...] = field(default=(), repr=False)
    least_minutes: int | None = None
    problems: tuple[str, ...] = ()
    fault: FeedFault | None = None
    picture: str = ""
    moved_to: str = ""
