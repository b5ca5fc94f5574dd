"""What wishes do to digests, from the rows that hold them, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from bot.render.renderer import DigestRenderer
from digests.delivery.withdraw import Withdrawer
from digests.model.delivery import Rendering
from digests.model.digest import DigestOrder
from digests.model.ids import ArticleId, CategoryId, DeliveryId
from digests.model.place import Place, PlaceKind
from digests.model.wish import Matter, WishKind
from digests.planning.news import CatchUp, nothing_to_catch_up
from digests.planning.options import DigestOptions
from digests.planning.planner import Planner
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.withdrawals import WithdrawalStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema.article_tables import articles
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places
from tests.factories.articles import parsed_post, read_post
from tests.factories.categories import ensure_categories
from tests.factories.places import add_active_place
from tests.factories.times import DAY, HOUR, NOW
from tests.factories.wishes import add_wish, add_words, note_sent_at_once
from tests.fakes import FakeClock, FakeMessageEditor


class Harness:
    """A planner, a reader of "news", and articles by their titles."""

    def __init__(self, database: Database, *, send_empty: bool = False) -> None:
        self.database = database
        self.caught_up = 0
        self.deliveries = DeliveryStore(database)
        self.planner = self.new_planner(self._catch_up, send_empty=send_empty)

    def new_planner(self, catch_up: CatchUp, *, send_empty: bool = False) -> Planner:
        return Planner(
            DueStore(self.database),
            self.deliveries,
            ArticleStore(self.database),
            CategoryStore(self.database),
            DigestRenderer(),
            DigestOptions(max_items=4, first_items=3, picture=True, send_empty=send_empty),
            catch_up,
        )

    async def _catch_up(self) -> None:
        self.caught_up += 1

    async def publish(
        self, *titles: str, category: str = "news", source: str = "Gull", branches: Any = None, **changes: Any
    ) -> dict[str, ArticleId]:
        """Store articles, the first of them the newest."""
        batch = [
            read_post(
                f"{title}.md",
                parsed_post(
                    title,
                    categories=(category,),
                    branches=branches or ((category,),),
                    source=source,
                    published_at=NOW - number * HOUR,
                    **changes,
                ),
                age=number,
            )
            for number, title in enumerate(titles, 1)
        ]
        await IngestStore(self.database).write("folder", batch, NOW)
        async with self.database.read() as connection:
            rows = await connection.execute(sa.select(articles.c.title, articles.c.id))
            return {title: ArticleId(number) for title, number in rows}

    async def category(self, *path: str) -> CategoryId:
        await CategoryStore(self.database).ensure([path])
        tree = await CategoryStore(self.database).tree()
        return next(category.id for category in tree if category.path == path)

    async def change(self, place: Place, **changes: Any) -> None:
        async with self.database.write() as connection:
            await connection.execute(sa.update(places).where(places.c.id == place.id).values(**changes))

    async def planned(self) -> dict[int, Rendering]:
        """Plan what is due in an hour, and return the renderings by chat."""
        await self.planner.plan_due(NOW + HOUR)
        query = sa.select(places.c.chat_id, deliveries.c.id).join(places, places.c.id == deliveries.c.place_id)
        async with self.database.read() as connection:
            rows = (await connection.execute(query.order_by(deliveries.c.id))).all()
        return {chat: await self.rendering(DeliveryId(number)) for chat, number in rows}

    async def rendering(self, delivery_id: DeliveryId | None) -> Rendering:
        assert delivery_id is not None
        delivery = await self.deliveries.get(delivery_id)
        assert delivery is not None
        rendering = await self.deliveries.rendering(delivery.rendering)
        assert rendering is not None
        return rendering


@pytest.fixture
async def harness(database: Database) -> Harness:
    await ensure_categories(database, "news", "sport")
    return Harness(database)


async def test_a_watch_brings_what_is_not_followed(harness: Harness) -> None:
    place, other = await add_active_place(harness.database, 1), await add_active_place(harness.database, 2)
    ids = await harness.publish("Tide", "Moon")
    ids = await harness.publish("Regatta", "Match", category="sport")
    await add_words(harness.database, place.id, WishKind.WATCH, "regatta", [ids["Regatta"]])
    found = await harness.planned()
    assert set(found[1].items) == {ids["Tide"], ids["Moon"], ids["Regatta"]}
    assert "👁 regatta" in found[1].parts[0].html
    assert set(found[2].items) == {ids["Tide"], ids["Moon"]}
    assert "👁" not in found[2].parts[0].html
    assert other.id != place.id
    assert harness.caught_up == 1


async def test_what_comes_while_wishes_catch_up_belongs_to_the_next_window(harness: Harness) -> None:
    place = await add_active_place(harness.database, 1)

    async def catch_up() -> None:
        # The article comes after its like were held against the words.
        ids = await harness.publish("Regatta", category="sport")
        harness.caught_up = ids["Regatta"]

    harness.planner = harness.new_planner(catch_up)
    assert await harness.planned() == {}
    await add_words(harness.database, place.id, WishKind.WATCH, "regatta", [ArticleId(harness.caught_up)])
    harness.planner = harness.new_planner(nothing_to_catch_up)
    await harness.planner.plan_due(NOW + 2 * DAY)
    assert [rendering.items for rendering in (await harness.planned()).values()] == [(harness.caught_up,)]


async def test_marks_outlive_a_withdrawal(harness: Harness) -> None:
    place = await add_active_place(harness.database, 1)
    ids = await harness.publish("Tide", "Moon", "Ebb")
    await add_words(harness.database, place.id, WishKind.WATCH, "moon", [ids["Moon"], ids["Ebb"]])
    before = (await harness.planned())[1]
    assert before.watched == ((ids["Moon"], ("moon",)), (ids["Ebb"], ("moon",)))
    await _withdrawer(harness).withdraw(ids["Ebb"], recall=False, report_chat=None)
    after = (await harness.planned())[1]
    assert after.items == (ids["Moon"], ids["Tide"])
    assert after.watched == ((ids["Moon"], ("moon",)),)
    assert after.parts[0].html.count("👁 moon") == 1


def _withdrawer(harness: Harness) -> Withdrawer:
    database = harness.database
    stores = WithdrawalStore(database), ArticleStore(database), harness.deliveries
    return Withdrawer(*stores, DigestRenderer(), FakeMessageEditor(), FakeClock(NOW), picture=True)


async def test_items_are_stored_as_they_are_shown(harness: Harness) -> None:
    place = await add_active_place(harness.database, 1)
    await PlaceStore(harness.database).subscribe(place.id, [await harness.category("sport")], NOW)
    await harness.publish("A", "C", source="Gull")
    await harness.publish("B", category="sport", source="Tern")
    html = (await harness.planned())[1].parts[0].html
    order = sorted("ABC", key=lambda title: html.index(f">{title}<"))
    ids = await harness.publish("D")
    assert (await harness.planned())[1].items == tuple(ids[title] for title in order)


async def test_mutes_hold_until_they_end_and_over_watches(harness: Harness) -> None:
    database = harness.database
    chats = [await add_active_place(database, chat) for chat in (1, 2, 3, 4)]
    ids = await harness.publish("Tide", "Moon")
    ids = await harness.publish("Ebb", source="Tern")
    for place in chats[:2]:
        until = NOW + HOUR / 2 if place is chats[1] else NOW + DAY
        await add_wish(database, place.id, WishKind.MUTE, Matter.SOURCE, "Tern", until=until)
        await add_words(database, place.id, WishKind.WATCH, "ebb", [ids["Ebb"]])
    await add_words(database, chats[2].id, WishKind.MUTE, "moon", [ids["Moon"]])
    await add_wish(database, chats[3].id, WishKind.MUTE, Matter.CATEGORY, await harness.category("news"))
    found = await harness.planned()
    assert set(found[1].items) == {ids["Tide"], ids["Moon"]}
    assert set(found[2].items) == {ids["Tide"], ids["Moon"], ids["Ebb"]}
    assert set(found[3].items) == {ids["Tide"], ids["Ebb"]}
    assert 4 not in found


async def test_what_was_sent_at_once_does_not_come_again(harness: Harness) -> None:
    place, _ = await add_active_place(harness.database, 1), await add_active_place(harness.database, 2)
    ids = await harness.publish("Tide", "Moon")
    await note_sent_at_once(harness.database, place.id, ids["Tide"])
    found = await harness.planned()
    assert found[1].items == (ids["Moon"],)
    assert len(found[2].items) == 2


async def test_caps_orders_and_numbers_of_items(harness: Harness) -> None:
    database = harness.database
    capped, few, sorted_ = [await add_active_place(database, chat) for chat in (1, 2, 3)]
    ids = await harness.publish("A", "B", "C", source="Gull")
    await add_wish(database, capped.id, WishKind.CAP, Matter.CATEGORY, await harness.category("news"), most=1)
    await harness.change(few, max_items=2)
    await harness.change(sorted_, digest_order=DigestOrder.CATEGORY)
    found = await harness.planned()
    assert (found[1].items, found[1].rest) == ((ids["A"],), (ids["B"], ids["C"]))
    assert (found[2].items, found[2].rest) == ((ids["A"], ids["B"]), (ids["C"],))
    assert found[3].items == (ids["A"], ids["B"], ids["C"])


async def test_more_and_less_change_the_order_alone(harness: Harness) -> None:
    database = harness.database
    place = await add_active_place(database, 1)
    await harness.publish("A", "B", source="Gull")
    ids = await harness.publish("C", source="Tern")
    await add_wish(database, place.id, WishKind.LESS, Matter.SOURCE, "Gull")
    await add_words(database, place.id, WishKind.MORE, "b", [ids["B"]])
    found = await harness.planned()
    assert found[1].items == (ids["C"], ids["B"], ids["A"])


async def test_whether_an_empty_day_is_told_is_the_places_choice(harness: Harness) -> None:
    await harness.publish("Old")
    chats = [await add_active_place(harness.database, chat) for chat in (1, 2, 3)]
    await harness.change(chats[1], says_empty=True)
    await harness.change(chats[2], says_empty=False)
    assert set(await harness.planned()) == {2}


async def test_a_place_that_only_watches_gets_that_alone(harness: Harness) -> None:
    database = harness.database
    place = await add_active_place(database, 1)
    ids = await harness.publish("Tide", "Moon")
    async with database.write() as connection:
        await connection.execute(sa.text("DELETE FROM subscriptions"))
    await add_words(database, place.id, WishKind.WATCH, "tide", [ids["Tide"]])
    assert (await harness.planned())[1].items == (ids["Tide"],)


async def test_on_demand_first_and_outlook_hold_to_the_same_wishes(harness: Harness) -> None:
    database = harness.database
    place = await add_active_place(database, 1, kind=PlaceKind.PRIVATE)
    await harness.publish("Tide", "Moon", source="Tern")
    ids = await harness.publish("Regatta", category="sport")
    await add_wish(database, place.id, WishKind.MUTE, Matter.SOURCE, "Tern")
    await add_words(database, place.id, WishKind.WATCH, "regatta", [ids["Regatta"]])
    assert await harness.planner.outlook(place, NOW) == (1, 0)
    first = await harness.rendering(await harness.planner.plan_first(place.id, NOW))
    assert (first.items, first.rest) == ((ids["Regatta"],), ())
    assert await harness.planner.plan_now(place.id, NOW) is None
    assert await harness.planner.outlook(place, NOW) == (0, 0)
