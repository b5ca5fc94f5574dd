"""Wrong clocks, at the start and while the bot runs: digests come, nothing comes twice, a dead bot looks dead."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digests.doctor import ALIVE, check_up, is_alive
from digests.model.place import PlaceState
from digests.model.schedule import next_slot_of
from tests.factories.times import NOW
from tests.flow.reader import Reader
from tests.flow.stage import Stage, open_stage

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
AHEAD = [timedelta(minutes=5), HOUR, DAY, 8 * DAY, 400 * DAY, 3653 * DAY]


async def digests_of(robin: Reader) -> list[str]:
    return [text for text in await robin.texts() if text.startswith("📰")]


async def tomorrow_brings(stage: Stage, robin: Reader, title: str) -> None:
    """By the clock as it is now, the next digest is within a day, and holds what was written."""
    place = await stage.place(robin)
    assert place.next_at is not None
    assert place.next_at <= stage.clock.now() + DAY
    await stage.publish(title)
    await stage.move_to(place.next_at)
    assert sum(title in text for text in await digests_of(robin)) == 1


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
async def test_one_start_with_the_clock_ahead_silences_nobody(tmp_path: Path, ahead: timedelta) -> None:
    async with open_stage(tmp_path) as stage:
        robin = await stage.subscriber_of("Old news")
        stage.clock.move(ahead)
        await stage.restart()
        await stage.tick()
        stage.clock.move(-ahead)
        await stage.restart()
        place = await stage.place(robin)
        assert place.next_at is not None
        assert place.next_at == next_slot_of(place, stage.clock.now())
        await tomorrow_brings(stage, robin, "News of the right day")


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
async def test_the_clock_is_ahead_for_a_while_under_a_running_bot(tmp_path: Path, ahead: timedelta) -> None:
    async with open_stage(tmp_path) as stage:
        robin = await stage.subscriber_of("Old news")
        stage.clock.move(ahead)
        await stage.tick()
        stage.clock.move(-ahead)
        await stage.tick()
        await tomorrow_brings(stage, robin, "News of the right day")


@pytest.mark.parametrize("back", [HOUR, DAY, 400 * DAY, 3653 * DAY], ids=str)
async def test_the_clock_is_set_back_and_put_right(tmp_path: Path, back: timedelta) -> None:
    async with open_stage(tmp_path) as stage:
        robin = await stage.subscriber_of("Old news")
        stage.clock.move(-back)
        await stage.restart()
        await tomorrow_brings(stage, robin, "News of a wrong day")
        stage.clock.move(NOW + DAY - stage.clock.now())
        await stage.tick()
        await tomorrow_brings(stage, robin, "News of the right day")
        assert sum("News of a wrong day" in text for text in await digests_of(robin)) == 1


async def test_a_clock_that_is_put_right_by_a_moment_sends_no_digest_again(tmp_path: Path) -> None:
    async with open_stage(tmp_path, digest={"send_empty": True}) as stage:
        robin = await stage.subscriber_of("Old news")
        await stage.publish("Fresh news")
        await stage.next_slot()
        before = len(await robin.messages())
        stage.clock.move(timedelta(seconds=-30))
        await stage.tick()
        stage.clock.move(timedelta(seconds=60))
        await stage.tick()
        assert len(await robin.messages()) == before


async def test_what_was_refused_under_a_clock_ahead_is_sent_when_it_is_right(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        robin = await stage.subscriber_of("Old news")
        await stage.publish("Fresh news")
        await robin.post("/sim/faults", kind="flood", method="sendMessage", chat=robin.id, seconds=30)
        stage.clock.move(3 * DAY)
        await stage.tick()
        assert not any("Fresh news" in text for text in await digests_of(robin))
        stage.clock.move(-3 * DAY)
        await stage.restart()
        await stage.tick()
        assert sum("Fresh news" in text for text in await digests_of(robin)) == 1


async def test_a_break_asked_for_under_a_clock_ahead_ends(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        robin = await stage.subscriber_of("Old news")
        stage.clock.move(400 * DAY)
        await robin.say("/pause 7d")
        await robin.wait_for("⏸")
        stage.clock.move(-400 * DAY)
        await stage.restart()
        stage.clock.move(8 * DAY)
        await stage.publish("News after the break")
        await stage.tick()
        assert await stage.is_in_state(robin, PlaceState.ACTIVE)
        assert any("News after the break" in text for text in await digests_of(robin))


@pytest.mark.parametrize("seconds", [0, 80, -80, 120, -120, 400 * 86400, -400 * 86400])
async def test_a_sign_of_life_tells_only_of_now(tmp_path: Path, seconds: int) -> None:
    async with open_stage(tmp_path) as stage:
        people = stage.app.rooms.people
        await people.note(ALIVE, "1", NOW)
        assert await is_alive(people, NOW + timedelta(seconds=seconds)) is (abs(seconds) <= 90)


@pytest.mark.parametrize("seconds", [400 * 86400, -400 * 86400])
async def test_the_last_look_at_the_posts_is_late_on_both_sides(tmp_path: Path, seconds: int) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.publish("News")
        rooms = stage.app.rooms
        now = NOW + timedelta(seconds=seconds)
        found = await check_up(stage.settings, rooms.articles, rooms.people, rooms.index, now)
        assert [one.level for one in found if one.what == "last look at the posts"] == ["warning"]


async def test_a_bot_whose_jobs_died_gives_no_sign_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.jobs._LATE_SECONDS", 0.2)
    async with open_stage(tmp_path, delivery={"tick_seconds": 0.1}) as stage:
        await stage.restart(scheduled=True)
        people = stage.app.rooms.people

        async def is_noted() -> bool:
            return await people.fact(ALIVE) is not None

        await stage.until(is_noted)
        await people.forget_fact(ALIVE)
        stage.app.jobs._scheduler.pause()
        await asyncio.sleep(1)
        await stage.app._sign_of_life()
        assert not await is_noted()
        stage.app.jobs._scheduler.resume()

        async def works() -> bool:
            return not stage.app.jobs.late()

        await stage.until(works)
        await stage.app._sign_of_life()
        assert await is_noted()


async def test_a_jump_of_the_real_clock_wakes_what_sets_moments_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(tmp_path) as stage:
        robin = await stage.subscriber_of("Old news")
        await stage.restart(scheduled=True)
        place = await stage.place(robin)
        late: datetime = stage.clock.now() + 400 * DAY
        await stage.app.rooms.places.activate(place.id, late, stage.clock.now())
        monkeypatch.setattr(stage.app.jobs, "_wall", lambda: 0.0)

        async def is_right() -> bool:
            found = await stage.place(robin)
            return found.next_at == next_slot_of(found, stage.clock.now())

        await stage.until(is_right)
