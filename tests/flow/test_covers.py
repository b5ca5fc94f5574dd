"""The cover that greets new readers, over HTTP, of pictures that were fetched and drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.simulator.person.driver import ShownMessage
from tests.factories.drawn_pictures import encoded, scene
from tests.flow.harness import BotHarness, open_harness
from tests.flow.reader import labels
from tests.flow.test_pictures import pictures_of
from tests.hostile_server import answer, serve_hostile
from tests.waiting import until


@asynccontextmanager
async def pictured_harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """Open a harness with four articles of the category Science, and wait until their pictures and covers are there."""
    pages = {f"/{number}.jpg": answer(encoded(scene(number)), kind="image/jpeg") for number in range(4)}
    async with (
        serve_hostile(pages) as server,
        open_harness(tmp_path, fetch={"allow_hosts": [server.name]}) as harness,
    ):
        await harness.restart(scheduled=True)
        for number in range(4):
            harness.write(f"Title {number}", thumbnail=f"{server.url}/{number}.jpg")
        await harness.app.scan()

        async def all_are_there() -> bool:
            found = await pictures_of(harness)
            return len(found) == 4 and all(found.values())

        await until(all_are_there, 20)
        covers = harness.app.parts.readers.covers
        assert covers is not None
        # The first pictures bring covers by themselves, of as many as had come by then.
        await until(lambda: not covers.lacks(harness.clock.now()), 20)
        await covers.refresh(harness.clock.now())
        yield harness


async def greeting(harness: BotHarness, name: str) -> ShownMessage:
    person = await harness.reader(name)
    await person.say("/start")
    return await person.wait_for(f"Hello, {name}")


@pytest.mark.parametrize("command", ["/withdraw Title 3", "/hide Science"])
async def test_what_readers_may_not_see_leaves_the_cover_at_once(tmp_path: Path, command: str) -> None:
    async with pictured_harness(tmp_path) as harness:
        covers = harness.app.parts.readers.covers
        assert covers is not None
        before = await covers.of("en", harness.clock.now())
        assert before is not None
        assert (await greeting(harness, "Robin"))["photo"]
        admin = await harness.admin()
        await admin.say(command)
        if command.startswith("/withdraw"):
            await admin.wait_for("Withdraw it?")
            await admin.press("Withdraw")
            await admin.wait_for("has been withdrawn")
        else:
            await admin.wait_for("Readers no longer see")
        after = await covers.of("en", harness.clock.now())
        assert after != before
        if command.startswith("/hide"):
            assert after is None
        else:
            await until(lambda: not covers.lacks(harness.clock.now()), 20)


async def test_start_greets_with_a_cover_that_was_made_ahead(tmp_path: Path) -> None:
    async with pictured_harness(tmp_path) as harness:
        people = [await harness.reader(name) for name in ("Robin", "Kim")]
        shown = []
        for person in people:
            await person.say("/start")
            choice = await person.wait_for("Tick what interests you")
            assert "Hello" not in choice["text"]
            (cover,) = [message for message in await person.messages() if message.get("photo")]
            assert f"Hello, {'Robin' if person is people[0] else 'Kim'}" in cover["caption"]
            assert not labels(cover)
            assert cover["message_id"] < choice["message_id"]
            shown.append(cover["photo"][-1]["file_id"])
        assert shown[0] == shown[1]
        assert harness.simulator.world.ledger.uploads == {"sendPhoto": 1}
        for person in people:
            # The set-up goes on in the message below it, which greets nobody a second time.
            for label in ("Science", "⏰", "🌍", "08:30", "London", "07:00"):
                await person.press(label)
            choice = await person.wait_for("Tick what interests you")
            assert "Hello" not in choice["text"]
            await person.press("Done")
            await person.wait_for("All set")
