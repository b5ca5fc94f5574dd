"""A feed that falls silent, over real HTTP and simulated weeks: the admins are told once, whatever is restarted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from digests.feeds.reports import FeedReporter
from digests.model.feed import FeedKind, FeedOptions
from tests.factories.times import DAY, NOW
from tests.feed_server.pages import NewsItem, rss_feed
from tests.feed_server.scripts import ServedFeed
from tests.feed_server.server import FeedServer, serve_feeds
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

URL = "/feed.xml"
SILENT = "nothing new for"


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serve_feeds(now=lambda: NOW) as opened:
        yield opened


@pytest.fixture
async def harness(tmp_path: Path, server: FeedServer) -> AsyncIterator[BotHarness]:
    settings = {"fetch": {"allow_hosts": [server.name]}, "feeds": {"host_seconds": 0, "least_every": 0}}
    async with open_harness(tmp_path, **settings) as opened:
        yield opened


def serve(server: FeedServer, number: int) -> None:
    """Serve a feed of so many items."""
    items = [NewsItem(f"{each}", f"Walrus {each} seen", f"https://walrus.example/{each}") for each in range(number)]
    server.sites[URL] = ServedFeed(rss_feed(items, "Walrus Watch"), etag=f'"{number}"')


async def live(harness: BotHarness, days: int) -> None:
    """Have the bot look at feeds, and report on them, once on each of so many days."""
    for _ in range(days):
        harness.clock.move(DAY * 1.05)
        await harness.app.scan()
        stores = harness.app.stores
        reporter = FeedReporter(stores.feeds, stores.people, harness.app.parts.feed_notices.tell)
        await reporter.report(harness.clock.now())


async def told(ada: Reader) -> list[str]:
    return [text for text in await ada.texts() if SILENT in text]


async def test_a_feed_that_falls_silent_is_told_once_and_forgotten_when_it_speaks(
    harness: BotHarness, server: FeedServer
) -> None:
    ada = await harness.admin()
    serve(server, 1)
    feeds = harness.app.stores.feeds
    await feeds.add(f"{server.url}{URL}", "", "", FeedKind.NONE, FeedOptions(), harness.clock.now())
    await harness.app.scan()
    for number in range(2, 9):
        serve(server, number)
        await live(harness, 1)
    await live(harness, 3)
    assert await told(ada) == [], "a daily feed may be silent on a weekend"
    await live(harness, 3)
    (text,) = await told(ada)
    assert "Walrus Watch" in text
    await harness.restart()
    await live(harness, 5)
    assert len(await told(ada)) == 1
    serve(server, 9)
    await live(harness, 1)
    (feed,) = await harness.app.stores.feeds.all()
    assert feed.state.reported == ""
