"""The demo's feeds beside its posts: in the first digest and in those of the days after, and for admins to look at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.commands.demo import ADMIN, READER, Demo, open_demo
from bot.demo.feeds import feed_items
from digests.feeds.reports import FeedReporter
from digests.model.feed import FEED_ORIGIN
from digests.storage.schema.article_tables import posts
from tests.factories.times import DAY
from tests.flow.harness import assert_liked
from tests.flow.reader import Reader


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with open_demo(tmp_path, 0, None, asyncio.Event()) as opened:
        assert opened is not None
        yield opened


async def items_of_feeds(demo: Demo) -> int:
    """Return how many items of feeds were taken in."""
    query = sa.select(sa.func.count()).select_from(posts).where(posts.c.origin.startswith(FEED_ORIGIN))
    return await demo.app.stores.database.peek(lambda connection: connection.scalar(query) or 0)


async def test_articles_of_feeds_are_there_from_the_first_digest_on(demo: Demo) -> None:
    feeds = await demo.app.stores.feeds.all()
    assert [(feed.title, str(feed.kind), feed.is_configured) for feed in feeds] == [
        ("Orrin Sky Notes", "json", True),
        ("Saltwind Almanac", "rss", True),
        ("雾港评论", "atom", True),
    ]
    assert all(feed.state.fault is None and feed.state.read_at is not None for feed in feeds)
    robin = await Reader.arrive(demo.simulator.url, first_name="Robin", user_id=READER)
    async with robin:
        await robin.say("/start")
        await robin.press("Science")
        await robin.press("Done")
        await robin.wait_for("📰 Your digest", 10)
        await robin.say("/latest")
        assert any("sailors' widows know & will not teach" in text for text in await robin.texts())
        await robin.say("/top")
        top = await robin.wait_for("Most covered today")
        text = str(top.get("text") or top.get("caption"))
        # The day may have begun an hour ago; then the week has it.
        assert "Little Heron" in text or "No story" in text
        await robin.press("This week")
        week = await robin.wait_for("Most covered this week")
        assert "Little Heron" in str(week.get("text") or week.get("caption"))
        for _ in range(2):
            assert (await robin.post("/sim/clock/next"))["moved"]
        assert any("Rope walk reopens" in text for text in await robin.digests())
    assert_liked(demo.simulator)


async def test_a_feed_that_brings_nothing_new_is_answered_in_a_word(demo: Demo) -> None:
    app, answers = demo.app, demo.simulator.feeds.answers
    assert answers == {200: 3}
    async with app.jobs.paused():
        for feed in await app.stores.feeds.all():
            await app.stores.feeds.change(feed.id, next_look_at=demo.clock.now())
        report = await app.feeding.looker.look_at_due()
    assert (report.looked, report.new, report.failed) == (3, 0, 0)
    assert answers == {200: 3, 304: 3}


async def test_every_day_brings_each_article_once(demo: Demo) -> None:
    robin = await Reader.arrive(demo.simulator.url, first_name="Robin", user_id=READER)
    async with robin:
        await robin.say("/start")
        for label in ("Science", "Space", "科技"):
            await robin.press(label)
        await robin.press("Done")
        await robin.wait_for("📰 Your digest", 10)
        for _ in range(7):
            assert (await robin.post("/sim/clock/next"))["moved"]
        digests = "\n".join(await robin.digests())
    assert await items_of_feeds(demo) == len(feed_items())
    for title in ("Lost: one lantern", "能听见雨声的眼镜", "A postcard has arrived", "A chart of places where"):
        assert digests.count(title) == 1, title
    for title in ("A knot that only", "The goose who met the cyclists"):
        assert digests.count(title) <= 1, f"{title} is not news again"
    assert all(feed.state.fault is None for feed in await demo.app.stores.feeds.all())


async def test_an_admin_looks_at_the_feeds_and_is_told_when_one_fails(demo: Demo) -> None:
    ada = await Reader.arrive(demo.simulator.url, first_name="Ada", user_id=ADMIN)
    async with ada:
        await ada.say("/start")
        await ada.say("/feeds")
        shown = await ada.wait_for("Saltwind Almanac")
        assert "Orrin Sky Notes" in shown["text"]
        await ada.say("/doctor")
        await ada.wait_for("feeds: 3: 3 fine")
        await ada.say("/stats")
        await ada.wait_for("Feeds now: fine 3")
        app, feeds = demo.app, demo.app.stores.feeds
        demo.simulator.feeds.remove("almanac.xml")
        for _ in range(5):
            demo.clock.move(2 * DAY)
            async with app.jobs.paused():
                await app.feeding.looker.look_at_due()
        for _ in range(2):
            await FeedReporter(feeds, app.stores.people, app.parts.feed_notices.tell).report(demo.clock.now())
        await ada.wait_for("Feeds that bring nothing any more")
        told = [message for message in await ada.messages() if "bring nothing any more" in message.get("text", "")]
        assert len(told) == 1
        assert "There is nothing at this address." in told[0]["text"]
        await ada.press("Saltwind Almanac")
        await ada.wait_for("It is in the settings")
    assert_liked(demo.simulator)
