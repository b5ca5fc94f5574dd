"""What comes of the bytes of feeds from look to look: which items are new, changed, or the same again."""

from __future__ import annotations

from html import escape

import pytest

from digests.articles.options import DEFAULTS
from digests.model.feed import FeedItem, FeedOptions
from digests.origins.feed.reading import read_feed
from digests.storage.database import Database
from tests.contract.newsroom import OTHER, Newsroom
from tests.factories.times import NOW

FERRY = "The night ferry left pier four at ten with forty people on board, and its captain was glad of it."
BRIDGE = "Painters have begun to paint the old bridge blue, which will take them until the end of next summer."


@pytest.fixture
def room(database: Database) -> Newsroom:
    return Newsroom(database)


def item(title: str, link: str, text: str, guid: str = "", date: str = "Wed, 25 Nov 2026 10:00:00 GMT") -> str:
    """Return an item of RSS."""
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><description>{escape(text)}</description>"
        f'<guid isPermaLink="false">{escape(guid)}</guid><pubDate>{date}</pubDate></item>'
    )


def read(*items: str, title: str = "Harbour News", options: FeedOptions | None = None) -> tuple[FeedItem, ...]:
    data = f'<rss version="2.0"><channel><title>{title}</title>{"".join(items)}</channel></rss>'.encode()
    feed = read_feed(data, "", "https://news.example/feed.xml", options or FeedOptions(), DEFAULTS, NOW)
    assert feed.fault is None
    return feed.items


ferry = item("The night ferry sails again", "https://news.example/1", FERRY, "1")
bridge = item("A bridge is painted blue", "https://news.example/2", BRIDGE, "2")


async def test_bumped_dates_and_tracking_change_nothing(room: Newsroom) -> None:
    assert await room.look(*read(ferry, bridge)) == (2, 0, 0)
    assert await room.look(*read(bridge, ferry)) == (0, 0, 0)
    bumped = item(
        "The night ferry sails again",
        "https://news.example/1?utm_source=rss",
        FERRY,
        "1",
        "Thu, 26 Nov 2026 09:00:00 GMT",
    )
    assert await room.look(*read(bumped, bridge)) == (0, 0, 0)


async def test_an_edited_title_is_the_same_article(room: Newsroom) -> None:
    await room.look(*read(ferry))
    edited = item("Night ferry back at pier four", "https://news.example/1", FERRY, "1")
    assert await room.look(*read(edited)) == (0, 1, 0)
    assert (await room.row()).title == "Night ferry back at pier four"


async def test_a_new_guid_with_the_same_content_is_not_new(room: Newsroom) -> None:
    await room.look(*read(ferry))
    new, _, _ = await room.look(*read(item("The night ferry sails again", "https://news.example/1", FERRY, "99")))
    assert new == 0
    assert len(await room.rows()) == 1


async def test_guids_that_all_items_share(room: Newsroom) -> None:
    """They come one by one: alone with the guid, then beside the next one, then gone."""
    first, second, third = (
        item("The night ferry sails again", "https://news.example/1", FERRY, "news"),
        item("A bridge is painted blue", "https://news.example/2", BRIDGE, "news"),
        item(
            "The market opens at dawn",
            "https://news.example/3",
            "Fish and bread are sold from five o'clock on.",
            "news",
        ),
    )
    assert (await room.look(*read(first)))[0] == 1
    assert (await room.look(*read(second, first)))[0] == 1
    assert (await room.look(*read(second)))[0] == 0
    assert (await room.look(*read(third)))[0] == 1
    assert [row.url for row in await room.rows()] == [f"https://news.example/{number}" for number in (1, 2, 3)]


async def test_an_aggregator_and_a_section_give_the_same_article_once(room: Newsroom) -> None:
    await room.look(*read(ferry, options=FeedOptions(category=("World",))))
    planet = item(
        "The night ferry sails again - Harbour News", "https://www.google.com/url?q=https://news.example/1", ""
    )
    planet = planet.replace("</item>", '<source url="https://news.example/">Harbour News</source></item>')
    found = await room.look(*read(planet, title="Planet", options=FeedOptions(category=("Sea",))), feed=OTHER)
    assert found[0] == 0
    row = await room.row()
    assert row.title == "The night ferry sails again"
    assert await room.places() == {"World", "Sea"}


async def test_items_without_titles_and_guids(room: Newsroom) -> None:
    toots = [f"<item><description>{escape(text)}</description></item>" for text in (FERRY, BRIDGE)]
    assert (await room.look(*read(*toots)))[0] == 2
    assert await room.look(*read(toots[1])) == (0, 0, 0)
    assert {row.title[:10] for row in await room.rows()} == {FERRY[:10], BRIDGE[:10]}
