"""What an admin does to copies that are out: edit them, take them back, send failed ones again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.commands import announcements as commands
from digests.errors import NotFound
from digests.model.announcement import AnnouncementState
from tests.flow.announcing import add_chats, chat_ids, confirm, send, sent, start_sending
from tests.flow.harness import ADMIN, BotHarness
from tests.flow.reader import labels
from tests.waiting import until


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
    asked = await admin.wait_for("This is how it will read")
    assert "1 copy" in asked["text"]
    # The text has been received: the message that asked for it is the report again.
    await admin.wait_for("The announcement is out")
    assert not any("Send me the new text" in text for text in await admin.texts())
    await harness.restart()
    await admin.press("Yes, change it")
    await harness.tick()
    done = await admin.wait_for("The copies are changed")
    assert "changed: 1" in done["text"]
    assert (await robin.wait_for("Hello!"))["edited"]
    assert "你好" in await mei.texts()
    # A second edit finds the copies, whose text is no longer the original one, by their language.
    await admin.press("Show the report")
    await admin.press("Edit")
    await admin.press("Default text")
    await admin.say("Hello again!")
    await admin.press("Yes, change it")
    await harness.tick()
    await robin.wait_for("Hello again!")


async def test_an_edit_during_a_pause_changes_what_is_still_to_be_sent(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 60)
    await admin.say("/announce Helo")
    await admin.press("Send to 60 chats")
    await confirm(admin)
    work = await start_sending(admin, harness)

    async def has_begun() -> bool:
        return await sent(harness) > 0

    await until(has_begun)
    await admin.press("Pause")
    await work
    await admin.press("Edit")
    await admin.say("Hello!")
    await admin.press("Yes, change it")
    await harness.tick()
    await admin.wait_for("The copies are changed")
    await admin.press("Show the report")
    await admin.press("Resume")
    await harness.tick()
    await harness.tick()
    texts = [message.text for chat in chat_ids(60) for message in harness.simulator.world.chats[chat].messages.values()]
    assert texts == ["Hello!"] * 60


async def test_copies_are_deleted_within_two_days(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    admin = await harness.admin()
    await admin.say("/announce Oops")
    await send(admin, harness)
    await robin.wait_for("Oops")
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


async def test_older_copies_say_that_they_were_withdrawn(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    mei = await harness.subscriber("Mei", "zh-hans")
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.send_photo("Oops")
    await admin.wait_for("Announcement 1")
    await send(admin, harness)
    await robin.wait_for("Oops")
    await admin.wait_for("The announcement is out")
    harness.clock.move(timedelta(hours=48, minutes=1))
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await harness.tick()
    assert "now say “withdrawn”: 2" in (await admin.wait_for("Taken back"))["text"]
    await robin.wait_for("This announcement was withdrawn.")
    await mei.wait_for("这条公告已撤回。")


async def test_a_copy_that_lost_its_picture_is_changed_too(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.send_photo("Helo")
    await admin.wait_for("Announcement 1")
    await admin.fault(
        "refuse", method="sendPhoto", chat=robin.id, code=400, description="Bad Request: IMAGE_PROCESS_FAILED"
    )
    await send(admin, harness)
    assert not (await robin.wait_for("Helo")).get("photo")
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


async def test_failed_and_uncertain_copies_are_sent_again(harness: BotHarness) -> None:
    readers = [await harness.subscriber(name) for name in ("Robin", "Kim", "Sasha")]
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await confirm(admin)
    await admin.fault("cut_after", method="sendMessage", chat=readers[0].id)
    await admin.fault("refuse", method="sendMessage", chat=readers[1].id, code=400, description="Bad Request: ODD")
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "unconfirmed: no answer came: 1" in report["text"]
    assert "Odd: 1" in report["text"]
    await admin.press("Send again to 2 chats")
    asked = await admin.wait_for("Send it again to 2 chats?")
    assert "failed: 1 · unconfirmed: 1" in asked["text"]
    await confirm(admin)
    await harness.tick()
    report = await admin.wait_for("The announcement is out")
    assert "sent: 3" in report["text"]
    assert [(await reader.texts()).count("Hello") for reader in readers] == [2, 1, 1]


async def has_open_change(harness: BotHarness) -> bool:
    return bool(await harness.app.stores.copy_changes.open())


async def test_the_running_bot_does_what_the_commands_store(
    harness: BotHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    robin = await harness.subscriber("Robin")
    settings, stores = harness.settings, harness.app.stores

    async def do_it() -> None:
        await until(lambda: has_open_change(harness))
        # Commands go by the machine's clock.
        harness.clock.move(datetime.now(UTC) + timedelta(minutes=1) - harness.clock.now())
        await harness.tick()

    harness.clock.move(datetime.now(UTC) - harness.clock.now())
    draft = await stores.announcements.draft(ADMIN, "Helo", None, [], harness.clock.now())
    await stores.announcements.confirm(draft.id, harness.clock.now(), by=ADMIN)
    await harness.tick()
    await robin.wait_for("Helo")
    editing = asyncio.create_task(commands._edit(settings, draft.id, commands.NewText("Hello!"), wait=True))
    await do_it()
    await editing
    await robin.wait_for("Hello!")
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


async def test_taking_back_an_unsent_announcement_cancels_it(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    announcements = harness.app.stores.announcements
    draft = await announcements.draft(ADMIN, "Too soon", None, [], harness.clock.now())
    await announcements.confirm(draft.id, harness.clock.now(), by=ADMIN)
    await harness.app.parts.announcements.broadcaster.plan_confirmed(harness.clock.now())
    with pytest.raises(NotFound, match="no copies to take back"):
        await commands._recall(harness.settings, draft.id, wait=False)
    assert (await announcements.get(draft.id)).state is AnnouncementState.CANCELLED
    await harness.tick()
    assert "Too soon" not in await robin.texts()
