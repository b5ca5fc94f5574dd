"""A reader's time zone: set by an exact name, asked about for anything else, shown with the usual sign."""

from __future__ import annotations

import pytest

from tests.flow.harness import BotHarness
from tests.flow.reader import Reader, labels


@pytest.fixture
async def harness(harness: BotHarness) -> BotHarness:
    await harness.publish("News")
    return harness


async def zone_of(harness: BotHarness, person: Reader) -> str:
    return (await harness.place(person)).timezone


@pytest.mark.parametrize(
    ("text", "zone", "shown"),
    [
        ("Europe/Berlin", "Europe/Berlin", "Europe/Berlin"),
        ("new york", "America/New_York", "America/New_York"),
        ("Beijing", "Asia/Shanghai", "Asia/Shanghai"),
        ("北京", "Asia/Shanghai", "Asia/Shanghai"),
        ("San Francisco", "America/Los_Angeles", "America/Los_Angeles"),
        ("PRC", "Asia/Shanghai", "Asia/Shanghai"),
        ("德國", "Europe/Berlin", "Europe/Berlin"),
    ],
)
async def test_an_exact_name_sets_the_zone(harness: BotHarness, text: str, zone: str, shown: str) -> None:
    robin = await harness.subscriber()
    await robin.say(f"/timezone {text}")
    await robin.wait_for(f"({shown})")
    assert await zone_of(harness, robin) == zone


@pytest.mark.parametrize("text", ["CST", "8", "utc +5:30", "Ber", "eastern", "GMT+8", "UTC-5", "+08:00", "东八区"])
async def test_an_ambiguous_name_is_asked_about(harness: BotHarness, text: str) -> None:
    robin = await harness.subscriber()
    await robin.say(f"/timezone {text}")
    asked = await robin.wait_for(f"“{text}”")
    assert await zone_of(harness, robin) == "UTC"
    assert not any("Etc/" in label for label in labels(asked))
    await robin.press("Find my time zone")
    await robin.wait_for("What time is it where you are?")
    assert await zone_of(harness, robin) == "UTC"


@pytest.mark.parametrize("text", ["nowhere at all", "UTC+99", "../etc"])
async def test_an_unknown_name_leads_to_the_clocks(harness: BotHarness, text: str) -> None:
    robin = await harness.subscriber()
    await robin.say(f"/timezone {text}")
    await robin.wait_for("I don't know the time zone")
    await robin.press("Later ›")
    await robin.press("15:30")
    await robin.wait_for("It is 15:30 where you are")
    await robin.press("Shanghai")
    await robin.wait_for("(Asia/Shanghai)")
    assert await zone_of(harness, robin) == "Asia/Shanghai"


async def test_a_choice_sets_the_zone_that_it_shows(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    await robin.say("/timezone 8")
    await robin.press("UTC+8 · 15:30")
    assert robin.alert == "UTC+8"
    await robin.wait_for("(UTC+8)")
    assert await zone_of(harness, robin) == "Etc/GMT-8"
    await robin.say("/timezone Etc/GMT+8")
    await robin.wait_for("the other way round")
    assert await zone_of(harness, robin) == "Etc/GMT-8"
    await robin.press("UTC-8 · 23:30")
    await robin.wait_for("(UTC-8)")
    assert await zone_of(harness, robin) == "Etc/GMT+8"
    await robin.say("/timezone IST")
    await robin.press("Kolkata · 13:00")
    await robin.wait_for("Asia/Kolkata")


async def test_offsets_are_shown_with_the_usual_sign_everywhere(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    await robin.say("/timezone UTC+8")
    await robin.press("UTC+8 · 15:30")
    await robin.wait_for("(UTC+8)")
    for command in ("/settings", "/time", "/timezone", "/start", "/resume"):
        await robin.say(command)
        await robin.wait_for(lambda shown: True)
    await robin.press("Settings")
    await robin.wait_for("Arrives")
    shown = await robin.messages()
    said = " ".join(
        [message.get("text", "") for message in shown] + [label for message in shown for label in labels(message)]
    )
    assert "Etc/" not in said
    assert said.count("UTC+8") > 4
    assert "GMT" not in said


async def test_the_digest_comes_by_the_clock_that_was_meant(harness: BotHarness) -> None:
    """It is 07:30 in UTC. The next 08:00 at UTC+8 is tomorrow's midnight in UTC."""
    robin = await harness.subscriber()
    await robin.say("/timezone GMT+8")
    await robin.press("Singapore · 15:30")
    await robin.wait_for("tomorrow 08:00")
    place = await harness.place(robin)
    assert place.next_at is not None
    assert f"{place.next_at:%d %H:%M}" == "07 00:00"


async def test_an_announcement_is_scheduled_by_the_admins_clock(harness: BotHarness) -> None:
    await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/timezone UTC+8")
    await admin.press("UTC+8 · 15:30")
    await admin.wait_for("(UTC+8)")
    await admin.say("/announce Hello")
    await admin.press("When")
    await admin.press("At a date and time")
    assert "UTC+8" in (await admin.wait_for("Send me the time"))["text"]
    await admin.say("18:00")
    assert "18:00 (UTC+8)" in (await admin.wait_for("Announcement 1"))["text"]
