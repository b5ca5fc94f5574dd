"""The card of a draft: what an announcement is made of, and how it is shown before it goes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.simulator.state.faults import Fault
from tests.flow.announcing import album_of, send
from tests.flow.harness import BotHarness


async def test_a_document_is_sent_with_its_buttons(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.send_document("The plan")
    await admin.press("Buttons")
    await admin.say("nonsense")
    await admin.wait_for("I don't understand")
    await admin.say("Read more = javascript:alert(1)")
    await admin.wait_for("is not a web address")
    await admin.say("Read more = https://example.com/a?b=c\nForum=https://forum.example/")
    card = await admin.wait_for("Announcement 1")
    assert "Buttons: Read more, Forum" in card["text"]
    await send(admin, harness)
    message = await robin.wait_for("The plan")
    assert message["document"]["file_name"] == "plan.pdf"
    assert [row[0]["url"] for row in message["buttons"]] == ["https://example.com/a?b=c", "https://forum.example/"]


async def test_buttons_can_be_removed(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce Hello")
    await admin.press("Buttons")
    await admin.say("More = https://example.com/")
    await admin.wait_for("Buttons: More")
    await admin.press("Buttons")
    await admin.press("Remove all")
    await send(admin, harness)
    assert (await robin.wait_for("Hello"))["buttons"] == []


async def test_an_album_is_sent_and_taken_back_as_a_whole(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.send_album(3, "Three pictures")
    await admin.wait_for("Announcement 1")
    assert len(album_of(await admin.messages())) == 3
    await admin.press("Buttons")
    await admin.say("More = https://example.com/")
    assert "can't have buttons" in (await admin.wait_for("Announcement 1"))["text"]
    await send(admin, harness)
    await robin.wait_for("Three pictures")
    album = album_of(await robin.messages())
    assert [bool(message.get("caption")) for message in album] == [True, False, False]
    await admin.wait_for("The announcement is out")
    await admin.press("Take back")
    await admin.press("Yes, take it back")
    await harness.tick()
    await admin.wait_for("Taken back")
    assert not album_of(await robin.messages())


async def test_a_forwarded_message_is_copied_and_can_be_withdrawn(harness: BotHarness) -> None:
    robin = await harness.subscriber()
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.say("Somebody's own words", forwarded_from="Somebody")
    await admin.wait_for("Announcement 1")
    await send(admin, harness)
    message = await robin.wait_for("Somebody's own words")
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


async def test_a_draft_is_discarded_after_a_question(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    await admin.say("x" * 4090)
    await admin.wait_for("Announcement 1")
    await admin.press("Discard")
    await admin.press("Back")
    await admin.press("Discard")
    await admin.press("Yes, discard it")
    await admin.wait_for("Nobody received it")


@pytest.mark.parametrize("kind", ["text", "photo", "album"])
async def test_the_preview_is_what_readers_get(harness: BotHarness, kind: str) -> None:
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
    await robin.wait_for("Hello")
    fields = ("text", "caption", "photo", "media", "parse_mode", "reply_markup", "link_preview_options")
    shown, received = (
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
    assert received[-1] in shown


async def test_the_preview_waits_when_telegram_asks_for_it(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    harness.simulator.world.faults.add(Fault("flood", method="sendPhoto", seconds=1))
    await admin.send_photo("Hello")
    await admin.wait_for("Announcement 1")
    assert harness.simulator.world.ledger.floods == 1


async def test_the_admin_reads_why_telegram_refused_the_preview(harness: BotHarness) -> None:
    admin = await harness.admin()
    await admin.say("/announce")
    await admin.wait_for("New announcement")
    harness.simulator.world.faults.add(Fault("refuse", method="sendPhoto", description="Bad Request: wrong file"))
    await admin.send_photo("Hello")
    await admin.wait_for("Wrong file")
