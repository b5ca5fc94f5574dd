"""Several hosts, each with a process, between which the network is cut: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from tests.cluster.harness import open_network_cluster
from tests.cluster.network import Wire
from tests.cluster.ranks import by_rank, leads
from tests.cluster.traffic import OPTIONS, WORKERS, Traffic
from tests.waiting import until

READERS = 200
MINUTE = 60
_AGAIN = "the database answers again"


@pytest.mark.netns
@pytest.mark.timeout(420)
async def test_the_network_to_the_database_is_cut_for_a_minute(tmp_path: Path) -> None:
    async with open_network_cluster(tmp_path, READERS) as cluster:
        assert cluster.network is not None
        traffic = Traffic(cluster)
        await traffic.prepare()
        bots = [await cluster.on_host(name, "bot", **OPTIONS) for name in ("bot1", "bot2")]
        workers = [await cluster.on_host(name, "worker", "--name", name, **OPTIONS) for name in ("w1", "w2")]
        await asyncio.gather(*[program.start() for program in (*bots, *workers)])
        await traffic.open_screens()
        leader, other = await by_rank(bots)
        async with traffic.flowing():
            await asyncio.sleep(5)
            # Telegram is in reach all the while: what it has not heard of the database, it must not act on.
            cluster.network.cut(leader.name, Wire.DATABASE)
            cut_at = monotonic()
            await until(lambda: leads(other), 45, pause=0.1, failure=other.tail)
            assert not leads(leader), "two lead"
            await traffic.works()
            await asyncio.sleep(max(0, cut_at + MINUTE / 4 - monotonic()))
            cluster.network.cut("w1", Wire.DATABASE)
            await asyncio.sleep(max(0, cut_at + MINUTE - monotonic()))
            cluster.network.mend(leader.name, Wire.DATABASE)
            await until(lambda: leader.has_said(_AGAIN), 60, pause=0.2, failure=leader.tail)
            await traffic.works()
            await asyncio.sleep(max(0, cut_at + 1.25 * MINUTE - monotonic()))
            cluster.network.mend("w1", Wire.DATABASE)
            await until(lambda: workers[0].has_said(_AGAIN), 60, pause=0.2, failure=workers[0].tail)
            assert leads(other)
            assert not leads(leader)
            # All of it goes on without the ones that stood in.
            await asyncio.gather(other.stop(), workers[1].stop())
            await until(lambda: leads(leader), 30, pause=0.1, failure=leader.tail)
            await traffic.works()
        await traffic.audit(most_uncertain=WORKERS)
        assert await leader.stop() == 0
        assert await workers[0].stop() == 0
