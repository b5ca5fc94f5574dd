"""Who leads: one at a time, another at once when it ends, and nobody who can't be sure of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from digests.storage.cluster import leadership
from digests.storage.cluster.leadership import Leadership
from digests.storage.database import Database
from tests.postgres import Server
from tests.waiting import until


class Candidate:
    """A process that would lead, and what it was told."""

    def __init__(self, database: Database, name: str) -> None:
        self.told: list[bool] = []
        self.leadership = Leadership(database, "updates", name, self.told.append)

    @property
    def leads(self) -> bool:
        return self.leadership.is_leader


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leadership, "BEAT_SECONDS", 0.1)


@pytest.fixture
async def server(postgresql: Server) -> AsyncIterator[Database]:
    with postgresql.database() as url:
        database = Database(url)
        yield database
        await database.close()


async def test_on_sqlite_the_only_process_leads_until_it_ends(tmp_path: object) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    only = Candidate(database, "a")
    await only.leadership.join()
    await only.leadership.start()
    assert only.leads
    await only.leadership.stop()
    assert only.told == [True, False]
    await database.close()


async def test_one_leads_and_another_takes_over_when_it_ends(server: Database) -> None:
    first, second = Candidate(server, "a"), Candidate(server, "b")
    await first.leadership.start()
    await second.leadership.start()
    assert (first.leads, second.leads) == (True, False)
    # Some beats of both.
    await asyncio.sleep(0.5)
    assert (first.told, second.told) == ([True], [])
    await first.leadership.stop()
    await until(lambda: second.leads)
    assert first.told == [True, False]
    await second.leadership.stop()


async def test_whose_connection_is_gone_leads_no_more(server: Database) -> None:
    first = Candidate(server, "a")
    await first.leadership.start()
    ours = "application_name = 'digestbot' AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
    async with server.write() as connection:
        await connection.execute(sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"))
    await until(lambda: False in first.told)
    await until(lambda: first.leads)
    assert first.told == [True, False, True]
    await first.leadership.stop()


async def test_a_leader_that_gets_no_answer_gives_up(server: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leadership, "ANSWER_SECONDS", 0.3)
    async with silent_proxy(server) as (through, cut):
        first = Candidate(through, "a")
        await first.leadership.start()
        assert first.leads
        cut.set()
        await until(lambda: not first.leads, 10)
        await first.leadership.stop()
        await through.close()


@asynccontextmanager
async def silent_proxy(server: Database) -> AsyncIterator[tuple[Database, asyncio.Event]]:
    """Give a database by way of a proxy that passes nothing on once the event is set, and closes nothing either."""
    url, cut, tasks = server.url, asyncio.Event(), set[asyncio.Task[None]]()
    writers: list[asyncio.StreamWriter] = []
    host = url.query.get("host") or url.host
    assert isinstance(host, str)

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if cut.is_set():
                await asyncio.Event().wait()
            writer.write(data)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if host.startswith("/"):
            there = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{url.port or 5432}")
        else:
            there = await asyncio.open_connection(host, url.port or 5432)
        writers.extend((there[1], writer))
        for pair in ((reader, there[1]), (there[0], writer)):
            tasks.add(asyncio.create_task(pipe(*pair)))

    proxy = await asyncio.start_server(accept, "127.0.0.1", 0, family=socket.AF_INET)
    port = proxy.sockets[0].getsockname()[1]
    database = Database(url.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False))
    yield database, cut
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in writers:
        writer.transport.abort()
    proxy.close()
    await proxy.wait_closed()
