"""Webhooks: how many updates a second the bot stores and answers with 200 on one core, and what it takes for them.

The bot, the simulator and whoever calls are processes of their own; the bot has one core to itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import psutil
import sqlalchemy as sa

from digests.storage.database import Database
from digests.storage.schema import updates
from tests.load.database import add_chats, make_database
from tests.load.figures import Figure
from tests.load.harness import BotProcess, simulator_process
from tests.postgres import serving
from tests.waiting import until

_CHATS = 2000
_AT_ONCE = 40
"""Telegram's own number of connections (Bot API, setWebhook)."""
_SECRET = "bench-secret-of-telegrams"
_GOAL = 500
_HELP: dict[str, Any] = {"text": "/help", "entities": [{"type": "bot_command", "offset": 0, "length": 5}]}
_NOTHING: dict[str, Any] = {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}}
"""A message that is stored, and heeded no further."""


async def measure_webhooks(number: int) -> list[Figure]:
    """Measure so many updates on SQLite, and on PostgreSQL."""
    figures = await _measure("SQLite", "", number)
    with serving() as server, server.database() as url:
        figures += await _measure("PostgreSQL", url, number)
    return figures


async def _measure(name: str, url: str, number: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        async with simulator_process() as simulator:
            await simulator.add_people(_CHATS)
            port = _free_port()
            bot = BotProcess(
                Path(folder),
                simulator.url,
                log__level="error",
                telegram__rate=1000,
                telegram__chat_rate=100,
                telegram__webhook_url="https://bot.example/hook",
                telegram__webhook_listen=f"127.0.0.1:{port}",
                telegram__webhook_secret=_SECRET,
                **({"database__url": url} if url else {}),
            )
            if not url:
                make_database(bot.database_url)
            database = Database(bot.database_url)
            await add_chats(database, range(1, _CHATS + 1), datetime.now(UTC))
            await bot.start()
            assert bot.process is not None
            process = psutil.Process(bot.process.pid)
            process.cpu_affinity([max(os.sched_getaffinity(0))])
            numbers = count(1)
            # Everybody is seen once: that writes, and happens to each once an hour.
            await _post_all(port, _CHATS, numbers, _HELP)
            await _all_done(database, _CHATS)
            found: list[tuple[float, float, list[float]]] = []
            for content in (_NOTHING, _HELP):
                before, began = sum(process.cpu_times()[:2]), monotonic()
                waits = await _post_all(port, number, numbers, content)
                rate = number / (monotonic() - began)
                await _all_done(database, _CHATS + number * (len(found) + 1))
                found.append((rate, 1000 * (sum(process.cpu_times()[:2]) - before) / number, waits))
            await bot.end()
            await database.close()
    part = f"webhooks, {name}, {number:,} updates of {_CHATS:,} chats"
    (rate, stored, waits), (_, handled, _) = found
    return [
        Figure(f"{part}: stored and answered with 200", rate, "/s", _GOAL, at_most=False),
        Figure(f"{part}: answered, p95", 1000 * sorted(waits)[int(0.95 * len(waits))], "ms", 300),
        Figure(f"{part}: CPU of one that needs no answer", stored, "ms", 1000 / _GOAL),
        Figure(f"{part}: CPU of a /help", handled, "ms", 4.0),
    ]


async def _post_all(port: int, number: int, numbers: Iterator[int], content: dict[str, Any]) -> list[float]:
    """Post updates on as many connections as Telegram uses, each after the one before; return how long each took."""
    waits: list[float] = []
    left = iter(range(number))

    async def post(session: aiohttp.ClientSession) -> None:
        for _ in left:
            update = next(numbers)
            began = monotonic()
            async with session.post(f"http://127.0.0.1:{port}/hook", data=_body(update, content)) as response:
                assert response.status == 200, await response.text()
            waits.append(monotonic() - began)

    headers = {"X-Telegram-Bot-Api-Secret-Token": _SECRET, "Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        await asyncio.gather(*(post(session) for _ in range(_AT_ONCE)))
    return waits


def _body(update: int, content: dict[str, Any]) -> bytes:
    chat = 1 + update % _CHATS
    person = {"id": chat, "first_name": f"Reader {chat}", "language_code": "en"}
    message = {
        "message_id": update,
        "date": 1_790_000_000,
        "chat": {"id": chat, "type": "private", "first_name": person["first_name"]},
        "from": person | {"is_bot": False},
    } | content
    return json.dumps({"update_id": update, "message": message}).encode()


async def _all_done(database: Database, number: int) -> None:
    """Wait until so many updates are in the table, all done."""
    query = sa.select(sa.func.count()).where(updates.c.done_at.is_not(None))

    async def are_done() -> bool:
        async with database.read() as connection:
            return int(await connection.scalar(query) or 0) >= number

    await until(are_done, 120, pause=0.1)


def _free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])
