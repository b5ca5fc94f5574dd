"""How long it takes until others go on, when a process of several dies or PostgreSQL is restarted."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from time import monotonic

import sqlalchemy as sa

from digests.errors import StorageError
from digests.model.delivery import DeliveryState
from digests.storage.schema.delivery_tables import deliveries
from tests.cluster.harness import Cluster, Program, open_cluster
from tests.load.faults import compare, until_settled
from tests.load.figures import Figure
from tests.waiting import until

_DEAD_SECONDS = 60.0
_TICK_SECONDS = 15.0
_RESTART_SECONDS = 30.0
_PATIENCE = 120


async def measure_cluster(readers: int, kills: int) -> list[Figure]:
    """Measure with two bots and two workers on this machine; fails if a digest is lost or comes twice."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_cluster(Path(folder), readers) as cluster:
            workers = [cluster.program(f"w{number}", "worker", "--name", f"w{number}") for number in (1, 2)]
            bots = [cluster.program(f"b{number}", "bot") for number in (1, 2)]
            await asyncio.gather(*[program.start() for program in (*workers, *bots)])
            going_on = await _kill_while_it_sends(cluster, workers[0])
            await workers[0].start()
            usual = await _planned(cluster)
            late = []
            for number in range(kills):
                victim = workers[number % 2]
                late.append(await _planned(cluster, victim) - usual)
                await victim.start()
            restart = await _restart(cluster)
            await until_settled(cluster.database, _PATIENCE)
            (await compare(cluster.database, cluster.simulator)).assert_right()
    return [
        Figure("a worker killed: until others go on with its rows", going_on, "s", _DEAD_SECONDS),
        Figure(f"a scheduler killed as it plans, {kills} times: the tick is late by", max(late), "s", _TICK_SECONDS),
        Figure("PostgreSQL restarted: until digests arrive, by themselves", restart, "s", _RESTART_SECONDS),
    ]


async def _kill_while_it_sends(cluster: Cluster, victim: Program) -> float:
    """Kill a worker that has deliveries in hand, and return the seconds until others have all of them."""
    held = sa.select(deliveries.c.id).where(
        deliveries.c.state == DeliveryState.SENDING, deliveries.c.lease_owner.startswith(f"{victim.name}-")
    )
    await cluster.news()
    await until(lambda: _has(cluster, held), _PATIENCE, pause=0.01, failure=victim.tail)
    await victim.kill()
    began = monotonic()
    await until(lambda: _has(cluster, held, is_wanted=False), _PATIENCE, pause=0.05)
    seconds = monotonic() - began
    await until_settled(cluster.database, _PATIENCE)
    return seconds


async def _planned(cluster: Cluster, victim: Program | None = None) -> float:
    """Make everybody's digest due, kill somebody meanwhile, and return the seconds until all are planned."""
    due = sa.text("SELECT 1 FROM places WHERE next_at <= now() LIMIT 1")
    await until_settled(cluster.database, _PATIENCE)
    await cluster.news()
    began = monotonic()
    if victim is not None:
        busy = sa.text("SELECT 1 FROM procrastinate_jobs WHERE task_name = 'tick' AND status = 'doing'")
        await until(lambda: _has(cluster, busy), _PATIENCE, pause=0.005)
        await victim.kill()
    await until(lambda: _has(cluster, due, is_wanted=False), _PATIENCE, pause=0.02)
    return monotonic() - began


async def _restart(cluster: Cluster) -> float:
    """Crash PostgreSQL, start it again, and return the seconds until messages arrive after that."""
    await until_settled(cluster.database, _PATIENCE)
    await cluster.server.stop()
    await asyncio.sleep(5)
    await cluster.server.start()
    began, accepted = monotonic(), cluster.simulator.world.ledger.accepted
    before = accepted.total()
    await cluster.news()
    await until(lambda: accepted.total() > before, _PATIENCE)
    return monotonic() - began


async def _has(cluster: Cluster, query: sa.Executable, *, is_wanted: bool = True) -> bool:
    """Return whether the query finds a row, or none if none is wanted; not while the database is away."""
    try:
        async with cluster.database.read() as connection:
            return ((await connection.execute(query)).first() is not None) == is_wanted
    except StorageError:
        return False
