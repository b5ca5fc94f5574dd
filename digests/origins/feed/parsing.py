"""Bytes to the contents of a feed."""

from __future__ import annotations

import re
from dataclasses import replace

from digests.model.feed import FeedFault, FeedKind, FeedTrouble
from digests.origins.feed.contents import FeedBounds, FeedContents
from digests.origins.feed.encoding import decode_feed, media_type
from digests.origins.feed.json_feed import read_json_feed
from digests.origins.feed.not_a_feed import not_text, why_no_feed
from digests.origins.feed.prolog import guard_xml
from digests.origins.feed.xml_feed import read_xml_feed

_FEED_ELEMENT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|rdf|channel|item|entry)[\s>/]", re.IGNORECASE)
_UNUSUAL_TYPES = frozenset({"text/plain", "text/html", "application/octet-stream"})


def parse_contents(data: bytes, content_type: str, base: str, bounds: FeedBounds | None = None) -> FeedContents:
    """Return what the bytes of a feed say: RSS, RDF, CDF, Atom or JSON Feed.

    Never raises: what is no feed has a fault that says what it is. Takes no longer than a second or two for the largest
    that `bounds` allow, whatever they are.

    Args:
        data: The bytes as they came, unpacked.
        content_type: The header Content-Type of the answer, "" for none.
        base: The address at which they were found, after redirects; "" for none.
        bounds: How much is read.
    """
    bounds = bounds or FeedBounds()
    if len(data) > bounds.bytes:
        megabytes = bounds.bytes / 1024 / 1024
        return _fault(
            FeedFault(FeedTrouble.TOO_LARGE, f"It is larger than {megabytes:g} MB, which no feed needs to be.")
        )
    if fault := not_text(data):
        return _fault(fault)
    decoded = decode_feed(data, content_type)
    text = decoded.text.lstrip("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        contents = read_json_feed(text.strip("\x00"), base, bounds)
    else:
        contents = _xml(text, content_type, base, bounds)
    return replace(contents, problems=tuple(dict.fromkeys((*decoded.problems, *contents.problems))))


def _xml(text: str, content_type: str, base: str, bounds: FeedBounds) -> FeedContents:
    guarded = guard_xml(text)
    root = guarded.root
    contents = None
    if root.lower() != "html" and _FEED_ELEMENT.search(guarded.body):
        contents = read_xml_feed(guarded, base, bounds)
    if contents is None:
        return _fault(why_no_feed(text, root, base))
    kind = media_type(content_type)
    if kind in _UNUSUAL_TYPES:
        return replace(contents, problems=(*contents.problems, f"The server says that it is {kind}, not XML."))
    return contents


def _fault(fault: FeedFault) -> FeedContents:
    return FeedContents(FeedKind.NONE, fault=fault)
