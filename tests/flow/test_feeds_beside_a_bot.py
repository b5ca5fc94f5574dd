"""Feeds that are added, and removed, by the program while a bot runs in another process."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

from bot.simulator.server import Simulator
from tests.flow.harness import ADMIN, TOKEN
from tests.program import PROGRAM, program_environment
from tests.small_site import SmallSite, serving_site
from tests.waiting import until


class ProgramBesideABot:
    """`digestbot` on one data folder, in processes of its own."""

    def __init__(self, folder: Path, url: str, site: SmallSite) -> None:
        (folder / "posts").mkdir()
        self._environment = program_environment(
            folder,
            telegram__token=TOKEN,
            telegram__api_url=url,
            telegram__admins=ADMIN,
            fetch__allow_hosts=site.name,
            feeds__host_seconds=0,
        )

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return its exit status, and what it printed."""
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *arguments, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, errors = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), errors.decode()

    async def call(self, *arguments: str) -> str:
        """Run a command that succeeds, and return what it printed."""
        status, out, errors = await self.run(*arguments)
        assert status == 0, errors
        return out

    async def feeds(self) -> list[dict[str, Any]]:
        """Return all feeds, as the program lists them."""
        found: list[dict[str, Any]] = json.loads(await self.call("feeds", "list", "--json"))
        return found

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(PROGRAM, "run", env=self._environment)


async def test_a_running_bot_looks_at_what_is_added_beside_it(tmp_path: Path) -> None:
    simulator = Simulator(TOKEN)
    await simulator.start()
    with serving_site() as site:
        program = ProgramBesideABot(tmp_path, simulator.url, site)
        url = site.put_feed()
        bot = await program.start()
        try:

            async def is_known_to_run() -> bool:
                return (await program.run("doctor", "--running"))[0] == 0

            await until(is_known_to_run, 30)
            said = await program.call("feeds", "add", url, "--category", "World")
            assert "looks at it within seconds" in said

            async def is_looked_at() -> bool:
                return [feed["state"] for feed in await program.feeds()] == ["fine"]

            await until(is_looked_at, 60)
            assert len(json.loads(await program.call("search", "Title", "--json"))) == 4
            assert "is removed" in await program.call("feeds", "remove", url)
            assert await program.feeds() == []
        finally:
            bot.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(bot.wait(), 20) == 0
            await simulator.stop()
