"""Readers' own data over real HTTP: told, taken along, given back, forgotten."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from digests.model.place import PlaceState
from digests.model.wish import Matter, Subject, WishKind
from digests.storage.places.own_data import KeptData
from tests.flow.harness import BotHarness
from tests.flow.reader import Reader


async def _kept(harness: BotHarness, person: Reader) -> KeptData:
    return await harness.app.stores.own_data.of(person.id, person.id)


async def test_what_a_reader_takes_along_another_gives_back(harness: BotHarness) -> None:
    await harness.publish("Moon", categories=("Science", "Tidewater"))
    robin, kim = await harness.reader("Robin"), await harness.reader("Kim")
    await robin.say("/subscribe Science")
    await robin.wait_for("follow")
    place = await harness.app.stores.places.find(robin.id)
    assert place is not None
    await harness.app.parts.readers.wishes.add(
        place, WishKind.WATCH, Subject(Matter.WORDS, "moon"), harness.clock.now()
    )
    await robin.say("/export")
    sent = await robin.wait_for("All that I keep")
    file = harness.simulator.world.files.get(sent["document"]["file_id"])
    assert file is not None
    content = file.content
    assert json.loads(content)["chats"][0]["categories"] == ["Science"]

    await kim.send_document(name="digestbot-2026-06-06.json", content=content)
    await kim.wait_for("1 category, 1 watch or mute")
    await kim.press("Follow it all")
    await kim.wait_for("1 more category followed")
    (of_kim,) = (await _kept(harness, kim)).places
    assert of_kim.place.state is PlaceState.ACTIVE
    assert [wish.subject.value for wish in of_kim.wishes] == ["moon"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[",
        b"[]",
        b"{}",
        b"7",
        b"\xff\xfe",
        b'{"categories": "Science"}',
        b'{"chats": [{"wishes": [{"kind": "watch"}]}]}',
        b"[" * 100_000,
        json.dumps([f"c{number}" for number in range(2000)]).encode(),
        b'{"wishes": [{"kind": "mute", "words": "moon", "at_once": true}]}',
        b'{"wishes": [{"kind": "watch", "source": "Tidewater", "at_once": true}]}',
        b'{"wishes": [{"kind": "watch", "words": "moon", "most": 3}]}',
        json.dumps(
            {"chats": [{"wishes": [{"kind": "watch", "words": f"w{n}x{m}"} for m in range(600)]} for n in range(2)]}
        ).encode(),
    ],
)
async def test_a_file_that_is_no_list_is_refused_in_words(harness: BotHarness, content: bytes) -> None:
    robin = await harness.reader("Robin")
    await robin.send_document(name="list.json", content=content or b" ")
    await robin.wait_for("can't read that file as a list")


async def test_a_list_of_watches_alone_begins_a_digest_and_fills_what_room_there_is(harness: BotHarness) -> None:
    robin = await harness.reader("Robin")
    words = [{"kind": "watch", "words": f"comet{'abcdefghij'[n % 10]}{'abcdefghij'[n // 10]}"} for n in range(70)]
    await robin.send_document(name="list.json", content=json.dumps({"wishes": words}).encode())
    await robin.wait_for("70 watches and mutes")
    await harness.restart()
    await robin.press("Follow it all")
    done = await robin.wait_for("50 watches and mutes added")
    assert "20 watches and mutes did not fit" in done["text"]
    assert (await harness.place(robin)).state is PlaceState.ACTIVE


async def test_names_that_are_not_known_here_are_said(harness: BotHarness) -> None:
    await harness.publish("Moon", categories=("Science", "Tidewater"))
    robin = await harness.reader("Robin")
    await robin.send_document(name="list.json", content=b'["Nowhere", ["Science"], "<b>Else"]')
    shown = await robin.wait_for("Not known here")
    assert "Nowhere" in shown["text"]
    assert "<b>Else" in shown["text"]
    await robin.press("Cancel")
    await robin.wait_for("Cancelled")
    assert (await _kept(harness, robin)).places[0].categories == ()


async def test_who_is_forgotten_is_a_stranger_again(harness: BotHarness) -> None:
    await harness.publish("Moon", categories=("Science", "Tidewater"))
    robin = await harness.reader("Robin")
    await robin.say("/subscribe Science")
    await robin.wait_for("follow")
    await robin.say("/privacy")
    await robin.wait_for("What I keep")
    await robin.press("Delete")
    await robin.wait_for("Delete everything")
    await robin.press("Yes, delete")
    await robin.wait_for("is deleted")
    assert (await _kept(harness, robin)).places == ()


async def test_a_group_is_forgotten_by_its_admins_alone(harness: BotHarness) -> None:
    await harness.publish("Moon", categories=("Science", "Tidewater"))
    kim, robin = await harness.reader("Kim"), await harness.reader("Robin")
    group = await kim.found_group("The club", "supergroup")
    await kim.add_bot(group)
    await robin.join(group)
    await kim.say("/subscribe Science", group)
    await kim.wait_for("follow", chat=group)
    await robin.say("/forget", group)
    await robin.wait_for("admin", chat=group)
    await kim.say("/forget", group)
    await kim.wait_for("in every topic", chat=group)
    await kim.press("Yes, delete", group)
    await kim.wait_for("is deleted", chat=group)
    assert await harness.app.stores.places.find(group) is None


async def test_who_has_left_for_long_ages_out(harness: BotHarness) -> None:
    await harness.publish("Moon", categories=("Science", "Tidewater"))
    robin, kim = await harness.reader("Robin"), await harness.reader("Kim")
    for person in (robin, kim):
        await person.say("/subscribe Science")
        await person.wait_for("follow")
    await robin.say("/stop")
    await robin.wait_for("Stopped")
    harness.clock.move(timedelta(days=800))
    await harness.app.work.tidy()
    assert await harness.app.stores.places.find(robin.id) is None
    assert await harness.app.stores.places.find(kim.id) is not None


async def test_no_list_can_keep_the_digests_of_others_from_coming(harness: BotHarness) -> None:
    kim = await harness.subscriber_of("Old news")
    robin = await harness.reader("Robin")
    for hostile in ("a\u001eZZZ", "a\u001emwx", "a\u001ecc1", "a\nb", "\u001e\u001e", "x" * 5000):
        content = {"categories": ["Science"], "wishes": [{"kind": "mute", "source": hostile}]}
        await robin.send_document(name="list.json", content=json.dumps(content).encode())
        shown = await robin.wait_for(lambda message: not message["outgoing"])
        if "Your list" in shown["text"]:
            await robin.press("Follow it all")
            await robin.wait_for("/subscriptions shows it all")
    await harness.publish("Fresh news")
    await harness.next_slot()
    await kim.wait_for("Fresh news")
