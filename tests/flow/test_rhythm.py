"""Several times a day, days of the week, quiet hours, breaks, silence, a minimum of items."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.runtime.jobs import Jobs
from digests.model.place import PlaceState
from tests.factories.times import NOW
from tests.flow.reader import Reader
from tests.flow.stage import Stage, open_stage

DAY = timedelta(days=1)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        yield opened


async def came(stage: Stage, robin: Reader) -> list[str]:
    return [text for text in await robin.texts() if text.startswith("📰 Your digest")]


async def test_twice_a_day_on_workdays(stage: Stage) -> None:
    robin = await stage.subscriber_of("Old news")
    await robin.say("/time 07:45 18:00")
    await robin.wait_for("every day at 07:45, 18:00 (UTC)")
    await robin.say("/days mon-fri")
    await robin.wait_for("Mon–Fri at 07:45, 18:00 (UTC); next: 8 Jun 07:45")
    # NOW is a Saturday.
    await stage.publish("Weekend news")
    await stage.move_to(NOW + DAY)
    assert len(await came(stage, robin)) == 1
    await stage.next_slot()
    assert stage.clock.now() == (NOW + 2 * DAY).replace(hour=7, minute=45)
    assert "Weekend news" in (await came(stage, robin))[-1]
    await stage.publish("Monday news")
    await stage.next_slot()
    assert stage.clock.now().hour == 18
    assert "Monday news" in (await came(stage, robin))[-1]


async def test_days_are_ticked_and_one_stays(stage: Stage) -> None:
    robin = await stage.subscriber_of("Old news")
    await robin.say("/settings")
    await robin.wait_for("It comes every day at 08:00 (UTC)")
    await robin.press("Days")
    await robin.press("Workdays")
    for day in ("Mon", "Tue", "Wed", "Thu"):
        await robin.press(day)
    await robin.press("Fri")
    assert "One day must stay" in robin.alert
    assert (await stage.place(robin)).weekdays == "5"
    await robin.press("Every day")
    await robin.press("Back")
    await robin.wait_for("every day")
    await robin.say("/days someday")
    await robin.wait_for("are no days that I know")


async def test_a_digest_in_quiet_hours_waits_for_their_end(stage: Stage) -> None:
    robin = await stage.subscriber_of("Old news")
    await robin.say("/quiet 22:00-09:30")
    await robin.wait_for("next: today 09:30")
    await stage.publish("Fresh news")
    await stage.move_to(NOW.replace(hour=8, minute=5))
    assert len(await came(stage, robin)) == 1
    await stage.next_slot()
    assert (stage.clock.now().hour, stage.clock.now().minute) == (9, 30)
    assert "Fresh news" in (await came(stage, robin))[-1]
    await robin.say("/quiet soon")
    await robin.wait_for("are no hours")
    await robin.say("/quiet off")
    await robin.wait_for("next: tomorrow 08:00")
    await robin.say("/settings")
    await robin.press("Quiet hours")
    await robin.press("22:00–07:00")
    await robin.wait_for("Quiet hours: 22:00–07:00")


async def test_a_break_ends_with_one_digest_of_it_all(stage: Stage) -> None:
    robin = await stage.subscriber_of("Old news")
    await robin.say("/pause 3d")
    await robin.wait_for("Paused until 9 Jun 08:00")
    await robin.say("/settings")
    await robin.wait_for("Paused until 9 Jun 08:00")
    for day in range(3):
        await stage.publish(f"News of day {day}")
        await stage.move_to(NOW + (day + 1) * DAY)
    assert len(await came(stage, robin)) == 1
    await stage.move_to((NOW + 3 * DAY).replace(hour=8, minute=0))
    texts = await came(stage, robin)
    assert len(texts) == 2
    assert all(f"News of day {day}" in texts[-1] for day in range(3))
    assert "With all that came from" in texts[-1]
    assert (await stage.place(robin)).state is PlaceState.ACTIVE
    await robin.say("/pause")
    await robin.wait_for("Paused. Nothing comes")
    await robin.say("/settings")
    await robin.wait_for("Paused; /resume goes on.")
    await robin.say("/stop")
    await robin.wait_for("/start")
    await robin.say("/settings")
    await robin.wait_for("Stopped; /start goes on.")
    await robin.say("/pause forever")
    await robin.wait_for("is no time that I understand")


async def test_too_little_waits_for_the_next_slot(stage: Stage) -> None:
    robin = await stage.subscriber_of("Old news")
    await robin.say("/settings")
    await robin.press("How many")
    await robin.press("3")
    await robin.wait_for("It comes from 3 new articles on")
    await stage.publish("One", "Two")
    await stage.next_slot()
    assert len(await came(stage, robin)) == 1
    await stage.publish("Three")
    await stage.next_slot()
    text = (await came(stage, robin))[-1]
    assert all(title in text for title in ("One", "Two", "Three"))


async def test_silently(stage: Stage) -> None:
    robin = await stage.subscriber_of("Old news")
    await robin.say("/settings")
    await robin.press("Without a sound")
    await robin.wait_for("It makes no sound")
    await stage.publish("Fresh news")
    await stage.next_slot()
    digest = await robin.wait_for("Fresh news")
    assert digest["silent"]
    await robin.press("With a sound")
    await robin.wait_for("It comes with a sound")


async def test_after_a_long_silence_the_oldest_is_news_no_more(tmp_path: Path) -> None:
    async with open_stage(tmp_path, digest={"max_late": 2}) as stage:
        robin = await stage.subscriber_of("Old news")
        await stage.publish("Too old")
        await stage.app.stop()
        stage.clock.move(4 * DAY)
        stage.app = stage.new_app()
        await stage.start()
        await stage.publish("Fresh news")
        await stage.tick()
        text = (await came(stage, robin))[-1]
        assert "Fresh news" in text
        assert "Too old" not in text


async def test_a_clock_that_jumps_ahead_sends_one_digest_and_back_none_twice(stage: Stage) -> None:
    robin = await stage.subscriber_of("Old news")
    await stage.publish("Fresh news")
    await stage.move_to(NOW + 2 * DAY)
    assert len(await came(stage, robin)) == 2
    stage.clock.move(-2 * DAY)
    await stage.publish("Fresher news")
    await stage.move_to(NOW + DAY)
    assert len(await came(stage, robin)) == 2
    await stage.move_to(NOW + 3 * DAY)
    texts = await came(stage, robin)
    assert len(texts) == 3
    assert "Fresher news" in texts[-1]


async def test_a_wall_clock_that_is_set_back_stops_no_job() -> None:
    ran = []
    wall = [1000.0]
    steady = [1000.0]
    jobs = Jobs(wall=lambda: wall[0], steady=lambda: steady[0], watch_seconds=0.01)

    async def work() -> None:
        ran.append(wall[0])

    jobs.add("work", work, 3600, at_once=False)
    jobs.start()
    await asyncio.sleep(0.05)
    steady[0] += 60
    wall[0] -= 3600
    try:
        for _ in range(300):
            if ran:
                break
            await asyncio.sleep(0.01)
        assert ran
    finally:
        await jobs.stop(1)


@pytest.mark.parametrize(("patience", "outcome"), [(5.0, "done"), (0.05, "cut off")])
async def test_a_job_that_is_under_way_gets_its_time_to_end(
    patience: float, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    came: list[str] = []
    jobs = Jobs()

    async def work() -> None:
        came.append("begun")
        try:
            await asyncio.sleep(0.3)
        except asyncio.CancelledError:
            came.append("cut off")
            raise
        came.append("done")

    jobs.add("work", work, 0.01)
    jobs.start()
    async with asyncio.timeout(5):
        while not came:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await jobs.stop(patience)
    assert came == ["begun", outcome]
    await asyncio.sleep(0.05)
    assert [one.getMessage() for one in caplog.records if one.levelname in ("WARNING", "ERROR")] == []


async def test_a_change_tells_when_no_digest_comes(stage: Stage) -> None:
    await stage.publish("News")
    robin = await stage.reader()
    await robin.say("/start")
    await robin.wait_for("Hello, Robin")
    await robin.say("/time 07:30")
    await robin.wait_for("Noted: every day at 07:30 (UTC). It begins when you have chosen what you want: /start")
    await robin.say("/pause")
    await robin.wait_for("There is no digest to pause yet")
    await robin.say("/settings")
    shown = await robin.wait_for("Its time: every day at 07:30 (UTC)")
    assert "It begins when you have chosen what you want: /start" in shown["text"]
    await robin.press("Science")
    await robin.press("Done")
    await robin.wait_for("📰")
    await robin.say("/time 09:00")
    await robin.wait_for("Your digest comes every day at 09:00 (UTC); next: today 09:00.")
    await robin.say("/pause")
    await robin.wait_for("Paused")
    await robin.say("/quiet 22:00-06:00")
    await robin.wait_for("Noted: every day at 09:00 (UTC). Your digest is paused; /resume goes on.")
    await robin.say("/stop")
    await robin.wait_for("Stopped")
    await robin.say("/days mon")
    await robin.wait_for("Your digest is stopped; /start goes on.")
