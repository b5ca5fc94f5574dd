"""Drafts: whose they are, and that they outlast a restart."""

from __future__ import annotations

from tests.flow.announcing import second_admin, send
from tests.flow.harness import BotHarness


async def test_each_admin_has_drafts_of_their_own(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce From Ada")
    await admin.wait_for("Announcement 1")
    await kim.say("/announce From Kim")
    await kim.wait_for("Announcement 2")
    await kim.say("/announcements")
    await kim.press("№ 1")
    await kim.wait_for("A draft by Ada")
    await kim.press("Take it over")
    await kim.wait_for("Announcement 1")
    await admin.press("With sound")
    assert "belongs to Kim" in admin.alert
    await send(kim, harness)
    await robin.wait_for("From Ada")


async def test_a_draft_survives_restarts(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Buttons")
    await harness.restart()
    await admin.say("More = https://example.com/")
    await admin.wait_for("Buttons: More")
    await harness.restart()
    await send(admin, harness)
    assert (await robin.wait_for("Hello"))["buttons"]


async def test_an_unfinished_draft_is_offered_again(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.wait_for("Announcement 1")
    await admin.say("/announce")
    await admin.press("Continue “Hello”")
    await admin.wait_for("Announcement 1")
    await admin.say("news")
    await admin.wait_for("News")


async def test_in_a_group_admins_are_sent_to_the_private_chat(harness: BotHarness) -> None:
    admin = await harness.admin()
    group = await admin.found_group("The club")
    await admin.add_bot(group)
    await admin.say("/announce Hello", chat=group)
    await admin.wait_for("private chat", chat=group)
    for command in ("/announcements", "/admins", "/audit", "/grant 5 admin", "/revoke 5"):
        await admin.say(command, chat=group)
        await admin.wait_for("Please do that in our private chat", chat=group)
