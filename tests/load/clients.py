"""The same messages sent by other libraries at full speed, each in a process of its own against one simulator."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from pathlib import Path

from tests.load.broadcast import TEXT
from tests.load.harness import ROOT, TOKEN, simulator_process

PYTHON = Path(os.environ.get("BENCH_PYTHON") or ROOT / "build" / "bench" / "bin" / "python")
_CLIENTS = {
    "aiohttp": "raw aiohttp (the floor: no ledger, no pacing)",
    "aiogram": "aiogram 3, send_message",
    "ptb": "PTB, HTTPXRequest + AIORateLimiter (30/s by itself)",
}


async def measure_clients(messages: int) -> list[tuple[str, float, float]]:
    """Return each client's name, messages a second and CPU ms a message; none where they are not installed."""
    if not PYTHON.is_file():
        return []
    found = []
    async with simulator_process() as sim:
        await sim.add_people(messages)
        for client, name in _CLIENTS.items():
            number = messages if client != "ptb" else max(100, messages // 10)
            command = [str(PYTHON), str(ROOT / "tests/load/client_alone.py"), client, sim.url, TOKEN, str(number)]
            output = await asyncio.to_thread(
                subprocess.run, command, input=TEXT.encode(), check=True, stdout=subprocess.PIPE
            )
            figures = json.loads(output.stdout)
            found.append((name, figures["rate"], figures["cpu_ms"]))
    return found
