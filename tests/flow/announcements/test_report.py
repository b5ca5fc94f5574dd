"""The report: live while it is sent, as a file, and in the list of announcements."""

from __future__ import annotations

import asyncio
import csv
import io

from digests.model.announcement import AnnouncementState
from tests.factories.times import NOW
from tests.flow.announcing import SECOND_ADMIN, add_chats, confirm, second_admin, send
from tests.flow.harness import ADMIN, BotHarness
from tests.flow.reader import labels
from tests.waiting import until


async def test_of_two_open_reports_the_older_says_when_it_was_right(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    await add_chats(harness, 3)
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await confirm(admin)
    await kim.say("/announcements")
    await kim.press("№ 1")
    assert "As of" not in (await kim.wait_for("0 of 3 chats"))["text"]
    left = await admin.wait_for("As of 6 Jun 07:30")
    assert labels(left) == ["🔄 Refresh", "⏸ Pause", "⏹ Cancel"]
    await harness.tick()
    await kim.wait_for("The announcement is out")
    assert "0 of 3 chats" in (await admin.wait_for("As of"))["text"]
    await admin.press("Refresh")
    refreshed = await admin.wait_for("The announcement is out")
    assert "As of" not in refreshed["text"]
    assert "Refresh" not in str(labels(refreshed))
    assert labels(await kim.wait_for("As of"))[0] == "🔄 Refresh"


async def test_an_editor_can_refresh_their_report(harness: BotHarness) -> None:
    """An admin who has become an editor still sees what became of the announcement that they sent."""
    kim = await second_admin(harness)
    await add_chats(harness, 3)
    await kim.say("/announce Hello")
    await kim.press("Send to 3 chats")
    await confirm(kim)
    admin = await harness.admin()
    await admin.say(f"/grant {SECOND_ADMIN} editor")
    await admin.wait_for("Kim is now: editor")
    await kim.say("/announcements")
    await kim.press("№ 1")
    assert labels(await kim.wait_for("As of")) == ["🔄 Refresh"]
    await harness.tick()
    await kim.press("Refresh")
    assert "3 of 3 chats" in (await kim.wait_for("As of"))["text"]


async def test_an_edit_that_arrives_late_does_not_replace_the_final_report(harness: BotHarness) -> None:
    """The edit that shows "on its way" takes a second, and the announcement is out before it arrives."""
    admin = await harness.admin()
    await add_chats(harness, 3)
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await confirm(admin)
    await admin.press("Pause")
    await admin.wait_for("Paused")
    await admin.fault("slow", method="editMessageText", seconds=1)
    pressed = asyncio.create_task(admin.press("Resume"))

    async def goes_on() -> bool:
        (announcement,) = await harness.app.stores.announcements.sending()
        return announcement.state is AnnouncementState.SENDING

    await until(goes_on)
    await harness.tick()
    await pressed
    # The slow edit has to arrive first: only then could it have replaced the report.
    await asyncio.sleep(1.2)
    assert "The announcement is out" in (await admin.messages())[-1]["text"]


async def test_a_question_stays_when_the_counts_change(harness: BotHarness) -> None:
    admin = await harness.admin()
    await add_chats(harness, 3)
    await admin.say("/announce Hello")
    await admin.press("Send to 3 chats")
    await confirm(admin)
    await harness.app.parts.delivery_worker.deliver_due()
    await admin.press("Pause")
    await admin.press("Take back")
    await harness.tick()
    await admin.wait_for("Take it back from 3 chats?")
    await admin.press("Back")
    await admin.wait_for("The announcement is out")


async def test_outcomes_come_as_a_file(harness: BotHarness) -> None:
    robin = await harness.subscriber("Robin")
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await send(admin, harness)
    await admin.wait_for("The announcement is out")
    await admin.press("CSV")
    message = await admin.wait_for(lambda shown: bool(shown.get("document")))
    assert message["document"]["file_name"] == "announcement-1.csv"
    file = harness.simulator.world.files.get(message["document"]["file_id"])
    assert file is not None
    (row,) = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))
    assert (row["chat"], row["outcome"], row["language"]) == (str(robin.id), "sent", "en")


async def test_announcements_are_listed_in_pages(harness: BotHarness) -> None:
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
