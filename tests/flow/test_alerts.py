"""Admins are told that something is wrong, and that it is over, over real HTTP and a clock that the test moves."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.monitoring import alerting
from bot.process.monitoring import build_alerting
from bot.simulator.state.faults import Fault
from bot.telegram.reachability import Reachability
from digests.alerts.model import AlertKind
from digests.alerts.stored import STORED_ALERTS, load_states
from digests.model.role import Role
from tests.factories.times import DAY, HOUR, MINUTE, NOW
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader

TITLE, OVER = "Something needs looking after", "All right again"


class Usage(NamedTuple):
    """What a disk says of itself."""

    total: int
    used: int
    free: int


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_harness(tmp_path) as opened:
        yield opened


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what sets how many MB are free on the disk."""
    free = [10_000]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**12, 0, free[0] * 1_000_000))

    def set_free(megabytes: int) -> None:
        free[0] = megabytes

    return set_free


async def watch(harness: BotHarness, minutes: int) -> None:
    """Let so many minutes pass, with a look in each."""
    for _ in range(minutes):
        harness.clock.move(MINUTE)
        await harness.app.alerting.look()


async def told(admin: Reader) -> list[str]:
    return [text for text in await admin.texts() if TITLE in text or OVER in text]


async def test_a_quiet_newsroom_is_told_once_and_its_end_too(harness: BotHarness) -> None:
    ada = await harness.admin()
    await watch(harness, 40)
    assert await told(ada) == [], "nothing came ever"
    await harness.publish("Moon landing")
    await watch(harness, 2)
    harness.clock.move(25 * HOUR)
    await watch(harness, 29)
    assert await told(ada) == [], "the bot may only just have been started"
    await watch(harness, 3)
    (text,) = await told(ada)
    assert "No new article has come for 26 hours" in text
    await harness.restart()
    await watch(harness, 120)
    assert len(await told(ada)) == 1
    await harness.publish("Sun rises")
    await watch(harness, 1)
    assert "New articles are coming in again" in (await told(ada))[1]
    await watch(harness, 60)
    assert len(await told(ada)) == 2


async def test_several_at_once_are_one_message_and_the_doctor_names_them(
    harness: BotHarness, free: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, kim = await harness.admin(), await harness.reader("Kim", "zh-hans")
    await kim.say("/start")
    await harness.app.stores.people.grant(kim.id, Role.ADMIN, NOW)
    monkeypatch.setattr(harness.app._client.reachability, "skew", 95.0)
    free(312)
    await watch(harness, 5)
    (text,) = await told(ada)
    assert "Only 312 MB are free" in text
    assert "95 seconds fast" in text
    assert any("磁盘只剩 312 MB" in each and "快了 95 秒" in each for each in await kim.texts())
    await ada.say("/doctor")
    report = await ada.wait_for("the disk is nearly full")
    assert "clock is wrong" in report["text"]
    free(9_000)
    monkeypatch.setattr(harness.app._client.reachability, "skew", 0.5)
    await watch(harness, 12)
    ends = (await told(ada))[1:]
    assert ["clock is right again" in end or "There is room" in end for end in ends] == [True] * len(ends)
    assert 1 <= len(ends) <= 2


async def test_late_digests_are_told(harness: BotHarness) -> None:
    robin, ada = await harness.subscriber_of("Moon landing"), await harness.admin()
    await harness.publish("Sun rises")
    moment = await harness.app.stores.places.next_moment()
    assert moment is not None
    harness.clock.move(moment - harness.clock.now())
    await watch(harness, 9)
    assert await told(ada) == []
    await watch(harness, 6)
    (text,) = await told(ada)
    assert "Digests are late by 12 minutes" in text
    await harness.tick()
    await robin.wait_for("Sun rises")
    await watch(harness, 5)
    assert "on time again" in (await told(ada))[1]


async def test_many_failures_are_told_and_readers_who_left_are_none(tmp_path: Path) -> None:
    async with open_harness(tmp_path, alerts={"failures_least": 2}, telegram={"rate": 1000}) as harness:
        ada = await harness.admin()
        await harness.publish("Moon landing")
        await harness.add_chats(range(50_001, 50_005))
        for chat in (50_001, 50_002):
            harness.simulator.world.users[chat].blocked = True
        await harness.publish("Sun rises")
        await harness.next_slot()
        await watch(harness, 5)
        assert await told(ada) == []
        harness.simulator.world.faults.add(Fault("cut_after", method="sendMessage", times=2))
        await harness.publish("Rain falls")
        await harness.next_slot()
        harness.simulator.world.faults.clear()
        await watch(harness, 5)
        (text,) = await told(ada)
        assert "100% of the last hour's messages" in text


async def test_a_lost_telegram_is_told_once_it_is_back(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await harness.admin()
    await watch(harness, 2)
    await harness.simulator.close_port()
    seconds = 0.0
    for _ in range(25):
        seconds += 60
        monkeypatch.setattr(Reachability, "failing_seconds", seconds)
        await watch(harness, 1)
    monkeypatch.undo()
    await harness.simulator.open_port()
    await harness.app.bot.get_me()
    await watch(harness, 1)
    assert await told(ada) == []
    await watch(harness, 3)
    (text,) = await told(ada)
    assert "could not reach Telegram for 26 minutes" in text
    assert "since today" in text


async def test_what_reaches_nobody_is_told_later(harness: BotHarness, free: Callable[[int], None]) -> None:
    free(1)
    await watch(harness, 10)
    ada = await harness.admin()
    assert await told(ada) == []
    await watch(harness, 1)
    assert len(await told(ada)) == 1
    await watch(harness, 10)
    assert len(await told(ada)) == 1


async def test_two_processes_tell_once(harness: BotHarness, free: Callable[[int], None]) -> None:
    ada = await harness.admin()
    free(1)
    app = harness.app
    second = build_alerting(app.foundation, app.parts.alert_notices)
    for _ in range(9):
        harness.clock.move(MINUTE)
        await asyncio.gather(app.alerting.look(), second.look())
        await second.look()
    assert len(await told(ada)) == 1


async def test_quiet_hours_make_no_sound(harness: BotHarness, free: Callable[[int], None]) -> None:
    ada = await harness.admin()
    await ada.say("/start")
    await ada.say("/quiet 00:00-23:59")
    free(1)
    await watch(harness, 5)
    (sent,) = [message for message in await ada.messages() if TITLE in message.get("text", "")]
    assert sent["silent"]


async def test_what_is_turned_off_is_not_watched(tmp_path: Path, free: Callable[[int], None]) -> None:
    off = {
        "no_article_hours": 0, "silent_sources": False, "failure_percent": 0, "disk_free_mb": 0,
        "telegram_minutes": 0, "clock_seconds": 0, "queue_minutes": 0,
    }  # fmt: skip
    async with open_harness(tmp_path, alerts=off) as harness:
        ada = await harness.admin()
        free(1)
        await watch(harness, 10)
        assert await told(ada) == []
        stored = await harness.app.stores.people.fact(STORED_ALERTS)
        assert stored is not None
        assert load_states(stored[0]) == {}


async def test_a_source_that_falls_silent_is_told_by_name(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "_SOURCES_SECONDS", 0.0)
    ada = await harness.admin()
    for day in range(20):
        names = ("Daily Mars", "Moon Post") if day < 9 else ("Daily Mars",)
        for name in names:
            harness.write(f"News {day} of {name}", categories=["Science", name], author=name)
        await harness.app.scan()
        await watch(harness, 1)
        harness.clock.move(DAY)
    (text,) = await told(ada)
    assert "• Moon Post" in text
    assert "Daily Mars" not in text
    harness.write("News again", categories=["Science", "Moon Post"], author="Moon Post")
    await harness.app.scan()
    await watch(harness, 1)
    assert "bring something new again:\n• Moon Post" in (await told(ada))[1]
    assert AlertKind.SILENT_SOURCES in load_states((await harness.app.stores.people.fact(STORED_ALERTS) or ("",))[0])
