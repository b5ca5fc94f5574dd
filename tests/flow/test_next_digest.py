"""What comes next, and why: /preview, /why, and the first /digest of who subscribed by a command."""

from __future__ import annotations

from pathlib import Path

from digests.model.layout import Layout
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import labels


async def test_the_first_digest_of_who_subscribed_by_a_command_shows_the_latest(harness: BotHarness) -> None:
    await harness.publish("One", "Two", "Three")
    robin = await harness.reader()
    await robin.say("/subscribe Science")
    await robin.wait_for("You now follow")
    await robin.say("/digest")
    first = await robin.wait_for("📰")
    assert all(title in first["text"] for title in ("One", "Two", "Three"))
    # A little that is new does not hide the latest, and comes in no further digest.
    kim = await harness.reader("Kim")
    await kim.say("/subscribe Science")
    await kim.wait_for("You now follow")
    await harness.publish("Four")
    await kim.say("/digest")
    first = await kim.wait_for("📰")
    assert all(title in first["text"] for title in ("One", "Two", "Three", "Four"))
    await kim.say("/digest")
    await kim.wait_for("Nothing new")
    await harness.next_slot()
    await robin.wait_for("Four")
    assert len(await kim.digests()) == 1


async def test_a_preview_is_the_digest_that_comes(tmp_path: Path) -> None:
    async with open_harness(tmp_path, digest={"max_items": 2}) as harness:
        robin = await harness.subscriber_of("Old")
        await robin.say("/preview")
        empty = await robin.wait_for("would be empty")
        assert "Nothing new since" in empty["text"]
        await harness.publish("One", "Two", "Three")
        await robin.say("/preview")
        note = await robin.wait_for("Your next digest as it stands")
        assert "1 more article" in note["text"]
        shown = (await robin.digests())[-1]
        assert await robin.digests() == [*(await robin.digests())[:1], shown]
        await harness.next_slot()
        digest = await robin.wait_for(lambda message: "Show 1 more" in labels(message))
        assert _titles(digest["text"]) == _titles(shown)


def _titles(text: str) -> set[str]:
    return {title for title in ("Old", "One", "Two", "Three") if title in text}


async def test_why_leads_from_what_is_missing_to_what_changes_it(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old")
    await harness.publish("A regatta", categories=("Sport", "Sails"))
    await robin.say("/why regatta")
    answer = await robin.wait_for("in no category or source that you follow")
    await robin.press(next(label for label in labels(answer) if label.startswith("+ ")))
    await robin.wait_for("You now follow")
    await robin.say("/why regatta")
    await robin.wait_for("It comes in your next digest")
    await robin.press("👀 Preview")
    await robin.wait_for("as it stands")
    await robin.say("/mute regatta forever")
    await robin.wait_for("Muted")
    await robin.say("/why regatta")
    await robin.wait_for("You mute")
    await robin.press("🔊 Unmute")
    await robin.wait_for("no longer muted")
    await robin.say("/why regatta")
    await robin.wait_for("It comes in your next digest")


async def test_why_as_an_answer_to_a_message_is_about_what_that_names(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("One")
    digest = next(message for message in await robin.messages() if (message.get("text") or "").startswith("📰"))
    await robin.say("/why", reply_to=digest["message_id"])
    await robin.wait_for("It came in your digest")
    forwarded = await robin.say("Look at this:\nOne")
    await robin.say("/why", reply_to=forwarded["message_id"])
    await robin.wait_for("It came in your digest")


async def test_a_watch_comes_marked_in_the_digest(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old")
    await robin.say("/watch regatta")
    await robin.press("👁 Watch in my digest")
    await robin.wait_for("Watching")
    await harness.publish("A regatta", categories=("Sport", "Sails"))
    await harness.next_slot()
    digest = await robin.wait_for("A regatta")
    assert "👁 regatta" in digest["text"]


async def test_a_group_is_told_what_comes_next(harness: BotHarness) -> None:
    await harness.publish("Old")
    robin = await harness.reader()
    group = await robin.found_group("Observers")
    await robin.add_bot(group)
    await robin.say("/subscribe Science", group)
    await robin.wait_for("You now follow", chat=group)
    await harness.publish("A moon landing")
    await robin.say("/preview", group)
    note = await robin.wait_for("Your next digest as it stands", chat=group)
    assert note["text"]
    assert any("A moon landing" in text for text in await robin.texts(group))
    await robin.say("/why landing", group)
    await robin.wait_for("It comes in your next digest", chat=group)


async def test_a_preview_is_a_gallery_where_telegram_refuses_the_magazine(harness: BotHarness) -> None:
    robin = await harness.subscriber_of("Old")
    place = await harness.place(robin)
    await harness.app.stores.places.set_schedule(place.id, harness.clock.now(), layout=Layout.MAGAZINE)
    await harness.publish("A moon landing")
    harness.simulator.world.knows_rich_messages = False
    await robin.say("/preview")
    await robin.wait_for("Your next digest as it stands")
    assert "A moon landing" in (await robin.digests())[-1]
