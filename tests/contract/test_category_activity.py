"""What goes on in the categories: what is new, what is silent, and what many follow."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from digests.model.category_activity import FEWEST_CHATS, CategoryView
from digests.model.place import PlaceKind, PlaceState
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.hidden import HiddenStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.places.places import NewPlace, PlaceStore
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import DAY, HOUR, NOW
from tests.queries import counting


async def publish(database: Database, title: str, *path: str, age: timedelta = HOUR) -> None:
    post = parsed_post(title, categories=path, branches=(path,), published_at=NOW - age)
    read = read_post(f"{title}.md", post, age=int(age / HOUR))
    await IngestStore(database).write("folder", [read], NOW - age)


async def view_of(database: Database) -> CategoryView:
    return await CategoryStore(database).view(NOW)


async def subscribe(database: Database, chats: range, *names: str, state: PlaceState = PlaceState.ACTIVE) -> None:
    places, tree = PlaceStore(database), await CategoryStore(database).tree()
    wanted = [category.id for name in names for category in tree.find(name)]
    for chat in chats:
        place = await places.meet(NewPlace(chat, 0, PlaceKind.PRIVATE, "Robin", "en", "08:00", "UTC"), NOW)
        await places.subscribe(place.id, wanted, NOW)
        if state is PlaceState.ACTIVE:
            await places.activate(place.id, NOW, NOW)
        elif state is not PlaceState.NEW:
            await places.silence(place.id, state)


async def test_the_articles_of_a_day_are_new_in_each_of_their_branches(database: Database) -> None:
    await publish(database, "Fresh", "Science", "Moon")
    await publish(database, "Old", "Science", "Moon", age=2 * DAY)
    await publish(database, "Other", "Arts")
    view = await view_of(database)
    new = {"/".join(category.path): view.new.get(category.id, 0) for category in view.tree}
    assert new == {"Science": 1, "Science/Moon": 1, "Arts": 1}


async def test_categories_that_have_been_silent_for_90_days_come_last(database: Database) -> None:
    for number in range(3):
        await publish(database, f"Ancient {number}", "Archive", age=91 * DAY)
    await publish(database, "Old", "Arts", age=89 * DAY)
    await publish(database, "Hidden", "Secret")
    view = await view_of(database)
    assert [category.name for category in view.children(None)] == ["Arts", "Secret", "Archive"]
    assert [category.name for category in view.matching("ar")] == ["Arts", "Archive"]


async def test_what_is_hidden_is_neither_new_nor_counted(database: Database) -> None:
    await publish(database, "Fresh", "Science", "Moon")
    await publish(database, "Secret", "Science", "Secret")
    store = CategoryStore(database)
    secret = next(category for category in await store.tree() if category.name == "Secret")
    await HiddenStore(database).hide_category(secret.id, NOW)
    view = await store.view(NOW)
    (science,) = view.children(None)
    assert (science.count, view.new[science.id]) == (1, 1)


@pytest.mark.parametrize("state", PlaceState)
async def test_popular_is_what_enough_chats_follow_now(database: Database, state: PlaceState) -> None:
    await publish(database, "A", "Science")
    await publish(database, "B", "Arts")
    await subscribe(database, range(1, FEWEST_CHATS + 1), "Science", state=state)
    await subscribe(database, range(101, 100 + FEWEST_CHATS), "Arts")
    view = await view_of(database)
    follows = state in (PlaceState.ACTIVE, PlaceState.PAUSED)
    assert [category.name for category in view.popular] == (["Science"] if follows else [])


async def test_topics_of_one_chat_count_once(database: Database) -> None:
    await publish(database, "A", "Science")
    places, tree = PlaceStore(database), await CategoryStore(database).tree()
    for thread in range(FEWEST_CHATS):
        new = NewPlace(-500, thread, PlaceKind.SUPERGROUP, "Group", "en", "08:00", "UTC")
        place = await places.meet(new, NOW)
        await places.subscribe(place.id, [category.id for category in tree], NOW)
        await places.activate(place.id, NOW, NOW)
    assert not (await view_of(database)).popular


async def test_popular_ones_are_the_most_followed_and_none_is_inside_another(database: Database) -> None:
    for path in (("Science", "Moon"), ("Arts",), ("Books",), ("Film",)):
        await publish(database, "/".join(path), *path)
    await subscribe(database, range(1, 10), "Moon")
    await subscribe(database, range(11, 19), "Science")
    await subscribe(database, range(21, 28), "Arts")
    await subscribe(database, range(31, 37), "Books")
    await subscribe(database, range(41, 46), "Film")
    view = await view_of(database)
    assert [category.name for category in view.popular] == ["Moon", "Arts", "Books"]
    assert [category.name for category in view.proposed()] == ["Moon", "Arts", "Books", "Film", "Science"]


async def test_the_tree_and_what_goes_on_in_it_take_two_statements_however_many_ask(database: Database) -> None:
    await publish(database, "A", "Science", "Moon")
    store = CategoryStore(database)
    with counting() as statements:
        await asyncio.gather(*(store.readers_tree() for _ in range(20)))
        await store.view(NOW)
        await store.view(NOW + timedelta(seconds=30))
    assert len(statements) == 2
    with counting() as statements:
        await store.view(NOW + timedelta(minutes=2))
    assert len(statements) == 1
