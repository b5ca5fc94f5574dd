"""When it is sent."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.factories.times import HOUR, NOW
from tests.flow.announcing import send
from tests.flow.harness import BotHarness


async def test_it_is_sent_at_the_chosen_moment(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Later")
    await admin.press("When")
    await admin.press("At a date")
    await admin.say("2020-01-01 10:00")
    await admin.wait_for("has already passed")
    await admin.say("10:00")
    await admin.wait_for("Sat, 6 June 2026, 10:00")
    await admin.press("Schedule for 1 chat")
    await admin.press("Yes, schedule it")
    await admin.wait_for("Scheduled")
    await harness.tick()
    assert "Later" not in await robin.texts()
    await admin.press("Change it")
    await admin.wait_for("Announcement 1")
    await admin.press("Schedule for 1 chat")
    await admin.press("Yes, schedule it")
    await harness.move_to(datetime(2026, 6, 6, 10, 0, 1, tzinfo=UTC))
    await robin.wait_for("Later")
    await admin.wait_for("The announcement is out")


async def test_a_scheduled_announcement_can_be_cancelled(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Later")
    await admin.press("When")
    await admin.press("At a date")
    await admin.say("10:00")
    await admin.press("Schedule for 1 chat")
    await admin.press("Yes, schedule it")
    await admin.press("Cancel")
    await admin.wait_for("Cancel it?")
    await admin.press("Back")
    await admin.wait_for("Scheduled")
    await admin.press("Cancel")
    await admin.press("Yes, cancel it")
    await admin.wait_for("Cancelled")
    await harness.move_to(NOW + 9 * HOUR)
    assert "Later" not in await robin.texts()


async def test_it_is_sent_by_the_clock_of_each_chat(harness: BotHarness) -> None:
    """08:00 comes to Shanghai eight hours before it comes to London's winter, and so does the text."""
    robin = await harness.subscriber("Robin")
    mei = await harness.subscriber("Mei")
    await mei.say("/timezone Asia/Shanghai")
    await mei.wait_for("Asia/Shanghai")
    admin = await harness.admin()
    await admin.say("/announce Good morning")
    await admin.press("When")
    await admin.press("08:00")
    await admin.press("Back")
    await admin.wait_for("the next 08:00, each chat’s local time")
    await admin.press("Schedule for 2 chats")
    await admin.press("Yes, schedule it")
    # It is 07:30 in UTC, 15:30 in Shanghai.
    await harness.move_to(datetime(2026, 6, 6, 8, 0, 1, tzinfo=UTC))
    await robin.wait_for("Good morning")
    assert "Good morning" not in await mei.texts()
    report = await admin.wait_for("On its way")
    assert "The last chats get it 7 Jun 00:00 (UTC)" in report["text"]
    await harness.move_to(datetime(2026, 6, 7, 0, 0, 1, tzinfo=UTC))
    await mei.wait_for("Good morning")
    await admin.wait_for("The announcement is out")


async def test_quiet_hours_are_kept_unless_the_admin_chooses_otherwise(harness: BotHarness) -> None:
    robin, kim = await harness.subscriber("Robin"), await harness.subscriber("Kim")
    await robin.say("/quiet 06:00-09:00")
    await robin.wait_for("next: today 09:00")
    admin = await harness.admin()
    await admin.say("/announce Good morning")
    card = await admin.wait_for("Announcement 1")
    assert "1 chat will be in quiet hours then and gets it when they end" in card["text"]
    await send(admin, harness)
    await kim.wait_for("Good morning")
    report = await admin.wait_for("1 of 2 chats")
    assert "The last chats get it 6 Jun 09:00 (UTC)" in report["text"]
    assert "Good morning" not in await robin.texts()
    await harness.move_to(datetime(2026, 6, 6, 9, 0, tzinfo=UTC))
    assert not (await robin.wait_for("Good morning"))["silent"]
    await admin.wait_for("The announcement is out")
    await robin.say("/quiet 08:00-12:00")
    await robin.wait_for("next: today 12:00")
    await admin.say("/announce Fire in the house")
    await admin.press("When")
    await admin.press("In quiet hours too, without a sound")
    await admin.press("Back")
    await admin.wait_for("Chats in quiet hours get it silently")
    await send(admin, harness)
    assert (await robin.wait_for("Fire in the house"))["silent"]
    assert not (await kim.wait_for("Fire in the house"))["silent"]
