"""Full text over real HTTP: the page of a new article is fetched once, read in the second process, and searched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digests.model.feed import Feed, FeedKind, FeedOptions
from tests.factories.times import HOUR, NOW
from tests.feed_server.pages import NewsItem, rss_feed
from tests.feed_server.scripts import ServedFeed
from tests.feed_server.server import FeedServer, serve_feeds
from tests.flow.harness import BotHarness, open_harness

TITLES = ("The walrus has been measured", "The lamp is lit again", "A barge with three gardens")
WORDS = ("seventeen umbrellas", "whalebone spectacles", "peppermint orchards")


def page_of(number: int) -> ServedFeed:
    """Return an article's page, whose words the feed does not have."""
    body = "".join(
        f"<p>In paragraph {line} the keeper speaks of {WORDS[number]} and of how the harbour came by them.</p>"
        for line in range(12)
    )
    markup = f"<html><head><title>{TITLES[number]}</title></head><body><article>{body}</article></body></html>"
    return ServedFeed(markup.encode(), content_type="text/html; charset=utf-8", is_feed=False)


def feed_of(server: FeedServer, numbers: range, changed: str = "") -> ServedFeed:
    """Return a feed of these articles, which gives only their beginnings."""
    items = [
        NewsItem(str(number), TITLES[number], f"{server.url}/p/{number}", NOW - number * HOUR, f"It begins{changed} …")
        for number in numbers
    ]
    return ServedFeed(rss_feed(items, "Harbour News", server.url), etag=f'"{len(numbers)}{changed}"')


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serve_feeds(now=lambda: NOW) as opened:
        opened.sites["/feed.xml"] = feed_of(opened, range(2))
        for number in range(3):
            opened.sites[f"/p/{number}"] = page_of(number)
        yield opened


@pytest.fixture
async def harness(tmp_path: Path, server: FeedServer) -> AsyncIterator[BotHarness]:
    settings = {"fetch": {"allow_hosts": [server.name]}, "feeds": {"host_seconds": 0, "least_every": 0}}
    async with open_harness(tmp_path, **settings) as opened:
        yield opened


async def add(harness: BotHarness, server: FeedServer, *, full_text: bool) -> Feed:
    options = FeedOptions(category=("Harbour",), full_text=full_text)
    feeds = harness.app.stores.feeds
    feed, _ = await feeds.add(f"{server.url}/feed.xml", "", "", FeedKind.NONE, options, harness.clock.now())
    return feed


def asked(server: FeedServer) -> list[str]:
    """Return the pages that were asked for, each as often as it was."""
    paths = [urlsplit(exchange.request.url).path for exchange in server.exchanges]
    return sorted(path for path in paths if path.startswith("/p/"))


async def test_new_articles_are_found_by_the_words_of_their_pages(harness: BotHarness, server: FeedServer) -> None:
    await add(harness, server, full_text=True)
    await harness.app.scan()
    assert asked(server) == ["/p/0", "/p/1"]
    ada = await harness.admin()
    await ada.say("/search whalebone spectacles")
    await ada.wait_for(TITLES[1])
    server.sites["/feed.xml"] = feed_of(server, range(3), " again")
    harness.clock.move(timedelta(days=1))
    await harness.app.scan()
    assert asked(server) == ["/p/0", "/p/1", "/p/2"]
    for words, title in zip(WORDS, TITLES, strict=True):
        await ada.say(f"/search {words}")
        await ada.wait_for(title)


async def test_without_full_text_no_page_is_asked_for(harness: BotHarness, server: FeedServer) -> None:
    feed = await add(harness, server, full_text=False)
    await harness.app.scan()
    assert asked(server) == []
    found = await harness.app.stores.feeds.find(feed.id)
    assert found is not None
    assert found.state.fault is None


async def test_pages_that_can_not_be_had_cost_nothing_else(harness: BotHarness, server: FeedServer) -> None:
    del server.sites["/p/0"]
    server.sites["/p/1"] = ServedFeed(b"<html><body>" + b"<div>" * 5000, content_type="text/html", is_feed=False)
    feed = await add(harness, server, full_text=True)
    await harness.app.scan()
    ada = await harness.admin()
    await ada.say("/search walrus")
    await ada.wait_for(TITLES[0])
    found = await harness.app.stores.feeds.find(feed.id)
    assert found is not None
    assert found.state.fault is None
    assert found.state.failures == 0
