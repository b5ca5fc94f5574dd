"""Writers take turns in the order in which they came, and none waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from digests.errors import StorageError
from digests.storage.counters import advance
from digests.storage.database import Database
from digests.storage.migrate import migrate
from digests.storage.schema.base import facts
from tests.factories.times import NOW


async def test_concurrent_writers_lose_no_update(database: Database) -> None:
    async def count() -> int:
        async with database.write() as connection:
            return await advance(database, connection, "shared", 1)

    assert sorted(await asyncio.gather(*(count() for _ in range(30)))) == list(range(30))


async def test_a_failed_writer_lets_the_next_one_in(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as connection:
            await advance(database, connection, "shared", 1)
            raise ZeroDivisionError
    async with database.write() as connection:
        assert await advance(database, connection, "shared", 1) == 0


async def test_a_later_writer_never_overtakes_a_waiting_one(tmp_path: Path) -> None:
    """SQLite's own waiting would let it, and a scan that writes batch after batch would keep readers' commands out."""
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    order: list[str] = []
    is_writing = asyncio.Event()

    async def batches() -> None:
        for number in range(5):
            async with database.write():
                # The reader comes while the first batch is being written.
                is_writing.set()
                await asyncio.sleep(0.01)
                order.append(f"batch {number}")

    async def reader() -> None:
        async with database.write():
            order.append("reader")

    writing = asyncio.create_task(batches())
    await is_writing.wait()
    await reader()
    await writing
    await database.close()
    assert order == ["batch 0", "reader", "batch 1", "batch 2", "batch 3", "batch 4"]


def shorten_waits(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let writers wait no longer than that, for each other and for other programs."""
    monkeypatch.setattr("digests.storage.database.BUSY_SECONDS", seconds)
    monkeypatch.setattr("digests.storage.engine.sqlite.BUSY_SECONDS", seconds)


async def test_a_held_database_fails_everybody_who_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten_waits(monkeypatch, 0.3)
    file = tmp_path / "one.db"
    database = Database(f"sqlite:///{file}")
    async with database.read() as connection:
        await connection.execute(sa.text("SELECT 1"))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with database.write():
            pytest.fail("another program holds the database")

    results = await asyncio.gather(*(write() for _ in range(3)), return_exceptions=True)
    other.execute("ROLLBACK")
    other.close()
    assert [type(result) for result in results] == [StorageError] * 3
    async with database.write() as connection:
        await connection.execute(sa.text("SELECT 1"))
    await database.close()


async def test_peek_and_run_see_changes_but_write_nothing(database: Database) -> None:
    insert = sa.insert(facts).values(name="a", value="b", at=NOW)
    query = sa.select(facts.c.value).where(facts.c.name == "a")
    await database.change(lambda connection: connection.execute(insert).rowcount)
    assert await database.peek(lambda connection: connection.scalar(query)) == "b"
    assert await database.run(lambda connection: connection.scalar(query)) == "b"
    for read in (database.peek, database.run):
        # Refused, or rolled back with the read.
        with contextlib.suppress(StorageError):
            await read(lambda connection: connection.execute(sa.delete(facts)).rowcount)
    assert await database.peek(lambda connection: connection.scalar(query)) == "b"


async def test_a_change_that_fails_leaves_nothing_behind(database: Database) -> None:
    def fail(connection: sa.Connection) -> None:
        connection.execute(sa.insert(facts).values(name="a", value="b", at=NOW))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.change(fail)
    query = sa.select(sa.func.count()).select_from(facts)
    assert await database.run(lambda connection: connection.scalar(query)) == 0


async def test_changes_and_writers_take_turns(database: Database) -> None:
    def change(connection: sa.Connection) -> int:
        return connection.execute(sa.update(facts).values(value=facts.c.value + "x")).rowcount

    async def write() -> None:
        async with database.write() as connection:
            await connection.execute(sa.update(facts).values(value=facts.c.value + "y"))

    insert = sa.insert(facts).values(name="a", value="", at=NOW)
    await database.change(lambda connection: connection.execute(insert).rowcount)
    await asyncio.gather(*(database.change(change) for _ in range(20)), *(write() for _ in range(20)))
    value = await database.peek(lambda connection: connection.scalar(sa.select(facts.c.value)))
    assert value is not None
    assert (value.count("x"), value.count("y")) == (20, 20)


async def test_a_change_of_a_held_database_fails_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten_waits(monkeypatch, 0.2)
    file = tmp_path / "one.db"
    migrate(f"sqlite:///{file}")
    database = Database(f"sqlite:///{file}")
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="held by another program"):
            await database.change(lambda connection: connection.execute(sa.delete(facts)).rowcount)
        # Reading is still possible.
        assert await database.peek(lambda connection: connection.scalar(sa.select(sa.func.count()))) == 1
        other.execute("ROLLBACK")
    other.close()
    await database.close()


async def test_an_error_quotes_nothing_that_is_stored(database: Database) -> None:
    """It comes into the log with its traceback."""
    statement = sa.insert(facts).values(name="private name", value="a private text", at=NOW)
    await database.change(lambda connection: connection.execute(statement).rowcount)
    with pytest.raises(IntegrityError) as caught:
        await database.change(lambda connection: connection.execute(statement).rowcount)
    with pytest.raises(IntegrityError) as also:
        async with database.write() as connection:
            await connection.execute(statement)
    for error in (caught.value, also.value):
        assert "private" not in "".join(traceback.format_exception(error))
