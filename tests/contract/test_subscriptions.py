"""What readers follow and when their digest comes, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.render.renderer import DigestRenderer
from digests.errors import InvalidInput
from digests.model.category_tree import Category
from digests.model.ids import ArticleId, CategoryId, DeliveryId
from digests.model.place import Place, PlaceState
from digests.model.wish import Matter, WishKind
from digests.planning.options import DigestOptions
from digests.planning.planner import Planner
from digests.readers.subscriptions import Subscriptions
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.places.places import PlaceStore
from tests.factories.articles import parsed_post, read_post
from tests.factories.places import new_place
from tests.factories.times import NOW
from tests.factories.wishes import add_wish, add_words

EIGHT = NOW.replace(hour=8, minute=0)
DAY = timedelta(days=1)


@dataclass
class Harness:
    """The use case over a database with some categories, and a reader who has just met the bot."""

    database: Database
    categories: dict[str, Category] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = PlaceStore(self.database)
        self.articles = ArticleStore(self.database)
        self.deliveries = DeliveryStore(self.database)
        category_store = CategoryStore(self.database)
        planner = Planner(
            DueStore(self.database),
            self.deliveries,
            self.articles,
            category_store,
            DigestRenderer(),
            DigestOptions(max_items=5, first_items=3, picture=False, send_empty=False),
        )
        self.subscriptions = Subscriptions(self.places, category_store, self.deliveries, planner)

    async def set_up(self) -> None:
        paths = [("Media", "36kr", "News"), ("Media", "36kr", "Flash"), ("Media", "Verge"), ("Science",)]
        await CategoryStore(self.database).ensure(paths)
        self.categories = {category.name: category for category in await CategoryStore(self.database).readers_tree()}
        await self.places.meet(new_place(), NOW)

    async def publish(self, *titles: str) -> None:
        batch = [read_post(f"{title}.md", parsed_post(title, categories=("Science",))) for title in titles]
        await IngestStore(self.database).write("folder", batch, NOW)

    async def place(self) -> Place:
        found = await self.places.find(5)
        assert found is not None
        return found

    async def followed(self) -> list[str]:
        return [category.name for category in await self.subscriptions.categories_of(await self.place())]

    async def items(self, delivery_id: DeliveryId | None) -> tuple[ArticleId, ...]:
        assert delivery_id is not None
        delivery = await self.deliveries.get(delivery_id)
        assert delivery is not None
        rendering = await self.deliveries.rendering(delivery.rendering)
        return rendering.items if rendering else ()


@pytest.fixture
async def harness(database: Database) -> Harness:
    made = Harness(database)
    await made.set_up()
    return made


async def test_following_replaces_what_lies_below_and_unfollowing_keeps_the_rest(harness: Harness) -> None:
    place, categories, subscriptions = await harness.place(), harness.categories, harness.subscriptions
    assert await subscriptions.follow(place, categories["News"], NOW)
    assert await subscriptions.follow(place, categories["Media"], NOW)
    assert not await subscriptions.follow(place, categories["Verge"], NOW)
    assert await harness.followed() == ["Media"]
    assert await subscriptions.is_followed(place, categories["News"])
    assert await subscriptions.unfollow(place, categories["News"], NOW)
    assert await harness.followed() == ["Flash", "Verge"]
    assert not await subscriptions.unfollow(place, categories["News"], NOW)
    assert not await subscriptions.unfollow(place, categories["36kr"], NOW)
    assert await subscriptions.of(place) == {categories["Flash"].id, categories["Verge"].id}


async def test_choosing_wakes_a_new_or_stopped_place_but_not_a_paused_one(harness: Harness) -> None:
    place, subscriptions = await harness.place(), harness.subscriptions
    await harness.publish("Before")
    await subscriptions.follow(place, harness.categories["Science"], NOW)
    woken = await harness.place()
    assert (woken.state, woken.next_at, woken.window_from_at) == (PlaceState.ACTIVE, EIGHT, NOW)
    assert woken.window_from > place.window_from
    await subscriptions.stop(woken)
    await subscriptions.follow(await harness.place(), harness.categories["News"], NOW + DAY)
    assert (await harness.place()).window_from_at == NOW + DAY
    await subscriptions.pause(place)
    await subscriptions.follow(await harness.place(), harness.categories["Flash"], NOW)
    assert (await harness.place()).state is PlaceState.PAUSED


async def test_set_up_ends_when_something_is_followed(harness: Harness) -> None:
    place, subscriptions = await harness.place(), harness.subscriptions
    assert not await subscriptions.finish_setup(place, NOW)
    await subscriptions.follow(place, harness.categories["Science"], NOW, in_setup=True)
    assert (await harness.place()).state is PlaceState.NEW
    assert await subscriptions.finish_setup(place, NOW)
    begun = await harness.place()
    assert (begun.state, begun.next_at, begun.window_from_at) == (PlaceState.ACTIVE, EIGHT, NOW)


async def test_the_first_digest_shows_the_latest_and_the_next_one_what_is_new(harness: Harness) -> None:
    place, subscriptions = await harness.place(), harness.subscriptions
    await subscriptions.follow(place, harness.categories["Science"], NOW)
    assert await subscriptions.first_digest(place, NOW) is None
    assert await subscriptions.digest_now(place, NOW) is None
    await harness.publish("One", "Two", "Three", "Four")
    await subscriptions.finish_setup(place, NOW)
    # Nothing came since, but they never saw one: the three latest of four.
    assert len(await harness.items(await subscriptions.digest_now(place, NOW))) == 3
    assert await subscriptions.digest_now(place, NOW) is None
    await harness.publish("Five")
    assert len(await harness.items(await subscriptions.digest_now(place, NOW))) == 1
    assert await subscriptions.digest_now(place, NOW) is None


async def test_a_subscription_is_ended_by_its_number_or_by_its_name(harness: Harness) -> None:
    place, categories, subscriptions = await harness.place(), harness.categories, harness.subscriptions
    for name in ("Media", "Science"):
        await subscriptions.follow(place, categories[name], NOW)
    assert await subscriptions.unsubscribe_from(place, "news") is None
    assert await subscriptions.unsubscribe_from(place, "no such thing") is None
    assert await subscriptions.unsubscribe_from(place, "media") == categories["Media"]
    assert await harness.followed() == ["Science"]
    await subscriptions.unsubscribe(place, categories["Media"].id)
    await subscriptions.unsubscribe(place, CategoryId(99))
    await subscriptions.unsubscribe(place, categories["Science"].id)
    assert await harness.followed() == []


async def test_a_pause_lasts_until_it_is_ended_and_a_break_ends_by_itself(harness: Harness) -> None:
    place, subscriptions = await harness.place(), harness.subscriptions
    assert not await subscriptions.resume(place, NOW)
    await subscriptions.follow(place, harness.categories["Science"], NOW)
    window = (await harness.place()).window_from_at
    await subscriptions.pause(place)
    assert ((await harness.place()).state, (await harness.place()).next_at) == (PlaceState.PAUSED, None)
    assert await subscriptions.resume(place, NOW + DAY)
    back = await harness.place()
    assert (back.state, back.next_at, back.window_from_at) == (PlaceState.ACTIVE, EIGHT + DAY, window)
    # At 07:30 a week comes to its end at 08:00 of the seventh day, and not a day later.
    assert await subscriptions.pause_for(place, 7, NOW) == EIGHT + 7 * DAY
    assert (await harness.place()).resume_at == EIGHT + 7 * DAY
    assert await subscriptions.pause_for(place, 7, NOW + timedelta(hours=2)) == EIGHT + 7 * DAY


async def test_a_stop_keeps_the_choices(harness: Harness) -> None:
    place, subscriptions = await harness.place(), harness.subscriptions
    await subscriptions.follow(place, harness.categories["Science"], NOW)
    await subscriptions.stop(place)
    assert (await harness.place()).state is PlaceState.STOPPED
    assert await harness.followed() == ["Science"]


async def test_a_schedule_keeps_a_day_and_its_bounds(harness: Harness) -> None:
    place, subscriptions = await harness.place(), harness.subscriptions
    await subscriptions.follow(place, harness.categories["Science"], NOW)
    changed = await subscriptions.reschedule(place, NOW, time="09:15", weekdays="7", silent=True)
    # NOW is a Saturday.
    assert changed.next_at == NOW.replace(hour=9, minute=15) + DAY
    assert await harness.place() == changed
    with pytest.raises(InvalidInput, match="day of the week"):
        await subscriptions.reschedule(place, NOW, weekdays="")
    assert (await subscriptions.reschedule(place, NOW, least_items=0)).least_items == 1
    assert (await subscriptions.reschedule(place, NOW, least_items=1000)).least_items == 50
    assert (await harness.place()).weekdays == "7"


@pytest.mark.parametrize("leave", ["pause", "stop"])
async def test_who_only_watches_comes_back_as_anybody_does(harness: Harness, leave: str) -> None:
    robin, database = harness, harness.database
    assert not await robin.subscriptions.wants_anything(await robin.place())
    await add_wish(database, (await robin.place()).id, WishKind.MUTE, Matter.SOURCE, "36kr")
    assert not await robin.subscriptions.resume(await robin.place(), NOW)
    await add_words(database, (await robin.place()).id, WishKind.WATCH, "moon")
    await robin.subscriptions.wake(await robin.place(), NOW)
    await getattr(robin.subscriptions, leave)(await robin.place())
    assert await robin.subscriptions.resume(await robin.place(), NOW)
    assert (await robin.place()).state is PlaceState.ACTIVE
    assert await robin.subscriptions.finish_setup(await robin.place(), NOW)
