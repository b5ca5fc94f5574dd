"""The demo: every sample post can be read, and three taps lead to a first digest, with news on the days after."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.commands.demo import READER, open_demo
from bot.demo.more import more_days
from bot.demo.posts import later_days, lay_out
from digests.articles.reading import read_post
from digests.model.article import ParsedPost
from tests.factories.times import NOW
from tests.flow.harness import assert_liked
from tests.flow.reader import Reader


def test_every_sample_post_can_be_read(tmp_path: Path) -> None:
    number = lay_out(tmp_path, NOW)
    results = {file: read_post(file.read_bytes(), str(file)) for file in tmp_path.rglob("*") if file.is_file()}
    assert len(results) == number >= 60
    aside = [file for file, result in results.items() if not isinstance(result, ParsedPost)]
    assert aside == []
    parsed = [result for result in results.values() if isinstance(result, ParsedPost)]
    assert len({post.identity for post in parsed}) < len(parsed)
    assert sum(bool(post.thumbnail) for post in parsed) > 15
    assert sum(bool(post.summary) for post in parsed) > len(parsed) * 0.7


async def test_from_the_first_tap_to_the_last_day(tmp_path: Path) -> None:
    async with open_demo(tmp_path, 0, None, asyncio.Event()) as demo:
        assert demo is not None
        robin = await Reader.arrive(demo.simulator.url, first_name="Robin", user_id=READER)
        async with robin:
            await robin.say("/start")
            greeting = await robin.wait_for("Hello, Robin")
            assert greeting["photo"], "the first reader is greeted with the cover of the day"
            for label in ("Science", "Space", "科技"):
                await robin.press(label)
            await robin.press("Done")
            first = await robin.wait_for("📰 Your digest", 10)
            await robin.wait_for("What time is it where you are?")
            assert first["photo"]
            assert first["caption"].count("·") >= 4
            for _ in range(len(later_days()) + len(more_days())):
                seen = len(await robin.messages())
                assert (await robin.post("/sim/clock/next"))["moved"]
                messages = await robin.messages()
                assert len(messages) > seen
                assert messages[seen]["photo"], "the day's pictures are there before its digest"
                assert "Your digest" in messages[seen]["caption"]
        assert_liked(demo.simulator)


async def test_simultaneous_presses_bring_one_digest_each(tmp_path: Path) -> None:
    async with open_demo(tmp_path, 0, None, asyncio.Event()) as demo:
        assert demo is not None
        robin = await Reader.arrive(demo.simulator.url, first_name="Robin", user_id=READER)
        async with robin:
            await robin.say("/start")
            await robin.press("Science")
            await robin.press("Done")
            await robin.wait_for("📰 Your digest", 10)
            slot = await demo.app.stores.places.next_moment()
            assert slot is not None
            await asyncio.gather(*(robin.post("/sim/clock/next") for _ in range(3)))
            assert len([text for text in await robin.texts() if text.startswith("📰 Your digest")]) == 4
            assert timedelta() <= demo.clock.now() - slot - timedelta(days=2) < timedelta(minutes=1)
        assert_liked(demo.simulator)


async def test_the_demo_shows_a_folder_of_your_own(tmp_path: Path) -> None:
    posts = tmp_path / "posts"
    lay_out(posts, NOW, part="first")
    async with open_demo(tmp_path, 0, posts, asyncio.Event()) as demo:
        assert demo is not None
        assert (await demo.app.stores.articles.counts())[0] > 50
