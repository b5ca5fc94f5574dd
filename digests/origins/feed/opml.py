"""OPML, the lists of feeds that readers of feeds exchange: what such a file says (pure).

The format is that of http://opml.org/spec2.opml. A file is never followed anywhere: not to another list that it
includes or links to, be it itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from digests.articles.text import one_line, unescape
from digests.model.feed_input import feed_address, shown_address
from digests.model.feed_refusal import FeedRefusal, FeedRefused
from digests.origins.feed.encoding import decode_feed
from digests.origins.feed.outlines import LONGEST_NAME, MOST_LEVELS, Outline, read_outlines

MOST_BYTES = 20_000_000
"""How large a file may be."""
LONGEST_TITLE = 300
"""How many characters of a title are kept."""

_TITLE_OF_FILE = re.compile(r"<title[^>]{0,100}>([^<]{0,1000})</", re.IGNORECASE)
_HEAD = 20_000
# What FreshRSS takes from pages by rules of its own.
_SCRAPED = re.compile(r"\+(?:xpath|dot)")
_LISTS = frozenset({"include", "link"})
_OTHERS = (
    (re.compile(r"<(?:rss|feed|rdf:RDF|channel)[\s>]", re.IGNORECASE), "a feed itself: add it by its address."),
    (re.compile(r"<(?:!doctype html|html|body|head)[\s>]", re.IGNORECASE), "a web page: export the list as OPML."),
)


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """A feed of a list: its canonical address, its title ("" for none), the folders that it is in, and its site."""

    url: str
    title: str = ""
    category: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class RefusedOutline:
    """An outline of a list that can't be used: its title, its address, masked and not longer than a line, and why."""

    title: str
    address: str
    reason: FeedRefusal


@dataclass(frozen=True, slots=True)
class OpmlContents:
    """What a list says: each feed once, in its order, how many outlines repeat another, and what can't be used."""

    title: str
    feeds: tuple[OpmlFeed, ...]
    doubles: int
    refused: tuple[RefusedOutline, ...]
    problems: tuple[str, ...] = ()


def read_opml(data: bytes) -> OpmlContents:
    """Return the feeds of a file, with its folders as categories.

    A feed that is there several times is taken once, from the first folder that it is in.

    Raises:
        FeedRefused: FeedRefusal.NOT_OPML or TOO_LARGE, with words for an operator.
    """
    if len(data) > MOST_BYTES:
        raise FeedRefused(FeedRefusal.TOO_LARGE, f"The file has more than {MOST_BYTES // 1_000_000} MB.")
    decoded = decode_feed(data, "")
    text = decoded.text
    found = read_outlines(text)
    if not found.outlines and not found.has_opml:
        raise FeedRefused(FeedRefusal.NOT_OPML, _what_else(text))
    feeds: dict[str, OpmlFeed] = {}
    refused: list[RefusedOutline] = []
    doubles = 0
    for outline in found.outlines:
        read = _read(outline)
        if isinstance(read, RefusedOutline):
            refused.append(read)
        elif read is not None and (before := feeds.get(read.url)) is not None:
            doubles += 1
            feeds[read.url] = _merged(before, read)
        elif read is not None:
            feeds[read.url] = read
    if not feeds and not refused:
        raise FeedRefused(FeedRefusal.NOT_OPML, "The file holds no feed.")
    broken = () if found.is_proper else ("The file is no proper XML; what a person could read of it was read.",)
    return OpmlContents(_title(text), tuple(feeds.values()), doubles, tuple(refused), (*decoded.problems, *broken))


def _read(outline: Outline) -> OpmlFeed | RefusedOutline | None:
    """Return the feed of an outline, or why it can't be used; None for a folder or a note."""
    kind = outline.get("type").lower()
    address = outline.get("xmlurl", "feedurl")
    other = outline.get("url")
    if not address and kind not in _LISTS and kind and not other.lower().endswith(".opml"):
        # Some programs write `url` for feeds too.
        address, other = other, ""
    title = outline.get("title", "text")[:LONGEST_TITLE]
    if kind == "include" or (not address and other):
        is_list = kind == "include" or other.lower().partition("?")[0].endswith((".opml", ".xml"))
        reason = FeedRefusal.OTHER_LIST if is_list else FeedRefusal.NO_FEED
        return RefusedOutline(title, shown_address(other or address), reason)
    if not address:
        page = outline.get("htmlurl")
        if not page or outline.has_children:
            return None
        return RefusedOutline(title, shown_address(page), FeedRefusal.NO_FEED)
    if _SCRAPED.search(kind):
        return RefusedOutline(title, shown_address(address), FeedRefusal.NO_FEED)
    try:
        url = feed_address(address)
    except FeedRefused as error:
        return RefusedOutline(title, shown_address(address), error.reason)
    folders = outline.folders or _from_attribute(outline.get("category"))
    return OpmlFeed(url, "" if title in (address, url) else title, folders, _web_link(outline.get("htmlurl")))


def _web_link(address: str) -> str:
    try:
        return feed_address(address) if address.startswith(("http://", "https://")) else ""
    except FeedRefused:
        return ""


def _from_attribute(text: str) -> tuple[str, ...]:
    """Return the first path of the attribute `category`: `/Boston/Weather,/Harvard/Berkman` (OPML 2.0)."""
    names = (name.strip()[:LONGEST_NAME].strip() for name in text.partition(",")[0].split("/"))
    return tuple(name for name in names if name)[:MOST_LEVELS]


def _merged(before: OpmlFeed, again: OpmlFeed) -> OpmlFeed:
    return replace(
        before,
        title=before.title or again.title,
        category=before.category or again.category,
        link=before.link or again.link,
    )


def _title(text: str) -> str:
    title = _TITLE_OF_FILE.search(text[:_HEAD])
    return one_line(unescape(title[1]))[:LONGEST_TITLE] if title else ""


def _what_else(text: str) -> str:
    head = text[:_HEAD]
    if not text.strip():
        return "The file is empty."
    kind = next((words for pattern, words in _OTHERS if pattern.search(head)), "")
    return f"The file is no OPML but {kind}" if kind else "The file is no OPML: it has no outlines."
