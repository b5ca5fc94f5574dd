"""A place's schedule: several times a day, days of the week, quiet hours, pauses, silence, a minimum of items."""

from __future__ import annotations

from pathlib import Path

from digests.model.place import PlaceState
from tests.factories.times import DAY, NOW
from tests.flow.harness import BotHarness, open_harness


async def test_twice_a_day_on_workdays(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/time 07:45 18:00")
    await robin.wait_for("every day at 07:45, 18:00 (UTC)")
    await robin.say("/days mon-fri")
    await robin.wait_for("Mon–Fri at 07:45, 18:00 (UTC); next: 8 Jun 07:45")
    # NOW is a Saturday.
    await harness.publish("Weekend news")
    await harness.move_to(NOW + DAY)
    assert len(await robin.digests()) == 1
    await harness.next_slot()
    assert harness.clock.now() == (NOW + 2 * DAY).replace(hour=7, minute=45)
    assert "Weekend news" in (await robin.digests())[-1]
    await harness.publish("Monday news")
    await harness.next_slot()
    assert harness.clock.now().hour == 18
    assert "Monday news" in (await robin.digests())[-1]


async def test_days_can_be_unticked_but_for_the_last_one(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/settings")
    await robin.wait_for("Arrives every day at 08:00 (UTC)")
    await robin.press("Days")
    await robin.press("Workdays")
    for day in ("Mon", "Tue", "Wed", "Thu"):
        await robin.press(day)
    await robin.press("Fri")
    assert "At least one day must stay" in robin.alert
    assert (await harness.place(robin)).weekdays == "5"
    await robin.press("Every day")
    await robin.press("Back")
    await robin.wait_for("every day")
    await robin.say("/days someday")
    await robin.wait_for("as days")


async def test_a_digest_in_quiet_hours_waits_for_their_end(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/quiet 22:00-09:30")
    await robin.wait_for("next: today 09:30")
    await harness.publish("Fresh news")
    await harness.move_to(NOW.replace(hour=8, minute=5))
    assert len(await robin.digests()) == 1
    await harness.next_slot()
    assert (harness.clock.now().hour, harness.clock.now().minute) == (9, 30)
    assert "Fresh news" in (await robin.digests())[-1]
    await robin.say("/quiet soon")
    await robin.wait_for("as hours")
    await robin.say("/quiet off")
    await robin.wait_for("next: tomorrow 08:00")
    await robin.say("/settings")
    await robin.press("Quiet hours")
    await robin.press("22:00–07:00")
    await robin.wait_for("Quiet hours: 22:00–07:00")


async def test_a_pause_ends_with_one_digest_of_all_that_came(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/pause 3d")
    await robin.wait_for("Paused until 9 Jun 08:00")
    await robin.say("/settings")
    await robin.wait_for("Paused until 9 Jun 08:00")
    for day in range(3):
        await harness.publish(f"News of day {day}")
        await harness.move_to(NOW + (day + 1) * DAY)
    assert len(await robin.digests()) == 1
    await harness.move_to((NOW + 3 * DAY).replace(hour=8, minute=0))
    texts = await robin.digests()
    assert len(texts) == 2
    assert all(f"News of day {day}" in texts[-1] for day in range(3))
    assert "Covers everything from" in texts[-1]
    assert (await harness.place(robin)).state is PlaceState.ACTIVE
    await robin.say("/pause")
    await robin.wait_for("Paused. Nothing arrives")
    await robin.say("/settings")
    await robin.wait_for("Paused. /resume turns it back on.")
    await robin.say("/stop")
    await robin.wait_for("/start")
    await robin.say("/settings")
    await robin.wait_for("Stopped. /start turns it back on.")
    await robin.say("/pause forever")
    await robin.wait_for("I don't understand how long")


async def test_too_few_articles_wait_for_the_next_slot(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/settings")
    await robin.press("Minimum")
    await robin.press("3")
    await robin.wait_for("at least 3 new articles")
    await harness.publish("One", "Two")
    await harness.next_slot()
    assert len(await robin.digests()) == 1
    await harness.publish("Three")
    await harness.next_slot()
    text = (await robin.digests())[-1]
    assert all(title in text for title in ("One", "Two", "Three"))


async def test_digests_can_be_silent(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await robin.say("/settings")
    await robin.press("Without a sound")
    await robin.wait_for("Arrives silently")
    await harness.publish("Fresh news")
    await harness.next_slot()
    digest = await robin.wait_for("Fresh news")
    assert digest["silent"]
    await robin.press("With a sound")
    await robin.wait_for("Arrives with a sound")


async def test_after_a_long_outage_the_oldest_articles_are_left_out(tmp_path: Path) -> None:
    async with open_harness(tmp_path, digest={"max_late": 2}) as harness:
        robin = await harness.subscriber_of("Old news")
        await harness.publish("Too old")
        await harness.app.stop()
        harness.clock.move(4 * DAY)
        harness.app = harness.new_app()
        await harness.start()
        await harness.publish("Fresh news")
        await harness.tick()
        text = (await robin.digests())[-1]
        assert "Fresh news" in text
        assert "Too old" not in text


async def test_a_clock_that_jumps_sends_no_digest_twice(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old news")
    await harness.publish("Fresh news")
    await harness.move_to(NOW + 2 * DAY)
    assert len(await robin.digests()) == 2
    harness.clock.move(-2 * DAY)
    await harness.publish("Fresher news")
    await harness.move_to(NOW + DAY)
    assert len(await robin.digests()) == 2
    await harness.move_to(NOW + 3 * DAY)
    texts = await robin.digests()
    assert len(texts) == 3
    assert "Fresher news" in texts[-1]


async def test_changing_a_setting_says_so_when_no_digest_is_due(harness: BotHarness) -> None:
    await harness.publish("News")
    robin = await harness.reader()
    await robin.say("/start")
    await robin.wait_for("Hello, Robin")
    await robin.say("/time 07:30")
    await robin.wait_for("Saved: every day at 07:30 (UTC). It starts once you have chosen what you want: /start")
    await robin.say("/pause")
    await robin.wait_for("There is no digest to pause yet")
    await robin.say("/settings")
    shown = await robin.wait_for("Time: every day at 07:30 (UTC)")
    assert "Starts once you have chosen what you want: /start" in shown["text"]
    await robin.press("Science")
    await robin.press("Done")
    await robin.wait_for("📰")
    await robin.say("/time 09:00")
    await robin.wait_for("Your digest arrives every day at 09:00 (UTC); next: today 09:00.")
    await robin.say("/pause")
    await robin.wait_for("Paused")
    await robin.say("/quiet 22:00-06:00")
    await robin.wait_for("Saved: every day at 09:00 (UTC). Your digest is paused; /resume turns it back on.")
    await robin.say("/stop")
    await robin.wait_for("Stopped")
    await robin.say("/days mon")
    await robin.wait_for("Your digest is stopped; /start turns it back on.")
