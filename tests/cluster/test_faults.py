"""Two bots and two workers, killed, frozen and with wrong clocks, over a PostgreSQL that is restarted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa

from digests.model.delivery import DeliveryKind
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places
from tests.cluster.harness import Cluster, Program, open_cluster
from tests.cluster.ranks import by_rank, leads
from tests.cluster.traffic import OPTIONS, WORKERS, Traffic, planned_again
from tests.cluster.wrong_clock import wrong_clocks
from tests.waiting import until

READERS = 200
LATE_SECONDS = 15
FROZEN_SECONDS = 60
OFF_SECONDS = 300
WAITING = 1
"""The reader whose digest is due later."""


@pytest.mark.timeout(420)
async def test_kills_wrong_clocks_and_restarts_of_postgresql_lose_and_double_nothing(tmp_path: Path) -> None:
    with wrong_clocks() as be_ahead:
        await _everything_fails(tmp_path, be_ahead)


async def _everything_fails(folder: Path, be_ahead: Callable[[Program, int], Program]) -> None:
    async with open_cluster(folder, READERS) as cluster:
        traffic = Traffic(cluster)
        await traffic.prepare()
        # Of each kind one has a host that is five minutes ahead, and one a host that is five minutes behind.
        bots = [cluster.program(name, "bot", **OPTIONS) for name in ("bot1", "bot2")]
        workers = [cluster.program(name, "worker", **OPTIONS) for name in ("w1", "w2")]
        for kind in (bots, workers):
            be_ahead(kind[0], OFF_SECONDS)
            be_ahead(kind[1], -OFF_SECONDS)
        due = await _let_one_wait(cluster)
        await asyncio.gather(*[program.start() for program in (*bots, *workers)])
        await traffic.open_screens()
        usual = await planned_again(cluster)
        async with traffic.flowing():
            await asyncio.sleep(4)
            workers[1].freeze()
            frozen_at = monotonic()
            leader, other = await by_rank(bots)
            await leader.kill()
            await until(lambda: leads(other), 45, pause=0.1, failure=other.tail)
            await traffic.works()
            await leader.start()
            for mode in ("fast", "immediate"):
                await cluster.server.stop(mode)
                await asyncio.sleep(2)
                await cluster.server.start()
                await traffic.works()
            await by_rank(bots)
            await asyncio.sleep(max(0, frozen_at + FROZEN_SECONDS - monotonic()))
            # Others have what it was sending, and it must go on with none of that.
            workers[1].thaw()
            await traffic.works()
        # What the frozen one had in hand, and what each restart has cut off.
        await traffic.audit(most_uncertain=4 * WORKERS)
        planning = asyncio.create_task(planned_again(cluster))
        await workers[0].kill()
        late = await planning - usual
        assert late <= LATE_SECONDS, f"the next tick came {late:g} s late"
        await traffic.audit(most_uncertain=5 * WORKERS)
        assert datetime.now(UTC) < due, "this took too long to tell"
        assert await _digests(cluster, WAITING) == 0, "a host that is ahead planned too early"
        for program in (*bots, workers[1]):
            assert await program.stop() == 0


@pytest.mark.timeout(300)
async def test_a_slow_network_to_the_database_only_delays(tmp_path: Path) -> None:
    async with open_cluster(tmp_path, READERS) as cluster:
        # A plan takes as long as some dozens of questions to the database.
        traffic = Traffic(cluster, news_seconds=30)
        await traffic.prepare()
        # Each delivery waits several times, so there are as many at once as there may be.
        options = OPTIONS | {"delivery__workers": 128}
        bot, from_bot = await cluster.with_cable("bot", "bot", **options)
        worker, from_worker = await cluster.with_cable("worker", "worker", **options)
        await asyncio.gather(bot.start(), worker.start())
        await traffic.open_screens()
        # From now on it is 200 ms there and back.
        from_bot.delay = from_worker.delay = 0.1
        async with traffic.flowing():
            await traffic.works()
            await traffic.works()
        await traffic.audit(most_uncertain=0)
        for program in (bot, worker):
            assert not [line for line in program.troubles() if line["level"] == "error"], program.tail()
            assert await program.stop() == 0


async def _let_one_wait(cluster: Cluster) -> datetime:
    """Set a reader's next digest to a moment that only a host that is ahead takes for past; return it."""
    cluster.waiting.add(WAITING)
    due = datetime.now(UTC) + timedelta(seconds=OFF_SECONDS - 5)
    async with cluster.database.write() as connection:
        await connection.execute(sa.update(places).where(places.c.chat_id == WAITING).values(next_at=due))
    return due


async def _digests(cluster: Cluster, chat: int) -> int:
    query = (
        sa.select(sa.func.count())
        .join_from(deliveries, places, places.c.id == deliveries.c.place_id)
        .where(places.c.chat_id == chat, deliveries.c.kind == DeliveryKind.DIGEST)
    )
    async with cluster.database.read() as connection:
        return int(await connection.scalar(query) or 0)
