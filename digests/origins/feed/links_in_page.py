"""The feeds that a web page names (pure).

A page says so by `<link rel="alternate" type="application/rss+xml" href="…">`, as feed readers have agreed upon
(https://www.rssboard.org/rss-autodiscovery, HTML 4.12.5.1); many only show a link. Pages are whatever their authors
made them, so they are read tag by tag, and no more of them than would help.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from digests.articles.text import one_line, unescape
from digests.model.feed import FeedKind
from digests.model.feed_input import feed_address
from digests.model.feed_refusal import FeedRefused
from digests.origins.feed.encoding import decode_feed

MOST_LINKED = 20
"""How many feeds of a page are worth a choice."""

_MOST_BYTES = 2_000_000
_MOST_TAGS = 10_000
_LONGEST_TAG = 5_000
_LONGEST_TITLE = 200

# What may come next, as far as it matters: a comment, an element whose content is no markup, or a tag with an address.
_MARK = re.compile(r"<!--|<(?:(script|style|textarea|title|template)|(link|a|area|base))(?=[\s/>])", re.IGNORECASE)
_ENDS = {
    "": re.compile("-->"),
    **{name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "textarea", "title", "template")},
}
_ATTRIBUTE = re.compile(
    r"""\s*+/*+\s*+([^\s=<>"'/]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"']++)))?""",
)
_TYPES = {
    "application/rss+xml": FeedKind.RSS,
    "application/x-rss+xml": FeedKind.RSS,
    "application/rss": FeedKind.RSS,
    "text/rss": FeedKind.RSS,
    "text/rss+xml": FeedKind.RSS,
    "application/atom+xml": FeedKind.ATOM,
    "application/atom": FeedKind.ATOM,
    "text/atom+xml": FeedKind.ATOM,
    "application/rdf+xml": FeedKind.RDF,
    "application/feed+json": FeedKind.JSON,
    # Which of them a file is, its bytes say.
    "application/xml": FeedKind.NONE,
    "text/xml": FeedKind.NONE,
}
# The first version of JSON Feed had no type of its own; WordPress gives this one to what is no feed.
_PLAIN_JSON = "application/json"
_NO_FEED = re.compile(r"/wp-json/|oembed|opensearch|sitemap|manifest", re.IGNORECASE)
_LOOKS_LIKE_FEED = re.compile(
    r"/(?:feeds?|rss|atom|feeds?\.(?:xml|json|php)|rss2?\.(?:xml|php)|atom\.(?:xml|php)|index\.(?:rss|rdf|atom)|"
    r"(?:rss|feeds?|atom)/[^?#]*|[^/?#]+\.(?:rss|atom|rdf))/?$",
    re.IGNORECASE,
)
_FEED_HOSTS = re.compile(r"^(?:feeds?|rss)\d*\.|(?:^|\.)feedburner\.com$|(?:^|\.)feedpress\.(?:me|it)$")
_COMMENTS = re.compile(r"comment|评论|留言|評論", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LinkedFeed:
    """A feed that a page names; `is_declared` if it says that it is one, and does not only link there."""

    url: str
    title: str
    kind: FeedKind
    is_declared: bool


def feeds_in_page(data: bytes, content_type: str, address: str) -> tuple[LinkedFeed, ...]:
    """Return the feeds that a page names, best first: those it declares, those it links to, those of comments.

    Addresses are canonical, and each is there once. `content_type` is the header of that name, and `address` that of
    the page, against which its links are resolved.
    """
    text = decode_feed(data[:_MOST_BYTES], content_type).text
    base, has_base = address, False
    found: dict[str, LinkedFeed] = {}
    for name, attributes in _tags(text):
        if name == "base":
            if not has_base and (href := attributes.get("href")):
                has_base, base = True, _joined(address, href) or address
            continue
        read = _declared(attributes, base) if name == "link" else _linked(attributes, base)
        if read is not None and (read.url not in found or (read.is_declared and not found[read.url].is_declared)):
            found[read.url] = read
    ordered = sorted(found.values(), key=lambda feed: (_is_of_comments(feed), not feed.is_declared))
    return tuple(ordered[:MOST_LINKED])


def _tags(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the tags that may hold an address, with their attributes by names in lower case."""
    at = 0
    for _ in range(_MOST_TAGS):
        mark = _MARK.search(text, at)
        if mark is None:
            return
        if not mark[2]:
            end = _ENDS[mark[1].lower() if mark[1] else ""].search(text, mark.end())
            if end is None:
                # As browsers have it, the rest is a comment, or a script.
                return
            at = end.end()
            continue
        attributes, at = _attributes(text, mark.end())
        yield mark[2].lower(), attributes


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """Return a tag's attributes, and where it ends. Of an attribute that is there twice, the first counts (HTML)."""
    found: dict[str, str] = {}
    end = min(len(text), at + _LONGEST_TAG)
    while (attribute := _ATTRIBUTE.match(text, at, end)) is not None:
        name, double, single, bare = attribute.groups()
        found.setdefault(name.lower(), unescape(double or single or bare or "").strip())
        at = attribute.end()
    return found, at


def _declared(attributes: Mapping[str, str], base: str) -> LinkedFeed | None:
    relations = attributes.get("rel", "").lower().split()
    if "stylesheet" in relations or not {"alternate", "feed", "service.feed"} & set(relations):
        return None
    href, media = attributes.get("href", ""), attributes.get("type", "").partition(";")[0].strip().lower()
    url = _joined(base, href)
    if not url or _NO_FEED.search(url):
        return None
    title = one_line(attributes.get("title", ""))[:_LONGEST_TITLE]
    path = urlsplit(url).path
    if media in _TYPES:
        return LinkedFeed(url, title, _TYPES[media], is_declared=True)
    if media == _PLAIN_JSON and "feed" in path.lower():
        return LinkedFeed(url, title, FeedKind.JSON, is_declared=True)
    # Without a type it is any other form of the page: a language, an app.
    if not media and ("alternate" not in relations or _LOOKS_LIKE_FEED.search(path)):
        return LinkedFeed(url, title, FeedKind.NONE, is_declared="alternate" not in relations)
    return None


def _linked(attributes: Mapping[str, str], base: str) -> LinkedFeed | None:
    """Return the feed that a link of the text seems to lead to: of the page's own site, or at a host of feeds."""
    href = attributes.get("href", "")
    if not href or href.startswith("#"):
        return None
    media = attributes.get("type", "").lower()
    url = _joined(base, href)
    if not url or _NO_FEED.search(url):
        return None
    there, here = urlsplit(url), urlsplit(base)
    host = there.hostname or ""
    is_host_of_feeds = bool(_FEED_HOSTS.search(host)) and len(there.path) > 1
    is_own = _is_one_site(host, here.hostname or "") or is_host_of_feeds
    if not is_own or not (media in _TYPES or is_host_of_feeds or _LOOKS_LIKE_FEED.search(there.path)):
        return None
    title = one_line(attributes.get("title", "") or attributes.get("aria-label", ""))[:_LONGEST_TITLE]
    return LinkedFeed(url, title, _TYPES.get(media, FeedKind.NONE), is_declared=False)


def _is_one_site(host: str, other: str) -> bool:
    host, other = host.removeprefix("www."), other.removeprefix("www.")
    return host == other or host.endswith(f".{other}") or other.endswith(f".{host}")


def _joined(base: str, href: str) -> str:
    """Return an address of the web, in canonical form; "" for any other."""
    if not href.strip():
        return ""
    # Browsers drop line ends in addresses (URL standard, 4.4).
    href = re.sub(r"[\t\n\r]", "", href)
    try:
        joined = urljoin(base, href.strip().replace(" ", "%20"))
        return feed_address(joined) if joined.lower().startswith(("http://", "https://", "feed:")) else ""
    except (FeedRefused, ValueError):
        return ""


def _is_of_comments(feed: LinkedFeed) -> bool:
    return bool(_COMMENTS.search(feed.title) or _COMMENTS.search(urlsplit(feed.url).path))
