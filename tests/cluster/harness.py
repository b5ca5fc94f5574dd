"""Processes of the bot, started as an operator starts them, over one PostgreSQL and a simulator in this process."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from bot.simulator.server import Simulator
from digests.model.layout import Layout
from digests.storage.database import Database
from digests.storage.schema.place_tables import places
from tests.cluster.network import Network, require_namespaces
from tests.cluster.server import Cable, OwnServer, own_server
from tests.load.database import add_articles, add_categories, add_chats, subscribe
from tests.load.harness import ADMIN, TOKEN
from tests.program import PROGRAM, program_environment
from tests.waiting import until

READY_SECONDS = 60
_CATEGORIES = 10
# Whatever kills this process, they end with it.
_WITH_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()


class Program:
    """A process of the bot: `digestbot` with these arguments, whose log goes to a file."""

    def __init__(
        self,
        name: str,
        arguments: tuple[str, ...],
        environment: dict[str, str],
        folder: Path,
        prefix: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self._command = (*_WITH_US, *prefix, str(PROGRAM), *arguments)
        self._environment = environment
        self._log = folder / f"{name}.log"
        self._begun_at = 0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and wait until it is ready."""
        await self.begin()
        await until(lambda: self.has_said("ready"), READY_SECONDS, pause=0.05, failure=self.tail)

    async def begin(self) -> None:
        """Start it, and don't wait."""
        self._begun_at = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, stdout=log, stderr=log
            )

    async def ends(self, seconds: float = 60) -> int:
        """Start it, wait until it ends by itself, and return its exit status."""
        await self.begin()
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), seconds)

    def lines(self) -> list[dict[str, Any]]:
        """Return what it has logged since it was last started; what is no JSON is a line's "event"."""
        found = []
        with self._log.open("rb") as log:
            log.seek(self._begun_at)
            for line in log.read().decode().splitlines():
                try:
                    found.append(json.loads(line))
                except ValueError:
                    found.append({"event": line, "level": "?"})
        return found

    def has_said(self, event: str) -> bool:
        """Return whether a line of its log is this."""
        if self._process is not None and self._process.returncode is not None:
            raise AssertionError(f"{self.name} ended: {self.tail()}")
        return any(line["event"] == event for line in self.lines())

    @property
    def is_running(self) -> bool:
        """Whether it was started, and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def environment(self) -> dict[str, str]:
        """What it is started with; to be changed before that."""
        return self._environment

    def says_last(self, *events: str) -> str:
        """Return which of these lines it has logged last; "" for none."""
        said = [line["event"] for line in self.lines() if line["event"] in events]
        return said[-1] if said else ""

    def troubles(self) -> list[dict[str, Any]]:
        """Return the lines of its log that are warnings or worse."""
        return [line for line in self.lines() if line["level"] not in ("debug", "info")]

    def tail(self) -> str:
        """Return the end of its log."""
        return "\n".join(str(line) for line in self.lines()[-8:])

    async def run(self, *arguments: str) -> int:
        """Run another command with the same settings beside it, and return that one's exit status."""
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            *arguments,
            env=self._environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return await process.wait()

    async def kill(self) -> None:
        """Kill it without letting it finish anything."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    def freeze(self) -> None:
        """Have its time stand still."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    async def end(self) -> None:
        """Kill it if it is still running, frozen or not."""
        if self.is_running:
            self.thaw()
            await self.kill()

    async def stop(self) -> int:
        """Stop it as a supervisor does, and return its exit status."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
        return await asyncio.wait_for(self._process.wait(), 30)


class Cluster:
    """A simulator, a PostgreSQL server with chats that want news, and processes of the bot."""

    def __init__(
        self, folder: Path, simulator: Simulator, server: OwnServer, url: str, network: Network | None = None
    ) -> None:
        self.folder = folder
        self.network = network
        self.simulator = simulator
        self.server = server
        self.url = url
        self.database = Database(url)
        self.programs: list[Program] = []
        self.cables: list[Cable] = []
        self.api_url = simulator.url
        self.waiting: set[int] = set()
        """Chats whose next digest is left as it is."""
        self._categories: list[Any] = []

    async def add_readers(self, number: int) -> None:
        """Add people who follow the categories in which `news` appears."""
        now = datetime.now(UTC)
        for chat in range(1, number + 1):
            self.simulator.world.add_user(f"Reader {chat}", user_id=chat, started=True, language_code="en")
        await add_chats(self.database, range(1, number + 1), now, layout=Layout.LIST)
        self._categories = (await add_categories(self.database))[:_CATEGORIES]
        await subscribe(self.database, [self._categories] * number, now)

    async def news(self) -> None:
        """Publish articles, and make the digests due now of all but whoever was told to wait."""
        now = datetime.now(UTC)
        await add_articles(self.database, self._categories, _CATEGORIES, random.Random(1), now)
        async with self.database.write() as connection:
            due = sa.update(places).where(places.c.chat_id.not_in(sorted(self.waiting)))
            await connection.execute(due.values(next_at=now - timedelta(seconds=1)))

    def program(self, name: str, *arguments: str, **options: object) -> Program:
        """Return a process that has not been started: `digestbot` with these arguments, in a data folder of its own."""
        return self._program(name, arguments, self.url, options)

    async def on_host(self, name: str, *arguments: str, **options: object) -> Program:
        """Return a process that has not been started, on a host of its name in the network."""
        assert self.network is not None
        host = await self.network.host(name)
        url = sa.make_url(self.url).set(host=self.network.database, query={})
        settings = {"telegram__api_url": self.api_url} | options
        return self._program(name, arguments, url.render_as_string(hide_password=False), settings, host.prefix)

    async def listen(self) -> None:
        """Let the network's hosts reach the simulator, too."""
        assert self.network is not None
        assert self.simulator._runner is not None
        listening = self.network.listen(self.network.telegram)
        await web.SockSite(self.simulator._runner, listening).start()
        self.api_url = f"http://{self.network.telegram}:{listening.getsockname()[1]}"

    async def with_cable(self, name: str, *arguments: str, **options: object) -> tuple[Program, Cable]:
        """Return a process that has not been started, and its way to the database, which can be cut or slow."""
        cable = Cable(self.server.socket)
        port = await cable.open()
        self.cables.append(cable)
        url = sa.make_url(self.url)
        named = url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False)
        return self._program(name, arguments, named, options), cable

    def _program(
        self,
        name: str,
        arguments: tuple[str, ...],
        url: str,
        options: dict[str, object],
        prefix: tuple[str, ...] = (),
    ) -> Program:
        settings: dict[str, object] = {
            "database__url": url,
            "telegram__token": TOKEN,
            "telegram__api_url": self.simulator.url,
            "telegram__admins": ADMIN,
            "telegram__poll_seconds": 1,
            "telegram__chat_rate": 100,
            "delivery__tick_seconds": 1,
            "media__pictures": "none",
            "log__level": "info",
            "metrics__listen": "127.0.0.1:0",
            "posts__folder": self.folder / "posts",
        } | options
        environment = program_environment(self.folder / name, **settings)
        program = Program(name, arguments, environment, self.folder, prefix)
        self.programs.append(program)
        return program

    async def close(self) -> None:
        """Kill what is left, all of it even if some of it can't be."""
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self.database.close)
            for cable in self.cables:
                closing.push_async_callback(cable.close)
            for program in self.programs:
                closing.push_async_callback(program.end)


@asynccontextmanager
async def open_cluster(folder: Path, readers: int = 0, network: Network | None = None) -> AsyncIterator[Cluster]:
    """Run a database, and a simulator that takes whatever comes, until the block ends; hosts reach both."""
    (folder / "posts").mkdir(parents=True, exist_ok=True)
    async with own_server(network) as server:
        with server.databases.database() as url:
            async with AsyncExitStack() as closing:
                simulator = Simulator(TOKEN)
                simulator.world.ledger.hold_calls = False
                closing.push_async_callback(simulator.stop)
                await simulator.start()
                cluster = Cluster(folder, simulator, server, url, network)
                closing.push_async_callback(cluster.close)
                if network is not None:
                    await cluster.listen()
                if readers:
                    await cluster.add_readers(readers)
                yield cluster


@asynccontextmanager
async def open_network_cluster(folder: Path, readers: int) -> AsyncIterator[Cluster]:
    """Run them in a network of several hosts; where none can be made, skip the test."""
    require_namespaces()
    network = Network()
    try:
        await network.open()
        async with open_cluster(folder, readers, network) as cluster:
            yield cluster
    finally:
        network.close()
