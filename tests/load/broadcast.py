"""Broadcasts through the whole bot in a process of its own: how fast, how evenly, at what cost."""

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

from bot.simulator.person.driver import Person
from digests.model.ids import IngestNumber
from digests.storage.database import Database
from tests.load.database import add_categories, add_chats, announce, fill_archive, make_database
from tests.load.faults import until_settled
from tests.load.figures import Figure
from tests.load.harness import BotProcess, SimulatorProcess, simulator_process
from tests.load.planning import ARTICLES, add_readers

Prepare = Callable[[Database, Path], Awaitable[None]]
"""Fills a database whose search index is in the folder."""

TEXT = "<b>News of the day</b>\n" + "新闻摘要：一句话说明发生了什么，谁说的，为什么重要。 " * 40


async def measure_free_rate(chats: int) -> list[Figure]:
    """Measure an announcement at the free rate."""
    found, ledger = await broadcast(chats, _announcement(chats, archive=0), paid=False)
    name = f"free rate, {chats:,} chats"
    return [
        Figure(f"{name}: all out", found["seconds"], "s", 104 * chats / 3000),
        Figure(f"{name}: mean", found["mean"], "/s", 29, at_most=False),
        Figure(f"{name}: left in any second", found["largest_second"], "", 30),
        Figure(f"{name}: arrived in a second", ledger["largest_second"], "", 33),
        Figure(f"{name}: answers 429", ledger["floods"], "", 0),
    ]


async def measure_paid_rate(chats: int) -> list[Figure]:
    """Measure an announcement at the paid rate, beside an archive of as many articles."""
    return await _measure_paid(f"paid rate, {chats:,} chats", chats, _announcement(chats, archive=chats))


async def measure_digests(chats: int) -> list[Figure]:
    """Measure digests that the whole bot plans, beside all else that it does, and sends."""
    return await _measure_paid(f"digests, {chats:,} chats", chats, _digests(chats))


async def _measure_paid(name: str, chats: int, prepare: Prepare) -> list[Figure]:
    waits: list[float] = []
    found, ledger = await broadcast(chats, prepare, paid=True, beside=lambda sim, done: _ask(sim, done, waits))
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


def _announcement(chats: int, *, archive: int) -> Prepare:
    """Prepare one text for all chats."""

    async def prepare(database: Database, folder: Path) -> None:
        await add_chats(database, range(1, chats + 1), datetime.now(UTC))
        if archive:
            await fill_archive(database, folder, archive)
        await announce(database, TEXT)

    return prepare


def _digests(chats: int) -> Prepare:
    """Prepare as many articles as chats, of which those of the last day are news."""

    async def prepare(database: Database, folder: Path) -> None:
        now = datetime.now(UTC)
        await fill_archive(database, folder, max(chats, ARTICLES), now, a_day=ARTICLES)
        await add_readers(database, await add_categories(database), chats, now, IngestNumber(max(0, chats - ARTICLES)))

    return prepare


async def broadcast(
    chats: int,
    prepare: Prepare,
    *,
    paid: bool,
    beside: Callable[[SimulatorProcess, asyncio.Event], Awaitable[None]] | None = None,
    **options: object,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let the bot send what was prepared; return its own figures and Telegram's ledger."""
    with tempfile.TemporaryDirectory() as folder:
        async with simulator_process(strict=True) as sim:
            await sim.add_people(chats)
            bot = BotProcess(Path(folder), sim.url, telegram__paid=paid, **options)
            make_database(bot.database_url)
            database = Database(bot.database_url)
            await prepare(database, bot.folder / "data")
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


async def _ask(sim: SimulatorProcess, done: asyncio.Event, waits: list[float]) -> None:
    """Measure a reader's commands, one after the other, from their message to the bot's accepted reply."""
    async with await Person.arrive(sim.url, first_name="Robin", user_id=800_000_001) as robin:
        await robin.say("/start")
        await robin.wait_for(lambda message: True, 10)
        while not done.is_set():
            began = monotonic()
            said = await robin.say("/id")
            await robin.wait_for("Your Telegram id", 10, after=said)
            waits.append(monotonic() - began)
            # They read it; the rate of one chat is one message a second.
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), 1.05 - min(1.0, waits[-1]))
