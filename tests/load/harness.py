"""A simulator and a bot in processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from digests.model.process import ProcessRole
from tests.program import is_alive, program_environment
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "987654321:load-token-of-the-simulator"
ADMIN = 9_000_001


class SimulatorProcess:
    """The simulator in a process of its own."""

    def __init__(self, url: str, session: aiohttp.ClientSession, pid: int) -> None:
        self.url = url
        self.pid = pid
        self._session = session

    async def post(self, path: str, **fields: Any) -> dict[str, Any]:
        """Make the simulator do something; paths are below /sim."""
        async with self._session.post(f"{self.url}/sim/{path}", json=fields) as response:
            found: dict[str, Any] = await response.json()
            assert response.status == 200, found
            return found

    async def get(self, path: str) -> dict[str, Any]:
        """Ask the simulator something; paths are below /sim."""
        async with self._session.get(f"{self.url}/sim/{path}") as response:
            found: dict[str, Any] = await response.json()
            return found

    async def add_people(self, count: int, first_id: int = 1) -> None:
        """Add people who have started the bot."""
        await self.post("people", count=count, first_id=first_id)


@asynccontextmanager
async def simulator_process(*, strict: bool = False) -> AsyncIterator[SimulatorProcess]:
    """Run a simulator until the block ends; `strict`: it enforces Telegram's rates."""
    options = ["--token", TOKEN, "--forget-calls", *(["--strict-rates"] if strict else [])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.simulator", *options, cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        url = json.loads(await process.stdout.readline())["url"]
        async with aiohttp.ClientSession() as session:
            yield SimulatorProcess(url, session, process.pid)
    finally:
        process.terminate()
        await process.wait()


class BotProcess:
    """The bot in a process of its own, which can be started and ended again and again on one folder."""

    def __init__(self, folder: Path, url: str, **options: object) -> None:
        self.folder = folder
        self.environment = program_environment(
            folder, telegram__token=TOKEN, telegram__api_url=url, telegram__admins=ADMIN, **options
        )
        (folder / "posts").mkdir(exist_ok=True)
        self.process: asyncio.subprocess.Process | None = None

    def do(self, *roles: ProcessRole) -> None:
        """Be one of several processes, which has these roles."""
        self.environment["LOAD_ROLES"] = ",".join(roles)

    @property
    def database_url(self) -> str:
        """The URL of its database: the one of its settings, or that of the file in its folder."""
        return self.environment.get("DIGESTBOT_DATABASE__URL") or f"sqlite:///{self.folder / 'data' / 'digestbot.db'}"

    async def start(self) -> None:
        """Start the bot, and wait until it is ready."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.load.bot_process", cwd=ROOT, env=self.environment, stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 30)
        assert line == b"ready\n", line

    async def kill(self) -> None:
        """Kill the bot without letting it finish anything."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def end(self) -> dict[str, Any]:
        """End the bot, and return what it has measured about itself."""
        assert self.process is not None
        self.process.terminate()
        output, _ = await asyncio.wait_for(self.process.communicate(), 30)
        figures: dict[str, Any] = json.loads(output.splitlines()[-1])
        return figures


class Forkserver:
    """A process that has imported the bot and forks it: bots of one folder start within milliseconds."""

    def __init__(self, bot: BotProcess) -> None:
        self._bot = bot
        self._process: asyncio.subprocess.Process | None = None
        self._child = 0

    async def open(self) -> None:
        """Start the process that forks."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.load.forkserver",
            cwd=ROOT,
            env=self._bot.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    async def start(self) -> None:
        """Fork a bot; it gets ready by itself."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"fork\n")
        self._child = int(await self._process.stdout.readline())

    async def kill(self) -> None:
        """Kill the bot and wait until its process, and with it its hold on the files, is gone."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            await until(lambda: not is_alive(self._child))
            self._child = 0

    async def close(self) -> None:
        """Kill the bot and end the process that forked it."""
        await self.kill()
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            await self._process.wait()
