"""Articles' pictures in the running bot: fetched when the article arrives, and what an operator sees of it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.wiring.stores import build_health
from digests.media.folder import SMALL, picture_path
from digests.storage.schema.article_tables import articles
from tests.factories.drawn_pictures import encoded, scene
from tests.flow.harness import BotHarness, local_jobs, open_harness
from tests.hostile_server import answer, serve_hostile
from tests.waiting import until


async def pictures_of(harness: BotHarness) -> dict[str, str]:
    async with harness.app.stores.database.read() as connection:
        rows = await connection.execute(sa.select(articles.c.title, articles.c.picture))
        return {row.title: row.picture for row in rows}


async def test_the_running_bot_fetches_what_arrives(tmp_path: Path) -> None:
    pages = {f"/{number}.jpg": answer(encoded(scene(number)), kind="image/jpeg") for number in range(3)}
    async with (
        serve_hostile(pages) as server,
        open_harness(tmp_path, fetch={"allow_hosts": [server.name]}) as harness,
    ):
        await harness.restart(scheduled=True)
        for number in range(3):
            harness.write(f"Title {number}", thumbnail=f"{server.url}/{number}.jpg")
        harness.write("Gone", thumbnail=f"{server.url}/gone.jpg")
        harness.write("Inside", thumbnail="http://inside.example:1/inside.jpg")
        await harness.app.scan()

        async def all_are_there() -> bool:
            found = await pictures_of(harness)
            return len(found) == 5 and all(found[f"Title {number}"] for number in range(3))

        await until(all_are_there, 20)
        found = await pictures_of(harness)
        assert (found["Gone"], found["Inside"]) == ("", "")
        folder = harness.settings.pictures_folder
        assert picture_path(folder, found["Title 0"], SMALL).read_bytes().startswith(b"\xff\xd8\xff")

        async def told() -> dict[str, str]:
            checks = await build_health(harness.settings, harness.app.stores).checks(harness.clock.now())
            return {f"{check.what} {check.text[:40]}": check.text for check in checks}

        await until(lambda: _has_all(told))
        # A folder that is deleted while the bot runs is made again.
        shutil.rmtree(folder)
        harness.app.jobs.wake("pictures")
        await until(lambda: picture_path(folder, found["Title 0"], SMALL).is_file(), 20)


async def _has_all(told: Any) -> bool:
    text = "\n".join(f"{what}: {line}" for what, line in (await told()).items())
    return all(
        words in text
        for words in (
            "3 of 5 articles that are news have a picture",
            "the server answers 404",
            "port 1 is not one of the web",
            "fetch.allow_hosts",
            "3 pictures, 0 mosaics",
        )
    )


async def test_nothing_is_fetched_where_pictures_are_off(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"media": {"pictures": "lead"}}
    async with (
        serve_hostile({"/a.jpg": answer(encoded(scene(1)))}) as server,
        open_harness(tmp_path, fetch={"allow_hosts": [server.name]}, **settings) as harness,
    ):
        await harness.restart(scheduled=True)
        await harness.publish("A", thumbnail=f"{server.url}/a.jpg")
        assert "pictures" not in local_jobs(harness)._jobs
        assert server.requests == []
        checks = await build_health(harness.settings, harness.app.stores).checks(harness.clock.now())
        assert [c.text for c in checks if c.what == "pictures"] == ["none are fetched, as media.pictures is lead"]
