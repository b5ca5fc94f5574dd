"""Feeds, and their states."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from digests.model.feed import (
    Feed,
    FeedFault,
    FeedId,
    FeedItem,
    FeedKind,
    FeedLook,
    FeedOptions,
    FeedState,
    FeedTrouble,
)
from digests.storage.database import Database
from digests.storage.feeds.feeds import FeedStore
from tests.factories.articles import parsed_post
from tests.factories.times import DAY, NOW

FAULT = FeedFault(FeedTrouble.SERVER, "the server answers 500")


def feed_state(**changes: Any) -> FeedState:
    """Return the state of a feed that is due now and was never looked at."""
    return replace(FeedState(next_look_at=NOW), **changes)


def feed(number: int = 1, **changes: Any) -> Feed:
    """Return a feed that was added a day ago and is due now."""
    default = Feed(
        id=FeedId(number),
        url=f"https://site{number}.example/feed.xml",
        title=f"Site {number}",
        link=f"https://site{number}.example/",
        kind=FeedKind.RSS,
        options=FeedOptions(),
        state=feed_state(),
        added_at=NOW - DAY,
    )
    return replace(default, **changes)


def feed_item(key: str = "1", title: str = "", **changes: Any) -> FeedItem:
    """Return an item as it is read; `changes` are of its post."""
    url = f"https://site.example/{key}"
    post = parsed_post(title or f"Title {key}", **{"url": url, **changes})
    return FeedItem(key, key, post, url, None, post.content_hash)


async def add_feed(database: Database, number: int = 1, **changes: Any) -> Feed:
    """Store a feed as `feed` makes it, but with an id that the store gives it."""
    wanted, store = feed(number, **changes), FeedStore(database)
    added, _ = await store.add(
        wanted.url,
        wanted.title,
        wanted.link,
        wanted.kind,
        wanted.options,
        wanted.added_at,
        is_configured=wanted.is_configured,
        next_look_at=wanted.state.next_look_at,
    )
    await store.store_looks([FeedLook(added, wanted.state, wanted.title, wanted.link, wanted.kind)])
    await store.note_reported({added.id: wanted.state.reported})
    found = await store.change(added.id, is_paused=wanted.is_paused)
    assert found is not None
    return found
