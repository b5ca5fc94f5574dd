"""Which layout a place's digest is planned in, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.render.layouts.options import LayoutOptions
from bot.render.renderer import DigestRenderer
from digests.model.delivery import Rendering
from digests.model.ids import DeliveryId
from digests.model.layout import Layout
from digests.model.place import Place, PlaceKind
from digests.planning.options import DigestOptions
from digests.planning.planner import Planner
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.schema.article_tables import articles
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places
from tests.factories.articles import parsed_post, read_post
from tests.factories.places import add_active_place
from tests.factories.times import DAY, HOUR, NOW


@dataclass
class Planning:
    """A planner with news of which some have pictures."""

    database: Database
    options: LayoutOptions = field(default_factory=lambda: LayoutOptions(has_previews=True))

    def __post_init__(self) -> None:
        self.deliveries = DeliveryStore(self.database)
        self.planner = self.new_planner()

    def new_planner(self, *, send_empty: bool = False) -> Planner:
        return Planner(
            DueStore(self.database),
            self.deliveries,
            ArticleStore(self.database),
            CategoryStore(self.database),
            DigestRenderer(self.options),
            DigestOptions(max_items=12, first_items=3, picture=True, send_empty=send_empty),
        )

    async def publish(self, *titles: str) -> None:
        batch = [read_post(f"{title}.md", parsed_post(title, categories=("news",))) for title in titles]
        await IngestStore(self.database).write("folder", batch, NOW)
        async with self.database.write() as connection:
            await connection.execute(sa.update(articles).values(picture="a" * 40))

    async def add(self, chat: int, **changes: Any) -> Place:
        place = await add_active_place(self.database, chat, kind=changes.pop("kind", PlaceKind.PRIVATE))
        if changes:
            async with self.database.write() as connection:
                await connection.execute(sa.update(places).where(places.c.id == place.id).values(**changes))
        return place

    async def planned(self, at: Any = NOW + HOUR) -> dict[int, Rendering]:
        """Plan what is due, and return the newest rendering of each chat."""
        await self.planner.plan_due(at)
        query = sa.select(deliveries.c.id).order_by(deliveries.c.id)
        async with self.database.read() as connection:
            ids = list((await connection.execute(query)).scalars())
        found = {}
        for delivery_id in ids:
            delivery, rendering = await self.rendering(delivery_id)
            found[delivery.place.chat_id] = rendering
        return found

    async def rendering(self, delivery_id: DeliveryId | None) -> tuple[Any, Rendering]:
        assert delivery_id is not None
        delivery = await self.deliveries.get(delivery_id)
        assert delivery is not None
        rendering = await self.deliveries.rendering(delivery.rendering)
        assert rendering is not None
        return delivery, rendering


@pytest.fixture
async def planning(database: Database) -> Planning:
    return Planning(database)


async def test_each_place_gets_its_layout_though_all_get_the_same_news(planning: Planning) -> None:
    for chat, layout in enumerate(Layout, 1):
        for copy in (0, 10):
            await planning.add(chat + copy, layout=layout)
    await planning.publish("One", "Two")
    found = await planning.planned()
    assert {chat: rendering.layout for chat, rendering in found.items()} == {
        chat + copy: layout for chat, layout in enumerate(Layout, 1) for copy in (0, 10)
    }
    assert len({rendering.key for rendering in found.values()}) == 4
    gallery, listed, headlines, magazine = (found[chat].parts[0] for chat in range(1, 5))
    assert gallery.mosaic is not None
    assert "1. <a" in gallery.html
    assert (listed.mosaic, headlines.mosaic, magazine.mosaic) == (None, None, None)
    assert "• <a" in headlines.html
    assert magazine.rich is not None
    assert magazine.rich.pictures == ("a" * 40, "a" * 40)


async def test_a_magazine_has_a_gallery_to_fall_back_to(planning: Planning) -> None:
    await planning.add(1, layout=Layout.MAGAZINE)
    await planning.publish("One")
    magazine = (await planning.planned())[1]
    spare = await planning.deliveries.rendering(magazine.fallback)
    assert spare is not None
    assert (spare.layout, spare.fallback, spare.items) == (Layout.GALLERY, "", magazine.items)
    assert spare.parts[0].mosaic is not None


async def test_a_channel_has_a_cover_on_the_first_digest_of_its_day_alone(planning: Planning) -> None:
    times = {"time": "08:00,20:00", "next_at": NOW.replace(hour=8, minute=0)}
    await planning.add(1, kind=PlaceKind.CHANNEL, layout=Layout.GALLERY, **times)
    await planning.add(2, layout=Layout.GALLERY, **times)
    await planning.publish("One")
    morning = await planning.planned(NOW.replace(hour=8, minute=1))
    covers = {chat: rendering.parts[0].mosaic for chat, rendering in morning.items()}
    assert covers[1] is not None
    assert covers[1].cover is not None
    assert covers[1].cover.headlines == ("One",)
    assert covers[2] is not None
    assert covers[2].cover is None
    await planning.publish("Two")
    evening = (await planning.planned(NOW.replace(hour=20, minute=1)))[1].parts[0]
    assert evening.mosaic is not None
    assert evening.mosaic.cover is None


async def test_two_fallbacks_that_differ_are_two_magazines(planning: Planning) -> None:
    times = {"time": "08:00", "next_at": NOW.replace(hour=8, minute=0), "layout": Layout.MAGAZINE}
    await planning.add(1, kind=PlaceKind.CHANNEL, **times)
    await planning.add(2, **times)
    await planning.publish("One")
    found = await planning.planned(NOW.replace(hour=8, minute=1))
    spares = [await planning.deliveries.rendering(found[chat].fallback) for chat in (1, 2)]
    mosaics = [spare.parts[0].mosaic for spare in spares if spare]
    has_cover = [mosaic is not None and mosaic.cover is not None for mosaic in mosaics]
    assert has_cover == [True, False]


@pytest.mark.parametrize("asked", [False, True])
async def test_the_third_digest_offers_the_magazine_once(planning: Planning, asked: bool) -> None:
    place = await planning.add(1, layout=Layout.LIST)
    offered = []
    for day in range(4):
        await planning.publish(f"News {day}")
        if asked:
            made = await planning.planner.plan_now(place.id, NOW + day * DAY)
            _, rendering = await planning.rendering(made)
        else:
            rendering = (await planning.planned(NOW + HOUR + day * timedelta(days=1)))[1]
        offered.append(rendering.parts[-1].offers_magazine)
    assert offered == [False, False, True, False]


async def test_days_without_news_are_no_digests_after_which_the_magazine_is_offered(planning: Planning) -> None:
    await planning.add(1, layout=Layout.LIST, digests=1)
    planning.planner = planning.new_planner(send_empty=True)
    assert (await planning.planned(NOW + HOUR))[1].items == ()
    await planning.publish("Second")
    second = (await planning.planned(NOW + HOUR + DAY))[1]
    await planning.publish("Third")
    third = (await planning.planned(NOW + HOUR + 2 * DAY))[1]
    assert [second.parts[-1].offers_magazine, third.parts[-1].offers_magazine] == [False, True]


@pytest.mark.parametrize(
    "changes",
    [{"layout": Layout.MAGAZINE}, {"refuses_magazine": True}, {"kind": PlaceKind.GROUP}, {"kind": PlaceKind.CHANNEL}],
)
async def test_the_magazine_is_not_offered_where_it_is_of_no_use(planning: Planning, changes: dict[str, Any]) -> None:
    place = await planning.add(1, digests=2, **changes)
    await planning.publish("One")
    _, rendering = await planning.rendering(await planning.planner.plan_now(place.id, NOW))
    assert not any(part.offers_magazine for part in rendering.parts)
