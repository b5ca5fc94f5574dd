"""The bot as a process that measures itself: `python -m tests.load.bot_process`, configured by the environment.

It runs until SIGTERM and then prints a line of JSON: when requests left, what they cost, how often the database
committed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sys
import time
from array import array
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
from yarl import URL

from bot.commands.run import started, stop_signals
from bot.process.app import App
from bot.telegram.request import AiohttpRequest
from config.load import load_settings
from config.logs import configure_logging
from digests.model.process import ProcessRole
from tests.load.figures import peak_rss_mb


class SteppingClock:
    """The real clock, which SIGUSR1 sets back by an hour and SIGUSR2 forward by ten minutes."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self._step, timedelta(hours=-1))
        loop.add_signal_handler(signal.SIGUSR2, self._step, timedelta(minutes=10))

    def _step(self, by: timedelta) -> None:
        self._ahead += by

    def now(self) -> datetime:
        """Return the time as it is set."""
        return datetime.now(UTC) + self._ahead


class RefusingConnector(aiohttp.TCPConnector):
    """Sends a share of the messages to a port at which nobody listens, and counts each by a byte in a file."""

    def __init__(self, share: float, counter: Path, **options: Any) -> None:
        super().__init__(**options)
        self._share = share
        self._counter = counter
        self._chance = random.Random(1)  # the same choices in every run
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self._closed_port = unused.getsockname()[1]

    async def connect(
        self, req: aiohttp.ClientRequest, traces: Any, timeout: aiohttp.ClientTimeout
    ) -> aiohttp.connector.Connection:
        """Connect, or meet a port at which nobody listens."""
        if "/send" in req.url.path and self._chance.random() < self._share:
            try:
                await asyncio.open_connection("127.0.0.1", self._closed_port)
            except OSError as error:
                with self._counter.open("ab") as counter:
                    counter.write(b".")
                raise aiohttp.ClientConnectorError(req.connection_key, error) from error
        return await super().connect(req, traces, timeout)


def refuse_connections(share: float, counter: Path) -> None:
    """Let this share of all messages meet a refused connection."""

    def connector(request: AiohttpRequest) -> aiohttp.BaseConnector:
        return RefusingConnector(share, counter, limit=request._connections)

    AiohttpRequest._connector = connector  # type: ignore[assignment, method-assign]


class Meter:
    """Measures bulk messages: the moments at which they left, and the CPU time at the first and the last of them."""

    def __init__(self, app: App) -> None:
        self.left = array("d")
        self.cpu = [0.0, 0.0]
        self.commits = [0, 0]
        self._commits = 0
        sa.event.listen(app.stores.database._engine.sync_engine, "commit", self._committed)
        self._send = AiohttpRequest.send_json

        async def send_json(request: AiohttpRequest, url: URL, body: bytes, *, waits: float = 0.0) -> tuple[int, bytes]:
            if request is not app._client.bulk:
                return await self._send(request, url, body, waits=waits)
            now = time.monotonic()
            if not self.left:
                self.cpu[0], self.commits[0] = time.process_time(), self._commits
            self.left.append(now)
            answer = await self._send(request, url, body)
            self.cpu[1], self.commits[1] = time.process_time(), self._commits
            return answer

        AiohttpRequest.send_json = send_json  # type: ignore[assignment, method-assign]

    def _committed(self, _connection: object) -> None:
        self._commits += 1

    def figures(self) -> dict[str, Any]:
        """Return what has been measured so far."""
        number = len(self.left)
        times = sorted(self.left)
        seconds = times[-1] - times[0] if number > 1 else 0.0
        return {
            "left": number,
            "seconds": seconds,
            "mean": (number - 1) / seconds if seconds else 0.0,
            "largest_second": max((bisect_left(times, at + 1) - index for index, at in enumerate(times)), default=0),
            "cpu_ms": 1000 * (self.cpu[1] - self.cpu[0]) / max(1, number),
            "commits": self.commits[1] - self.commits[0],
            "rss_mb": peak_rss_mb(),
            # Monotonic, which all processes of a machine share.
            "times": [round(at, 4) for at in times] if os.environ.get("LOAD_ROLES") else [],
        }


async def main() -> None:
    """Run the bot until SIGTERM, and print what it measured."""
    settings = load_settings()
    configure_logging(settings)
    stopping = stop_signals()
    refused, _, counter = os.environ.get("LOAD_REFUSED", "").partition(":")
    if refused:
        refuse_connections(float(refused), Path(counter))
    roles = os.environ.get("LOAD_ROLES", "")
    # One of several goes by the database's clock, as they all do.
    app = (
        App(settings, None, frozenset(map(ProcessRole, roles.split(",")))) if roles else App(settings, SteppingClock())
    )
    meter = Meter(app)
    try:
        if await started(app, stopping):
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            await stopping.wait()
    finally:
        await app.stop()
    sys.stdout.write(json.dumps(meter.figures()) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
