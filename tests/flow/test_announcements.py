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
from bot.simulator.person.driver import Shown
from bot.simulator.server import Simulator
from bot.simulator.state.faults import Fault
from digests.errors import NotFound
from digests.model.announcement import AnnouncementState
from digests.model.delivery import DeliveryState
from digests.model.place import PlaceKind
from digests.storage.places import Newcomer
from tests.factories.times import NOW
from tests.flow.reader import Reader, labels
from tests.flow.stage import ADMIN, TOKEN, Stage, assert_liked, open_stage

HOUR = timedelta(hours=1)
SECOND_ADMIN = 9002


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path) as opened:
        await opened.publish("News")
        yield opened


async def second_admin(stage: Stage, role: str = "admin") -> Reader:
    kim = await stage.reader("Kim", user_id=SECOND_ADMIN)
    await kim.say("/id")
    await kim.wait_for("Your Telegram id")
    owner = await stage.reader("Ada", user_id=ADMIN)
    await owner.say(f"/grant {SECOND_ADMIN} {role}")
    await owner.wait_for("is now")
    return kim


async def crowd(stage: Stage, count: int, **changed: Any) -> None:
    """Chats that have subscribed, by the short way."""
    await stage.app.bot.get_me()
    reader = stage.people[0] if stage.people else await stage.reader("Pat")
    await reader.post("/sim/people", count=count, first_id=20_000)
    ids = await stage.app.rooms.categories.tree()
    science = next(one.id for one in ids if one.name == "Science")
    values = {"kind": PlaceKind.PRIVATE, "title": "R", "language": "en", "time": "08:00", "timezone": "UTC"} | changed
    newcomers = [
        (Newcomer(chat_id=number, thread_id=0, **values), frozenset({science}), NOW + timedelta(days=9))
        for number in range(20_000, 20_000 + count)
    ]
    await stage.app.rooms.places.bring(newcomers, NOW)


async def send(admin: Reader, stage: Stage) -> None:
    await admin.press("Send to")
    await admin.press("Yes, send it")
    await stage.tick()


async def got(reader: Reader, text: str) -> Shown:
    return await reader.wait_for(text)


async def set_going(admin: Reader, stage: Stage) -> asyncio.Task[int]:
    """What a scheduled bot does by itself, once the announcement is planned."""
    await admin.wait_for("On its way")
    return asyncio.create_task(stage.app.house.courier.deliver_due())


def accepted(stage: Stage) -> int:
    return stage.simulator.world.ledger.accepted.total()


async def test_each_reader_gets_the_text_of_his_language(stage: Stage) -> None:
    robin = await stage.subscriber("Robin", "en")
    mei = await stage.subscriber("Mei", "zh-hans")
    admin = await stage.admin()
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
    await stage.tick()
    await got(robin, "Hello")
    assert (await got(mei, "你好"))["entities"][0]["type"] == "bold"
    assert not any("你好" in text for text in await robin.texts())
    await admin.wait_for("The announcement is out")


async def test_a_languages_text_can_be_removed_again(stage: Stage) -> None:
    mei = await stage.subscriber("Mei", "zh-hans")
    admin = await stage.admin()
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
    await send(admin, stage)
    await got(mei, "Hello")


async def test_a_document_with_buttons(stage: Stage) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
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
    await send(admin, stage)
    message = await got(robin, "The plan")
    assert message["document"]["file_name"] == "plan.pdf"
    assert [row[0]["url"] for row in message["buttons"]] == ["https://example.com/a?b=c", "https://forum.example/"]


async def test_buttons_can_be_taken_off(stage: Stage) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
    await admin.say("/announce Hello")
    await admin.press("Buttons")
    await admin.say("More = https://example.com/")
    await admin.wait_for("Buttons: More")
    await admin.press("Buttons")
    await admin.press("Remove all")
    await send(admin, stage)
    assert (await got(robin, "Hello"))["buttons"] == []


async def test_an_album_comes_whole_and_is_taken_back_whole(stage: Stage) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.send_album(3, "Three pictures")
    await admin.wait_for("Announcement 1")
    assert len([one for one in await admin.messages() if one.get("media_group_id") and not one["outgoing"]]) == 3
    await admin.press("Buttons")
    await admin.say("More = https://example.com/")
    assert "no buttons" in (await admin.wait_for("Announcement 1"))["text"]
    await send(admin, stage)
    await got(robin, "Three pictures")
    album = [one for one in await robin.messages() if one.get("media_group_id")]
    assert [bool(one.get("caption")) for one in album] == [True, False, False]
    await admin.wait_for("The announcement is out")
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await stage.tick()
    await admin.wait_for("Taken back")
    assert not [one for one in await robin.messages() if one.get("media_group_id")]


async def test_a_forwarded_message_is_copied_and_withdrawn(stage: Stage) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.say("Somebody's own words", forwarded_from="Somebody")
    await admin.wait_for("Announcement 1")
    await send(admin, stage)
    message = await got(robin, "Somebody's own words")
    assert "forward_origin" not in message
    assert stage.simulator.world.ledger.methods["copyMessage"] >= 2
    await admin.wait_for("The announcement is out")
    await admin.press("Edit")
    assert "can't be changed" in admin.alert
    stage.clock.move(timedelta(hours=49))
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await stage.tick()
    await admin.wait_for("now say “withdrawn”: 1")


async def test_what_cannot_be_sent_on_is_said(stage: Stage) -> None:
    admin = await stage.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.say("x" * 4090)
    await admin.wait_for("Announcement 1")
    await admin.press("Discard")
    await admin.press("Back")
    await admin.press("Discard")
    await admin.press("Yes, discard it")
    await admin.wait_for("nobody got it")


async def test_an_audience_is_made_of_conditions(stage: Stage) -> None:
    robin = await stage.subscriber("Robin", "en")
    mei = await stage.subscriber("Mei", "zh-hans")
    group = await robin.found_group("The club", kind="supergroup")
    await robin.add_bot(group)
    await robin.say("/subscribe Science", chat=group)
    await robin.wait_for("You now follow", chat=group)
    stage.clock.move(timedelta(days=8))
    admin = await stage.admin()
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
    await send(admin, stage)
    await robin.wait_for("Hello", chat=group)
    assert not any(text == "Hello" for text in [*await robin.texts(), *await mei.texts()])


async def test_a_list_of_ids_names_strangers(stage: Stage) -> None:
    robin = await stage.subscriber("Robin")
    kim = await stage.subscriber("Kim")
    admin = await stage.admin()
    await admin.say("/announce Hello")
    await admin.press("Audience")
    await admin.press("List of ids")
    await admin.say("12 x")
    await admin.wait_for("is no Telegram id")
    await admin.say(f"{robin.id}, 777")
    await admin.wait_for("I have never met these: 777")
    await admin.wait_for("To: 2 chats of a list")
    await send(admin, stage)
    await got(robin, "Hello")
    assert "Hello" not in await kim.texts()


async def test_silent_and_pinned(stage: Stage) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
    await admin.say("/announce Shh")
    await admin.press("With sound")
    await admin.press("Not pinned")
    assert {"🔕 Silent", "📌 Pinned"} <= set(labels(await admin.wait_for("Announcement 1")))
    await send(admin, stage)
    message = await got(robin, "Shh")
    assert message["silent"]
    assert message["pinned"]


async def test_later_at_a_moment(stage: Stage) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
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
    await stage.tick()
    assert "Later" not in await robin.texts()
    await admin.press("Change it")
    await admin.wait_for("Announcement 1")
    await admin.press("Schedule for 1 chat")
    await admin.press("Yes, schedule it")
    await stage.move_to(datetime(2026, 6, 6, 10, 0, 1, tzinfo=UTC))
    await got(robin, "Later")
    await admin.wait_for("The announcement is out")


async def test_a_scheduled_one_can_be_cancelled(stage: Stage) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
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
    await stage.move_to(NOW + 9 * HOUR)
    assert "Later" not in await robin.texts()


async def test_on_each_chats_own_clock(stage: Stage) -> None:
    """08:00 comes to Shanghai eight hours before it comes to London's winter, and so does the text."""
    robin = await stage.subscriber("Robin")
    mei = await stage.subscriber("Mei")
    await mei.say("/timezone Asia/Shanghai")
    await mei.wait_for("Asia/Shanghai")
    admin = await stage.admin()
    await admin.say("/announce Good morning")
    await admin.press("When")
    await admin.press("08:00")
    await admin.press("Back")
    await admin.wait_for("the next 08:00, each chat’s local time")
    await admin.press("Schedule for 2 chats")
    await admin.press("Yes, schedule it")
    # It is 07:30 in UTC, 15:30 in Shanghai.
    await stage.move_to(datetime(2026, 6, 6, 8, 0, 1, tzinfo=UTC))
    await got(robin, "Good morning")
    assert "Good morning" not in await mei.texts()
    report = await admin.wait_for("On its way")
    assert "The last ones get it 7 Jun 00:00 (UTC)" in report["text"]
    await stage.move_to(datetime(2026, 6, 7, 0, 0, 1, tzinfo=UTC))
    await got(mei, "Good morning")
    await admin.wait_for("The announcement is out")


async def test_quiet_hours_are_kept_unless_the_admin_chooses_otherwise(stage: Stage) -> None:
    robin, kim = await stage.subscriber("Robin"), await stage.subscriber("Kim")
    await robin.say("/quiet 06:00-09:00")
    await robin.wait_for("next: today 09:00")
    admin = await stage.admin()
    await admin.say("/announce Good morning")
    card = await admin.wait_for("Announcement 1")
    assert "1 chat has quiet hours then and gets it when they end" in card["text"]
    await send(admin, stage)
    await got(kim, "Good morning")
    report = await admin.wait_for("1 of 2 chats")
    assert "The last ones get it 6 Jun 09:00 (UTC)" in report["text"]
    assert "Good morning" not in await robin.texts()
    await stage.move_to(datetime(2026, 6, 6, 9, 0, tzinfo=UTC))
    assert not (await got(robin, "Good morning"))["silent"]
    await admin.wait_for("The announcement is out")
    await robin.say("/quiet 08:00-12:00")
    await robin.wait_for("next: today 12:00")
    await admin.say("/announce Fire in the house")
    await admin.press("When")
    await admin.press("In quiet hours too, without a sound")
    await admin.press("Back")
    await admin.wait_for("Chats with quiet hours get it without a sound")
    await send(admin, stage)
    assert (await got(robin, "Fire in the house"))["silent"]
    assert not (await got(kim, "Fire in the house"))["silent"]


@pytest.fixture
async def paying_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, telegram={"paid_announcements": True}) as opened:
        await opened.publish("News")
        yield opened


async def test_one_announcement_can_be_paid_for_and_its_cost_is_shown_first(paying_stage: Stage) -> None:
    stage = paying_stage
    admin = await stage.admin()
    await crowd(stage, 45)
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
    await stage.tick()
    await admin.wait_for("The announcement is out")
    assert stage.simulator.world.ledger.paid == 45
    await admin.say("/announce Free again")
    await send(admin, stage)
    await admin.wait_for("The announcement is out")
    assert stage.simulator.world.ledger.paid == 45


async def test_without_the_operators_leave_nothing_is_paid_for(stage: Stage) -> None:
    await crowd(stage, 3)
    admin = await stage.admin()
    await admin.say("/announce Hello")
    card = await admin.wait_for("Announcement 1")
    assert not any("Stars" in label or "free rate" in label for label in labels(card))


async def test_a_test_goes_to_admins_only(stage: Stage) -> None:
    kim = await second_admin(stage)
    robin = await stage.subscriber()
    admin = await stage.admin()
    await admin.say("/announce Hello")
    await admin.press("Test send")
    await admin.press("To me and 1 other admin")
    assert "2 of 2" in admin.alert
    await kim.wait_for("Hello")
    assert "Hello" not in await robin.texts()


async def test_two_admins_have_their_own_drafts(stage: Stage) -> None:
    kim = await second_admin(stage)
    robin = await stage.subscriber()
    admin = await stage.admin()
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
    await send(kim, stage)
    await got(robin, "From Ada")


async def test_one_admin_is_told_that_another_is_sending(stage: Stage) -> None:
    kim = await second_admin(stage)
    await crowd(stage, 3)
    admin = await stage.admin()
    await admin.say("/announce From Ada")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await kim.say("/announce From Kim")
    await kim.press("Send to 3 chats")
    asked = await kim.wait_for("Send to 3 chats?")
    assert "Ada is sending “From Ada” just now (3 chats to go)" in asked["text"]
    await kim.press("Back")
    await stage.tick()


async def test_of_two_open_reports_one_counts_and_the_other_says_of_when_it_is(stage: Stage) -> None:
    kim = await second_admin(stage)
    await crowd(stage, 3)
    admin = await stage.admin()
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await admin.wait_for("On its way")
    await kim.say("/announcements")
    await kim.press("№ 1")
    assert "As it stood" not in (await kim.wait_for("0 of 3 chats"))["text"]
    left = await admin.wait_for("As it stood on 6 Jun 07:30")
    assert labels(left) == ["🔄 Refresh", "⏸ Pause", "⏹ Cancel"]
    await stage.tick()
    await kim.wait_for("The announcement is out")
    assert "0 of 3 chats" in (await admin.wait_for("As it stood"))["text"]
    await admin.press("Refresh")
    refreshed = await admin.wait_for("The announcement is out")
    assert "As it stood" not in refreshed["text"]
    assert "Refresh" not in str(labels(refreshed))
    assert labels(await kim.wait_for("As it stood"))[0] == "🔄 Refresh"


async def test_an_editors_report_can_be_refreshed(stage: Stage) -> None:
    """Who sent it as an admin and is an editor now still sees what came of it."""
    kim = await second_admin(stage)
    await crowd(stage, 3)
    await kim.say("/announce Hello")
    await kim.press("Send to 3 chats")
    await kim.press("Yes, send it")
    admin = await stage.admin()
    await admin.say(f"/grant {SECOND_ADMIN} editor")
    await admin.wait_for("Kim is now: editor")
    await kim.say("/announcements")
    await kim.press("№ 1")
    assert labels(await kim.wait_for("As it stood")) == ["🔄 Refresh"]
    await stage.tick()
    await kim.press("Refresh")
    assert "3 of 3 chats" in (await kim.wait_for("As it stood"))["text"]


async def test_a_restart_in_the_middle_of_drafting(stage: Stage) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
    await admin.say("/announce Hello")
    await admin.press("Buttons")
    await stage.restart()
    await admin.say("More = https://example.com/")
    await admin.wait_for("Buttons: More")
    await stage.restart()
    await send(admin, stage)
    assert (await got(robin, "Hello"))["buttons"]


async def test_a_draft_left_lying_is_offered_again(stage: Stage) -> None:
    admin = await stage.admin()
    await admin.say("/announce Hello")
    await admin.wait_for("Announcement 1")
    await admin.say("/announce")
    await admin.press("Go on with “Hello”")
    await admin.wait_for("Announcement 1")
    await admin.say("news")
    await admin.wait_for("News")


async def test_pause_resume_and_cancel_take_effect_at_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.publish("News")
        admin = await stage.admin()
        await crowd(stage, 240)
        await admin.say("/announce Hello")
        await admin.press("Send to 240 chats")
        await admin.press("Yes, send it")
        before = accepted(stage)
        work = await set_going(admin, stage)
        await asyncio.sleep(1)
        await stage.app.reporter.report_all(stage.clock.now())
        live = await admin.wait_for("a second; about")
        assert "░" in live["text"]

        await admin.press("Pause")
        pressed = monotonic()
        await work
        assert monotonic() - pressed < 2
        at_rest = accepted(stage)
        assert before < at_rest < before + 120
        await stage.tick()
        await stage.app.reporter.report_all(stage.clock.now())
        await admin.wait_for("Paused")

        await stage.restart()
        await stage.tick()
        assert accepted(stage) - at_rest <= 6  # the menus' messages aside, nothing leaves while it is paused
        sent = await counts(stage)
        await admin.press("Go on")
        work = await set_going(admin, stage)
        await asyncio.sleep(1)
        assert (await counts(stage))[DeliveryState.SENT] > sent[DeliveryState.SENT]

        await admin.press("Cancel")
        pressed = monotonic()
        await work
        assert monotonic() - pressed < 2
        await admin.wait_for("Cancel it?")
        await admin.press("Cancel the rest")
        await stage.tick()
        report = await admin.wait_for("Cancelled")
        done = await counts(stage)
        assert done[DeliveryState.SENT] + done[DeliveryState.CANCELLED] == 240
        assert f"sent: {done[DeliveryState.SENT]}" in report["text"]
        assert f"not sent: {done[DeliveryState.CANCELLED]}" in report["text"]
        ledger = stage.simulator.world.ledger.accepted
        assert sum(ledger[chat] for chat in range(20_000, 20_240)) == done[DeliveryState.SENT]
        assert max(ledger[chat] for chat in range(20_000, 20_240)) == 1


async def counts(stage: Stage, number: int = 1) -> dict[DeliveryState, int]:
    return await stage.app.rooms.deliveries.progress(number)  # type: ignore[arg-type]


async def test_a_restart_in_the_middle_of_sending(stage: Stage) -> None:
    admin = await stage.admin()
    await crowd(stage, 60)
    await admin.say("/announce Hello")
    await admin.press("Send to 60 chats")
    await admin.press("Yes, send it")
    work = await set_going(admin, stage)
    await asyncio.sleep(0.7)
    stage.app.house.courier.stop()
    await work
    assert 0 < (await counts(stage))[DeliveryState.SENT] < 60
    await stage.restart()
    await stage.tick()
    report = await admin.wait_for("The announcement is out")
    assert "60 of 60 chats" in report["text"]
    ledger = stage.simulator.world.ledger.accepted
    assert [ledger[chat] for chat in range(20_000, 20_060)] == [1] * 60


async def test_it_pauses_itself_when_too_much_fails(stage: Stage) -> None:
    kim = await second_admin(stage)
    admin = await stage.admin()
    await crowd(stage, 130)
    for chat in range(20_000, 20_060):
        await admin.fault("refuse", method="sendMessage", chat=chat, code=400, description="Bad Request: ODD")
    await admin.say("/announce Hello")
    await admin.press("Send to 130 chats")
    await admin.press("Yes, send it")
    work = await set_going(admin, stage)
    while (await counts(stage)).get(DeliveryState.FAILED, 0) < 25:
        await asyncio.sleep(0.05)
    await stage.app.reporter.look_after_all(stage.clock.now())
    await work
    for one in (admin, kim):
        told = await one.wait_for("Announcement 1 paused itself")
        assert "Too many failed: Odd" in told["text"]
    assert (await counts(stage))[DeliveryState.HELD] > 0
    # It goes on when it is told to, and what failed before is not held against it.
    await admin.press("Go on")
    stage.simulator.world.faults.clear()
    await stage.tick()
    report = await admin.wait_for("The announcement is out")
    assert "130 of 130 chats" in report["text"]


async def test_who_blocked_the_bot_does_not_pause_it(stage: Stage) -> None:
    admin = await stage.admin()
    await crowd(stage, 40)
    await admin.say("/announce Hello")
    await admin.press("Send to 40 chats")
    await admin.press("Yes, send it")
    await admin.fault("refuse", method="sendMessage", times=40)
    await stage.app.house.courier.deliver_due()
    await stage.tick()
    report = await admin.wait_for("The announcement is out")
    assert "could not be reached: 40" in report["text"]
    assert "blocked the bot: 40" in report["text"]


async def test_an_edit_reaches_every_copy(stage: Stage) -> None:
    robin = await stage.subscriber("Robin")
    mei = await stage.subscriber("Mei", "zh-hans")
    admin = await stage.admin()
    await admin.say("/announce Helo")
    await admin.press("Text")
    await admin.press("简体中文")
    await admin.say("你好")
    await admin.wait_for("Texts:")
    await send(admin, stage)
    await admin.wait_for("The announcement is out")
    await admin.press("Edit")
    await admin.press("Default text")
    await admin.say("Hello!")
    asked = await admin.wait_for("So it will read")
    assert "1 copy" in asked["text"]
    # What was asked for has come: that message is the report again.
    await admin.wait_for("The announcement is out")
    assert not any("Send me the new text" in one for one in await admin.texts())
    await stage.restart()
    await admin.press("Yes, change it")
    await stage.tick()
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
    await stage.tick()
    await robin.wait_for("Hello again!")


async def test_an_edit_in_a_pause_changes_what_is_still_to_come(stage: Stage) -> None:
    admin = await stage.admin()
    await crowd(stage, 60)
    await admin.say("/announce Helo")
    await admin.press("Send to 60 chats")
    await admin.press("Yes, send it")
    work = await set_going(admin, stage)
    await asyncio.sleep(0.7)
    await admin.press("Pause")
    await work
    await admin.press("Edit")
    await admin.say("Hello!")
    await admin.press("Yes, change it")
    await stage.tick()
    await admin.wait_for("The copies are changed")
    await admin.press("Show the report")
    await admin.press("Go on")
    await stage.tick()
    await stage.tick()
    texts = [
        message.text
        for chat in range(20_000, 20_060)
        for message in stage.simulator.world.chats[chat].messages.values()
    ]
    assert texts == ["Hello!"] * 60


async def test_it_is_taken_back_within_two_days(stage: Stage) -> None:
    robin = await stage.subscriber("Robin")
    admin = await stage.admin()
    await admin.say("/announce Oops")
    await send(admin, stage)
    await got(robin, "Oops")
    await admin.wait_for("The announcement is out")
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await stage.tick()
    assert "deleted: 1" in (await admin.wait_for("Taken back"))["text"]
    assert "Oops" not in await robin.texts()
    await admin.press("Show the report")
    report = await admin.wait_for("The announcement was taken back")
    assert labels(report) == ["📄 Outcomes as CSV"]
    await admin.say("/announcements")
    await admin.wait_for("· taken back")


async def test_after_two_days_it_says_that_it_was_withdrawn(stage: Stage) -> None:
    robin = await stage.subscriber("Robin")
    mei = await stage.subscriber("Mei", "zh-hans")
    admin = await stage.admin()
    await admin.say("/announce")
    await admin.send_photo("Oops")
    await admin.wait_for("Announcement 1")
    await send(admin, stage)
    await got(robin, "Oops")
    await admin.wait_for("The announcement is out")
    stage.clock.move(timedelta(hours=48, minutes=1))
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await stage.tick()
    assert "now say “withdrawn”: 2" in (await admin.wait_for("Taken back"))["text"]
    await robin.wait_for("This announcement was withdrawn.")
    await mei.wait_for("这条公告已撤回。")


async def test_a_copy_that_lost_its_picture_is_changed_all_the_same(stage: Stage) -> None:
    robin = await stage.subscriber("Robin")
    admin = await stage.admin()
    await admin.say("/announce")
    await admin.send_photo("Helo")
    await admin.wait_for("Announcement 1")
    await admin.fault(
        "refuse", method="sendPhoto", chat=robin.id, code=400, description="Bad Request: IMAGE_PROCESS_FAILED"
    )
    await send(admin, stage)
    assert not (await got(robin, "Helo")).get("photo")
    await admin.wait_for("The announcement is out")
    await admin.press("Edit")
    await admin.say("Hello!")
    await admin.press("Yes, change it")
    await stage.tick()
    await robin.wait_for("Hello!")
    stage.clock.move(timedelta(hours=49))
    await admin.say("/announcements")
    await admin.press("№ 1 ·")
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await stage.tick()
    await robin.wait_for("This announcement was withdrawn.")


async def test_what_failed_or_is_uncertain_is_sent_again(stage: Stage) -> None:
    readers = [await stage.subscriber(name) for name in ("Robin", "Kim", "Sasha")]
    admin = await stage.admin()
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await admin.fault("cut_after", method="sendMessage", chat=readers[0].id)
    await admin.fault("refuse", method="sendMessage", chat=readers[1].id, code=400, description="Bad Request: ODD")
    await stage.tick()
    report = await admin.wait_for("The announcement is out")
    assert "uncertain: no answer came: 1" in report["text"]
    assert "Odd: 1" in report["text"]
    await admin.press("Send again to 2 chats")
    asked = await admin.wait_for("Send it again to 2 chats?")
    assert "failed: 1 · uncertain: 1" in asked["text"]
    await admin.press("Yes, send it")
    await stage.tick()
    report = await admin.wait_for("The announcement is out")
    assert "sent: 3" in report["text"]
    assert [(await reader.texts()).count("Hello") for reader in readers] == [2, 1, 1]


async def test_outcomes_as_a_file(stage: Stage) -> None:
    robin = await stage.subscriber("Robin")
    admin = await stage.admin()
    await admin.say("/announce Hello")
    await send(admin, stage)
    await admin.wait_for("The announcement is out")
    await admin.press("CSV")
    message = await admin.wait_for(lambda one: bool(one.get("document")))
    assert message["document"]["file_name"] == "announcement-1.csv"
    file = stage.simulator.world.files.get(message["document"]["file_id"])
    assert file is not None
    (row,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    assert (row["chat"], row["outcome"], row["language"]) == (str(robin.id), "sent", "en")


async def test_a_list_of_announcements(stage: Stage) -> None:
    await stage.subscriber("Robin")
    admin = await stage.admin()
    await admin.say("/announcements")
    await admin.wait_for("There are no announcements yet")
    for number in range(10):
        draft = await stage.app.rooms.announcements.draft(ADMIN, f"Text {number}", None, [], NOW)
        if number < 9:
            await stage.app.rooms.announcements.confirm(draft.id, NOW, by=ADMIN)
    await stage.tick()
    await admin.say("/announcements")
    listed = (await admin.wait_for("Announcements"))["text"]
    assert "№ 10" in listed
    assert "draft" in listed
    assert "1 of 1 sent" in listed
    await admin.press("›")
    await admin.press("№ 1 ·")
    await admin.wait_for("The announcement is out")


async def test_from_the_command_line_copies_are_changed_and_taken_back(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the commands store, the running bot does."""
    robin = await stage.subscriber("Robin")
    settings, rooms = stage.settings, stage.app.rooms

    async def do_it() -> None:
        # Commands go by the machine's clock.
        await stage.until(lambda: begun(stage))
        stage.clock.move(datetime.now(UTC) + timedelta(minutes=1) - stage.clock.now())
        await stage.tick()

    stage.clock.move(datetime.now(UTC) - stage.clock.now())
    draft = await rooms.announcements.draft(ADMIN, "Helo", None, [], stage.clock.now())
    await rooms.announcements.confirm(draft.id, stage.clock.now(), by=ADMIN)
    await stage.tick()
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


async def test_taking_back_what_has_not_gone_yet_keeps_it_from_going(stage: Stage) -> None:
    robin = await stage.subscriber("Robin")
    announcements = stage.app.rooms.announcements
    draft = await announcements.draft(ADMIN, "Too soon", None, [], stage.clock.now())
    await announcements.confirm(draft.id, stage.clock.now(), by=ADMIN)
    await stage.app.house.announcer.plan_confirmed(stage.clock.now())
    with pytest.raises(NotFound, match="no copy to take back"):
        await commands._recall(stage.settings, draft.id, wait=False)
    assert (await announcements.get(draft.id)).state is AnnouncementState.CANCELLED
    await stage.tick()
    assert "Too soon" not in await robin.texts()


async def begun(stage: Stage) -> bool:
    return bool(await stage.app.rooms.acts.open())


async def test_in_a_group_admins_are_asked_to_come_to_the_private_chat(stage: Stage) -> None:
    admin = await stage.admin()
    group = await admin.found_group("The club")
    await admin.add_bot(group)
    await admin.say("/announce Hello", chat=group)
    await admin.wait_for("private chat", chat=group)
    for command in ("/announcements", "/admins", "/audit", "/grant 5 admin", "/revoke 5"):
        await admin.say(command, chat=group)
        await admin.wait_for("Please do that in our private chat", chat=group)


async def test_what_is_shown_last_is_how_it_stands(stage: Stage) -> None:
    """The edit that shows "on its way" is slow to arrive; meanwhile it has come to its end."""
    admin = await stage.admin()
    await crowd(stage, 3)
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await admin.press("Pause")
    await admin.wait_for("Paused")
    await admin.fault("slow", method="editMessageText", seconds=1)
    pressed = asyncio.create_task(admin.press("Go on"))

    async def goes_on() -> bool:
        (one,) = await stage.app.rooms.announcements.sending()
        return one.state is AnnouncementState.SENDING

    await stage.until(goes_on)
    await stage.tick()
    await pressed
    await asyncio.sleep(1.2)
    assert "The announcement is out" in (await admin.messages())[-1]["text"]


async def test_a_question_stays_though_counts_change(stage: Stage) -> None:
    admin = await stage.admin()
    await crowd(stage, 3)
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await admin.press("Yes, send it")
    await admin.wait_for("On its way")
    await stage.app.house.courier.deliver_due()
    await admin.press("Pause")
    await admin.press("Take back")
    await stage.tick()
    await admin.wait_for("Take it back from 3 chats?")
    await admin.press("Back")
    await admin.wait_for("The announcement is out")


async def test_with_a_clock_that_runs_it_goes_by_itself_at_once(tmp_path: Path) -> None:
    """The whole program as it really runs: its own jobs, its own clock, Telegram's rates."""
    simulator = Simulator(TOKEN, strict_rates=True)
    await simulator.start()
    stage = Stage(tmp_path, simulator, telegram={"chat_rate": 1})
    stage.app = App(stage.settings, SystemClock())
    try:
        await stage.start(scheduled=True)
        await stage.publish("News")
        admin = await stage.admin()
        await crowd(stage, 45)
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
        await stage.close()
        await simulator.stop()


@pytest.mark.parametrize("kind", ["text", "photo", "album"])
async def test_a_preview_is_what_a_reader_gets(stage: Stage, kind: str) -> None:
    robin = await stage.subscriber()
    admin = await stage.admin()
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
    await send(admin, stage)
    await got(robin, "Hello")
    fields = ("text", "caption", "photo", "media", "parse_mode", "reply_markup", "link_preview_options")
    shown, came = (
        [
            (call.method, {name: call.parameters.get(name) for name in fields})
            for call in stage.simulator.world.ledger.calls
            if call.parameters.get("chat_id") == person.id
            and "Hello" in str(call.parameters)
            and call.ok
            and call.method in ("sendMessage", "sendPhoto", "sendMediaGroup")
        ]
        for person in (admin, robin)
    )
    assert came[-1] in shown


async def test_a_preview_waits_for_telegram(stage: Stage) -> None:
    admin = await stage.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    stage.simulator.world.faults.add(Fault("flood", method="sendPhoto", seconds=1))
    await admin.send_photo("Hello")
    await admin.wait_for("Announcement 1")
    assert stage.simulator.world.ledger.floods == 1


async def test_a_preview_that_telegram_refuses_is_told(stage: Stage) -> None:
    admin = await stage.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    stage.simulator.world.faults.add(Fault("refuse", method="sendPhoto", description="Bad Request: wrong file"))
    await admin.send_photo("Hello")
    await admin.wait_for("Wrong file")
