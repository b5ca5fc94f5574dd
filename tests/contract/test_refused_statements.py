"""What comes of it when PostgreSQL refuses a statement, undoes a transaction, or ends a connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from digests.errors import DatabaseAway, StorageError, WriteUndone
from digests.storage.database import Database
from digests.storage.people.people import PeopleStore
from tests.factories.times import NOW
from tests.postgres import Server


@pytest.fixture
async def server_database(postgresql: Server) -> AsyncIterator[Database]:
    with postgresql.database() as url:
        database = Database(url)
        yield database
        await database.close()


TOLD = [
    ("40P01", WriteUndone, "do it again"),
    ("40001", WriteUndone, "do it again"),
    ("57014", StorageError, "raise its statement_timeout"),
    ("55P03", StorageError, "pg_stat_activity"),
    ("53100", StorageError, "disk of the database's server is full"),
    ("53200", StorageError, "no memory left"),
    ("53300", StorageError, "raise its max_connections"),
    ("57P01", DatabaseAway, "continues once it is back"),
    ("57P05", DatabaseAway, "idle_session_timeout"),
    ("25P03", DatabaseAway, "idle_in_transaction_session_timeout"),
    ("25P04", DatabaseAway, "transaction_timeout"),
    ("25006", DatabaseAway, "takes no writes"),
    ("XX000", StorageError, "look at its log"),
    ("XX001", StorageError, "look at its log"),
    ("58030", StorageError, "look at its log"),
]


async def test_what_is_no_fault_of_ours_is_told_with_what_to_do(server_database: Database) -> None:
    for state, kind, said in TOLD:
        with pytest.raises(StorageError, match=said) as caught:
            async with server_database.write():
                raise refusal(state)
        assert type(caught.value) is kind, state
    for state in ("42703", "23505", "22021", "25P02"):
        with pytest.raises(DBAPIError):
            async with server_database.write():
                raise refusal(state)


def refusal(state: str) -> DBAPIError:
    """Return what SQLAlchemy raises for a statement that is refused with this state."""
    error = DBAPIError.instance("", None, errors.lookup(state)("what the server said"), psycopg.Error)
    assert isinstance(error, DBAPIError)
    return error


async def test_a_change_that_the_server_undoes_for_another_is_made_all_the_same(server_database: Database) -> None:
    """Two changes that wait for each other: the server undoes one of them (40P01)."""
    people = PeopleStore(server_database)
    for name in ("a", "b"):
        await people.note(name, "0", NOW)
    both_began, runs = asyncio.Barrier(2), list[str]()

    async def change(first: str, second: str) -> None:
        def work(connection: sa.Connection) -> None:
            runs.append(first)
            for name in (first, second):
                connection.execute(sa.text("UPDATE facts SET value = value || 'x' WHERE name = :name"), {"name": name})
                if name == first and runs.count(first) == 1:
                    sa.util.await_only(both_began.wait())

        await server_database.change(work)

    async with asyncio.timeout(30):
        await asyncio.gather(change("a", "b"), change("b", "a"))
    assert [(await people.fact(name) or ("",))[0] for name in ("a", "b")] == ["0xx", "0xx"]
    assert len(runs) == 3


async def test_a_transaction_that_the_server_ended_is_no_fault_of_ours(server_database: Database) -> None:
    with pytest.raises(DatabaseAway, match="idle_in_transaction_session_timeout"):
        async with server_database.write() as connection:
            await connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
            await asyncio.sleep(0.5)
            await connection.execute(sa.text("SELECT 1"))
    await PeopleStore(server_database).note("x", "y", NOW)


async def test_after_a_failover_the_connections_to_the_old_server_are_given_up(
    server_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    people = PeopleStore(server_database)
    async with server_database.read() as first, server_database.read() as second:
        for connection in (first, second):
            # As those of a server that has become a standby are: they answer what is read.
            await connection.execute(sa.text("SET SESSION default_transaction_read_only = on"))
            await connection.commit()
    with pytest.raises(DatabaseAway, match="takes no writes"):
        await people.note("x", "y", NOW)
    assert await people.fact("x") is None
    await people.note("x", "y", NOW)
    assert await people.fact("x") is not None
    said = [record.getMessage() for record in caplog.records]
    assert [text for text in said if "takes no writes" in text or "answers again" in text] == [
        "The database takes no writes: it is a standby, or read-only. Set database.url to the primary server.",
        "the database answers again",
    ]
