"""Work that goes on after its update, in several processes: no other begins it, and the last screen wins."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

import pytest
import sqlalchemy as sa

from bot.handlers.background import BackgroundWork
from bot.handlers.work_claims import WorkClaims
from digests.errors import StorageError
from digests.storage.cluster.leases import LeaseStore
from digests.storage.database import Database
from digests.storage.schema.base import facts
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.waiting import until

KEY = "feed 7 https://news.example/" + "x" * 2_400
SECOND = timedelta(seconds=1)


class Elsewhere:
    """Two processes over one database, by their work in the background."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.clock = FakeClock(NOW)
        self.go = asyncio.Event()
        self.done: list[str] = []
        self.leases = LeaseStore(database)
        self.here, self.there = (
            BackgroundWork(claims=WorkClaims(self.leases, name, self.clock, renew_seconds=0.02)) for name in "ab"
        )

    async def begin(self, process: BackgroundWork, name: str, *, takes_over: bool = False) -> bool:
        async with process.claim(KEY, takes_over=takes_over) as is_free:
            return is_free and process.begin(KEY, partial(self._work, process, name))

    async def is_kept_until(self, moment: datetime) -> bool:
        async with self._database.read() as connection:
            at = await connection.scalar(sa.select(facts.c.at).where(facts.c.name.like("lease background%")))
        return at is not None and at > moment

    async def _work(self, process: BackgroundWork, name: str) -> None:
        await self.go.wait()
        if await process.is_ours(KEY):
            self.done.append(name)


@pytest.fixture
def elsewhere(database: Database) -> Elsewhere:
    return Elsewhere(database)


async def test_what_one_process_is_at_no_other_begins(elsewhere: Elsewhere) -> None:
    assert await elsewhere.begin(elsewhere.here, "import")
    assert not await elsewhere.begin(elsewhere.there, "import again")
    assert not await elsewhere.begin(elsewhere.here, "import again")
    # It takes longer than a lease.
    for _ in range(4):
        elsewhere.clock.move(20 * SECOND)
        ends = elsewhere.clock.now() + 29 * SECOND
        await until(partial(elsewhere.is_kept_until, ends))
        assert not await elsewhere.begin(elsewhere.there, "import again")
    elsewhere.go.set()
    await elsewhere.here.settle()
    assert elsewhere.done == ["import"]
    assert await elsewhere.begin(elsewhere.there, "another import")
    await elsewhere.there.settle()
    assert elsewhere.done == ["import", "another import"]


async def test_what_is_not_begun_is_free_again(elsewhere: Elsewhere) -> None:
    with pytest.raises(RuntimeError):
        async with elsewhere.here.claim(KEY) as is_free:
            assert is_free
            raise RuntimeError("Telegram was not reached")
    assert await elsewhere.begin(elsewhere.there, "import")
    await elsewhere.there.stop()


async def test_a_stop_lets_others_begin_at_once(elsewhere: Elsewhere) -> None:
    assert await elsewhere.begin(elsewhere.here, "import")
    await elsewhere.here.stop()
    assert await elsewhere.begin(elsewhere.there, "import")
    await elsewhere.there.stop()


async def test_what_a_dead_process_was_at_is_free_within_half_a_minute(elsewhere: Elsewhere) -> None:
    assert await elsewhere.leases.take("background " + _hash(), "dead", NOW, NOW + 30 * SECOND)
    assert not await elsewhere.begin(elsewhere.here, "import")
    elsewhere.clock.move(31 * SECOND)
    assert await elsewhere.begin(elsewhere.here, "import")
    await elsewhere.here.stop()


async def test_a_screen_that_shows_something_else_since_is_left_alone(elsewhere: Elsewhere) -> None:
    assert await elsewhere.begin(elsewhere.here, "followed here", takes_over=True)
    # The next press in the same message is handled elsewhere.
    assert await elsewhere.begin(elsewhere.there, "followed there", takes_over=True)
    elsewhere.go.set()
    await asyncio.gather(elsewhere.here.settle(), elsewhere.there.settle())
    assert elsewhere.done == ["followed there"]
    elsewhere.go.clear()
    assert await elsewhere.begin(elsewhere.here, "followed", takes_over=True)
    await elsewhere.there.drop(KEY)
    elsewhere.go.set()
    await elsewhere.here.settle()
    assert elsewhere.done == ["followed there"]


async def test_work_ends_whose_claim_another_process_has(elsewhere: Elsewhere) -> None:
    assert await elsewhere.begin(elsewhere.here, "import")
    # This one seemed dead for a while.
    elsewhere.clock.move(60 * SECOND)
    await elsewhere.leases.end("background " + _hash())
    assert await elsewhere.leases.take("background " + _hash(), "b", NOW, NOW + 90 * SECOND)
    await until(lambda: elsewhere.here.may_begin(KEY))
    assert elsewhere.done == []


async def test_without_a_database_nothing_begins_and_nothing_is_left(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **_options: object) -> bool:
        raise StorageError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(LeaseStore, "take", fails)
        with pytest.raises(StorageError):
            await elsewhere.begin(elsewhere.here, "import")
    assert await elsewhere.begin(elsewhere.here, "import")
    await elsewhere.here.stop()


def _hash() -> str:
    return sha256(KEY.encode()).hexdigest()[:32]
