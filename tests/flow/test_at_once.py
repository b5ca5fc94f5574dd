"""News at once: what a reader watches so comes with the next ingest, and not again with the digest."""

from __future__ import annotations

from pathlib import Path

from tests.factories.times import HOUR
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader


async def watch_at_once(harness: BotHarness, robin: Reader, words: str) -> None:
    await harness.tick()
    await robin.say(f"/watch {words}")
    await robin.press("⚡ Watch and tell me at once")
    await robin.wait_for("Watching")


async def test_what_is_watched_comes_at_once_and_not_again(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old")
    await watch_at_once(harness, robin, "regatta")
    await harness.publish("A regatta", "A second regatta", categories=("Sport", "Sails"))
    await harness.publish("A moon")
    await harness.tick()
    news = await robin.wait_for("Just in")
    assert "A regatta" in news["text"]
    assert "A second regatta" in news["text"]
    assert "👁 regatta" in news["text"]
    assert "A moon" not in news["text"]
    await harness.tick()
    await harness.restart()
    await harness.tick()
    await harness.next_slot()
    digest = await robin.wait_for("A moon")
    assert "regatta" not in digest["text"]
    assert sum("Just in" in text for text in await robin.texts()) == 1


async def test_a_reader_on_a_break_is_left_in_peace(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old")
    await watch_at_once(harness, robin, "regatta")
    await robin.say("/pause")
    await robin.wait_for(lambda _: True)
    await harness.publish("A regatta", categories=("Sport", "Sails"))
    await harness.tick()
    assert not any("Just in" in text for text in await robin.texts())


async def test_quiet_hours_end_with_what_came_in_them(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old")
        await watch_at_once(harness, robin, "regatta")
        place = await harness.place(robin)
        now = harness.clock.now()
        quiet = f"{now - HOUR:%H:00}-{now + 2 * HOUR:%H:00}"
        await harness.app.parts.readers.subscriptions.reschedule(place, now, quiet=quiet)
        await harness.publish("A regatta", categories=("Sport", "Sails"))
        await harness.tick()
        assert not any("Just in" in text for text in await robin.texts())
        await harness.move_to(now + 3 * HOUR)
        news = await robin.wait_for("Just in")
        assert "A regatta" in news["text"]
