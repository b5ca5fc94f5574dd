"""Feeds of the settings in the table of feeds: as the settings say at each start, and never an admin's work undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config.load import load_settings
from digests.feeds.configured import bring_in_configured, configured_feeds
from digests.model.feed import FeedKind, FeedLook, FeedOptions, NewFeed
from digests.storage.database import Database
from digests.storage.feeds.feeds import FeedStore
from tests.factories.feeds import add_feed, feed_state
from tests.factories.times import DAY, HOUR, NOW

URL = "https://site.example/feed.xml"


def wanted(url: str = URL, **changes: object) -> NewFeed:
    """Return a feed of the settings."""
    return replace(NewFeed(url, is_configured=True), **changes)  # type: ignore[arg-type]


def test_feeds_are_read_from_the_settings() -> None:
    origins = [
        {"kind": "folder", "name": "papers", "folder": "/srv/papers"},
        {
            "kind": "feed",
            "url": "HTTPS://Site.example:443/feed.xml",
            "name": "site",
            "category": "News/World",
            "language": "en",
            "every": 30,
            "full_text": True,
            "tags_as_categories": True,
            "user_agent": "Reader/1",
        },
        {"kind": "feed", "url": "https://site.example/feed.xml#again"},
        {"kind": "feed", "url": "rsshub://36kr/newsflashes"},
    ]
    feeds = configured_feeds(load_settings(environ={}, origins=origins).origins)
    options = FeedOptions(("News", "World"), "en", 30, True, True, "Reader/1")
    assert feeds == (wanted(URL, title="site", options=options), wanted("rsshub://36kr/newsflashes"))


async def test_feeds_of_the_settings_are_added_once_and_looked_at_at_once(database: Database) -> None:
    store = FeedStore(database)
    for day in range(3):
        await bring_in_configured(store, [wanted()], NOW + day * DAY)
    (stored,) = await store.all()
    assert (stored.url, stored.is_configured, stored.added_at, stored.state.next_look_at) == (URL, True, NOW, NOW)


async def test_options_are_those_of_the_settings_at_each_start(database: Database) -> None:
    store = FeedStore(database)
    await bring_in_configured(store, [wanted()], NOW)
    (stored,) = await store.all()
    state = feed_state(next_look_at=NOW + HOUR, etag="x", body_hash="y")
    await store.store_looks([FeedLook(stored, state, "Own title", "", FeedKind.RSS)])
    await bring_in_configured(store, [wanted()], NOW + DAY)
    (same,) = await store.all()
    assert (same.state, same.title) == (state, "Own title")
    await bring_in_configured(store, [wanted(title="Named", options=FeedOptions(("A",)))], NOW + DAY)
    (changed,) = await store.all()
    assert (changed.id, changed.title, changed.options.category, changed.state.etag) == (stored.id, "Named", ("A",), "")


@pytest.mark.parametrize("is_paused", [False, True])
async def test_a_feed_that_an_admin_had_added_becomes_the_settings(database: Database, is_paused: bool) -> None:
    store = FeedStore(database)
    added = await add_feed(database, 1, url=URL, is_paused=is_paused, state=feed_state(read_at=NOW))
    await bring_in_configured(store, [wanted(options=FeedOptions(every=5))], NOW)
    (stored,) = await store.all()
    assert (stored.id, stored.is_configured, stored.is_paused, stored.options.every) == (added.id, True, False, 5)
    assert (stored.title, stored.state.read_at) == (added.title, NOW)


async def test_what_leaves_the_settings_leaves_the_table_and_what_admins_added_stays(database: Database) -> None:
    store = FeedStore(database)
    own = await add_feed(database, 1)
    await bring_in_configured(store, [wanted(), wanted("https://other.example/")], NOW)
    await bring_in_configured(store, [wanted("https://other.example/")], NOW)
    assert {each.url for each in await store.all()} == {own.url, "https://other.example/"}
    await bring_in_configured(store, [], NOW)
    assert await store.all() == (own,)
