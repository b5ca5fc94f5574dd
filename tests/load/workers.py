"""The paid rate over several workers: real processes, with PostgreSQL and the simulator on the same machine."""

from __future__ import annotations

import asyncio
import os
import tempfile
from bisect import bisect_left
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import sqlalchemy as sa

from digests.model.process import ProcessRole
from digests.storage.database import Database
from tests.load.broadcast import TEXT
from tests.load.database import add_chats, announce
from tests.load.faults import until_settled
from tests.load.figures import Figure
from tests.load.harness import BotProcess, SimulatorProcess, simulator_process
from tests.postgres import serving

_TICKS = os.sysconf("SC_CLK_TCK")


class Broadcast(NamedTuple):
    """What a broadcast over several workers came to; `cpu` are seconds of CPU by who used them."""

    mean: float
    largest_second: int
    arrived_in_a_second: int
    floods: int
    seconds: float
    cpu: dict[str, float]


async def measure_workers(chats: int) -> list[Figure]:
    """Measure an announcement at the paid rate through one, two and four workers."""
    figures: list[Figure] = []
    for workers in (1, 2, 4):
        found = await broadcast_over(workers, chats, rate=1000, paid=True)
        shares = ", ".join(f"{name} {100 * spent / found.seconds:.0f} %" for name, spent in found.cpu.items())
        name = f"paid rate over {workers} workers, {chats:,} chats"
        print(f"{name}: of a core, {shares}")
        figures += [
            Figure(f"{name} ({shares} of a core): mean", found.mean, "/s", 500, at_most=False),
            Figure(f"{name}: left in any second", found.largest_second, "", 1000),
            Figure(f"{name}: answers 429", found.floods, "", 0),
        ]
    found = await broadcast_over(4, max(100, chats // 100), rate=30, paid=False)
    name = f"free rate over 4 workers, {max(100, chats // 100):,} chats"
    return [
        *figures,
        Figure(f"{name}: mean", found.mean, "/s", 28, at_most=False),
        Figure(f"{name}: left in any second", found.largest_second, "", 30),
        Figure(f"{name}: answers 429", found.floods, "", 0),
    ]


async def broadcast_over(workers: int, chats: int, *, rate: float, paid: bool) -> Broadcast:
    """Let so many workers send an announcement; the first one plans it, too."""
    name = "paid_rate" if paid else "rate"
    options = {"telegram__paid": paid, f"telegram__{name}": rate}
    with tempfile.TemporaryDirectory() as folder, serving() as server, server.database() as url:
        async with AsyncExitStack() as opened:
            sim = await opened.enter_async_context(simulator_process(strict=True))
            await sim.add_people(chats)
            database = Database(url)
            await add_chats(database, range(1, chats + 1), datetime.now(UTC))
            bots = [_process(Path(folder), number, sim.url, url, options) for number in range(workers)]
            await asyncio.gather(*[bot.start() for bot in bots])
            pids = {"PostgreSQL": [await server_pid(database)], "simulator": [sim.pid], "workers": _pids(bots)}
            before = {who: sum(map(cpu_seconds, ids)) for who, ids in pids.items()}
            began = monotonic()
            await announce(database, TEXT)
            await until_settled(database, 60 + chats / 100 if paid else 60 + chats / 10)
            seconds = monotonic() - began
            cpu = {who: sum(map(cpu_seconds, ids)) - before[who] for who, ids in pids.items()}
            figures = [await bot.end() for bot in bots]
            found = await _found(database, sim, figures, chats)
            await database.close()
    return found._replace(seconds=seconds, cpu=cpu)


def _process(folder: Path, number: int, url: str, database_url: str, options: dict[str, Any]) -> BotProcess:
    own = folder / str(number)
    own.mkdir()
    bot = BotProcess(own, url, database__url=database_url, metrics__listen="", **options)
    bot.do(ProcessRole.DELIVERIES, *([] if number else [ProcessRole.JOBS]))
    return bot


async def _found(database: Database, sim: SimulatorProcess, figures: list[dict[str, Any]], chats: int) -> Broadcast:
    ledger = await sim.get("ledger")
    async with database.read() as connection:
        states = (await connection.execute(sa.text("SELECT state, count(*) FROM parts GROUP BY state"))).all()
    assert [tuple(row) for row in states] == [("sent", chats)], states
    times = sorted(at for each in figures for at in each["times"])
    mean = (len(times) - 1) / (times[-1] - times[0])
    return Broadcast(mean, largest_second(times), ledger["largest_second"], ledger["floods"], 0.0, {})


def largest_second(times: list[float]) -> int:
    """Return the most of these sorted times that lie within a second."""
    return max((bisect_left(times, at + 1) - index for index, at in enumerate(times)), default=0)


def _pids(bots: Iterable[BotProcess]) -> list[int]:
    return [bot.process.pid for bot in bots if bot.process is not None]


async def server_pid(database: Database) -> int:
    """Return the process that all of PostgreSQL's are children of."""
    async with database.read() as connection:
        backend = int(await connection.scalar(sa.text("SELECT pg_backend_pid()")) or 0)
    return int(_stat(backend)[1])


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, with its children: those that ended and those that live."""
    # The fields of proc(5) from the state on: the parent is 1, the times are 11 to 14.
    own = sum(int(field) for field in _stat(pid)[11:15]) / _TICKS
    children = (path for path in Path("/proc").iterdir() if path.name.isdigit())
    return own + sum(cpu_seconds(int(path.name)) for path in children if _parent(path) == pid)


def _parent(path: Path) -> int:
    try:
        return int(_stat(int(path.name))[1])
    except OSError:
        # It has ended meanwhile.
        return 0


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


if __name__ == "__main__":
    for figure in asyncio.run(measure_workers(4000)):
        print(f"{figure.name}: {figure.shown} ({figure.goal})")
