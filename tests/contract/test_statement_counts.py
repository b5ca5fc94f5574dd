"""How many statements an operation takes: as many for many chats as for few, since a server may be far away."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from bot.render.renderer import DigestRenderer
from digests.model.delivery import DeliveryState
from digests.model.ids import DeliveryId
from digests.planning.matching import Matcher
from digests.planning.options import DigestOptions
from digests.planning.planner import Planner
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.cluster.updates import NewUpdate, UpdateStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.results import PartChange, Settled
from digests.storage.people.visitors import VisitorStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places
from digests.storage.search.postgresql.index import PostgresSearchIndex
from digests.storage.wishes.matches import MatchStore
from tests.cluster.server import Cable
from tests.factories.times import NOW
from tests.fakes import FakeClock
from tests.load.database import add_articles, add_categories, add_chats, subscribe
from tests.postgres import Server
from tests.queries import counting

DAY = timedelta(days=1)
LEASE = timedelta(minutes=2)
FEW, MANY = 20, 700


class Counted(NamedTuple):
    """The statements of one operation, for few chats and for many."""

    few: list[str]
    many: list[str]

    def assert_at_most(self, limit: int) -> None:
        """Assert that both are as few, and no more than this."""
        assert len(self.few) <= limit, "\n".join(self.few)
        assert len(self.many) <= limit, "\n".join(self.many)


async def fill(database: Database) -> None:
    """Add readers, each with a set of categories of their own, and twenty articles in twenty categories."""
    ids = (await add_categories(database))[:20]
    await add_articles(database, ids, 20, random.Random(1))
    await add_chats(database, range(1, MANY + 1), NOW - DAY)
    chance = random.Random(2)
    await subscribe(database, [chance.sample(ids, chance.randint(1, 5)) for _ in range(MANY)], NOW)


async def make_due(database: Database, number: int) -> None:
    """Make the next digest of so many chats due, with the same news as before."""
    later = sa.update(places).values(next_at=NOW + DAY)
    due = sa.update(places).where(places.c.chat_id <= number).values(next_at=NOW, window_from=0)
    async with database.write() as connection:
        await connection.execute(sa.delete(deliveries))
        await connection.execute(later)
        await connection.execute(due)


def planner_of(database: Database) -> Planner:
    articles = ArticleStore(database)
    # Nobody has a wish, so nothing is looked for in the index.
    matcher = Matcher(MatchStore(database), articles, PostgresSearchIndex(database), FakeClock(NOW), DAY)
    return Planner(
        DueStore(database),
        DeliveryStore(database),
        articles,
        CategoryStore(database),
        DigestRenderer(),
        DigestOptions(12, 5, True, False),
        matcher.catch_up,
    )


async def test_planning_a_slot(database: Database) -> None:
    await fill(database)
    planner, said = planner_of(database), []
    for number in (FEW, MANY):
        await make_due(database, number)
        with counting() as statements:
            assert await planner.plan_due(NOW) == number
        said.append(statements)
    Counted(*said).assert_at_most(24)


async def test_a_slot_is_planned_in_twenty_round_trips(postgresql: Server) -> None:
    with postgresql.database() as url:
        database = Database(url)
        await fill(database)
        await database.close()
        named = sa.make_url(url)
        host = named.query["host"]
        assert isinstance(host, str)
        cable = Cable(host)
        port = await cable.open()
        far = Database(named.set(host="127.0.0.1", port=port, query={}).render_as_string(hide_password=False))
        planner = planner_of(far)
        # What a connection says at first is said by all of them.
        await make_due(far, FEW)
        assert await planner.plan_due(NOW) == FEW
        await make_due(far, MANY)
        before, cable.delay = cable.trips, 0.02
        assert await planner.plan_due(NOW) == MANY
        trips, cable.delay = cable.trips - before, 0
        await far.close()
        await cable.close()
    assert trips <= 20


@pytest.fixture
async def planned(database: Database) -> Database:
    """Return a database with a delivery for each chat."""
    await fill(database)
    await make_due(database, MANY)
    await planner_of(database).plan_due(NOW)
    return database


async def test_delivering_a_batch(planned: Database) -> None:
    ledger, claims, writes = LedgerStore(planned), [], []
    for number in (FEW, 100):
        with counting() as statements:
            claimed = await ledger.claim("me", NOW, LEASE, number)
        assert len(claimed) == number
        claims.append(statements)
        ids = [delivery.id for delivery in claimed]
        with counting() as statements:
            begun = await ledger.write("me", [(found, 0) for found in ids], (), (), NOW + LEASE)
            assert begun == set(ids)
            await ledger.write("me", (), sent(ids), ends(ids), NOW + LEASE)
        writes.append(statements)
        with counting() as statements:
            await DeliveryStore(planned).renderings({delivery.rendering for delivery in claimed})
        assert len(statements) == 2
    Counted(*claims).assert_at_most(9)
    Counted(*writes).assert_at_most(4)


def sent(ids: list[DeliveryId]) -> list[PartChange]:
    return [PartChange(found, 0, DeliveryState.SENT, 1) for found in ids]


def ends(ids: list[DeliveryId]) -> list[Settled]:
    return [Settled(found, DeliveryState.SENT, "", NOW) for found in ids]


async def test_looking_who_writes(database: Database) -> None:
    await add_chats(database, range(1, 4), NOW)
    visitors, place = VisitorStore(database), await PlaceStore(database).find(2)
    assert place is not None
    with counting() as statements:
        visitor = await visitors.get(1, 0, 1, place.id)
    assert visitor.named == place
    assert len(statements) <= (5 if database.is_sqlite else 1), statements


async def test_storing_updates(database: Database) -> None:
    store = UpdateStore(database, "me", LEASE)
    for many in (range(1, 2), range(2, 202)):
        new = [NewUpdate(number, f"{number % 50}", "message", "{}") for number in many]
        with counting() as statements:
            await store.write(new, (), NOW)
            await store.write((), many, NOW)
        # On SQLite they go to the driver itself.
        assert len(statements) == (0 if database.is_sqlite else 2), statements
