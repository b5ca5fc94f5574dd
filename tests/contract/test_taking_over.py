"""What a process that died had in hand, and what happens when many processes start at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from digests.delivery.taking_over import TakingOver
from digests.errors import StorageError
from digests.model.process import ProcessRole
from digests.storage.cluster.processes import DEAD_AFTER, ProcessStore
from digests.storage.database import Database
from digests.storage.deliveries.abandoned import AbandonedStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.migrate import migrate
from tests.factories.deliveries import plan_digests
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.postgres import Server

LEASE = timedelta(minutes=2)
LATER = NOW + DEAD_AFTER + timedelta(seconds=1)


async def sign(database: Database, name: str, at: object) -> None:
    await ProcessStore(database).note(name, "h", [ProcessRole.DELIVERIES], "1", NOW, at, 0.0)  # type: ignore[arg-type]


async def test_what_a_dead_process_leased_is_taken_over_before_the_lease_ends(database: Database) -> None:
    await plan_digests(database, 3)
    ledger, abandoned = LedgerStore(database), AbandonedStore(database)
    for name in ("dead", "living"):
        await sign(database, name, NOW)
        assert len(await ledger.claim(name, NOW, LEASE, 1)) == 1
    # One of which nothing is known, such as of an older version.
    assert len(await ledger.claim("unknown", NOW, LEASE, 1)) == 1
    assert await abandoned.free(NOW + DEAD_AFTER, DEAD_AFTER) == 0
    await sign(database, "living", LATER)
    assert await ledger.claim("other", LATER, LEASE, 10) == ()
    assert await abandoned.free(LATER, DEAD_AFTER) == 1
    assert len(await ledger.claim("other", LATER, LEASE, 10)) == 1
    assert await abandoned.free(LATER, DEAD_AFTER) == 0


async def test_a_part_that_was_being_sent_is_uncertain_then(database: Database) -> None:
    await plan_digests(database)
    ledger = LedgerStore(database)
    await sign(database, "dead", NOW)
    (delivery,) = await ledger.claim("dead", NOW, LEASE, 1)
    await ledger.write("dead", [(delivery.id, 0)], [], [], NOW + LEASE)
    await AbandonedStore(database).free(LATER, DEAD_AFTER)
    (again,) = await ledger.claim("other", LATER, LEASE, 1)
    assert again.id == delivery.id
    assert again.parts[0].state == "uncertain"
    # It was only frozen, and wakes up: nothing of it may leave any more.
    assert await ledger.write("dead", [(delivery.id, 1)], [], [], LATER + LEASE) == frozenset()


async def test_nobody_is_judged_right_after_the_database_was_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plan_digests(database)
    await sign(database, "dead", NOW)
    await LedgerStore(database).claim("dead", NOW, LEASE, 1)
    clock, steady = FakeClock(LATER), [1000.0]
    monkeypatch.setattr("digests.delivery.taking_over.monotonic", lambda: steady[0])
    taking_over = TakingOver(AbandonedStore(database), ProcessStore(database), clock)
    assert await taking_over.free() == 0
    steady[0] += DEAD_AFTER.total_seconds()
    assert await taking_over.free() == 0

    async def away(_now: object, _dead: object) -> int:
        raise StorageError("away")

    steady[0] += 1
    with monkeypatch.context() as during:
        during.setattr(AbandonedStore, "free", lambda _self, now, dead: away(now, dead))
        with pytest.raises(StorageError):
            await taking_over.free()
    assert await taking_over.free() == 0
    steady[0] += DEAD_AFTER.total_seconds() + 1
    assert await taking_over.free() == 1


def test_of_ten_processes_that_start_at_once_one_makes_the_tables(postgresql: Server) -> None:
    name = f"test_{uuid4().hex}"
    postgresql._execute(f"CREATE DATABASE {name}")
    try:
        url = postgresql._named(name)
        with ThreadPoolExecutor(10) as pool:
            done = list(pool.map(migrate, [url] * 10))
        assert sorted(before or "" for before, _ in done)[:2] == ["", done[0][1]]
        assert {after for _, after in done} == {done[0][1]}
    finally:
        postgresql._execute(f"DROP DATABASE {name} WITH (FORCE)")
