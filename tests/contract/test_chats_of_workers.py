"""Several workers on PostgreSQL: a chat is one worker's at a time, with all its topics, and its limits go with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.telegram.throttle import Throttle
from digests.model.delivery import Delivery, DeliveryState
from digests.model.digest import Window
from digests.model.ids import DeliveryId, IngestNumber
from digests.storage.database import Database
from digests.storage.deliveries import claiming
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import PartChange, Postponed, Settled
from tests.factories.deliveries import plan
from tests.factories.places import add_active_place
from tests.factories.times import NOW
from tests.postgres import Server
from tests.unit.test_throttle import ManualClock

LEASE = timedelta(minutes=2)
GROUP = -1001


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


@pytest.fixture
async def databases(url: str) -> AsyncIterator[list[Database]]:
    opened = [Database(url) for _ in range(2)]
    yield opened
    for database in opened:
        await database.close()


async def plan_topics(database: Database, topics: int, chat: int = GROUP) -> list[DeliveryId]:
    store = DeliveryStore(database)
    made: list[DeliveryId] = []
    for thread in range(topics):
        place = await add_active_place(database, chat, thread_id=thread)
        made += await store.commit([plan(place)], NOW)
    return made


async def begin(ledger: LedgerStore, owner: str, delivery: Delivery) -> None:
    assert await ledger.write(owner, [(delivery.id, 0)], [], [], NOW + LEASE)


async def send(ledger: LedgerStore, owner: str, delivery: Delivery) -> None:
    await begin(ledger, owner, delivery)
    changes = [PartChange(delivery.id, number, DeliveryState.SENT, 7) for number in range(len(delivery.parts))]
    # By the database's clock, as a worker does.
    end = Settled(delivery.id, DeliveryState.SENT, "", datetime.now(UTC))
    await ledger.write(owner, [], changes, [end], NOW + LEASE)


def ids(deliveries: tuple[Delivery, ...]) -> list[DeliveryId]:
    return [delivery.id for delivery in deliveries]


async def test_a_chat_with_topics_is_one_workers_at_a_time(databases: list[Database]) -> None:
    first, second = map(LedgerStore, databases)
    made = await plan_topics(databases[0], 3)
    (mine,) = await first.claim("a", NOW, LEASE, 1)
    assert await second.claim("b", NOW, LEASE, 10) == ()
    assert ids(await first.claim("a", NOW, LEASE, 1)) == [made[1]]
    await send(first, "a", mine)
    assert await second.claim("b", NOW, LEASE, 10) == ()
    await first.release("a", [made[1]])
    assert ids(await second.claim("b", NOW, LEASE, 10)) == made[1:]


async def test_a_busy_chat_keeps_no_worker_from_the_others(databases: list[Database]) -> None:
    first, second = map(LedgerStore, databases)
    await plan_topics(databases[0], 5)
    await first.claim("a", NOW, LEASE, 1)
    (other,) = await plan_topics(databases[0], 1, chat=5)
    # It is due later than all of the busy chat's, and is found all the same.
    assert ids(await second.claim("b", NOW, LEASE, 2)) == [other]


async def test_what_a_person_asked_for_waits_for_no_other_worker(databases: list[Database]) -> None:
    first, second = map(LedgerStore, databases)
    made = await plan_topics(databases[0], 2)
    await first.claim("a", NOW, LEASE, 1)
    assert ids(await second.claim("b", NOW, LEASE, 1, only=[made[1]])) == [made[1]]


async def test_a_dead_workers_chat_is_free_when_its_lease_is_over(databases: list[Database]) -> None:
    first, second = map(LedgerStore, databases)
    made = await plan_topics(databases[0], 2)
    await first.claim("a", NOW, LEASE, 1)
    later = NOW + LEASE + timedelta(seconds=1)
    assert sorted(ids(await second.claim("b", later, LEASE, 10))) == made


@pytest.mark.parametrize("topics", [1, 2])
async def test_two_claims_at_the_same_moment_take_no_chat_twice(
    databases: list[Database], topics: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = map(LedgerStore, databases)
    store = DeliveryStore(databases[0])
    for chat in range(1, 21):
        for thread in range(topics):
            place = await add_active_place(databases[0], chat, thread_id=thread)
            await store.commit([plan(place, next_at=None, guard=None)], NOW)
            following = Window(IngestNumber(9), IngestNumber(10))
            await store.commit([plan(place, next_at=None, guard=None, window=following)], NOW)
    # Each has chosen what it wants, and locked it, before either looks at what the other has.
    barrier, waits = asyncio.Barrier(2), [True, True]
    choose = claiming._of_locked_chats

    async def at_once(*args: object) -> list[DeliveryId]:
        if waits:
            waits.pop()
            await barrier.wait()
        return await choose(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(claiming, "_of_locked_chats", at_once)
    claims = await asyncio.gather(first.claim("a", NOW, LEASE, 15), second.claim("b", NOW, LEASE, 15))
    chats = [{delivery.place.chat_id for delivery in claim} for claim in claims]
    assert chats[0] | chats[1]
    assert not chats[0] & chats[1]
    claimed = {delivery.id for claim in claims for delivery in claim}
    # What neither took is taken later, and nothing twice.
    for owner, ledger in (("a", first), ("b", second)) * 4:
        for delivery in await ledger.claim(owner, NOW, LEASE, 100):
            assert delivery.id not in claimed
            claimed.add(delivery.id)
    assert len(claimed) == 20 * topics


async def test_a_delivery_that_is_open_again_waits_for_the_one_behind_it(databases: list[Database]) -> None:
    first, second = map(LedgerStore, databases)
    store = DeliveryStore(databases[0])
    place = await add_active_place(databases[0], 7)
    (uncertain,) = await store.commit([plan(place, next_at=None, guard=None)], NOW)
    (delivery,) = await first.claim("a", NOW, LEASE, 1)
    await begin(first, "a", delivery)
    change = PartChange(uncertain, 0, DeliveryState.UNCERTAIN, error="broken")
    await first.write("a", [], [change], [Settled(uncertain, DeliveryState.UNCERTAIN, "broken", NOW)], NOW)
    following = Window(IngestNumber(9), IngestNumber(10))
    (later,) = await store.commit([plan(place, next_at=None, guard=None, window=following)], NOW)
    assert ids(await first.claim("a", NOW, LEASE, 1)) == [later]
    assert await first.resend_uncertain(NOW) == 1
    assert await second.claim("b", NOW, LEASE, 10) == ()
    await first.release("a", [later])
    assert ids(await second.claim("b", NOW, LEASE, 10)) == [uncertain]


async def test_who_takes_up_a_chat_knows_what_others_sent_there(databases: list[Database]) -> None:
    first, second = map(LedgerStore, databases)
    await plan_topics(databases[0], 4)
    claimed = await first.claim("a", NOW, LEASE, 2)
    await send(first, "a", claimed[0])
    await begin(first, "a", claimed[1])
    # Put off after its first part: that counts, though the delivery is not over.
    sent = PartChange(claimed[1].id, 0, DeliveryState.SENT, 7)
    await first.write("a", [], [sent], [Postponed(claimed[1].id, NOW, "", failed=False)], NOW)
    (taken, *_) = await second.claim("b", NOW, LEASE, 10)
    assert len(taken.sent_by_others) == 3
    assert all(0 <= seconds < 60 for seconds in taken.sent_by_others)
    await second.release("b", [delivery.id for delivery in claimed])
    await second.write("b", [], [], [], NOW)
    async with databases[0].write() as connection:
        await connection.execute(sa.text("UPDATE deliveries SET state = 'pending', lease_owner = NULL"))
    (own, *_) = await first.claim("a", NOW, LEASE, 10)
    assert own.sent_by_others == ()


async def test_what_was_refused_or_is_long_ago_counts_for_nothing(databases: list[Database]) -> None:
    first, second = map(LedgerStore, databases)
    await plan_topics(databases[0], 2)
    claimed = await first.claim("a", NOW, LEASE, 2)
    await begin(first, "a", claimed[0])
    refused = PartChange(claimed[0].id, 0, DeliveryState.PENDING, error="429")
    await first.write("a", [], [refused], [Postponed(claimed[0].id, NOW, "429", failed=False)], NOW)
    await send(first, "a", claimed[1])
    async with databases[0].write() as connection:
        await connection.execute(sa.text("UPDATE parts SET sent_at = sent_at - interval '61 s'"))
    (taken,) = await second.claim("b", NOW, LEASE, 10)
    assert taken.sent_by_others == ()


async def test_a_groups_limit_holds_over_workers() -> None:
    clock = ManualClock()
    sent: list[float] = []
    workers = [Throttle(1000, 20, now=clock.now, sleep=clock.sleep) for _ in range(2)]

    async def deliver() -> None:
        for number in range(50):
            throttle = workers[number % 2]
            # As the ledger tells whoever claims the group's next delivery.
            others = [clock.now() - at for index, at in enumerate(sent) if index % 2 != number % 2]
            throttle.note_elsewhere(GROUP, [seconds for seconds in others if seconds < 60])
            await throttle.pass_(GROUP, bulk=True)
            await clock.sleep(0.01)
            sent.append(clock.now())

    await clock.run(asyncio.create_task(deliver()))
    for start in sent:
        assert sum(start <= at < start + 60 - 1 for at in sent) <= 20
    assert sent[-1] - sent[0] < 181
