"""Workers in processes of their own share Telegram's rates; the simulator refuses what is above them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.simulator.server import Simulator
from bot.telegram.client import build_client
from bot.telegram.sender import TelegramSender
from digests.delivery.options import DeliveryOptions
from digests.delivery.worker import DeliveryWorker
from digests.model.delivery import DeliveryState, Part, Rendering
from digests.model.place import PlaceKind
from digests.storage.cluster.rates import RateStore
from digests.storage.cluster.server_clock import ServerClock
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.places.places import PlaceStore
from tests.cluster.harness import Cluster, open_cluster
from tests.factories.deliveries import plan
from tests.factories.places import add_active_place
from tests.flow.harness import TOKEN, harness_settings
from tests.load.database import add_chats, announce
from tests.load.faults import compare, until_settled
from tests.postgres import Server
from tests.waiting import until

CHATS = 150
TOPICS = 26
ONE = Rendering("one", (Part("news"),))


async def prepare(cluster: Cluster) -> None:
    cluster.simulator.world.limits.strict_rates = True
    for chat in range(1, CHATS + 1):
        cluster.simulator.world.add_user(f"Reader {chat}", user_id=chat, started=True, language_code="en")
    await add_chats(cluster.database, range(1, CHATS + 1), datetime.now(UTC))


async def test_workers_share_the_rate_and_a_killed_one_takes_little_of_it(tmp_path: Path) -> None:
    async with open_cluster(tmp_path) as cluster:
        await prepare(cluster)
        ledger = cluster.simulator.world.ledger
        # One was told another rate: the lower holds for all.
        workers = [
            cluster.program(f"w{rate}", "worker", "--name", f"w{rate}", telegram__rate=rate, metrics__listen="")
            for rate in (30, 29, 25)
        ]
        await asyncio.gather(*[worker.start() for worker in workers])
        await announce(cluster.database, "news")
        await until(lambda: ledger.accepted.total() >= CHATS // 3, 60, failure=workers[0].tail)
        await workers[0].kill()
        # What it held is free when its leases are over, which the test doesn't wait for.
        async with cluster.database.write() as connection:
            past = datetime.now(UTC) - timedelta(minutes=5)
            await connection.execute(
                sa.text("UPDATE deliveries SET lease_until = :past WHERE lease_owner LIKE 'w30%'"), {"past": past}
            )
        await until_settled(cluster.database, 90)
        audit = await compare(cluster.database, cluster.simulator)
        audit.assert_right()
        # What it had begun nobody knows; how much that is depends on how busy the machine is.
        unsure = audit.states[DeliveryState.UNCERTAIN]
        assert audit.states[DeliveryState.SENT] + unsure == CHATS
        assert unsure <= CHATS // 4
        assert ledger.floods == 0
        # By seconds of the clock, since messages on their way may be a moment late.
        seconds = max(ledger.messages_by_second) - min(ledger.messages_by_second) - 1
        assert ledger.accepted.total() <= 25 * seconds + 2 * 30
        for worker in workers[1:]:
            assert await worker.stop() == 0


@asynccontextmanager
async def sending(folder: Path, url: str, simulator: Simulator, name: str) -> AsyncIterator[DeliveryWorker]:
    """Run a worker with a database, a throttle and connections of its own, as another process has them."""
    database = Database(url)
    clock = ServerClock(database)
    await clock.refresh()
    rates = RateStore(database)
    client = build_client(harness_settings(folder, simulator.url, telegram={"group_rate": 20}), rates)
    sender = TelegramSender(client.bot, client.throttle, client.bulk, client.people, paid=False)
    options = DeliveryOptions(8, timedelta(minutes=1), timedelta(hours=1), resend_unknown=False)
    worker = DeliveryWorker(
        LedgerStore(database), DeliveryStore(database), PlaceStore(database), sender, clock, options, name
    )
    try:
        yield worker
    finally:
        worker.stop()
        await client.close()
        await rates.close()
        await database.close()


async def test_a_groups_limit_goes_with_it_from_worker_to_worker(tmp_path: Path, postgresql: Server) -> None:
    simulator = Simulator(TOKEN, strict_rates=True)
    await simulator.start()
    world = simulator.world
    group = world.add_group("supergroup", "Forum", world.add_user("Ada"), is_forum=True)
    group.members[world.bot.id] = "member"
    # Its first message is the general topic's.
    world.next_message_id(group)
    with postgresql.database() as url:
        database = Database(url)
        async with (
            sending(tmp_path, url, simulator, "a") as first,
            sending(tmp_path, url, simulator, "b") as second,
        ):
            store, now = DeliveryStore(database), datetime.now(UTC)
            for number in range(TOPICS):
                thread = world.add_topic(group, f"Topic {number}").thread
                place = await add_active_place(database, group.id, thread_id=thread, kind=PlaceKind.SUPERGROUP)
                await store.commit([plan(place, slot=now, rendering=ONE, next_at=None, guard=None)], now)
                # Each takes up the group in its turn, and knows by itself of every second message.
                await (first, second)[number % 2].deliver_due()
        counted = sa.text("SELECT state, count(*) FROM deliveries GROUP BY state")
        async with database.read() as connection:
            states = {row[0]: row[1] for row in await connection.execute(counted)}
        await database.close()
    await simulator.stop()
    assert world.ledger.floods == 0
    # The others wait for the minute to be over.
    assert states == {"sent": 20, "pending": TOPICS - 20}
