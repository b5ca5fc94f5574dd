"""Announcements as admins make them: the card, its screens, what readers get, and what comes after."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from bot.app import App
from bot.commands import announcements as commands
from bot.runtime.clock import SystemClock
from bot.simulator.person.driver import ShownMessage
from bot.simulator.server import Simulator
from bot.simulator.state.faults import Fault
from digests.errors import NotFound
from digests.model.announcement import AnnouncementState
from digests.model.delivery import DeliveryState
from digests.model.place import PlaceKind
from digests.storage.places import NewPlace
from tests.builders import NOW
from tests.flow.reader import Reader, labels
from tests.flow.stage import ADMIN, TOKEN, BotHarness, assert_liked, open_stage

HOUR = timedelta(hours=1)
SECOND_ADMIN = 9002


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_stage(tmp_path) as opened:
        await opened.publish("News")
        yield opened


async def second_admin(harness: BotHarness, role: str = "admin") -> Reader:
    kim = await harness.reader("Kim", user_id=SECOND_ADMIN)
    await kim.say("/id")
    await kim.wait_for("Your Telegram id")
    owner = await harness.reader("Ada", user_id=ADMIN)
    await owner.say(f"/grant {SECOND_ADMIN} {role}")
    await owner.wait_for("is now")
    return kim


async def add_chats(harness: BotHarness, count: int, **changed: Any) -> None:
    """Chats that have subscribed, by the short way."""
    await harness.app.bot.get_me()
    reader = harness.people[0] if harness.people else await harness.reader("Pat")
    await reader.post("/sim/people", count=count, first_id=20_000)
    ids = await harness.app.stores.categories.tree()
    science = next(one.id for one in ids if one.name == "Science")
    values = {"kind": PlaceKind.PRIVATE, "title": "R", "language": "en", "time": "08:00", "timezone": "UTC"} | changed
    newcomers = [
        (NewPlace(chat_id=number, thread_id=0, **values), frozenset({science}), NOW + timedelta(days=9))
        for number in range(20_000, 20_000 + count)
    ]
    await harness.app.stores.places.import_chats(newcomers, NOW)


async def send(admin: Reader, harness: BotHarness) -> None:
    await admin.press("Send to")
    await admin.press("Yes, send it")
    await harness.tick()


async def got(reader: Reader, text: str) -> ShownMessage:
    return await reader.wait_for(text)


async def set_going(admin: Reader, harness: BotHarness) -> asyncio.Task[int]:
    """What a scheduled bot does by itself, once the announcement is planned."""
    await admin.wait_for("On its way")
    return asyncio.create_task(harness.app.parts.delivery_worker.deliver_due())


def accepted(harness: BotHarness) -> int:
    return harness.simulator.world.ledger.accepted.total()


async def test_each_reader_gets_the_text_of_his_language(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin", "en")
    mei = await harness.subscriber("Mei", "zh-hans")
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.wait_for("Send me the text")
    await admin.say("你好", entities=[{"type": "bold", "offset": 0, "length": 2}])
    card = await admin.wait_for("Announcement 1")
    assert "Texts: Default text, 简体中文" in card["text"]
    await admin.press("Send to 2 chats")
    asked = await admin.wait_for("Send to 2 chats?")
    assert "Default text: 1" in asked["text"]
    assert "简体中文: 1" in asked["text"]
    await admin.press("Yes, send it")
    await harness.tick()
    await got(robin, "Hello")
    assert (await got(mei, "你好"))["entities"][0]["type"] == "bold"
    assert not any("你好" in text for text in await robin.texts())
    await admin.wait_for("The announcement is out")


async def test_a_languages_text_can_be_removed_again(harness: BotHarness) -> None:
    mei = await harness.subscriber("Mei", "zh-hans")
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.say("你好")
    await admin.wait_for("Texts:")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.press("Show it")
    await admin.wait_for("你好")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.press("Remove")
    await admin.press("Text")
    await admin.press("Back")
    await send(admin, harness)
    await got(mei, "Hello")


async def test_a_document_with_buttons(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.send_document("The plan")
    await admin.press("Buttons")
    await admin.say("nonsense")
    await admin.wait_for("I don't understand")
    await admin.say("Read more = javascript:alert(1)")
    await admin.wait_for("is no web address")
    await admin.say("Read more = https://example.com/a?b=c\nForum=https://forum.example/")
    card = await admin.wait_for("Announcement 1")
    assert "Buttons: Read more, Forum" in card["text"]
    await send(admin, harness)
    message = await got(robin, "The plan")
    assert message["document"]["file_name"] == "plan.pdf"
    assert [row[0]["url"] for row in message["buttons"]] == ["https://example.com/a?b=c", "https://forum.example/"]


async def test_buttons_can_be_taken_off(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Buttons")
    await admin.say("More = https://example.com/")
    await admin.wait_for("Buttons: More")
    await admin.press("Buttons")
    await admin.press("Remove all")
    await send(admin, harness)
    assert (await got(robin, "Hello"))["buttons"] == []


async def test_an_album_comes_whole_and_is_taken_back_whole(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.send_album(3, "Three pictures")
    await admin.wait_for("Announcement 1")
    assert len([one for one in await admin.messages() if one.get("media_group_id") and not one["outgoing"]]) == 3
    await admin.press("Buttons")
    await admin.say("More = https://example.com/")
    assert "no buttons" in (await admin.wait_for("Announcement 1"))["text"]
    await send(admin, harness)
    await got(robin, "Three pictures")
    album = [one for one in await robin.messages() if one.get("media_group_id")]
    assert [bool(one.get("caption")) for one in album] == [True, False, False]
    await admin.wait_for("The announcement is out")
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await harness.tick()
    await admin.wait_for("Taken back")
    assert not [one for one in await robin.messages() if one.get("media_group_id")]


async def test_a_forwarded_message_is_copied_and_withdrawn(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.say("Somebody's own words", forwarded_from="Somebody")
    await admin.wait_for("Announcement 1")
    await send(admin, harness)
    message = await got(robin, "Somebody's own words")
    assert "forward_origin" not in message
    assert harness.simulator.world.ledger.methods["copyMessage"] >= 2
    await admin.wait_for("The announcement is out")
    await admin.press("Edit")
    assert "can't be changed" in admin.alert
    harness.clock.move(timedelta(hours=49))
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await harness.tick()
    await admin.wait_for("now say “withdrawn”: 1")


async def test_what_cannot_be_sent_on_is_said(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.say("x" * 4090)
    await admin.wait_for("Announcement 1")
    await admin.press("Discard")
    await admin.press("Back")
    await admin.press("Discard")
    await admin.press("Yes, discard it")
    await admin.wait_for("nobody got it")


async def test_an_audience_is_made_of_conditions(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin", "en")
    mei = await harness.subscriber("Mei", "zh-hans")
    group = await robin.found_group("The club", kind="supergroup")
    await robin.add_bot(group)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    harness.clock.move(timedelta(days=8))
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.wait_for("Reaches 3 chats")
    await admin.press("Audience")
    await admin.press("Language: any")
    await admin.press("Language: English")
    await admin.wait_for("Reaches 1 chat,")
    await admin.press("Language: 简体中文")
    await admin.press("Active at any time")
    await admin.wait_for("reaches nobody")
    await admin.press("Back")
    await admin.press("Send to 0 chats")
    assert "reaches nobody" in admin.alert
    await admin.press("Audience")
    await mei.say("/id")
    await mei.wait_for("你的 Telegram id")
    await admin.press("Active in the last 7 days")
    await admin.press("Everybody")
    await admin.press("People, groups and channels")
    await admin.wait_for("Reaches 2 chats")
    await admin.press("People only")
    await admin.wait_for("Reaches 1 chat,")
    await admin.press("Back")
    await admin.wait_for("To: groups and channels")
    await send(admin, harness)
    await robin.wait_for("Hello", chat=group)
    assert not any(text == "Hello" for text in [*await robin.texts(), *await mei.texts()])


async def test_a_list_of_ids_names_strangers(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    kim = await harness.subscriber("Kim")
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Audience")
    await admin.press("List of ids")
    await admin.say("12 x")
    await admin.wait_for("is no Telegram id")
    await admin.say(f"{robin.id}, 777")
    await admin.wait_for("I have never met these: 777")
    await admin.wait_for("To: 2 chats of a list")
    await send(admin, harness)
    await got(robin, "Hello")
    assert "Hello" not in await kim.texts()


async def test_silent_and_pinned(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Shh")
    await admin.press("With sound")
    await admin.press("Not pinned")
    assert {"🔕 Silent", "📌 Pinned"} <= set(labels(await admin.wait_for("Announcement 1")))
    await send(admin, harness)
    message = await got(robin, "Shh")
    assert message["silent"]
    assert message["pinned"]


async def test_later_at_a_moment(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Later")
    await admin.press("When")
    await admin.press("At a date")
    await admin.say("2020-01-01 10:00")
    await admin.wait_for("is past already")
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
    await got(robin, "Later")
    await admin.wait_for("The announcement is out")


async def test_a_scheduled_one_can_be_cancelled(harness: BotHarness) -> None:
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


async def test_on_each_chats_own_clock(harness: BotHarness) -> None:
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
    await got(robin, "Good morning")
    assert "Good morning" not in await mei.texts()
    report = await admin.wait_for("On its way")
    assert "The last ones get it 7 Jun 00:00 (UTC)" in report["text"]
    await harness.move_to(datetime(2026, 6, 7, 0, 0, 1, tzinfo=UTC))
    await got(mei, "Good morning")
    await admin.wait_for("The announcement is out")


async def test_quiet_hours_are_kept_unless_the_admin_chooses_otherwise(harness: BotHarness) -> None:
    robin, kim = await harness.subscriber("Robin"), await harness.subscriber("Kim")
    await robin.say("/quiet 06:00-09:00")
    await robin.wait_for("next: today 09:00")
    admin = await harness.admin()
    await admin.say("/announce Good morning")
    card = await admin.wait_for("Announcement 1")
    assert "1 chat has quiet hours then and gets it when they end" in card["text"]
    await send(admin, harness)
    await got(kim, "Good morning")
    report = await admin.wait_for("1 of 2 chats")
    assert "The last ones get it 6 Jun 09:00 (UTC)" in report["text"]
    assert "Good morning" not in await robin.texts()
    await harness.move_to(datetime(2026, 6, 6, 9, 0, tzinfo=UTC))
    assert not (await got(robin, "Good morning"))["silent"]
    await admin.wait_for("The announcement is out")
    await robin.say("/quiet 08:00-12:00")
    await robin.wait_for("next: today 12:00")
    await admin.say("/announce Fire in the house")
    await admin.press("When")
    await admin.press("In quiet hours too, without a sound")
    await admin.press("Back")
    await admin.wait_for("Chats with quiet hours get it without a sound")
    await send(admin, harness)
    assert (await got(robin, "Fire in the house"))["silent"]
    assert not (await got(kim, "Fire in the house"))["silent"]


@pytest.fixture
async def paying_stage(tmp_path: Path) -> AsyncIterator[BotHarness]:
    async with open_stage(tmp_path, telegram={"paid_announcements": True}) as opened:
        await opened.publish("News")
        yield opened


async def test_one_announcement_can_be_paid_for_and_its_cost_is_shown_first(paying_stage: BotHarness) -> None:
    harness = paying_stage
    admin = await harness.admin()
    await add_chats(harness, 45)
    await admin.say("/announce Hello")
    card = await admin.wait_for("Announcement 1")
    assert "Stars" not in card["text"]
    assert "in about 2 s" in card["text"]
    await admin.press("Normal speed")
    card = await admin.wait_for("It costs up to 4.5 Stars")
    assert "in about 1 s" in card["text"]
    await admin.press("Send to 45 chats")
    await admin.wait_for("It costs up to 4.5 Stars")
    await admin.press("Yes, send it")
    await harness.tick()
    await admin.wait_for("The announcement is out")
    assert harness.simulator.world.ledger.paid == 45
    await admin.say("/announce Free again")
    await send(admin, harness)
    await admin.wait_for("The announcement is out")
    assert harness.simulator.world.ledger.paid == 45


async def test_without_the_operators_leave_nothing_is_paid_for(harness: BotHarness) -> None:
    await add_chats(harness, 3)
    admin = await harness.admin()
    await admin.say("/announce Hello")
    card = await admin.wait_for("Announcement 1")
    assert not any("Stars" in label or "free rate" in label for label in labels(card))


async def test_a_test_goes_to_admins_only(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Test send")
    await admin.press("To me and 1 other admin")
    assert "2 of 2" in admin.alert
    await kim.wait_for("Hello")
    assert "Hello" not in await robin.texts()


async def test_two_admins_have_their_own_drafts(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce From Ada")
    await admin.wait_for("Announcement 1")
    await kim.say("/announce From Kim")
    await kim.wait_for("Announcement 2")
    await kim.say("/announcements")
    await kim.press("№ 1")
    await kim.wait_for("A draft of Ada")
    await kim.press("Take it over")
    await kim.wait_for("Announcement 1")
    await admin.press("With sound")
    assert "Kim’s now" in admin.alert
    await send(kim, harness)
    await got(robin, "From Ada")


async def test_one_admin_is_told_that_another_is_sending(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    await add_chats(harness, 3)
    admin = await harness.admin()
    await admin.say("/announce From Ada")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await kim.say("/announce From Kim")
    await kim.press("Send to 3 chats")
    asked = await kim.wait_for("Send to 3 chats?")
    assert "Ada is sending “From Ada” just now (3 chats to go)" in asked["text"]
    await kim.press("Back")
    await harness.tick()


async def test_of_two_open_reports_one_counts_and_the_other_says_of_when_it_is(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    await add_chats(harness, 3)
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await admin.wait_for("On its way")
    await kim.say("/announcements")
    await kim.press("№ 1")
    assert "As it stood" not in (await kim.wait_for("0 of 3 chats"))["text"]
    left = await admin.wait_for("As it stood on 6 Jun 07:30")
    assert labels(left) == ["🔄 Refresh", "⏸ Pause", "⏹ Cancel"]
    await harness.tick()
    await kim.wait_for("The announcement is out")
    assert "0 of 3 chats" in (await admin.wait_for("As it stood"))["text"]
    await admin.press("Refresh")
    refreshed = await admin.wait_for("The announcement is out")
    assert "As it stood" not in refreshed["text"]
    assert "Refresh" not in str(labels(refreshed))
    assert labels(await kim.wait_for("As it stood"))[0] == "🔄 Refresh"


async def test_an_editors_report_can_be_refreshed(harness: BotHarness) -> None:
    """Who sent it as an admin and is an editor now still sees what came of it."""
    kim = await second_admin(harness)
    await add_chats(harness, 3)
    await kim.say("/announce Hello")
    await kim.press("Send to 3 chats")
    await kim.press("Yes, send it")
    admin = await harness.admin()
    await admin.say(f"/grant {SECOND_ADMIN} editor")
    await admin.wait_for("Kim is now: editor")
    await kim.say("/announcements")
    await kim.press("№ 1")
    assert labels(await kim.wait_for("As it stood")) == ["🔄 Refresh"]
    await harness.tick()
    await kim.press("Refresh")
    assert "3 of 3 chats" in (await kim.wait_for("As it stood"))["text"]


async def test_a_restart_in_the_middle_of_drafting(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Buttons")
    await harness.restart()
    await admin.say("More = https://example.com/")
    await admin.wait_for("Buttons: More")
    await harness.restart()
    await send(admin, harness)
    assert (await got(robin, "Hello"))["buttons"]


async def test_a_draft_left_lying_is_offered_again(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.wait_for("Announcement 1")
    await admin.say("/announce")
    await admin.press("Go on with “Hello”")
    await admin.wait_for("Announcement 1")
    await admin.say("news")
    await admin.wait_for("News")


async def test_pause_resume_and_cancel_take_effect_at_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as harness:
        await harness.publish("News")
        admin = await harness.admin()
        await add_chats(harness, 240)
        await admin.say("/announce Hello")
        await admin.press("Send to 240 chats")
        await admin.press("Yes, send it")
        before = accepted(harness)
        work = await set_going(admin, harness)
        await asyncio.sleep(1)
        await harness.app.report()
        live = await admin.wait_for("a second; about")
        assert "░" in live["text"]

        await admin.press("Pause")
        pressed = monotonic()
        await work
        assert monotonic() - pressed < 2
        at_rest = accepted(harness)
        assert before < at_rest < before + 120
        await harness.tick()
        await harness.app.report()
        await admin.wait_for("Paused")

        await harness.restart()
        await harness.tick()
        assert accepted(harness) - at_rest <= 6  # the menus' messages aside, nothing leaves while it is paused
        sent = await counts(harness)
        await admin.press("Go on")
        work = await set_going(admin, harness)
        await asyncio.sleep(1)
        assert (await counts(harness))[DeliveryState.SENT] > sent[DeliveryState.SENT]

        await admin.press("Cancel")
        pressed = monotonic()
        await work
        assert monotonic() - pressed < 2
        await admin.wait_for("Cancel it?")
        await admin.press("Cancel the rest")
        await harness.tick()
        report = await admin.wait_for("Cancelled")
        done = await counts(harness)
        assert done[DeliveryState.SENT] + done[DeliveryState.CANCELLED] == 240
        assert f"sent: {done[DeliveryState.SENT]}" in report["text"]
        assert f"not sent: {done[DeliveryState.CANCELLED]}" in report["text"]
        ledger = harness.simulator.world.ledger.accepted
        assert sum(ledger[chat] for chat in range(20_000, 20_240)) == done[DeliveryState.SENT]
        assert max(ledger[chat] for chat in range(20_000, 20_240)) == 1


async def counts(harness: BotHarness, number: int = 1) -> dict[DeliveryState, int]:
    return await harness.app.stores.deliveries.progress(number)  # type: ignore[arg-type]


async def test_a_restart_in_the_middle_of_sending(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 60)
    await admin.say("/announce Hello")
    await admin.press("Send to 60 chats")
    await admin.press("Yes, send it")
    work = await set_going(admin, harness)
    await asyncio.sleep(0.7)
    harness.app.parts.delivery_worker.stop()
    await work
    assert 0 < (await counts(harness))[DeliveryState.SENT] < 60
    await harness.restart()
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "60 of 60 chats" in report["text"]
    ledger = harness.simulator.world.ledger.accepted
    assert [ledger[chat] for chat in range(20_000, 20_060)] == [1] * 60


async def test_it_pauses_itself_when_too_much_fails(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    admin = await harness.admin()
    await add_chats(harness, 130)
    for chat in range(20_000, 20_060):
        await admin.fault("refuse", method="sendMessage", chat=chat, code=400, description="Bad Request: ODD")
    await admin.say("/announce Hello")
    await admin.press("Send to 130 chats")
    await admin.press("Yes, send it")
    work = await set_going(admin, harness)
    while (await counts(harness)).get(DeliveryState.FAILED, 0) < 25:
        await asyncio.sleep(0.05)
    await harness.app.enforce()
    await work
    for one in (admin, kim):
        told = await one.wait_for("Announcement 1 paused itself")
        assert "Too many failed: Odd" in told["text"]
    assert (await counts(harness))[DeliveryState.PAUSED] > 0
    # It goes on when it is told to, and what failed before is not held against it.
    await admin.press("Go on")
    harness.simulator.world.faults.clear()
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "130 of 130 chats" in report["text"]


async def test_who_blocked_the_bot_does_not_pause_it(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 40)
    await admin.say("/announce Hello")
    await admin.press("Send to 40 chats")
    await admin.press("Yes, send it")
    await admin.fault("refuse", method="sendMessage", times=40)
    await harness.app.parts.delivery_worker.deliver_due()
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "could not be reached: 40" in report["text"]
    assert "blocked the bot: 40" in report["text"]


async def test_an_edit_reaches_every_copy(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    mei = await harness.subscriber("Mei", "zh-hans")
    admin = await harness.admin()
    await admin.say("/announce Helo")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.say("你好")
    await admin.wait_for("Texts:")
    await send(admin, harness)
    await admin.wait_for("The announcement is out")
    await admin.press("Edit")
    await admin.press("Default text")
    await admin.say("Hello!")
    asked = await admin.wait_for("So it will read")
    assert "1 copy" in asked["text"]
    # What was asked for has come: that message is the report again.
    await admin.wait_for("The announcement is out")
    assert not any("Send me the new text" in one for one in await admin.texts())
    await harness.restart()
    await admin.press("Yes, change it")
    await harness.tick()
    done = await admin.wait_for("The copies are changed")
    assert "changed: 1" in done["text"]
    assert (await robin.wait_for("Hello!"))["edited"]
    assert "你好" in await mei.texts()
    # Once more: the text before the last one is known by its language.
    await admin.press("Show the report")
    await admin.press("Edit")
    await admin.press("Default text")
    await admin.say("Hello again!")
    await admin.press("Yes, change it")
    await harness.tick()
    await robin.wait_for("Hello again!")


async def test_an_edit_in_a_pause_changes_what_is_still_to_come(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 60)
    await admin.say("/announce Helo")
    await admin.press("Send to 60 chats")
    await admin.press("Yes, send it")
    work = await set_going(admin, harness)
    await asyncio.sleep(0.7)
    await admin.press("Pause")
    await work
    await admin.press("Edit")
    await admin.say("Hello!")
    await admin.press("Yes, change it")
    await harness.tick()
    await admin.wait_for("The copies are changed")
    await admin.press("Show the report")
    await admin.press("Go on")
    await harness.tick()
    await harness.tick()
    texts = [
        message.text
        for chat in range(20_000, 20_060)
        for message in harness.simulator.world.chats[chat].messages.values()
    ]
    assert texts == ["Hello!"] * 60


async def test_it_is_taken_back_within_two_days(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    admin = await harness.admin()
    await admin.say("/announce Oops")
    await send(admin, harness)
    await got(robin, "Oops")
    await admin.wait_for("The announcement is out")
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await harness.tick()
    assert "deleted: 1" in (await admin.wait_for("Taken back"))["text"]
    assert "Oops" not in await robin.texts()
    await admin.press("Show the report")
    report = await admin.wait_for("The announcement was taken back")
    assert labels(report) == ["📄 Outcomes as CSV"]
    await admin.say("/announcements")
    await admin.wait_for("· taken back")


async def test_after_two_days_it_says_that_it_was_withdrawn(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    mei = await harness.subscriber("Mei", "zh-hans")
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.send_photo("Oops")
    await admin.wait_for("Announcement 1")
    await send(admin, harness)
    await got(robin, "Oops")
    await admin.wait_for("The announcement is out")
    harness.clock.move(timedelta(hours=48, minutes=1))
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await harness.tick()
    assert "now say “withdrawn”: 2" in (await admin.wait_for("Taken back"))["text"]
    await robin.wait_for("This announcement was withdrawn.")
    await mei.wait_for("这条公告已撤回。")


async def test_a_copy_that_lost_its_picture_is_changed_all_the_same(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.send_photo("Helo")
    await admin.wait_for("Announcement 1")
    await admin.fault(
        "refuse", method="sendPhoto", chat=robin.id, code=400, description="Bad Request: IMAGE_PROCESS_FAILED"
    )
    await send(admin, harness)
    assert not (await got(robin, "Helo")).get("photo")
    await admin.wait_for("The announcement is out")
    await admin.press("Edit")
    await admin.say("Hello!")
    await admin.press("Yes, change it")
    await harness.tick()
    await robin.wait_for("Hello!")
    harness.clock.move(timedelta(hours=49))
    await admin.say("/announcements")
    await admin.press("№ 1 ·")
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await harness.tick()
    await robin.wait_for("This announcement was withdrawn.")


async def test_what_failed_or_is_uncertain_is_sent_again(harness: BotHarness) -> None:
    readers = [await harness.subscriber(name) for name in ("Robin", "Kim", "Sasha")]
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await admin.fault("cut_after", method="sendMessage", chat=readers[0].id)
    await admin.fault("refuse", method="sendMessage", chat=readers[1].id, code=400, description="Bad Request: ODD")
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "uncertain: no answer came: 1" in report["text"]
    assert "Odd: 1" in report["text"]
    await admin.press("Send again to 2 chats")
    asked = await admin.wait_for("Send it again to 2 chats?")
    assert "failed: 1 · uncertain: 1" in asked["text"]
    await admin.press("Yes, send it")
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "sent: 3" in report["text"]
    assert [(await reader.texts()).count("Hello") for reader in readers] == [2, 1, 1]


async def test_outcomes_as_a_file(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await send(admin, harness)
    await admin.wait_for("The announcement is out")
    await admin.press("CSV")
    message = await admin.wait_for(lambda one: bool(one.get("document")))
    assert message["document"]["file_name"] == "announcement-1.csv"
    file = harness.simulator.world.files.get(message["document"]["file_id"])
    assert file is not None
    (row,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    assert (row["chat"], row["outcome"], row["language"]) == (str(robin.id), "sent", "en")


async def test_a_list_of_announcements(harness: BotHarness) -> None:
    await harness.subscriber("Robin")
    admin = await harness.admin()
    await admin.say("/announcements")
    await admin.wait_for("There are no announcements yet")
    for number in range(10):
        draft = await harness.app.stores.announcements.draft(ADMIN, f"Text {number}", None, [], NOW)
        if number < 9:
            await harness.app.stores.announcements.confirm(draft.id, NOW, by=ADMIN)
    await harness.tick()
    await admin.say("/announcements")
    listed = (await admin.wait_for("Announcements"))["text"]
    assert "№ 10" in listed
    assert "draft" in listed
    assert "1 of 1 sent" in listed
    await admin.press("›")
    await admin.press("№ 1 ·")
    await admin.wait_for("The announcement is out")


async def test_from_the_command_line_copies_are_changed_and_taken_back(
    harness: BotHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the commands store, the running bot does."""
    robin = await harness.subscriber("Robin")
    settings, stores = harness.settings, harness.app.stores

    async def do_it() -> None:
        # Commands go by the machine's clock.
        await harness.until(lambda: begun(harness))
        harness.clock.move(datetime.now(UTC) + timedelta(minutes=1) - harness.clock.now())
        await harness.tick()

    harness.clock.move(datetime.now(UTC) - harness.clock.now())
    draft = await stores.announcements.draft(ADMIN, "Helo", None, [], harness.clock.now())
    await stores.announcements.confirm(draft.id, harness.clock.now(), by=ADMIN)
    await harness.tick()
    await got(robin, "Helo")
    editing = asyncio.create_task(commands._edit(settings, draft.id, commands.NewText("Hello!"), wait=True))
    await do_it()
    await editing
    await got(robin, "Hello!")
    recalling = asyncio.create_task(commands._recall(settings, draft.id, wait=True))
    await do_it()
    await recalling
    assert "Hello!" not in await robin.texts()
    said = capsys.readouterr().out
    assert "edit of 1 copies begun" in said
    assert "edited: 1" in said
    assert "deleted: 1" in said
    await commands._outcomes(settings, draft.id)
    assert f"{robin.id},,private,en,sent" in capsys.readouterr().out


async def test_taking_back_what_has_not_gone_yet_keeps_it_from_going(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    announcements = harness.app.stores.announcements
    draft = await announcements.draft(ADMIN, "Too soon", None, [], harness.clock.now())
    await announcements.confirm(draft.id, harness.clock.now(), by=ADMIN)
    await harness.app.parts.broadcaster.plan_confirmed(harness.clock.now())
    with pytest.raises(NotFound, match="no copy to take back"):
        await commands._recall(harness.settings, draft.id, wait=False)
    assert (await announcements.get(draft.id)).state is AnnouncementState.CANCELLED
    await harness.tick()
    assert "Too soon" not in await robin.texts()


async def begun(harness: BotHarness) -> bool:
    return bool(await harness.app.stores.copy_changes.open())


async def test_in_a_group_admins_are_asked_to_come_to_the_private_chat(harness: BotHarness) -> None:
    admin = await harness.admin()
    group = await admin.found_group("The club")
    await admin.add_bot(group)
    await admin.say("/announce Hello", chat=group)
    await admin.wait_for("private chat", chat=group)
    for command in ("/announcements", "/admins", "/audit", "/grant 5 admin", "/revoke 5"):
        await admin.say(command, chat=group)
        await admin.wait_for("Please do that in our private chat", chat=group)


async def test_what_is_shown_last_is_how_it_stands(harness: BotHarness) -> None:
    """The edit that shows "on its way" is slow to arrive; meanwhile it has come to its end."""
    admin = await harness.admin()
    await add_chats(harness, 3)
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await admin.press("Pause")
    await admin.wait_for("Paused")
    await admin.fault("slow", method="editMessageText", seconds=1)
    pressed = asyncio.create_task(admin.press("Go on"))

    async def goes_on() -> bool:
        (one,) = await harness.app.stores.announcements.sending()
        return one.state is AnnouncementState.SENDING

    await harness.until(goes_on)
    await harness.tick()
    await pressed
    await asyncio.sleep(1.2)
    assert "The announcement is out" in (await admin.messages())[-1]["text"]


async def test_a_question_stays_though_counts_change(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 3)
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await admin.wait_for("On its way")
    await harness.app.parts.delivery_worker.deliver_due()
    await admin.press("Pause")
    await admin.press("Take back")
    await harness.tick()
    await admin.wait_for("Take it back from 3 chats?")
    await admin.press("Back")
    await admin.wait_for("The announcement is out")


async def test_with_a_clock_that_runs_it_goes_by_itself_at_once(tmp_path: Path) -> None:
    """The whole program as it really runs: its own jobs, its own clock, Telegram's rates."""
    simulator = Simulator(TOKEN, strict_rates=True)
    await simulator.start()
    harness = BotHarness(tmp_path, simulator, telegram={"chat_rate": 1})
    harness.app = App(harness.settings, SystemClock())
    try:
        await harness.start(scheduled=True)
        await harness.publish("News")
        admin = await harness.admin()
        await add_chats(harness, 45)
        await admin.say("/announce Hello")
        await admin.press("Send to 45 chats")
        pressed = monotonic()
        await admin.press("Yes, send it")
        await admin.wait_for("On its way")
        await admin.press("Pause")
        await admin.wait_for("Paused")
        await admin.press("Go on")
        await admin.wait_for("The announcement is out", 15)
        assert monotonic() - pressed < 9
        await admin.press("Take back")
        await admin.press("Yes, take it back")
        await admin.wait_for("deleted: 45", 15)
        assert simulator.world.ledger.floods == 0
        assert_liked(simulator)
    finally:
        await harness.close()
        await simulator.stop()


@pytest.mark.parametrize("kind", ["text", "photo", "album"])
async def test_a_preview_is_what_a_reader_gets(harness: BotHarness, kind: str) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    if kind == "text":
        await admin.say("Hello <you>", entities=[{"type": "bold", "offset": 0, "length": 5}])
        await admin.press("Buttons")
        await admin.say("Read more = https://example.com/")
    elif kind == "photo":
        await admin.send_photo("Hello")
    else:
        await admin.send_album(3, "Hello")
    await admin.wait_for("Announcement 1")
    await send(admin, harness)
    await got(robin, "Hello")
    fields = ("text", "caption", "photo", "media", "parse_mode", "reply_markup", "link_preview_options")
    shown, came = (
        [
            (call.method, {name: call.parameters.get(name) for name in fields})
            for call in harness.simulator.world.ledger.calls
            if call.parameters.get("chat_id") == person.id
            and "Hello" in str(call.parameters)
            and call.ok
            and call.method in ("sendMessage", "sendPhoto", "sendMediaGroup")
        ]
        for person in (admin, robin)
    )
    assert came[-1] in shown


async def test_a_preview_waits_for_telegram(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    harness.simulator.world.faults.add(Fault("flood", method="sendPhoto", seconds=1))
    await admin.send_photo("Hello")
    await admin.wait_for("Announcement 1")
    assert harness.simulator.world.ledger.floods == 1


async def test_a_preview_that_telegram_refuses_is_told(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    harness.simulator.world.faults.add(Fault("refuse", method="sendPhoto", description="Bad Request: wrong file"))
    await admin.send_photo("Hello")
    await admin.wait_for("Wrong file")
