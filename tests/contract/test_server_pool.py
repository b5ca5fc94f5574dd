"""The pool of connections to PostgreSQL: what its use costs in round trips, and that nothing is lost by saving them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest
import sqlalchemy as sa

import digests.storage.cluster.driver_queries as driver_queries
import digests.storage.engine.server_pool as server_pool
from digests.errors import DatabaseAway, StorageError
from digests.storage.cluster.driver_queries import DriverError, DriverQueries
from digests.storage.database import Database
from digests.storage.engine.server import unanswered
from digests.storage.schema.base import facts
from tests.cluster.server import Cable
from tests.factories.times import NOW
from tests.postgres import Server

_FACTS = sa.select(sa.func.count()).select_from(facts)
_ONE = sa.text("SELECT 1")


class Far(NamedTuple):
    """A database whose answers take a moment, and the cable to it."""

    database: Database
    cable: Cable

    @asynccontextmanager
    async def taking(self, trips: int) -> AsyncIterator[None]:
        """Assert how often the block waits for the database."""
        before = self.cable.trips
        yield
        assert self.cable.trips - before == trips

    async def facts(self) -> int:
        """Return how many facts are stored."""
        async with self.database.read() as connection:
            return int(await connection.scalar(_FACTS) or 0)


@pytest.fixture
async def far(postgresql: Server) -> AsyncIterator[Far]:
    with postgresql.database() as url:
        named = sa.make_url(url)
        host = named.query["host"]
        assert isinstance(host, str)
        cable = Cable(host)
        port = await cable.open()
        database = Database(named.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False))
        far = Far(database, cable)
        # The first connection asks the server for more than the others do.
        await far.facts()
        cable.delay = 0.01
        yield far
        cable.delay = 0
        await database.close()
        await cable.close()


def fact(name: str) -> sa.Insert:
    return sa.insert(facts).values(name=name, value="", at=NOW)


async def test_a_look_up_waits_once(far: Far) -> None:
    async with far.taking(1), far.database.read() as connection:
        await connection.execute(_ONE)
    async with far.taking(1):
        await far.database.peek(lambda connection: connection.scalar(_ONE))
    async with far.taking(1):
        await far.database.run(lambda connection: connection.scalar(_ONE))


async def test_a_write_waits_for_what_is_needed_and_for_the_end(far: Far) -> None:
    async with far.taking(2):
        await far.database.change(lambda connection: connection.execute(fact("a")).rowcount)
    async with far.taking(3), far.database.write() as connection:
        await connection.execute(fact("b"))
        assert await connection.scalar(_FACTS) == 2
    async with far.taking(1), far.database.write() as connection:
        with unanswered(connection):
            for name in "cde":
                await connection.execute(fact(name))
    async with far.taking(0), far.database.write():
        pass
    assert await far.facts() == 5


async def test_many_rows_are_one_round_trip(far: Far) -> None:
    rows = [{"name": str(number), "value": "", "at": NOW} for number in range(50)]
    statement = sa.update(facts).where(facts.c.name == sa.bindparam("of")).values(value="x")
    async with far.taking(2), far.database.write() as connection:
        with unanswered(connection):
            await connection.execute(sa.insert(facts), rows)
        await connection.execute(statement, [{"of": str(number)} for number in range(50)])
    async with far.database.read() as connection:
        assert await connection.scalar(_FACTS.where(facts.c.value == "x")) == 50


async def test_much_is_sent_without_waiting_for_ever(far: Far) -> None:
    far.cable.delay = 0
    large = {"value": "x" * 4_000_000, "at": NOW}
    async with far.database.write() as connection:
        await connection.execute(sa.insert(facts), {"name": "a", **large})
        with unanswered(connection):
            for name in "bcd":
                await connection.execute(sa.insert(facts), {"name": name, **large})
        rows = [{"name": str(number), **large} for number in range(4)]
        await connection.execute(sa.insert(facts), rows)
        with unanswered(connection):
            await connection.execute(sa.insert(facts), [{"name": f"z{number}", **large} for number in range(4)])
    assert await far.facts() == 12


async def test_what_failed_unheard_is_raised_and_undone(far: Far) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        async with far.database.write() as connection:
            with unanswered(connection):
                await connection.execute(fact("a"))
                await connection.execute(fact("a"))
                await connection.execute(fact("b"))
            await connection.execute(_ONE)
    with pytest.raises(sa.exc.IntegrityError):
        async with far.database.write() as connection:
            with unanswered(connection):
                await connection.execute(fact("a"))
                await connection.execute(fact("a"))
    assert await far.facts() == 0
    # The connection is as good as before.
    await far.database.change(lambda connection: connection.execute(fact("a")).rowcount)
    assert await far.facts() == 1


async def test_a_first_statement_that_fails_is_undone_with_its_transaction(far: Far) -> None:
    await far.database.change(lambda connection: connection.execute(fact("a")).rowcount)
    for _ in range(3):
        with pytest.raises(sa.exc.IntegrityError):
            async with far.database.write() as connection:
                await connection.execute(fact("a"))
        with pytest.raises(sa.exc.IntegrityError):
            async with far.database.write() as connection:
                rows = [{"name": name, "value": "", "at": NOW} for name in "ba"]
                await connection.execute(sa.insert(facts), rows)
    assert await far.facts() == 1


async def test_a_block_that_fails_before_its_first_statement_begins_nothing(far: Far) -> None:
    with pytest.raises(ZeroDivisionError):
        async with far.database.write():
            raise ZeroDivisionError
    for _ in range(8):
        await far.facts()
    async with far.database.read() as connection:
        open_ones = sa.text("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
        assert await connection.scalar(open_ones) == 0


async def test_a_cancelled_write_leaves_nothing_behind(far: Far) -> None:
    has_written = asyncio.Event()

    async def write(*, waits: bool) -> None:
        async with far.database.write() as connection:
            await connection.execute(fact("a"))
            if waits:
                has_written.set()
                await asyncio.Event().wait()
            with unanswered(connection):
                await connection.execute(fact("b"))
            has_written.set()
            await connection.execute(sa.text("SELECT pg_sleep(60)"))

    for waits in (True, False):
        has_written.clear()
        writing = asyncio.create_task(write(waits=waits))
        await has_written.wait()
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        assert writing.cancelled()
        assert await far.facts() == 0
        await far.database.change(lambda connection: connection.execute(sa.delete(facts)).rowcount)


async def test_nothing_is_written_where_it_is_only_read(far: Far) -> None:
    for statement in (fact("a"), sa.text("insert into facts values ('a', 'b', now())"), sa.text("DELETE FROM facts")):
        with pytest.raises(StorageError, match="only to be read"):
            async with far.database.read() as connection:
                await connection.execute(statement)
    assert await far.facts() == 0


async def test_a_connection_that_rested_is_asked_first(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_pool, "_SURE_SECONDS", 0.0)
    async with far.taking(2):
        await far.facts()


@pytest.mark.parametrize("sure", [5.0, 0.0])
async def test_connections_that_the_server_ended_are_replaced_unnoticed(
    far: Far, sure: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_pool, "_SURE_SECONDS", sure)
    far.cable.delay = 0
    await asyncio.gather(*(far.facts() for _ in range(8)))
    others = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )
    async with far.database.read() as connection:
        await connection.execute(others)
        ended = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        while await connection.scalar(ended) != 1:
            await asyncio.sleep(0.01)
    # The word of it is on its way through the cable.
    await asyncio.sleep(0.05)
    await asyncio.gather(*(far.facts() for _ in range(8)))
    await far.database.change(lambda connection: connection.execute(fact("a")).rowcount)
    assert await far.facts() == 1


async def test_a_database_that_goes_away_during_a_write_is_told_as_away(far: Far) -> None:
    me = sa.text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(DatabaseAway):
        async with far.database.write() as connection:
            await connection.execute(fact("a"))
            await connection.execute(me)
    with pytest.raises(DatabaseAway):
        async with far.database.write() as connection:
            with unanswered(connection):
                await connection.execute(fact("a"))
                await connection.execute(me)
    assert await far.facts() == 0


async def test_statements_of_a_library_take_one_round_trip(far: Far) -> None:
    queries = DriverQueries(far.database)
    insert = "INSERT INTO facts VALUES (%(name)s, '', now()) RETURNING name"
    async with far.taking(1):
        assert await queries.rows(insert, {"name": "a"}) == [{"name": "a"}]
    with pytest.raises(DriverError, match="UniqueViolation"):
        await queries.rows(insert, {"name": "a"})
    assert await far.facts() == 1
    async with far.taking(3), queries.transaction() as transaction:
        await transaction.rows(insert, {"name": "b"})
        await transaction.rows(insert, {"name": "c"})
    async with queries.transaction() as transaction:
        await transaction.rows(insert, {"name": "d"})
        await transaction.rows("DELETE FROM facts; INSERT INTO facts VALUES ('e', '', now())")
    assert await far.facts() == 1


async def test_a_statement_of_a_library_is_given_up_in_time(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver_queries, "_SECONDS", 0.1)
    queries = DriverQueries(far.database)
    with pytest.raises(StorageError, match="ended a statement for its length"):
        await queries.rows("SELECT pg_sleep(%(seconds)s)", {"seconds": 60})
    assert await far.facts() == 0
    with pytest.raises(DatabaseAway):
        await queries.rows("SELECT pg_terminate_backend(pg_backend_pid()) AS done", {})
    assert await far.facts() == 0
