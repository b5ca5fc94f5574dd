"""When its surroundings fail, the bot says so in one line and goes on with what it can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.errors import StartError
from bot.process.app import App
from bot.simulator.server import Simulator
from bot.telegram.webhook import WebhookServer
from digests.errors import StorageError
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.flow.harness import TOKEN, BotHarness, harness_settings, open_harness
from tests.waiting import until


async def test_a_wrong_token_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    simulator = Simulator("123456:another-token")
    await simulator.start()
    harness = BotHarness(tmp_path, simulator)
    with pytest.raises(StartError, match="does not know this token"):
        await harness.start()
    await harness.close()
    await simulator.stop()


async def test_without_a_network_the_start_waits_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    simulator = Simulator(TOKEN)
    await simulator.start()
    await simulator.close_port()
    harness = BotHarness(tmp_path, simulator)
    starting = asyncio.create_task(harness.start())
    await until(lambda: "Telegram can't be reached" in caplog.text, 20)
    assert not starting.done()
    await simulator.open_port()
    await asyncio.wait_for(starting, 10)
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    await harness.close()
    await simulator.stop()


async def test_a_second_bot_on_the_same_files_is_refused(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        second = App(harness.settings, FakeClock(NOW))
        with pytest.raises(StartError, match="Another bot is running"):
            await second.start()
        await second.stop()


async def test_a_second_poller_is_named_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_harness(tmp_path / "one") as harness:
        other = App(harness_settings(tmp_path / "two", harness.simulator.url), FakeClock(NOW))
        await other.start(scheduled=False)
        await until(lambda: "Another program receives this bot's updates" in caplog.text, 10)
        await other.stop()


async def test_a_leftover_webhook_is_removed(tmp_path: Path) -> None:
    simulator = Simulator(TOKEN)
    await simulator.start()
    simulator.world.webhook.set("https://old.example/hook", "", 40)
    harness = BotHarness(tmp_path, simulator)
    await harness.start()
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    await harness.close()
    await simulator.stop()


async def test_updates_by_webhook_need_the_secret(tmp_path: Path, unused_tcp_port: int) -> None:
    simulator = Simulator(TOKEN)
    await simulator.start()
    listen = f"127.0.0.1:{unused_tcp_port}"
    simulator.webhook_targets["https://bot.example"] = f"http://{listen}"
    telegram = {"webhook_url": "https://bot.example/hook", "webhook_listen": listen}
    harness = BotHarness(tmp_path, simulator, telegram=telegram)
    await harness.start()
    robin = await harness.reader()
    await robin.say("/id")
    await robin.wait_for(str(robin.id))
    reader, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
    writer.write(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    assert b" 403 " in await reader.readline()
    writer.close()
    with pytest.raises(StartError, match=r"stop what uses it, or set telegram\.webhook_listen"):
        await WebhookServer("https://x.example/", listen, "s", _nowhere).start()
    await harness.close()
    await simulator.stop()


async def _nowhere(_update: object) -> None: ...


async def test_a_full_disk_is_explained_and_reading_goes_on(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        # A search with several hits is stored for its buttons, which needs room.
        await harness.publish("News", "Long words", "More long words")
        robin = await harness.reader()
        await robin.say("/id")
        await robin.wait_for(str(robin.id))
        make_room = await fill_the_database(harness)
        await robin.say("/search " + "long words " * 25)
        await robin.wait_for("Something went wrong on my side")
        await robin.say("/latest")
        await robin.wait_for("News")
        make_room()
        await robin.say("/search news")
        await robin.wait_for("1 article")


async def fill_the_database(harness: BotHarness) -> Callable[[], None]:
    """Let no connection enlarge the database's file and use up its free pages; return what makes room again."""
    stores = harness.app.stores
    async with stores.database.read() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    most = [int(pages)]

    def limit(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={most[0]}")

    for engine in (stores.database._engine.sync_engine, stores.database._engines.changes):
        sa.event.listen(engine, "begin", limit)
    with pytest.raises(StorageError, match="free some room"):
        for number in range(1000):
            await stores.people.keep_lookup(1, f"{number} " * 60, NOW)

    def make_room() -> None:
        most[0] = 1_000_000

    return make_room


async def test_the_bot_answers_when_its_posts_folder_is_gone(tmp_path: Path) -> None:
    async with open_harness(tmp_path) as harness:
        await harness.publish("News")
        harness.posts.rename(tmp_path / "moved")
        robin = await harness.reader()
        await robin.say("/latest")
        await robin.wait_for("News")
        await robin.say("/doctor")
        await robin.wait_for("I don't know that command")


async def test_a_broken_site_config_costs_only_the_links(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "_config.yml").write_text("permalink: [\n")
    posts = {"site_config": str(tmp_path / "_config.yml")}
    async with open_harness(tmp_path, posts=posts) as harness:
        await harness.publish("News")
        await harness.app.scan()
        assert caplog.text.count("The site's configuration") == 1
        robin = await harness.subscriber()
        assert any("News" in text for text in await robin.texts())
