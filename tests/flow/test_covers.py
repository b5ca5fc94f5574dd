"""The cover that greets new readers, over HTTP, of pictures that were fetched and drawn."""

from __future__ import annotations

from pathlib import Path

from tests.factories.drawn_pictures import encoded, scene
from tests.flow.harness import open_harness
from tests.flow.reader import labels
from tests.flow.test_pictures import pictures_of
from tests.hostile_server import answer, serve_hostile
from tests.waiting import until


async def test_start_greets_with_a_cover_that_was_made_ahead(tmp_path: Path) -> None:
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
        await covers.refresh(harness.clock.now())
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
            # The set-up goes on in the message below it.
            await person.press("Science")
            await person.press("Done")
            await person.wait_for("All set")
