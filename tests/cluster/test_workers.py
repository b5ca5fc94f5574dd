"""Two bots and two workers: digests arrive once each, whoever dies, and PostgreSQL may be restarted."""

from __future__ import annotations

import asyncio
from pathlib import Path

from digests.model.delivery import DeliveryState
from digests.model.process import ALL_ROLES, ProcessRole
from digests.storage.cluster.processes import ProcessStore
from digests.storage.cluster.server_clock import ServerClock
from tests.cluster.harness import Cluster, open_cluster
from tests.load.faults import compare, until_settled
from tests.waiting import until

READERS = 200


async def test_digests_arrive_once_each_though_a_worker_is_killed(tmp_path: Path) -> None:
    async with open_cluster(tmp_path, READERS) as cluster:
        accepted = cluster.simulator.world.ledger.accepted
        bots = [cluster.program(f"bot{number}", "bot") for number in (1, 2)]
        workers = [cluster.program(f"w{number}", "worker", "--name", f"w{number}") for number in (1, 2)]
        await asyncio.gather(*[program.start() for program in (*bots, *workers)])
        await cluster.news()
        await until(lambda: accepted.total() > READERS // 4, 60, failure=workers[0].tail)
        await workers[0].kill()
        await until_settled(cluster.database, 90)
        # A second copy would arrive soon after.
        await asyncio.sleep(1)
        audit = await compare(cluster.database, cluster.simulator)
        audit.assert_right()
        uncertain = audit.states[DeliveryState.UNCERTAIN]
        assert audit.states[DeliveryState.SENT] + uncertain == READERS
        assert accepted.total() <= READERS
        assert accepted.total() >= READERS - uncertain
        # The rest of the work is done, and what died starts again.
        await workers[0].start()
        for program in (*bots, *workers):
            assert await program.stop() == 0
            assert not [line for line in program.troubles() if line["level"] == "error"], program.tail()


async def test_nothing_has_to_be_done_by_hand_when_postgresql_was_away(tmp_path: Path) -> None:
    async with open_cluster(tmp_path, 20) as cluster:
        accepted = cluster.simulator.world.ledger.accepted
        bot, worker = cluster.program("bot", "bot"), cluster.program("worker", "worker")
        await asyncio.gather(bot.start(), worker.start())
        assert await worker.run("doctor", "--running") == 0
        await cluster.news()
        await until(lambda: accepted.total() == 20, 60, failure=worker.tail)
        await cluster.server.stop()
        await asyncio.sleep(5)
        await cluster.server.start()
        await cluster.news()
        await until(lambda: accepted.total() == 40, 60, failure=worker.tail)
        assert await _roles(cluster) == ALL_ROLES
        for program in (bot, worker):
            # The readers' next digest was set to tomorrow, which is no time of theirs.
            told = [line for line in program.troubles() if "wrong clock" not in line["event"]]
            assert len(told) == 1, told
            assert told[0]["event"].startswith("The database did not answer")
            assert told[0]["level"] == "warning"
            assert program.has_said("the database answers again")
            if program is worker:
                # Nobody answers readers any more.
                assert await worker.run("doctor", "--running") == 1
            assert await program.stop() == 0
        # Nobody waits for a sign of life of those that ended.
        assert await _roles(cluster) == frozenset()


async def test_a_frozen_worker_and_one_that_is_cut_off_lose_and_double_nothing(tmp_path: Path) -> None:
    async with open_cluster(tmp_path, READERS // 2) as cluster:
        accepted = cluster.simulator.world.ledger.accepted
        steady = cluster.program("steady", "worker")
        frozen = cluster.program("frozen", "worker")
        cut, cable = await cluster.with_cable("cut", "worker")
        await asyncio.gather(*[program.start() for program in (steady, frozen, cut)])
        await cluster.news()
        await until(lambda: accepted.total() > READERS // 8, 60, failure=steady.tail)
        frozen.freeze()
        cable.cut()
        await until_settled(cluster.database, 90)
        frozen.thaw()
        cable.mend()
        # Whatever they still had in hand would leave now.
        await asyncio.sleep(3)
        audit = await compare(cluster.database, cluster.simulator)
        audit.assert_right()
        assert accepted.total() <= READERS // 2
        # They work again.
        await cluster.news()
        await steady.stop()
        before = accepted.total()
        await until(lambda: accepted.total() >= before + READERS // 4, 90, failure=cut.tail)


async def _roles(cluster: Cluster) -> frozenset[ProcessRole]:
    """Return which parts of the work are done by processes that are alive."""
    clock = ServerClock(cluster.database)
    await clock.refresh()
    alive = await ProcessStore(cluster.database).alive(clock.now())
    return frozenset(role for process in alive for role in process.roles)
