"""While it is sent: test copies, pause, resume and cancel, restarts, and the automatic pause."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from bot.process.app import App
from bot.runtime.clock import SystemClock
from bot.simulator.server import Simulator
from digests.model.delivery import DeliveryState
from tests.flow.announcing import add_chats, chat_ids, confirm, progress, second_admin, sent, start_sending
from tests.flow.harness import TOKEN, BotHarness, assert_liked
from tests.stalls import stopwatch
from tests.waiting import until


async def test_a_test_copy_goes_to_admins_only(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Test send")
    await admin.press("To me and 1 other admin")
    assert "2 of 2" in admin.alert
    await kim.wait_for("Hello")
    assert "Hello" not in await robin.texts()


async def test_an_admin_is_told_that_another_is_sending(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    await add_chats(harness, 3)
    admin = await harness.admin()
    await admin.say("/announce From Ada")
    await admin.press("Send to 3 chats")
    await confirm(admin)
    await kim.say("/announce From Kim")
    await kim.press("Send to 3 chats")
    asked = await kim.wait_for("Send to 3 chats?")
    assert "Ada is sending “From Ada” right now (3 chats to go)" in asked["text"]
    await kim.press("Back")
    await harness.tick()


async def test_pause_resume_and_cancel_take_effect_at_once(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 240)
    accepted = harness.simulator.world.ledger.accepted
    await admin.say("/announce Hello")
    await admin.press("Send to 240 chats")
    await confirm(admin)
    before = accepted.total()
    work = await start_sending(admin, harness)
    await until(lambda: accepted.total() > before + 25)
    await harness.app.work.report()
    live = await admin.wait_for("per second; about")
    assert "░" in live["text"]

    await admin.press("Pause")
    async with stopwatch() as watch:
        await work
        assert watch.seconds < 2
    at_rest = accepted.total()
    assert before < at_rest < before + 120
    await harness.tick()
    await harness.app.work.report()
    await admin.wait_for("Paused")

    await harness.restart()
    await harness.tick()
    assert accepted.total() - at_rest <= 6  # the menus' messages aside, nothing leaves while it is paused
    sent_before = await sent(harness)
    await admin.press("Resume")
    work = await start_sending(admin, harness)

    async def goes_on() -> bool:
        return await sent(harness) > sent_before

    await until(goes_on)

    await admin.press("Cancel")
    async with stopwatch() as watch:
        await work
        assert watch.seconds < 2
    await admin.wait_for("Cancel it?")
    await admin.press("Cancel the rest")
    await harness.tick()
    report = await admin.wait_for("Cancelled")
    done = await progress(harness)
    assert done[DeliveryState.SENT] + done[DeliveryState.CANCELLED] == 240
    assert f"sent: {done[DeliveryState.SENT]}" in report["text"]
    assert f"not sent: {done[DeliveryState.CANCELLED]}" in report["text"]
    assert sum(accepted[chat] for chat in chat_ids(240)) == done[DeliveryState.SENT]
    assert max(accepted[chat] for chat in chat_ids(240)) == 1


async def has_begun(harness: BotHarness) -> bool:
    return await sent(harness) > 0


async def test_a_restart_while_sending_sends_nothing_twice(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 60)
    await admin.say("/announce Hello")
    await admin.press("Send to 60 chats")
    await confirm(admin)
    work = await start_sending(admin, harness)
    await until(lambda: has_begun(harness))
    harness.app.parts.delivery_worker.stop()
    await work
    assert 0 < await sent(harness) < 60
    await harness.restart()
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "60 of 60 chats" in report["text"]
    ledger = harness.simulator.world.ledger.accepted
    assert [ledger[chat] for chat in chat_ids(60)] == [1] * 60


async def test_it_pauses_by_itself_when_too_much_fails(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    admin = await harness.admin()
    await add_chats(harness, 130)
    for chat in chat_ids(60):
        await admin.fault("refuse", method="sendMessage", chat=chat, code=400, description="Bad Request: ODD")
    await admin.say("/announce Hello")
    await admin.press("Send to 130 chats")
    await confirm(admin)
    work = await start_sending(admin, harness)

    async def has_failed_often() -> bool:
        return (await progress(harness)).get(DeliveryState.FAILED, 0) >= 25

    await until(has_failed_often, 20)
    await harness.app.work.enforce()
    await work
    for person in (admin, kim):
        notice = await person.wait_for("Announcement 1 was paused automatically")
        assert "Too many failed: Odd" in notice["text"]
    assert (await progress(harness))[DeliveryState.PAUSED] > 0
    # It resumes on request, and does not pause again because of what failed before.
    await admin.press("Resume")
    harness.simulator.world.faults.clear()
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "130 of 130 chats" in report["text"]


async def test_chats_that_blocked_the_bot_do_not_pause_it(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 40)
    await admin.say("/announce Hello")
    await admin.press("Send to 40 chats")
    await confirm(admin)
    await admin.fault("refuse", method="sendMessage", times=40)
    await harness.app.parts.delivery_worker.deliver_due()
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "could not be reached: 40" in report["text"]
    assert "blocked the bot: 40" in report["text"]


async def test_on_a_running_clock_it_is_sent_at_once(tmp_path: Path) -> None:
    """Run the whole program as operators do: its own jobs, its own clock, Telegram's rates."""
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
        await confirm(admin)
        await admin.press("Pause")
        await admin.wait_for("Paused")
        await admin.press("Resume")
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
