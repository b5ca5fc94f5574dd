"""The magazine over HTTP: offered with the third digest, tried with that very digest, and chosen by who sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.simulator.person.driver import ShownMessage
from digests.model.layout import Layout
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import Reader, labels

OFFER = "✨ Try the magazine"
SEEN, BLANK = "👀 I can see it", "◻️ It is blank: back"


async def offered(harness: BotHarness) -> tuple[Reader, ShownMessage]:
    """Return a reader, and the third digest that they got."""
    robin = await harness.subscriber_of("Moon")
    for title in ("Mars", "Venus"):
        harness.write(title)
        await harness.app.scan()
        await harness.next_slot()
        digest = await robin.wait_for(title)
    return robin, digest


async def rich_messages(robin: Reader) -> list[ShownMessage]:
    return [message for message in await robin.messages() if message["rich"]]


async def test_the_third_digest_offers_the_magazine_once(harness: BotHarness) -> None:
    robin, digest = await offered(harness)
    assert OFFER in labels(digest)
    harness.write("Saturn")
    await harness.app.scan()
    await harness.next_slot()
    assert OFFER not in labels(await robin.wait_for("Saturn"))
    assert sum(OFFER in labels(message) for message in await robin.messages()) == 1


async def test_whoever_sees_the_magazine_gets_the_next_digest_as_one(harness: BotHarness) -> None:
    robin, digest = await offered(harness)
    await robin.press(OFFER)
    question = await robin.wait_for("Do you see")
    (magazine,) = await rich_messages(robin)
    assert magazine["message_id"] == question["message_id"] - 1
    assert "Venus" in str(magazine)
    assert OFFER not in labels(next(m for m in await robin.messages() if m["message_id"] == digest["message_id"]))
    await robin.press(SEEN)
    assert "/settings" in (await robin.wait_for("From now on"))["text"]
    harness.write("Saturn")
    await harness.app.scan()
    await harness.next_slot()
    *_, last = await rich_messages(robin)
    assert "Saturn" in str(last)
    # And the way back.
    await robin.say("/settings")
    await robin.wait_for("Layout: Magazine")
    await robin.press("🖼 Layout")
    await robin.wait_for("How should your digest look?")
    await robin.press("List")
    await robin.wait_for("One large picture")
    assert (await harness.place(robin)).layout is Layout.LIST


async def test_where_it_is_blank_the_next_digest_is_as_before(harness: BotHarness) -> None:
    robin, _ = await offered(harness)
    await robin.press(OFFER)
    await robin.wait_for("Do you see")
    await robin.press(BLANK)
    await robin.wait_for("Nothing has changed")
    harness.write("Saturn")
    await harness.app.scan()
    await harness.next_slot()
    assert (await robin.wait_for("Saturn"))["rich"] is None


async def test_a_refused_magazine_is_said_in_a_sentence_and_changes_nothing(harness: BotHarness) -> None:
    robin, _ = await offered(harness)
    await harness.app.parts.readers.subscriptions.reschedule(
        await harness.place(robin), harness.clock.now(), layout=Layout.HEADLINES
    )
    harness.simulator.world.knows_rich_messages = False
    await robin.press(OFFER)
    refused = await robin.wait_for("can't show a magazine")
    assert not labels(refused)
    place = await harness.place(robin)
    assert (place.layout, place.refuses_magazine) == (Layout.HEADLINES, True)
    # Asked for by name it is tried again, when Telegram has learned it.
    harness.simulator.world.knows_rich_messages = True
    await robin.say("/settings")
    await robin.press("🖼 Layout")
    await robin.wait_for("How should your digest look?")
    await robin.press("Magazine")
    await robin.wait_for("Do you see")
    await robin.press(SEEN)
    await robin.wait_for("From now on")
    place = await harness.place(robin)
    assert (place.layout, place.refuses_magazine) == (Layout.MAGAZINE, False)


async def test_a_withdrawn_article_leaves_the_trial_too(harness: BotHarness) -> None:
    robin, _ = await offered(harness)
    harness.write("Saturn")
    await harness.app.scan()
    await robin.press(OFFER)
    await robin.wait_for("Do you see")
    assert any("Venus" in str(message) for message in await rich_messages(robin))
    found = await harness.app.parts.readers.look_up.lookup.find(
        "Venus", await harness.app.stores.categories.readers_tree(), 5
    )
    curation = harness.app.parts.admins.curation
    await curation.withdraw(found.hits[0].article.id, recall=True, report_chat=robin.id)
    await harness.app.work.recall()
    assert not any("Venus" in str(message) for message in await rich_messages(robin))


async def test_no_magazine_is_offered_in_a_group(harness: BotHarness) -> None:
    await harness.publish("Moon")
    kim = await harness.reader("Kim")
    group = await kim.found_group("The club")
    await kim.add_bot(group)
    await kim.say("/subscribe Science", chat=group)
    await kim.wait_for("You now follow", chat=group)
    for title in ("Mars", "Venus", "Saturn", "Jupiter"):
        harness.write(title)
        await harness.app.scan()
        await harness.next_slot()
        assert OFFER not in labels(await kim.wait_for(title, chat=group))


@pytest.mark.parametrize("layout", ["magazine", "gallery"])
async def test_the_layout_of_new_places_is_a_setting(tmp_path: Path, layout: str) -> None:
    async with open_harness(tmp_path, digest={"layout": layout}) as harness:
        await harness.publish("Moon")
        robin = await harness.reader()
        kim = await harness.reader("Kim")
        group = await kim.found_group("The club")
        await kim.add_bot(group)
        await robin.say("/settings")
        await robin.wait_for(f"Layout: {layout.title()}")
        await kim.say("/settings", chat=group)
        await kim.wait_for("Layout: Gallery", chat=group)
