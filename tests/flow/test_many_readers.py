"""Many chats at once, and a bot that is ended in the middle of a broadcast."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from bot.simulator.server import Simulator
from tests.factories.articles import post
from tests.factories.times import NOW
from tests.flow.harness import ADMIN, TOKEN, assert_liked, open_harness
from tests.program import PROGRAM, program_environment
from tests.waiting import until


def chats_file(folder: Path, simulator: Simulator, number: int) -> Path:
    """Add people who have started the bot, and write the file that `digestbot chats import` reads them from."""
    lines = []
    for chat in range(1, number + 1):
        simulator.world.add_user(f"Reader {chat}", user_id=chat, started=True)
        lines.append(json.dumps({"id": chat, "language": "en", "categories": ["Science"], "time": "07:31"}))
    file = folder / "chats.jsonl"
    file.write_text("\n".join(lines))
    return file


class StartedProgram:
    """`digestbot` as a process of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self._environment = program_environment(
            folder, telegram__token=TOKEN, telegram__api_url=url, telegram__admins=ADMIN, log__level="warning"
        )
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


async def test_500_chats_at_once_get_it_exactly_once_within_the_limits(tmp_path: Path) -> None:
    async with open_harness(tmp_path, telegram={"chat_rate": 1, "group_rate": 20}) as harness:
        harness.simulator.world.rates.limits.strict_rates = True
        await harness.publish("News for everybody")
        file = chats_file(tmp_path, harness.simulator, 500)
        program = StartedProgram(tmp_path, harness.simulator.url)
        await harness.app.stop()
        await program.call("chats", "import", str(file))
        harness.app = harness.new_app()
        await harness.start()
        # The import ran on the real clock, so its slots are far from the harness's: move to an hour before them.
        due = await harness.app.stores.places.next_moment()
        assert due is not None
        harness.clock.move(due - harness.clock.now() - timedelta(hours=1))
        harness.write("Fresh news for everybody")
        await harness.app.scan()
        began = monotonic()
        await harness.next_slot()
        assert monotonic() - began < 500 / 30 + 4
        ledger = harness.simulator.world.ledger
        assert ledger.accepted == dict.fromkeys(range(1, 501), 1)
        assert ledger.floods == 0


async def test_a_broadcast_survives_sigterm_and_a_restart(tmp_path: Path, simulator: Simulator) -> None:
    program = StartedProgram(tmp_path, simulator.url)
    (tmp_path / "posts" / "a.md").write_text(post("News", date=f"{NOW:%Y-%m-%d %H:%M:%S}"))
    await program.call("ingest")
    await program.call("chats", "import", str(chats_file(tmp_path, simulator, 150)))
    said = await program.call("announce", "--text", "Hello <everybody>", "--yes")
    assert "150 chats" in said
    assert "The bot is not running" in said
    accepted = simulator.world.ledger.accepted

    bot = await program.start()
    await until(lambda: accepted.total() >= 40, 20)
    began = monotonic()
    bot.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(bot.wait(), 10) == 0
    assert monotonic() - began < 10
    assert accepted.total() < 150

    again = await program.start()
    await until(lambda: accepted.total() >= 150, 30)
    # If a message were sent twice, the second one would come now.
    await asyncio.sleep(1)
    again.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(again.wait(), 10) == 0
    assert accepted == dict.fromkeys(range(1, 151), 1)
    assert simulator.world.ledger.floods == 0
    assert_liked(simulator)
    stats = json.loads(await program.call("stats", "--json"))
    assert stats["deliveries of the last day"] == {"sent": 150}
