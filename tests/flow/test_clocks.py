"""With a wrong clock digests still come, nothing comes twice, and a dead bot looks dead."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digests.doctor.health import ALIVE, CheckedStores, is_alive, run_checks
from digests.model.place import PlaceState
from digests.model.schedule import next_slot_of
from tests.factories.times import NOW
from tests.flow.harness import BotHarness, local_jobs, open_harness
from tests.flow.reader import Reader
from tests.waiting import until

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
AHEAD = [timedelta(minutes=5), HOUR, DAY, 8 * DAY, 400 * DAY, 3653 * DAY]


async def assert_next_digest_holds(harness: BotHarness, robin: Reader, title: str) -> None:
    """Assert that the next digest is due within a day, and holds a post that is published now."""
    place = await harness.place(robin)
    assert place.next_at is not None
    assert place.next_at <= harness.clock.now() + DAY
    await harness.publish(title)
    await harness.move_to(place.next_at)
    assert sum(title in text for text in await robin.digests()) == 1


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
async def test_one_start_with_the_clock_ahead_silences_nobody(tmp_path: Path, ahead: timedelta) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old news")
        harness.clock.move(ahead)
        await harness.restart()
        await harness.tick()
        harness.clock.move(-ahead)
        await harness.restart()
        place = await harness.place(robin)
        assert place.next_at is not None
        assert place.next_at == next_slot_of(place, harness.clock.now())
        await assert_next_digest_holds(harness, robin, "News of the right day")


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
async def test_digests_come_after_the_clock_was_ahead_for_a_while(tmp_path: Path, ahead: timedelta) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old news")
        harness.clock.move(ahead)
        await harness.tick()
        harness.clock.move(-ahead)
        await harness.tick()
        await assert_next_digest_holds(harness, robin, "News of the right day")


@pytest.mark.parametrize("back", [HOUR, DAY, 400 * DAY, 3653 * DAY], ids=str)
async def test_digests_come_after_the_clock_was_behind(tmp_path: Path, back: timedelta) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old news")
        harness.clock.move(-back)
        await harness.restart()
        await assert_next_digest_holds(harness, robin, "News of a wrong day")
        harness.clock.move(NOW + DAY - harness.clock.now())
        await harness.tick()
        await assert_next_digest_holds(harness, robin, "News of the right day")
        assert sum("News of a wrong day" in text for text in await robin.digests()) == 1


async def test_a_small_correction_of_the_clock_sends_no_digest_again(tmp_path: Path) -> None:
    async with open_harness(tmp_path, digest={"send_empty": True}) as harness:
        robin = await harness.subscriber_of("Old news")
        await harness.publish("Fresh news")
        await harness.next_slot()
        before = len(await robin.messages())
        harness.clock.move(timedelta(seconds=-30))
        await harness.tick()
        harness.clock.move(timedelta(seconds=60))
        await harness.tick()
        assert len(await robin.messages()) == before


async def test_a_digest_that_was_put_off_while_the_clock_was_ahead_is_sent_once_it_is_right(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old news")
        await harness.publish("Fresh news")
        await robin.post("/sim/faults", kind="flood", method="sendMessage", chat=robin.id, seconds=30)
        harness.clock.move(3 * DAY)
        await harness.tick()
        assert not any("Fresh news" in text for text in await robin.digests())
        harness.clock.move(-3 * DAY)
        await harness.restart()
        await harness.tick()
        assert sum("Fresh news" in text for text in await robin.digests()) == 1


async def test_a_pause_that_began_while_the_clock_was_ahead_ends(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old news")
        harness.clock.move(400 * DAY)
        await robin.say("/pause 7d")
        await robin.wait_for("⏸")
        harness.clock.move(-400 * DAY)
        await harness.restart()
        harness.clock.move(8 * DAY)
        await harness.publish("News after the break")
        await harness.tick()
        assert await harness.is_in_state(robin, PlaceState.ACTIVE)
        assert any("News after the break" in text for text in await robin.digests())


@pytest.mark.parametrize("seconds", [0, 80, -80, 120, -120, 400 * 86400, -400 * 86400])
async def test_a_sign_of_life_counts_only_near_its_moment(tmp_path: Path, seconds: int) -> None:
    async with open_harness(tmp_path) as harness:
        people = harness.app.stores.people
        await people.note(ALIVE, "1", NOW)
        assert await is_alive(people, NOW + timedelta(seconds=seconds)) is (abs(seconds) <= 90)


@pytest.mark.parametrize("seconds", [400 * 86400, -400 * 86400])
async def test_a_last_scan_in_the_future_is_a_warning_too(tmp_path: Path, seconds: int) -> None:
    async with open_harness(tmp_path) as harness:
        await harness.publish("News")
        stores = harness.app.stores
        now = NOW + timedelta(seconds=seconds)
        checked = CheckedStores(stores.articles, stores.people, stores.index, stores.gaps)
        found = await run_checks(harness.settings, checked, now)
        assert [check.level for check in found if check.what == "last look at the posts"] == ["warning"]


async def test_a_bot_whose_jobs_died_gives_no_sign_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digests.jobs.local._LATE_SECONDS", 0.2)
    async with open_harness(tmp_path, delivery={"tick_seconds": 0.1}) as harness:
        await harness.restart(scheduled=True)
        people = harness.app.stores.people

        async def is_noted() -> bool:
            return await people.fact(ALIVE) is not None

        await until(is_noted)
        await people.forget_fact(ALIVE)
        local_jobs(harness)._scheduler.pause()
        await until(lambda: bool(harness.app.jobs.late()))
        await harness.app._sign_of_life()
        assert not await is_noted()
        local_jobs(harness)._scheduler.resume()

        await until(lambda: not harness.app.jobs.late())
        await harness.app._sign_of_life()
        assert await is_noted()


async def test_a_jump_of_the_real_clock_triggers_the_repair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("Old news")
        await harness.restart(scheduled=True)
        place = await harness.place(robin)
        late: datetime = harness.clock.now() + 400 * DAY
        await harness.app.stores.places.activate(place.id, late, harness.clock.now())
        monkeypatch.setattr(harness.app.jobs, "_wall", lambda: 0.0)

        async def is_right() -> bool:
            found = await harness.place(robin)
            return found.next_at == next_slot_of(found, harness.clock.now())

        await until(is_right)
