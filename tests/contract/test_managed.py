"""Which chats people set up, and the topics of private chats, on each database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from digests.model.ids import CategoryId
from digests.model.place import Place, PlaceKind, PlaceState
from digests.model.wish import WishKind
from digests.storage.database import Database
from digests.storage.people.visitors import VisitorStore
from digests.storage.places.managed import ManagedStore
from digests.storage.places.places import PlaceStore
from digests.storage.places.private_topics import PrivateTopicStore
from digests.storage.schema.place_tables import places
from tests.factories.categories import ensure_categories
from tests.factories.places import add_active_place
from tests.factories.times import DAY, HOUR, NOW
from tests.factories.wishes import add_words

ROBIN, CHANNEL, GROUP = 7, -1009, -55


async def channel(database: Database) -> Place:
    return await add_active_place(database, CHANNEL, kind=PlaceKind.CHANNEL)


async def test_somebody_is_at_one_place_at_a_time(database: Database) -> None:
    store, visitors = ManagedStore(database), VisitorStore(database)
    first = await channel(database)
    second = await add_active_place(database, GROUP, kind=PlaceKind.GROUP)
    await add_active_place(database, ROBIN)
    assert await store.at(ROBIN) is None
    await store.begin(ROBIN, first.id, NOW)
    await store.begin(ROBIN, second.id, NOW + HOUR)
    await store.begin(8, first.id, NOW)
    assert (await visitors.get(ROBIN, 0, ROBIN)).managed == await store.at(ROBIN)
    assert [place.id for place in await store.known_to(ROBIN)] == [second.id, first.id]
    assert (await visitors.get(GROUP, 0, ROBIN)).managed is None, "only in their private chat"
    assert await store.end(ROBIN)
    assert not await store.end(ROBIN)
    assert (await visitors.get(ROBIN, 0, ROBIN)).managed is None
    assert len(await store.known_to(ROBIN)) == 2
    await store.leave(ROBIN, CHANNEL)
    assert [place.id for place in await store.known_to(ROBIN)] == [second.id]
    assert (await visitors.get(8, 0, 8)).managed is not None


async def test_what_is_noted_is_offered_and_changes_nothing_else(database: Database) -> None:
    store = ManagedStore(database)
    first = await channel(database)
    await store.note(ROBIN, first.id, NOW)
    assert await store.at(ROBIN) is None
    await store.begin(ROBIN, first.id, NOW)
    await store.note(ROBIN, first.id, NOW)
    assert (await store.at(ROBIN)) is not None


async def test_an_erased_place_is_managed_by_nobody(database: Database) -> None:
    store = ManagedStore(database)
    first = await channel(database)
    await store.begin(ROBIN, first.id, NOW)
    async with database.write() as connection:
        await connection.execute(sa.delete(places).where(places.c.id == first.id))
    assert await store.known_to(ROBIN) == ()


async def test_an_upgrade_keeps_what_is_managed_and_asks_for_ephemeral_messages_anew(database: Database) -> None:
    store, place_store = ManagedStore(database), PlaceStore(database)
    group = await add_active_place(database, GROUP, kind=PlaceKind.GROUP)
    await place_store.refuse_ephemeral(GROUP)
    await store.begin(ROBIN, group.id, NOW)
    await place_store.move_chat(GROUP, -10055)
    at = await store.at(ROBIN)
    assert at is not None
    assert (at.id, at.chat_id, at.refuses_ephemeral) == (group.id, -10055, False)


async def test_of_two_places_that_an_upgrade_joins_the_one_that_goes_on_is_managed(database: Database) -> None:
    store = ManagedStore(database)
    group = await add_active_place(database, GROUP, kind=PlaceKind.GROUP)
    met = await add_active_place(database, -10055, kind=PlaceKind.SUPERGROUP)
    await store.begin(ROBIN, group.id, NOW)
    await store.begin(8, group.id, NOW)
    await store.begin(8, met.id, NOW)
    await PlaceStore(database).move_chat(GROUP, -10055)
    for person in (ROBIN, 8):
        assert [place.id for place in await store.known_to(person)] == [met.id]
        at = await store.at(person)
        assert at is not None
        assert at.id == met.id


@pytest.mark.parametrize("state", [PlaceState.ACTIVE, PlaceState.PAUSED, PlaceState.NEW])
async def test_who_comes_back_is_as_they_were(database: Database, state: PlaceState) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database, ROBIN)
    if state is PlaceState.NEW:
        await store.silence(place.id, PlaceState.NEW)
    if state is PlaceState.PAUSED:
        await store.pause_until(place.id, NOW + 7 * DAY)
    for reason in ("blocked", "blocked once more"):
        await store.mark_lost(ROBIN, reason)
    assert await store.regain(ROBIN, NOW + HOUR) == 1
    found = await store.find(ROBIN)
    assert found is not None
    assert found.state is state
    assert found.resume_at == (NOW + 7 * DAY if state is PlaceState.PAUSED else None)


async def test_a_topic_that_is_lost_twice_comes_back_to_its_break(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database, GROUP)
    await store.pause_until(place.id, NOW + 7 * DAY)
    for reason in ("closed", "closed still"):
        await store.silence(place.id, PlaceState.UNREACHABLE, reason)
    assert await store.regain(GROUP, NOW + HOUR) == 1
    found = await store.find(GROUP)
    assert found is not None
    assert (found.state, found.resume_at) == (PlaceState.PAUSED, NOW + 7 * DAY)


async def test_who_only_watches_comes_back_to_their_digest(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database, ROBIN)
    await store.unsubscribe(place.id, await store.subscriptions(place.id))
    await add_words(database, place.id, WishKind.WATCH, "moon")
    await store.mark_lost(ROBIN, "blocked")
    assert await store.regain(ROBIN, NOW + HOUR) == 1
    found = await store.find(ROBIN)
    assert found is not None
    assert found.state is PlaceState.ACTIVE
    assert found.next_at is not None


async def topics(database: Database) -> tuple[Place, dict[CategoryId, Place]]:
    """Return a chat that follows two categories, each with its topic."""
    place_store, store = PlaceStore(database), PrivateTopicStore(database)
    main = await add_active_place(database, ROBIN)
    await place_store.unsubscribe(main.id, await place_store.subscriptions(main.id))
    science, sport = await ensure_categories(database, "science", "sport")
    await place_store.subscribe(main.id, [science, sport], NOW)
    await store.open(main, 11, science, "Science", [science], NOW)
    await store.open(main, 12, sport, "Sport", [sport], NOW)
    return main, {place.topic_of: place for place in await store.of_chat(ROBIN) if place.topic_of is not None}


async def test_what_topics_follow_is_followed_in_the_chat(database: Database) -> None:
    place_store, store = PlaceStore(database), PrivateTopicStore(database)
    main, found = await topics(database)
    (science, topic), (sport, _) = found.items()
    assert await place_store.subscriptions(main.id) == {science, sport}
    assert await store.own_subscriptions(main.id) == frozenset()
    assert await place_store.subscriptions(topic.id) == {science}
    assert await store.unsorted() == ()
    await place_store.unsubscribe(main.id, [science])
    assert await place_store.subscriptions(main.id) == {sport}
    await place_store.subscribe(main.id, [science], NOW)
    assert [place.id for place in await store.unsorted()] == [main.id]


async def test_the_chats_settings_hold_for_its_topics_and_a_topics_for_itself(database: Database) -> None:
    store = PlaceStore(database)
    main, found = await topics(database)
    topic, other = found.values()
    await store.set_schedule(topic.id, NOW, time="06:15")
    assert [place.time for place in await store.of_chat(ROBIN)] == [main.time, "06:15", other.time]
    changed = await store.set_schedule(main.id, NOW, time="09:45")
    assert (changed.id, changed.time) == (main.id, "09:45")
    every = await store.of_chat(ROBIN)
    assert {(place.time, place.next_at) for place in every} == {("09:45", changed.next_at)}
    await store.silence(main.id, PlaceState.STOPPED)
    assert {place.state for place in await store.of_chat(ROBIN)} == {PlaceState.STOPPED}
    await store.activate(main.id, NOW + HOUR, NOW)
    assert {place.state for place in await store.of_chat(ROBIN)} == {PlaceState.ACTIVE}


async def test_a_topic_that_is_gone_leaves_its_categories_to_the_chat(database: Database) -> None:
    place_store, store = PlaceStore(database), PrivateTopicStore(database)
    main, found = await topics(database)
    (science, topic), (_, other) = found.items()
    await place_store.end_topic(topic, NOW)
    assert await store.own_subscriptions(main.id) == {science}
    await place_store.activate(main.id, NOW, NOW)
    states = {place.id: place.state for place in await store.of_chat(ROBIN)}
    assert states == {topic.id: PlaceState.STOPPED, other.id: PlaceState.ACTIVE}, "what is gone stays gone"
    await store.close(other, NOW)
    assert len(await store.own_subscriptions(main.id)) == 2
    assert await store.unsorted() == ()
    await store.forget_gone(ROBIN)
    assert await store.of_chat(ROBIN) == ()


async def test_a_private_topic_is_no_topic_of_another_chat(database: Database) -> None:
    """A forum's topics are places of their own: nothing of the group concerns them."""
    store = PlaceStore(database)
    group = await add_active_place(database, -1001, kind=PlaceKind.SUPERGROUP)
    thread = await add_active_place(database, -1001, thread_id=5, kind=PlaceKind.SUPERGROUP)
    await store.set_schedule(group.id, NOW, time="06:15")
    async with database.read() as connection:
        time = await connection.scalar(sa.select(places.c.time).where(places.c.id == thread.id))
    assert time == thread.time
