"""The bot as a process that measures itself: `python -m tests.load.bot_process`, configured by the environment.

Until SIGTERM; then one line of JSON: when requests left, what they cost, how often the database committed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from array import array
from bisect import bisect_left
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from yarl import URL

from bot.app import App
from bot.clock import SystemClock
from bot.commands.running import started, stop_signals
from bot.telegram.request import AiohttpRequest
from config.load import load_settings
from config.logs import configure_logging
from tests.load.figures import peak_rss_mb

_GAP = 0.1
"""Seconds in which nothing left: more than the throttle makes up for, whoever took the processor."""


class Meter:
    """`left`: the moments at which bulk messages left. `cpu`: the process's CPU time at the first and the last."""

    def __init__(self, app: App) -> None:
        self.left = array("d")
        self.cpu = [0.0, 0.0]
        self.commits = [0, 0]
        self._commits = 0
        sa.event.listen(app.rooms.database._engine.sync_engine, "commit", self._committed)
        self._send = AiohttpRequest.send_json

        async def send_json(request: AiohttpRequest, url: URL, body: bytes) -> tuple[int, bytes]:
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
        number = len(self.left)
        times = sorted(self.left)
        seconds = times[-1] - times[0] if number > 1 else 0.0
        return {
            "left": number,
            "seconds": seconds,
            "gaps": [round(after - at, 3) for at, after in pairwise(times) if after - at > _GAP],
            "mean": (number - 1) / seconds if seconds else 0.0,
            "largest_second": max((bisect_left(times, at + 1) - index for index, at in enumerate(times)), default=0),
            "cpu_ms": 1000 * (self.cpu[1] - self.cpu[0]) / max(1, number),
            "commits": self.commits[1] - self.commits[0],
            "rss_mb": peak_rss_mb(),
        }


async def main() -> None:
    settings = load_settings()
    configure_logging(settings)
    stopping = stop_signals()
    app = App(settings, SystemClock())
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
