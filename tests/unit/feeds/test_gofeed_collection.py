"""gofeed's testdata: all that its parsers read is read, and what they make of an article is what is read here.

Relative addresses within markup are compared after resolving them against the entry's base, which here is left to the
reader of articles. Titles and links of feeds are compared too, but are not counted: they are no article's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest

from digests.model.feed import FeedKind
from digests.origins.feed.contents import FeedContents, FeedEntry
from digests.origins.feed.parsing import parse_contents
from tests.unit.feeds.collections import gofeed

pytestmark = pytest.mark.shared

_ADDRESS = re.compile(r'((?:href|src)=")([^"]*)')

UNLIKE = {
    "parser/atom/issue_275_extensions_and_source.xml": "a content of video/mp4 is no text, atom+xml is markup",
    "parser/atom/entry_summary_xml_base_inherit_3.xml": "a title with a base of its own beside a summary with another",
}
"""The files with an expectation of an article that is not met, and why not."""


def expected_items(document: dict[str, Any]) -> list[dict[str, Any]]:
    return document.get("items") or document.get("entries") or []


def text_of(value: Any, key: str = "value") -> str:
    return (value.get(key) or "") if isinstance(value, dict) else value or ""


def resolved(markup: str, base: str) -> str:
    return _ADDRESS.sub(lambda found: found[1] + urljoin(base, found[2]), markup)


def comparisons(item: dict[str, Any], entry: FeedEntry) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Yield what is expected of an article, by name, and what would be right."""
    if title := text_of(item.get("title")):
        yield "title", title, (resolved(entry.title, entry.base),)
    if link := item.get("link") or item.get("url"):
        yield "link", link, (entry.link,)
    for name in ("guid", "id"):
        if guid := text_of(item.get(name)):
            # A guid is kept as it is written, so that it is the same wherever the feed lies.
            yield name, guid, (entry.guid, urljoin(entry.base, entry.guid))
    for name in ("published", "pubDate", "updated", "date_published", "date_modified"):
        if date := item.get(name):
            # gofeed fills one from the other.
            yield name, date, (entry.published, entry.updated)
    for name in ("description", "summary", "content", "content_html"):
        if text := text_of(item.get(name)):
            own, other = (entry.content, entry.summary) if name[:7] == "content" else (entry.summary, entry.content)
            yield name, text, (resolved(own or other, entry.base),)
    yield from lists(item, entry)


def lists(item: dict[str, Any], entry: FeedEntry) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    people = item.get("authors") or ([item["author"]] if item.get("author") else [])
    names = [person if isinstance(person, str) else person.get("name") or person.get("email") for person in people]
    if names := [name for name in names if name]:
        # gofeed takes only the first of several dc:creator.
        yield "authors", names, (list(entry.authors), list(entry.authors)[:1])
    tags = [
        tag if isinstance(tag, str) else tag.get("value") or tag.get("label") or tag.get("term")
        for tag in item.get("categories") or item.get("tags") or []
    ]
    if tags := [tag for tag in tags if tag]:
        yield "categories", tags, (list(entry.categories),)
    links = [link if isinstance(link, str) else link.get("href") for link in item.get("links") or []]
    if links := [link for link in links if link]:
        yield (
            "links",
            links,
            ([link.href for link in entry.links], [link.href for link in entry.links if link.rel != "enclosure"]),
        )
    image = text_of(item.get("image"), "url")
    if image and image not in entry.content + entry.summary:
        yield "image", image, entry.pictures


def held(name: str, contents: FeedContents, document: dict[str, Any], missed: dict[str, list[str]]) -> int:
    """Return how many expectations are met; add the others to `missed`."""
    items = expected_items(document)
    assert contents.fault is None, (name, contents.fault)
    assert len(items) == len(contents.entries), name
    met = 0
    for item, entry in zip(items, contents.entries, strict=True):
        for field, value, right in comparisons(item, entry):
            if value in right:
                met += 1
            else:
                missed.setdefault(name, []).append(f"{field} is {value!r}, not {right!r}")
    return met


def with_expectations(*folders: str) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    files = gofeed(*folders)
    for name, data in files.items():
        stem, _, suffix = name.rpartition(".")
        expected = files.get(f"{stem}.json") if suffix == "xml" else files.get(f"{stem}_expected.json")
        if expected is not None:
            yield name, data, json.loads(expected)


def test_what_feeds_say_of_articles_is_read() -> None:
    met = read = 0
    missed: dict[str, list[str]] = {}
    for name, data, document in with_expectations(
        "parser/rss", "parser/atom", "parser/json", "translator", "extensions"
    ):
        contents = parse_contents(data, "", "")
        met += held(name, contents, document, missed)
        read += name.startswith("parser/") and name.endswith(".xml")
    failed = sum(map(len, missed.values()))
    print(f"gofeed: {read} files of the parser read, {met} of {met + failed} expectations of articles met")
    assert missed.keys() == UNLIKE.keys(), {name: missed[name] for name in missed.keys() - UNLIKE.keys()}
    assert read == 433
    assert met + failed >= 260
    assert met >= 0.98 * (met + failed)


KINDS = {
    "atom03_feed.xml": FeedKind.ATOM, "atom10_feed.xml": FeedKind.ATOM, "empty_feed.xml": FeedKind.NONE,
    "invalid.json": FeedKind.NONE, "json10_feed.json": FeedKind.JSON, "json11_feed.json": FeedKind.JSON,
    "rdf_feed.xml": FeedKind.RDF, "rss_feed.xml": FeedKind.RSS, "rss_feed_bom.xml": FeedKind.RSS,
    "rss_feed_leading_spaces.xml": FeedKind.RSS, "sample.json": FeedKind.JSON, "unknown_feed.xml": FeedKind.NONE,
}  # fmt: skip


def test_kinds_are_told_apart_and_others_refused() -> None:
    files = gofeed("parser/universal", "parser/json/invalid")
    assert len(files) == 13
    for name, data in files.items():
        contents = parse_contents(data, "", "")
        assert contents.kind is KINDS.get(name.rpartition("/")[2]), name
        assert (contents.fault is not None) == (contents.kind is FeedKind.NONE)
