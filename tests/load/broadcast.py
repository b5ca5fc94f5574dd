"""Broadcasts through the whole bot, in a process of its own: how fast, how evenly, at what cost."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import monotonic
from typing import Any

import sqlalchemy as sa

from bot.simulator.driver import Person
from digests.storage.database import Database
from tests.load.faults import until_settled
from tests.load.figures import Figure
from tests.load.ground import Bot, Simulation, add_chats, announce, fill_archive, make_database, simulation

TEXT = "<b>News of the day</b>\n" + "新闻摘要：一句话说明发生了什么，谁说的，为什么重要。 " * 40


async def measure_free_rate(chats: int) -> list[Figure]:
    found, ledger = await _broadcast(chats, paid=False)
    name = f"free rate, {chats:,} chats"
    return [
        Figure(f"{name}: all out", found["seconds"], "s", 104 * chats / 3000),
        Figure(f"{name}: mean", found["mean"], "/s", 29, at_most=False),
        Figure(f"{name}: left in any second", found["largest_second"], "", 30),
        Figure(f"{name}: arrived in a second", ledger["largest_second"], "", 33),
        Figure(f"{name}: answers 429", ledger["floods"], "", 0),
    ]


async def measure_paid_rate(chats: int) -> list[Figure]:
    waits: list[float] = []
    found, ledger = await _broadcast(chats, paid=True, beside=lambda sim, done: _ask(sim, done, waits))
    name = f"paid rate, {chats:,} chats"
    cuts = quantiles(waits, n=100)
    return [
        Figure(f"{name}: mean", found["mean"], "/s", 980, at_most=False),
        Figure(f"{name}: CPU a message, all included", found["cpu_ms"], "ms", 0.7),
        Figure(f"{name}: messages a commit", found["left"] / found["commits"], "", 20, at_most=False),
        Figure(f"{name}: answers 429", ledger["floods"], "", 0),
        Figure(f"{name}: a reader's command, p95 of {len(waits)}", 1000 * cuts[94], "ms", 300),
        Figure(f"{name}: a reader's command, p99", 1000 * cuts[98], "ms", 1000),
        Figure(f"{name}: RSS, beside {chats:,} articles", found["rss_mb"], "MB", 200),
    ]


async def _broadcast(
    chats: int, *, paid: bool, beside: Callable[[Simulation, asyncio.Event], Awaitable[None]] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        async with simulation(strict=True) as sim:
            await sim.people(chats)
            bot = Bot(Path(folder), sim.url, telegram__paid=paid)
            make_database(bot.database_url)
            database = Database(bot.database_url)
            await add_chats(database, range(1, chats + 1), datetime.now(UTC))
            if paid:
                await fill_archive(database, bot.folder / "data", chats)
            await announce(database, TEXT)
            await bot.start()
            done = asyncio.Event()
            asking = asyncio.ensure_future(beside(sim, done)) if beside else None
            await until_settled(database, 30 + chats / (500 if paid else 20))
            done.set()
            if asking is not None:
                await asking
            found = await bot.end()
            ledger = await sim.get("ledger")
            async with database.read() as connection:
                states = (await connection.execute(sa.text("SELECT state, count(*) FROM parts GROUP BY state"))).all()
            assert [tuple(row) for row in states] == [("sent", chats)], states
            await database.close()
        return found, ledger


async def _ask(sim: Simulation, done: asyncio.Event, waits: list[float]) -> None:
    """A reader's commands, one after the other: from his message to the bot's accepted reply."""
    async with await Person.arrive(sim.url, first_name="Robin", user_id=800_000_001) as robin:
        await robin.say("/start")
        await robin.wait_for(lambda message: True, 10)
        while not done.is_set():
            began = monotonic()
            said = await robin.say("/id")
            await robin.wait_for("Your Telegram id", 10, after=said)
            waits.append(monotonic() - began)
            # He reads it; the rate of one chat is one message a second.
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), 1.05 - min(1.0, waits[-1]))
