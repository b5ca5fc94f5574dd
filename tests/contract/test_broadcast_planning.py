"""Planning an announcement for very many chats: each batch looks at a part of them, whatever there is beside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import sqlalchemy as sa

from digests.model.announcement import Audience
from digests.model.delivery import Part, Rendering
from digests.model.ids import AnnouncementId, CategoryId
from digests.model.recipients import Recipients
from digests.storage.articles.categories import CategoryStore
from digests.storage.database import Database
from digests.storage.deliveries import announced
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places
from tests.contract.rows_read import rows_read
from tests.factories.times import NOW
from tests.load.database import add_chats, announce, subscribe
from tests.postgres import Server

TEXT = Rendering("text", (Part("news"),))


@pytest.fixture
def server_url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as url:
        yield url


@pytest.fixture
async def on_server(server_url: str) -> AsyncIterator[Database]:
    opened = Database(server_url)
    yield opened
    await opened.close()


async def read_for(database: Database, chats: int, to: Recipients) -> float:
    """Plan an announcement, and return how many rows were read for each chat."""
    sent = await announce(database, "news")
    before = await rows_read(database)
    planned = await DeliveryStore(database).plan_announcement(sent, TEXT, NOW, to, NOW)
    assert planned == chats
    return (await rows_read(database) - before) / chats


@pytest.mark.parametrize("is_analysed", [False, True])
@pytest.mark.parametrize("by_category", [False, True])
async def test_more_chats_cost_no_more_each(
    on_server: Database, monkeypatch: pytest.MonkeyPatch, *, is_analysed: bool, by_category: bool
) -> None:
    monkeypatch.setattr(announced, "_LOOKED_THROUGH", 500)
    monkeypatch.setattr("digests.storage.deliveries.plans._BATCH", 200)
    categories = None
    costs: list[float] = []
    made = await CategoryStore(on_server).ensure([("news",)])
    category = CategoryId(next(iter(made.values())))
    if by_category:
        categories = frozenset([category])
    for chats in (2000, 6000):
        async with on_server.write() as connection:
            for table in ("deliveries", "subscriptions", "places"):
                await connection.execute(sa.text(f"DELETE FROM {table}"))
        await add_chats(on_server, range(1, chats + 1), NOW)
        await subscribe(on_server, [[category]] * chats, NOW)
        if is_analysed:
            async with on_server.write() as connection:
                await connection.execute(sa.text("ANALYZE"))
        costs.append(await read_for(on_server, chats, Recipients(Audience(), categories, NOW)))
    few, many = costs
    assert many < 1.5 * few + 2


async def test_a_sparse_audience_is_found_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announced, "_LOOKED_THROUGH", 50)
    monkeypatch.setattr("digests.storage.deliveries.plans._BATCH", 20)
    await add_chats(database, range(1, 1001), NOW)
    chosen = (places.c.chat_id % 97 == 5) | places.c.chat_id.between(300, 360)
    async with database.write() as connection:
        await connection.execute(sa.update(places).where(chosen).values(language="zh_CN"))
    sent = await announce(database, "news")
    to = Recipients(Audience(), None, NOW, language="zh_CN")
    planned = await DeliveryStore(database).plan_announcement(sent, TEXT, NOW, to, NOW)
    async with database.read() as connection:
        got = list(
            (await connection.execute(sa.select(deliveries.c.place_id).order_by(deliveries.c.place_id))).scalars()
        )
        wanted = list((await connection.execute(sa.select(places.c.id).where(chosen).order_by(places.c.id))).scalars())
    assert got == wanted
    assert planned == len(wanted)


async def test_a_cancelled_announcement_is_planned_no_further(database: Database) -> None:
    await add_chats(database, range(1, 11), NOW)
    sent = await announce(database, "news")
    async with database.write() as connection:
        await connection.execute(sa.text("UPDATE announcements SET state = 'cancelled'"))
    to = Recipients(Audience(), None, NOW)
    assert await DeliveryStore(database).plan_announcement(AnnouncementId(sent), TEXT, NOW, to, NOW) == 0
