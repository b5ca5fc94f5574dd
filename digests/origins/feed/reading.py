"""Reading a feed: from its bytes to what its items say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from digests.articles.fields.metadata import MAX_NAME, name_of
from digests.articles.options import PostOptions
from digests.articles.pictures.standing import picture_key
from digests.articles.text import one_line
from digests.model.feed import FeedItem, FeedOptions, ReadFeed
from digests.origins.feed.contents import FeedBounds, FeedContents
from digests.origins.feed.declared_language import plain_language
from digests.origins.feed.items import FeedFrame, read_entry
from digests.origins.feed.keys import KeyParts, keys_of_items
from digests.origins.feed.links import site_of_feed
from digests.origins.feed.titles import clean_title


def read_feed(
    data: bytes,
    content_type: str,
    base: str,
    options: FeedOptions,
    reading: PostOptions,
    now: datetime,
    bounds: FeedBounds | None = None,
) -> ReadFeed:
    """Return what the bytes of a feed say, each item read as a post is; never raises, whatever the bytes are.

    It takes its time, and is for the second process. What is no feed has a `fault`, and no items.

    Args:
        data: The bytes, unpacked.
        content_type: What their server said that they are; "" if it said nothing.
        base: The address that they came from, with which relative ones count; "" if it is not known.
        options: How this feed is read.
        reading: How posts are read: their zone, their pictures.
        now: The time by which dates are judged.
        bounds: How much of it is read.
    """
    # It loads feedparser, which is not for the process that only names this function.
    from digests.origins.feed.parsing import parse_contents

    return read_contents(parse_contents(data, content_type, base, bounds), base, options, reading, now)


def read_contents(
    contents: FeedContents, base: str, options: FeedOptions, reading: PostOptions, now: datetime
) -> ReadFeed:
    """Return what a feed says, each item read as a post is; its fault, if it is none.

    Args:
        contents: The feed as it is written.
        base: The address that it was read from; "" if it is not known.
        options: How this feed is read.
        reading: How posts are read: their zone, their pictures.
        now: The time by which dates are judged.
    """
    title = clean_title(contents.title)
    link = site_of_feed(contents.link, base, reading.picture_hosts)
    if contents.fault is not None:
        return ReadFeed(contents.kind, title, link, problems=contents.problems, fault=contents.fault)
    name = name_of(title) or _host_name(link or "") or _host_name(base)
    frame = FeedFrame(
        contents.kind,
        name,
        options.category or ((name,) if name else ()),
        plain_language(contents.language),
        frozenset({picture_key(contents.picture)} if contents.picture else ()),
        options,
        reading,
        now,
    )
    items = [read_entry(entry, frame) for entry in contents.entries]
    return ReadFeed(
        kind=contents.kind,
        title=title,
        link=link,
        language=one_line(contents.language)[:MAX_NAME],
        problems=(*contents.problems, *_problems(contents, base, items)),
        items=tuple(_with_keys(items)),
        least_minutes=contents.least_minutes,
        moved_to=_new_address(contents, base),
    )


def _with_keys(items: list[FeedItem]) -> Iterator[FeedItem]:
    parts = [
        KeyParts(item.id, item.post.url or item.written_url or "", item.post.title, item.post.text) for item in items
    ]
    for item, key in zip(items, keys_of_items(parts), strict=True):
        yield item if item.key == key else replace(item, key=key)


def _problems(contents: FeedContents, base: str, items: list[FeedItem]) -> Iterator[str]:
    """Yield what is to be known of a feed as a whole."""
    shared = sum(count for guid, count in Counter(item.id for item in items).items() if guid and count > 1)
    if shared:
        yield f"{shared} of its items share their guid with others"
    if moved_to := _new_address(contents, base):
        yield f"it says that it has moved to {moved_to}"


def _new_address(contents: FeedContents, base: str) -> str:
    moved_to = site_of_feed(contents.moved_to, base) or ""
    return moved_to if moved_to != base else ""


def _host_name(address: str) -> str:
    """Return the host of an address, without its `www.`."""
    host = address.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")[2]
    return name_of(host.lower().removeprefix("www."))
