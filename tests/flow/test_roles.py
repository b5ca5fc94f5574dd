"""Who may do what, and what the audit log says of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from telegram import InlineKeyboardMarkup

from bot.callbacks import CardButton, ConfirmButton
from bot.callbacks.card_actions import CardAction
from bot.keyboards.base import button
from digests.model.audit import AuditAct
from digests.storage.schema.place_tables import audit
from tests.flow.announcing import SECOND_ADMIN, second_admin, send
from tests.flow.harness import ADMIN, BotHarness

ADMINS_OWN = {"announcements", "admins", "audit", "announce", "stats"}


@pytest.fixture
async def harness(harness: BotHarness) -> BotHarness:
    await harness.publish("News")
    return harness


async def test_an_owner_gives_and_takes_roles_and_the_menus_follow(harness: BotHarness) -> None:
    kim = await second_admin(harness)
    await kim.wait_for("Your role is now: admin")
    commands = {command["command"] for command in await kim.commands()}
    assert commands >= ADMINS_OWN
    assert "grant" not in commands
    await kim.say("/admins")
    listed = (await kim.wait_for("Who may do what"))["text"]
    assert f"Ada ({ADMIN}) – owner" in listed
    assert f"Kim ({SECOND_ADMIN}) – admin" in listed
    await kim.say("/grant 5 admin")
    await kim.wait_for("Only an owner can do that")
    await kim.say(f"/revoke {ADMIN}")
    await kim.wait_for("Only an owner can do that")
    owner = await harness.admin()
    assert "grant" in {command["command"] for command in await owner.commands()}
    await owner.say("/grant Kim admin")
    await owner.wait_for("Write it like")
    await owner.say(f"/revoke {ADMIN}")
    await owner.wait_for("listed in the settings")
    await owner.say("/revoke 5")
    await owner.wait_for("They have no role")
    await owner.say(f"/revoke {SECOND_ADMIN}")
    await owner.wait_for("Kim no longer has a role")
    assert not ADMINS_OWN & {command["command"] for command in await kim.commands()}
    await kim.say("/stats")
    await kim.wait_for("I don't know that command")


async def test_an_editor_drafts_and_an_admin_sends(harness: BotHarness) -> None:
    kim = await second_admin(harness, "editor")
    robin = await harness.subscriber()
    owner = await harness.admin()
    assert {command["command"] for command in await kim.commands()} & ADMINS_OWN == {"announce", "announcements"}
    await kim.say("/help")
    await kim.wait_for("For editors")
    for command in ("/stats", "/audit", "/admins", "/doctor", "/invite"):
        await kim.say(command)
        await kim.wait_for("I don't know that command")
    await kim.say("/announce Kim's words")
    await kim.wait_for("Announcement 1")
    # Buttons that an editor's card does not have, copied from an admin's.
    for callback in (
        ConfirmButton(1),
        CardButton(1, CardAction.SEND),
        CardButton(1, CardAction.PAUSE),
        CardButton(1, CardAction.RECALL_CONFIRMED),
        CardButton(1, CardAction.CSV),
    ):
        keyboard = InlineKeyboardMarkup([[button("Cunning", callback)]])
        await harness.app.bot.send_message(kim.id, "x", reply_markup=keyboard)
        await kim.press("Cunning")
        assert "Only an admin" in kim.alert
    await kim.press("Ready")
    assert "1 admin has been notified" in kim.alert
    await owner.wait_for("Kim has written an announcement")
    await owner.press("Take a look")
    await owner.press("Take it over")
    await owner.wait_for("Announcement 1")
    await send(owner, harness)
    await robin.wait_for("Kim's words")
    await kim.say("/announcements")
    await kim.wait_for("There are no announcements yet")


async def test_every_act_is_in_the_audit_log(harness: BotHarness) -> None:
    await second_admin(harness)
    await harness.subscriber()
    owner = await harness.admin()
    await owner.say("/announce Hello")
    await owner.press("Test send")
    await owner.press("To me")
    await send(owner, harness)
    await owner.wait_for("The announcement is out")
    await owner.press("CSV")
    await owner.press("Take back")
    await owner.press("Yes, take it back")
    await harness.tick()
    await owner.say("/invite")
    await owner.wait_for("This link lets")
    async with harness.app.stores.database.write() as connection:
        # As another version of the program may have written it.
        values = {"at": harness.clock.now(), "user_id": ADMIN, "act": "sing", "details": {"article": 5}}
        await connection.execute(sa.insert(audit).values(values))
    await owner.say("/audit")
    log = (await owner.wait_for("Who did what"))["text"]
    for said in (
        "Ada · gave Kim the role admin",
        "Ada · tested № 1",
        "Ada · sent № 1 “Hello” to 1 chat",
        "Ada · viewed who received № 1",
        "Ada · took back № 1",
        "Ada · created an invitation",
        "Ada · sing (article: 5)",
    ):
        assert said in log, (said, log)
    for number in range(12):
        await harness.app.stores.audit.add(ADMIN, AuditAct.PAUSE, {"announcement": number}, harness.clock.now())
    await owner.say("/audit")
    await owner.press("›")
    await owner.wait_for("gave Kim the role admin")


async def test_strangers_learn_nothing_about_role_commands(harness: BotHarness) -> None:
    robin = await harness.reader()
    said = set()
    for command in ("/announcements", "/admins", "/audit", "/grant 1 admin", "/revoke 1", "/nonsense"):
        await robin.say(command)
        said.add((await robin.wait_for("I don't know that command"))["text"])
    assert len(said) == 1
    assert not {"announcements", "admins", "audit", "grant"} & {
        command["command"] for command in await robin.commands()
    }


async def test_hiding_is_in_the_audit_log(harness: BotHarness) -> None:
    owner = await harness.admin()
    await owner.say("/hide Tidewater")
    await owner.press("Tidewater")
    await owner.press("Show it again")
    await owner.wait_for("again.")
    await owner.say("/audit")
    log = (await owner.wait_for("Who did what"))["text"]
    assert "Ada · hid “" in log
    assert "Ada · unhid “" in log


async def test_withdrawing_is_in_the_audit_log(harness: BotHarness) -> None:
    await harness.publish("The moon")
    owner = await harness.admin()
    await owner.say("/withdraw the moon")
    await owner.wait_for("Withdraw it?")
    await owner.press("Withdraw")
    await owner.wait_for("has been withdrawn")
    await owner.say("/audit")
    log = (await owner.wait_for("Who did what"))["text"]
    assert "Ada · withdrew “The moon”" in log
    assert "back" not in log
    await owner.say("/unwithdraw")
    await owner.press("The moon")
    await owner.wait_for("Readers find The moon again")
    await owner.say("/audit")
    assert "Ada · restored “The moon”" in (await owner.wait_for("Who did what"))["text"]


async def test_sending_uncertain_messages_again_is_in_the_audit_log(harness: BotHarness) -> None:
    robin, owner = await harness.subscriber(), await harness.admin()
    await harness.publish("The digest that was cut")
    await robin.post("/sim/faults", kind="cut_before", method="sendMessage", chat=robin.id)
    await harness.next_slot()
    await owner.say("/uncertain")
    await owner.press("Send them again")
    await owner.wait_for("Sending 1 message again")
    await owner.say("/audit")
    assert "Ada · resent unconfirmed messages, to 1" in (await owner.wait_for("Who did what"))["text"]
