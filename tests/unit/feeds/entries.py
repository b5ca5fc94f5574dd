"""Entries of feeds, read as those of a feed of https://news.example/feed.xml on 26 November 2026."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from digests.articles.options import DEFAULTS, PostOptions
from digests.model.feed import FeedItem, FeedKind, FeedOptions, ReadFeed
from digests.origins.feed.contents import FeedContents, FeedEntry
from digests.origins.feed.reading import read_contents

BASE = "https://news.example/feed.xml"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ENTRY = FeedEntry(guid="tag:1", title="The night ferry sails again", link="https://news.example/ferry", base=BASE)


_OPTIONS = FeedOptions()


def read_entries(
    *entries: FeedEntry, options: FeedOptions = _OPTIONS, reading: PostOptions = DEFAULTS, **of_feed: Any
) -> ReadFeed:
    """Read entries as those of one feed."""
    given: dict[str, Any] = {"kind": FeedKind.RSS, "title": "Harbour News", "link": "https://news.example/"} | of_feed
    return read_contents(FeedContents(entries=entries, **given), BASE, options, reading, NOW)


def read_one(options: FeedOptions = _OPTIONS, reading: PostOptions = DEFAULTS, **fields: Any) -> FeedItem:
    """Read an entry with these fields beside those of ENTRY."""
    (item,) = read_entries(replace(ENTRY, **fields), options=options, reading=reading).items
    return item


def html(**fields: Any) -> dict[str, Any]:
    """Return the fields of an entry whose texts are HTML."""
    return {"summary_is_markup": True, "content_is_markup": True, "title_is_markup": True} | fields
