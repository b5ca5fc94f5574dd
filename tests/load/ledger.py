"""What the ledger costs a message, on SQLite and on PostgreSQL: claiming, beginning and settling, as workers do."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import NamedTuple

import sqlalchemy as sa

from digests.model.delivery import Delivery, DeliveryState, Part, Rendering
from digests.model.digest import Window
from digests.model.ids import IngestNumber
from digests.storage.bulk import insert_rows
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plan import Plan
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import PartChange, Settled
from digests.storage.migrate import migrate
from digests.storage.schema.delivery_tables import deliveries, parts
from digests.storage.schema.place_tables import places
from tests.load.database import add_chats
from tests.load.figures import Figure
from tests.load.workers import cpu_seconds, server_pid
from tests.postgres import serving

CLAIMED = 100
WRITTEN = 30
"""Results that are written at once, as at a thousand messages a second."""
_AT_ONCE = 500
_LEASE = timedelta(minutes=2)
_RENDERING = Rendering("rendering", (Part("news"),))


class Costs(NamedTuple):
    """Milliseconds of CPU a message, of this process and of the database's server."""

    claiming: float
    writing: float

    @property
    def whole(self) -> float:
        """Both together."""
        return self.claiming + self.writing


async def measure_ledger(messages: int, old: int) -> list[Figure]:
    """Measure so many messages, with a ledger that is empty and with one of so many old rows."""
    found: dict[str, list[Costs]] = {}
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        # In turns, so that what else the machine does meets all.
        for rows in (0, old):
            url = f"sqlite:///{Path(folder) / f'{rows}.db'}"
            migrate(url)
            found.setdefault("SQLite", []).append(await _measured(url, messages, rows))
            with server.database() as url:
                found.setdefault("PostgreSQL", []).append(await _measured(url, messages, rows))
    figures: list[Figure] = []
    for name, (empty, full) in found.items():
        figures += [
            Figure(f"ledger on {name}, CPU a message of {messages:,}: claiming", full.claiming, "ms", 0.3),
            Figure(f"ledger on {name}, CPU a message: beginning and settling", full.writing, "ms", 0.3),
            Figure(f"ledger on {name}, CPU a message: all of it", full.whole, "ms", 0.3),
            Figure(f"ledger on {name}, claiming beside {old:,} old rows", full.claiming / empty.claiming, "x", 1.5),
        ]
    return figures


async def _measured(url: str, messages: int, old: int) -> Costs:
    database = Database(url)
    now = datetime.now(UTC)
    await add_chats(database, range(1, messages + 1), now)
    await plan_messages(database, now)
    await add_old(database, old, now)
    async with database.write() as connection:
        await connection.execute(sa.text("ANALYZE"))
    ledger, owner = LedgerStore(database), secrets.token_hex(4)
    server = None if database.is_sqlite else await server_pid(database)
    sent, claiming, writing = 0, 0.0, 0.0
    while True:
        # As much in hand as a few workers have.
        spent = Spending(server)
        claimed = [
            delivery
            for _ in range(_AT_ONCE // CLAIMED)
            for delivery in await ledger.claim(owner, datetime.now(UTC), _LEASE, CLAIMED)
        ]
        claiming += spent.seconds()
        spent = Spending(server)
        for start in range(0, len(claimed), WRITTEN):
            await _send(ledger, owner, claimed[start : start + WRITTEN])
        writing += spent.seconds()
        sent += len(claimed)
        if not claimed:
            break
    assert sent == messages, sent
    await database.close()
    return Costs(1000 * claiming / messages, 1000 * writing / messages)


class Spending:
    """The CPU that this process and the database's server use from now on: no time of others counts.

    Looking at the server's processes takes a good part of a second, which counts for nothing either.
    """

    def __init__(self, server: int | None) -> None:
        self._server = server
        self._servers = cpu_seconds(server) if server is not None else 0.0
        self._own = process_time()

    def seconds(self) -> float:
        """Return how much it was."""
        own = process_time() - self._own
        return own + (cpu_seconds(self._server) - self._servers if self._server is not None else 0.0)


async def _send(ledger: LedgerStore, owner: str, batch: Sequence[Delivery]) -> None:
    """Write down that these are sent, in two transactions as for those of one moment."""
    now = datetime.now(UTC)
    held = await ledger.write(owner, [(delivery.id, 0) for delivery in batch], [], [], now + _LEASE)
    assert len(held) == len(batch)
    changes = [PartChange(delivery.id, 0, DeliveryState.SENT, delivery.id) for delivery in batch]
    ends = [Settled(delivery.id, DeliveryState.SENT, "", now) for delivery in batch]
    await ledger.write(owner, [], changes, ends, now + _LEASE)


async def plan_messages(database: Database, now: datetime) -> None:
    """Plan a message for every chat."""
    store, window = DeliveryStore(database), Window(IngestNumber(0), IngestNumber(9))
    async with database.read() as connection:
        ids = list((await connection.execute(sa.select(places.c.id).order_by(places.c.id))).scalars())
    for start in range(0, len(ids), 3000):
        plans = [Plan(place, window, now, now + timedelta(days=1), _RENDERING) for place in ids[start : start + 3000]]
        await store.commit(plans, now)


async def add_old(database: Database, rows: int, now: datetime) -> None:
    """Add deliveries that were sent to these chats before, evenly over the last month."""
    async with database.read() as connection:
        ids = list((await connection.execute(sa.select(places.c.id).order_by(places.c.id))).scalars())
        first = int(await connection.scalar(sa.select(sa.func.max(deliveries.c.id))) or 0) + 1
    columns = ("id", "place_id", "slot", "due_at", "created_at", "settled_at")
    for start in range(0, rows, 10_000):
        some = range(start, min(rows, start + 10_000))
        batch = []
        for number in some:
            at = now - timedelta(days=30) + timedelta(days=29) * number / rows
            batch.append((first + number, ids[number % len(ids)], at, at, at, at))
        common = {"kind": "digest", "rendering": _RENDERING.key, "since": 0, "until": 9, "state": "sent"}
        async with database.write() as connection:
            await insert_rows(database, connection, deliveries, columns, batch, {**common, "attempts": 0, "error": ""})
            part_rows = [(first + number, "hash") for number in some]
            each = {"number": 0, "state": "sent", "error": ""}
            await insert_rows(database, connection, parts, ("delivery_id", "hash"), part_rows, each)


if __name__ == "__main__":
    for figure in asyncio.run(measure_ledger(3000, 30_000)):
        print(f"{figure.name}: {figure.shown} ({figure.goal})")
