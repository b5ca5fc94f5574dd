"""How long it takes until others go on, when a process of several dies or PostgreSQL is restarted."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

import sqlalchemy as sa

from bot.simulator.state.faults import Fault
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
_SLOW_SECONDS = 5.0
"""How long each message takes until somebody is killed, so that it is under way then, however fast the machine is."""


async def measure_cluster(readers: int, kills: int) -> list[Figure]:
    """Measure with two bots and two workers on this machine; fails if a digest is lost or comes twice."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_cluster(Path(folder), readers) as cluster:
            workers = {name: _worker(cluster, name) for name in ("w1", "w2")}
            bots = [cluster.program(f"b{number}", "bot") for number in (1, 2)]
            await asyncio.gather(*[program.start() for program in (*workers.values(), *bots)])
            going_on = await _kill_while_it_sends(cluster, workers)
            late = [await _kill_while_it_plans(cluster, workers) for _ in range(kills)]
            restart = await _restart(cluster)
            await until_settled(cluster.database, _PATIENCE)
            (await compare(cluster.database, cluster.simulator)).assert_right()
    return [
        Figure("a worker killed: until others go on with its rows", going_on, "s", _DEAD_SECONDS),
        Figure(f"a scheduler killed as it plans, {kills} times: the tick is late by", max(late), "s", _TICK_SECONDS),
        Figure("PostgreSQL restarted: until digests arrive, by themselves", restart, "s", _RESTART_SECONDS),
    ]


def _worker(cluster: Cluster, name: str) -> Program:
    """Return a worker that has not been started, and whose connections the server can tell from others'."""
    url = sa.make_url(cluster.url).update_query_dict({"application_name": name})
    return cluster.program(name, "worker", "--name", name, database__url=url.render_as_string(hide_password=False))


async def _kill_while_it_sends(cluster: Cluster, workers: Mapping[str, Program]) -> float:
    """Kill a worker that has deliveries in hand, and return the seconds until others have all of them."""
    leased = sa.select(deliveries.c.lease_owner).where(deliveries.c.state == DeliveryState.SENDING)
    slowness = Fault("slow", times=0, seconds=_SLOW_SECONDS)
    cluster.simulator.world.faults.add(slowness)
    await cluster.news()
    owner = await _first(cluster, leased)
    # After its name, an owner has a number of its own.
    victim = workers[owner.rpartition("-")[0]]
    await victim.kill()
    began = monotonic()
    cluster.simulator.world.faults.remove(slowness)
    await until(lambda: _has_none(cluster, leased.where(deliveries.c.lease_owner == owner)), _PATIENCE, pause=0.05)
    seconds = monotonic() - began
    await until_settled(cluster.database, _PATIENCE)
    await victim.start()
    return seconds


async def _kill_while_it_plans(cluster: Cluster, workers: Mapping[str, Program]) -> float:
    """Kill the worker that plans everybody's digest, and return the seconds until another has planned them all."""
    await until_settled(cluster.database, _PATIENCE)
    waiting = sa.text(
        "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO deliveries%'"
    )
    async with cluster.database.write() as connection:
        # Whoever plans can't write down what was planned, for as long as it takes to find out who that is.
        await connection.execute(sa.text("LOCK TABLE deliveries IN SHARE MODE"))
        await cluster.news()
        victim = workers[await _first(cluster, waiting)]
        await victim.kill()
        began = monotonic()
    due = sa.text("SELECT 1 FROM places WHERE next_at <= now() LIMIT 1")
    await until(lambda: _has_none(cluster, due), _PATIENCE, pause=0.02)
    seconds = monotonic() - began
    await victim.start()
    return seconds


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


async def _first(cluster: Cluster, query: sa.Executable) -> str:
    """Return the first column of the first row that there is, as soon as there is one."""
    found: list[str] = []

    async def is_there() -> bool:
        async with cluster.database.read() as connection:
            found.extend((await connection.execute(query)).scalars())
        return bool(found)

    await until(is_there, _PATIENCE, pause=0.01)
    return found[0]


async def _has_none(cluster: Cluster, query: sa.Executable) -> bool:
    """Return whether the query finds no row; not while the database is away."""
    try:
        async with cluster.database.read() as connection:
            return (await connection.execute(query)).first() is None
    except StorageError:
        return False
