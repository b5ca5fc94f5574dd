"""Mosaics in the running bot: made in the second process before the digest leaves, uploaded once for everybody."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import sqlalchemy as sa

from bot.simulator.server import Simulator
from digests.errors import StorageError
from digests.media.folder import mosaic_path
from digests.storage.database import Database
from digests.storage.schema.article_tables import articles
from digests.storage.schema.media_tables import kept_pictures, mosaics
from tests.factories.articles import post
from tests.factories.drawn_pictures import encoded, keep_pictures, scene
from tests.factories.times import NOW
from tests.flow.harness import TOKEN, BotHarness, open_harness
from tests.flow.reader import Reader
from tests.hostile_server import answer, serve_hostile
from tests.program import program_environment
from tests.waiting import until


async def illustrate(harness: BotHarness, *, wanted: int) -> None:
    """Give every article a kept picture, as the pipeline does."""
    async with harness.app.stores.database.read() as connection:
        ids = list((await connection.execute(sa.select(articles.c.id).order_by(articles.c.id))).scalars())
    assert len(ids) == wanted
    keys = keep_pictures(harness.settings.pictures_folder, *[scene(number) for number in range(len(ids))])
    row = {"likeness": "0", "width": 640, "height": 360, "bytes": 1000, "used_at": NOW}
    async with harness.app.stores.database.write() as connection:
        known = set((await connection.execute(sa.select(kept_pictures.c.key))).scalars())
        new = [{"key": key, **row} for key in keys if key not in known]
        if new:
            await connection.execute(sa.insert(kept_pictures), new)
        for article, key in zip(ids, keys, strict=True):
            await connection.execute(sa.update(articles).where(articles.c.id == article).values(picture=key))


async def states(harness: BotHarness) -> list[tuple[str, bool]]:
    """Return what became of each mosaic, and whether Telegram has it."""
    async with harness.app.stores.database.read() as connection:
        rows = await connection.execute(sa.select(mosaics.c.state, mosaics.c.file_id))
        return [(row.state, bool(row.file_id)) for row in rows]


async def test_a_due_digest_goes_out_with_its_mosaic(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        await harness.add_chats(range(500, 505), layout="gallery")
        await harness.publish("One", "Two", "Three", categories=["Science"])
        await illustrate(harness, wanted=3)
        await harness.next_slot()
        # One upload for five chats.
        assert await states(harness) == [("made", True)]
        async with harness.app.stores.database.read() as connection:
            key = await connection.scalar(sa.select(mosaics.c.key))
        assert mosaic_path(harness.settings.pictures_folder, str(key)).read_bytes().startswith(b"\xff\xd8\xff")
        assert harness.app.parts.media.drawing.pid is not None


async def test_it_has_a_head_start_while_jobs_run_by_themselves(tmp_path: Path) -> None:
    async with open_harness(tmp_path, delivery={"tick_seconds": 1}) as harness:
        await harness.add_chats(range(500, 503), layout="gallery")
        await harness.publish("One", "Two", categories=["Science"])
        await illustrate(harness, wanted=2)
        await harness.restart(scheduled=True)
        moment = await harness.app.stores.places.next_moment()
        assert moment is not None
        harness.clock.move(moment - harness.clock.now())
        harness.app.jobs.wake("tick")

        async def all_sent() -> bool:
            counts = await harness.app.stores.deliveries.counts(NOW)
            return counts == {"sent": 3}

        await until(all_sent, 20)
        assert await states(harness) == [("made", True)]


async def test_who_asks_for_a_digest_gets_it_with_its_mosaic(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        robin = await harness.subscriber_of("First")
        await harness.publish("One", "Two", categories=["Science"])
        await illustrate(harness, wanted=3)
        await robin.say("/digest")

        async def is_made() -> bool:
            return ("made", True) in await states(harness)

        await until(is_made, 20)


# The bot, until a line comes; then it says which modules of Pillow it has loaded.
_PROGRAM = """
import asyncio, sys
from bot.process.app import App
from bot.runtime.clock import SystemClock
from config.load import load_settings
async def main():
    app = App(load_settings(), SystemClock())
    await app.start()
    await asyncio.to_thread(sys.stdin.readline)
    print(sorted(name for name in sys.modules if name.split(".")[0] == "PIL"), flush=True)
    await app.stop()
asyncio.run(main())
"""


async def test_a_running_bot_never_loads_pillow(tmp_path: Path) -> None:
    """It fetches, judges, draws and sends pictures meanwhile, and draws a chart."""
    posts = tmp_path / "posts" / "Science"
    posts.mkdir(parents=True)
    pages = {f"/{number}.jpg": answer(encoded(scene(number)), kind="image/jpeg") for number in range(3)}
    simulator = Simulator(TOKEN)
    await simulator.start()
    async with serve_hostile(pages) as server:
        for number in range(3):
            text = post(f"Title {number}", categories=["Science"], thumbnail=f"{server.url}/{number}.jpg")
            (posts / f"{number}.md").write_text(text, encoding="utf-8")
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=program_environment(
                tmp_path,
                telegram__token=TOKEN,
                telegram__api_url=simulator.url,
                telegram__admins=9001,
                telegram__poll_seconds=1,
                fetch__allow_hosts=server.name,
            ),
        )
        database = Database(f"sqlite:///{tmp_path / 'data' / 'digestbot.db'}")
        try:
            ada = await Reader.arrive(simulator.url, first_name="Ada", language_code="en", user_id=9001)
            async with ada:

                async def has(table: sa.Table, number: int) -> bool:
                    try:
                        async with database.read() as connection:
                            return await connection.scalar(sa.select(sa.func.count()).select_from(table)) == number
                    except StorageError:
                        # It is not made yet.
                        return False

                await until(lambda: has(kept_pictures, 3), 30)
                await ada.say("/start")
                await ada.press("Science")
                await ada.press("Done")
                await until(lambda: has(mosaics, 1), 20)
                await ada.say("/stats")
                await ada.wait_for(lambda message: bool(message.get("photo")), 20)
            out, _ = await program.communicate(b"\n")
        finally:
            await database.close()
            if program.returncode is None:
                program.kill()
                await program.wait()
            await simulator.stop()
    assert out.decode().splitlines() == ["[]"]
