"""Feeds in the chat, over real HTTP: found, seen, added, looked at, told in a digest; files; two admins."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from digests.model.role import Role
from tests.factories.times import HOUR, NOW
from tests.feed_server.pages import NewsItem, rss_feed
from tests.feed_server.scripts import ServedFeed
from tests.feed_server.server import FeedServer, serve_feeds
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

PAGE = (
    b"<!doctype html><html><head><title>Harbour</title>"
    b'<link rel="alternate" type="application/rss+xml" title="Harbour news" href="/feed.xml">'
    b'<link rel="alternate" type="application/rss+xml" title="Harbour sport" href="/sport.xml">'
    b"</head><body><p>Welcome</p></body></html>"
)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serve_feeds(now=lambda: NOW) as opened:
        opened.sites["/"] = ServedFeed(PAGE, content_type="text/html", is_feed=False)
        for path, title in (("/feed.xml", "Harbour News"), ("/sport.xml", "Harbour Sport")):
            opened.sites[path] = ServedFeed(rss_feed(items_of(title, 3), title, opened.url))
        yield opened


def items_of(title: str, number: int) -> list[NewsItem]:
    """Return items that are an hour apart, the newest first."""
    return [
        NewsItem(f"{title} {each}", f"{title} {each} of many", f"https://news.example/{title.split()[1]}/{each}",
                 NOW - each * HOUR, "What happened at the harbour.")
        for each in range(number, 0, -1)
    ]  # fmt: skip


@pytest.fixture
async def harness(tmp_path: Path, server: FeedServer) -> AsyncIterator[BotHarness]:
    async with open_harness(
        tmp_path, fetch={"allow_hosts": [server.name]}, feeds={"host_seconds": 0, "least_every": 0}
    ) as opened:
        yield opened


async def add(admin: Reader, server: FeedServer, category: str) -> None:
    """Add the feed of news, from the site's page on."""
    await admin.say(f"/feeds add {server.url}")
    await admin.wait_for("a page with 2 feeds")
    await admin.press("Harbour news · RSS")
    await admin.wait_for("Which category")
    await admin.press("✍️ Write a new one")
    await admin.wait_for("name of the category")
    await admin.say(category)
    await admin.wait_for("You said")
    await admin.press(f"✅ Add it in {category}")
    await admin.wait_for("✅ Added")


async def test_a_page_becomes_a_feed_whose_articles_arrive_in_a_digest(harness: BotHarness, server: FeedServer) -> None:
    robin, ada = await harness.subscriber_of("Old news"), await harness.admin()
    await ada.say(f"/feeds {server.url}")
    await ada.wait_for("a page with 2 feeds")
    await ada.press("Harbour news · RSS")
    shown = await ada.wait_for("3 articles")
    assert "Harbour News 1 of many" in shown["text"]
    # A restart between two steps loses nothing.
    await harness.restart()
    await ada.press("Science")
    await ada.press("✅ Add it in Science")
    await ada.wait_for("✅ Added")
    await harness.app.scan()
    await ada.press("‹ All feeds")
    listed = await ada.wait_for("Feeds · 1")
    assert "✅ Harbour News" in listed["text"]
    await ada.press("1")
    await ada.wait_for("Harbour News 2 of many")
    await harness.next_slot()
    await robin.wait_for("Harbour News 1 of many")


async def test_a_paused_feed_is_not_asked_and_a_removed_one_leaves_its_articles(
    harness: BotHarness, server: FeedServer
) -> None:
    ada = await harness.admin()
    await add(ada, server, "Harbour")
    await harness.app.scan()
    await ada.say("/feeds")
    await ada.press("1")
    await ada.press("⏸ Pause")
    await ada.wait_for("paused")
    asked = len(server.exchanges)
    harness.clock.move(timedelta(days=2))
    await harness.app.scan()
    assert len(server.exchanges) == asked
    await ada.press("🗑 Remove")
    await ada.press("Yes, remove it")
    await ada.wait_for("is removed")
    await ada.say("/search harbour")
    await ada.wait_for("3 articles")
    assert not await harness.app.stores.feeds.all()


async def test_two_admins_add_one_feed_at_once(harness: BotHarness, server: FeedServer) -> None:
    ada, kim = await harness.admin(), await harness.reader("Kim")
    await harness.app.stores.people.grant(kim.id, Role.ADMIN, NOW)
    for admin in (ada, kim):
        await admin.say(f"/feeds {server.url}/feed.xml")
    for admin in (ada, kim):
        await admin.wait_for("Which category")
        await admin.press("🆕 Its own: Harbour News")
    await asyncio.gather(*(admin.press("✅ Add it in Harbour News") for admin in (ada, kim)))
    said = [(await admin.wait_for("not read yet"))["text"] for admin in (ada, kim)]
    assert sorted("somebody was faster" in text for text in said) == [False, True]
    assert len(await harness.app.stores.feeds.all()) == 1


async def test_a_file_of_feeds_is_imported_and_what_is_exported_can_be_imported(
    harness: BotHarness, server: FeedServer
) -> None:
    ada, robin = await harness.admin(), await harness.reader("Robin")
    file = (
        '<?xml version="1.0"?><opml version="2.0"><body><outline text="Harbour">'
        f'<outline type="rss" text="News" xmlUrl="{server.url}/feed.xml"/>'
        f'<outline type="rss" text="Sport" xmlUrl="{server.url}/sport.xml"/>'
        '<outline type="rss" text="Local" xmlUrl="file:///etc/passwd"/>'
        "</outline></body></opml>"
    ).encode()
    await robin.send_document(name="feeds.opml", content=file)
    await robin.wait_for("Only those who run me")
    await ada.send_document(name="feeds.opml", content=file)
    shown = await ada.wait_for("2 new feeds")
    assert "1 can't be used: not a web address" in shown["text"]
    assert "Folders become categories: Harbour" in shown["text"]
    await ada.press("✅ Add 2 feeds")
    await ada.wait_for("2 feeds added")
    await harness.app.scan()
    await ada.say("/search sport")
    await ada.wait_for("3 articles")
    await ada.say("/feeds export")
    sent = await ada.wait_for("2 feeds")
    exported = harness.simulator.world.files.get(sent["document"]["file_id"])
    assert exported is not None
    await ada.send_document(name="again.txt", content=exported.content)
    await ada.wait_for("2 are there already")


async def test_what_is_wrong_with_a_feed_is_said_with_what_to_do(harness: BotHarness, server: FeedServer) -> None:
    ada = await harness.admin()
    await add(ada, server, "Harbour")
    await harness.app.scan()
    server.sites["/feed.xml"] = ServedFeed(PAGE, etag='"2"', content_type="text/html", is_feed=False)
    await ada.say("/feeds")
    await ada.press("1")
    harness.clock.move(timedelta(minutes=2))
    await ada.press("🔄 Look now")
    await harness.app.scan()
    await ada.press("‹ All feeds")
    await ada.wait_for("no feed there")
    await ada.press("1")
    await ada.wait_for("Look for the feed's new address")
    await ada.say(f"/feeds add {server.url}/nothing")
    await ada.wait_for("I looked for a feed")
