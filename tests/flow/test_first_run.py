"""What a new reader is asked about their clock and may choose as their language, over HTTP and through restarts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import labels


@pytest.fixture
async def harness(harness: BotHarness) -> BotHarness:
    await harness.publish("News")
    return harness


async def test_a_new_readers_clock_leads_to_their_city_whenever_the_bot_restarts(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    asked = await robin.wait_for("What time is it where you are?")
    assert (await harness.place(robin)).knows_zone is False
    await harness.restart()
    await robin.press("Later ›")
    await robin.wait_for(lambda message: "15:30" in labels(message))
    await harness.restart()
    await robin.press("15:30")
    await robin.wait_for("It is 15:30 where you are")
    await harness.restart()
    await robin.press("Taipei")
    shown = await robin.wait_for("(Asia/Taipei)")
    assert shown["message_id"] == asked["message_id"], "one message does it all"
    place = await harness.place(robin)
    assert (place.timezone, place.knows_zone) == ("Asia/Taipei", True)
    assert place.next_at is not None
    assert f"{place.next_at:%H:%M}" == "00:00", "08:00 in Taipei"


async def test_the_city_may_be_written_after_a_restart(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    await robin.wait_for("What time is it where you are?")
    await robin.press("Write my city")
    await robin.wait_for("Which city are you in")
    await harness.restart()
    await robin.say("旧金山")
    await robin.wait_for("(America/Los_Angeles)")
    assert (await harness.place(robin)).timezone == "America/Los_Angeles"


async def test_what_is_right_is_not_asked_again(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    await robin.press("07:30 is right")
    await robin.wait_for("every day at 08:00")
    assert (await harness.place(robin)).knows_zone
    await robin.say("/stop")
    await robin.say("/start")
    await robin.wait_for("Welcome back")
    assert sum("What time is it where you are?" in text for text in await robin.texts()) == 0


async def test_the_operators_zone_for_a_language_is_asked_about(tmp_path: Path) -> None:
    async with open_harness(tmp_path, digest={"timezones": {"zh_TW": "Asia/Taipei"}}) as harness:
        await harness.publish("News")
        mei = await harness.reader("Mei", "zh-hant")
        await mei.say("/start")
        await mei.press("Science")
        await mei.press("完成")
        asked = await mei.wait_for("你那邊現在幾點？")
        assert "我按「台北」的時間，那裡現在是 15:30" in asked["text"]
        await mei.press("15:30 沒錯")
        await mei.wait_for("08:00（Asia/Taipei）")


async def test_a_chosen_language_outlives_restarts_and_the_app(harness: BotHarness) -> None:
    mei = await harness.reader("Mei", "zh-hant")
    await mei.say("/language")
    await mei.press("English")
    await mei.wait_for("I speak English here now.")
    await harness.restart()
    await mei.say("/settings")
    await mei.wait_for("Your digest")
    await mei.say("/language")
    await mei.press("As my app: 繁體中文")
    await mei.wait_for("我現在用繁體中文")
    await mei.say("/help")
    await mei.wait_for("我能做什麼")
