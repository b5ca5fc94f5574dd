"""Many at once, and a bot that is ended in the middle."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from bot.simulator.server import Simulator
from tests.factories.articles import post
from tests.factories.times import NOW
from tests.flow.stage import TOKEN, assert_liked, open_stage

PROGRAM = Path(sys.executable).with_name("digestbot")


def chats_file(folder: Path, simulator: Simulator, number: int) -> Path:
    """Chats that have started the bot, as `digestbot chats import` takes them."""
    lines = []
    for chat in range(1, number + 1):
        simulator.world.add_user(f"Reader {chat}", user_id=chat, started=True)
        lines.append(json.dumps({"id": chat, "language": "en", "categories": ["Science"], "time": "07:31"}))
    file = folder / "chats.jsonl"
    file.write_text("\n".join(lines))
    return file


class Program:
    """`digestbot` as a process of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DIGESTBOT_")},
            "DIGESTBOT_TELEGRAM__TOKEN": TOKEN,
            "DIGESTBOT_TELEGRAM__API_URL": url,
            "DIGESTBOT_TELEGRAM__ADMINS": "9001",
            "DIGESTBOT_POSTS__FOLDER": str(folder / "posts"),
            "DIGESTBOT_DATA_DIR": str(folder / "data"),
            "DIGESTBOT_LOG__LEVEL": "warning",
        }
        (folder / "posts").mkdir(exist_ok=True)

    async def call(self, *arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *arguments, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        output = (await process.communicate())[0].decode()
        assert process.returncode == 0, output
        return output

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(PROGRAM, "run", env=self._environment)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    opened = Simulator(TOKEN, strict_rates=True)
    await opened.start()
    yield opened
    await opened.stop()


async def test_500_chats_at_once_each_exactly_once_within_the_limits(tmp_path: Path) -> None:
    async with open_stage(tmp_path, telegram={"chat_rate": 1, "group_rate": 20}) as stage:
        stage.simulator.world.rates.terms.strict_rates = True
        await stage.publish("News for everybody")
        file = chats_file(tmp_path, stage.simulator, 500)
        program = Program(tmp_path, stage.simulator.url)
        await stage.app.stop()
        await program.call("chats", "import", str(file))
        stage.app = stage.new_app()
        await stage.start()
        # The import was a process of its own, on the real clock: the stage's goes to an hour before its slots.
        due = await stage.app.rooms.places.next_moment()
        assert due is not None
        stage.clock.move(due - stage.clock.now() - timedelta(hours=1))
        stage.write("Fresh news for everybody")
        await stage.app.scan()
        began = monotonic()
        await stage.next_slot()
        assert monotonic() - began < 500 / 30 + 4
        ledger = stage.simulator.world.ledger
        assert ledger.accepted == dict.fromkeys(range(1, 501), 1)
        assert ledger.floods == 0


async def test_sigterm_in_the_middle_then_a_restart(tmp_path: Path, simulator: Simulator) -> None:
    program = Program(tmp_path, simulator.url)
    (tmp_path / "posts" / "a.md").write_text(post("News", date=f"{NOW:%Y-%m-%d %H:%M:%S}"))
    await program.call("ingest")
    await program.call("chats", "import", str(chats_file(tmp_path, simulator, 150)))
    said = await program.call("announce", "--text", "Hello <everybody>", "--yes")
    assert "150 chats" in said
    assert "The bot is not running" in said
    accepted = simulator.world.ledger.accepted

    bot = await program.start()
    async with asyncio.timeout(20):
        while accepted.total() < 40:
            await asyncio.sleep(0.02)
    began = monotonic()
    bot.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(bot.wait(), 10) == 0
    assert monotonic() - began < 10
    assert accepted.total() < 150

    again = await program.start()
    async with asyncio.timeout(30):
        while accepted.total() < 150:
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    again.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(again.wait(), 10) == 0
    assert accepted == dict.fromkeys(range(1, 151), 1)
    assert simulator.world.ledger.floods == 0
    assert_liked(simulator)
    stats = json.loads(await program.call("stats", "--json"))
    assert stats["deliveries of the last day"] == {"sent": 150}
