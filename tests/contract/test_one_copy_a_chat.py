"""A chat gets an announcement once, however many of its topics have a digest of their own."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digests.model.announcement import Audience, AudienceKind, Content
from digests.model.place import Place, PlaceKind, PlaceState
from digests.model.recipients import Recipients
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.database import Database
from digests.storage.places.managed import ManagedStore
from digests.storage.places.places import PlaceStore
from digests.storage.places.private_topics import PrivateTopicStore
from digests.storage.places.recipients import is_recipient
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import places, subscriptions
from tests.factories.announcements import make_broadcaster
from tests.factories.categories import ensure_categories
from tests.factories.places import add_active_place
from tests.factories.times import NOW

FORUM = -1001


async def topic(database: Database, thread: int, **changed: object) -> Place:
    return await add_active_place(database, FORUM, thread_id=thread, kind=PlaceKind.SUPERGROUP, **changed)


async def plan_announcement(database: Database, audience: Audience | None = None) -> list[tuple[int, int]]:
    """Plan an announcement and return the chat and thread of each copy, as many as it was said to reach."""
    store = AnnouncementStore(database)
    draft = await store.create(1, Content("Hello"), NOW, audience or Audience())
    await store.put_content(draft.id, "zh_CN", Content("你好"))
    announcement = await store.get(draft.id)
    reach = await make_broadcaster(database).reach(announcement, NOW)
    await store.confirm(announcement.id, NOW, by=1)
    await make_broadcaster(database).plan_confirmed(NOW)
    query = (
        sa.select(places.c.chat_id, places.c.thread_id)
        .join(deliveries, deliveries.c.place_id == places.c.id)
        .where(deliveries.c.announcement_id == announcement.id)
        .order_by(places.c.id)
    )
    async with database.read() as connection:
        found = [(row.chat_id, row.thread_id) for row in await connection.execute(query)]
    assert reach.chats == len(found)
    return found


async def test_the_chat_itself_gets_it_rather_than_its_topics(database: Database) -> None:
    await topic(database, 5)
    await topic(database, 0)
    await topic(database, 7)
    await add_active_place(database, 9)
    assert await plan_announcement(database) == [(FORUM, 0), (9, 0)]


async def test_of_several_topics_the_first_one_gets_it(database: Database) -> None:
    await topic(database, 7)
    await topic(database, 5)
    assert await plan_announcement(database) == [(FORUM, 7)]


async def test_a_later_topic_gets_it_where_earlier_ones_are_not_reached(database: Database) -> None:
    store = PlaceStore(database)
    for thread, state in ((0, PlaceState.STOPPED), (5, PlaceState.UNREACHABLE)):
        await store.silence((await topic(database, thread)).id, state)
    await topic(database, 7)
    await topic(database, 8)
    assert await plan_announcement(database) == [(FORUM, 7)]


async def test_conditions_apply_before_topics_are_compared(database: Database) -> None:
    await topic(database, 0, language="en")
    await topic(database, 5, language="zh_CN")
    await topic(database, 7, language="zh_CN")
    assert await plan_announcement(database, Audience(languages=("zh_CN",))) == [(FORUM, 5)]
    assert await plan_announcement(database, Audience(kind=AudienceKind.CHATS)) == [(FORUM, 0)]
    assert await plan_announcement(database, Audience(ids=(FORUM,))) == [(FORUM, 0)]
    assert await plan_announcement(database, Audience(kind=AudienceKind.PEOPLE)) == []


async def test_a_private_chat_with_topics_gets_it_once_and_so_does_a_managed_channel(database: Database) -> None:
    store, topics = PlaceStore(database), PrivateTopicStore(database)
    main = await add_active_place(database, 9)
    science, sport = await ensure_categories(database, "science", "sport")
    await store.subscribe(main.id, [science, sport], NOW)
    await topics.open(main, 11, science, "Science", [science], NOW)
    await topics.open(main, 12, sport, "Sport", [sport], NOW)
    channel = await add_active_place(database, -1009, kind=PlaceKind.CHANNEL)
    await ManagedStore(database).begin(9, channel.id, NOW)
    assert await plan_announcement(database) == [(9, 0), (-1009, 0)]
    assert await plan_announcement(database, Audience(kind=AudienceKind.PEOPLE)) == [(9, 0)]
    assert await plan_announcement(database, Audience(categories=(science, sport))) == [(9, 11)]


async def test_followers_of_a_category_are_counted_once_per_chat(database: Database) -> None:
    store = PlaceStore(database)
    (sport,) = await ensure_categories(database, "sport")
    for thread in (5, 7):
        await store.subscribe((await topic(database, thread)).id, [sport], NOW)
    await topic(database, 0)
    assert await plan_announcement(database, Audience(categories=(sport,))) == [(FORUM, 5)]


@pytest.mark.parametrize("seed", range(3))
async def test_planning_again_adds_no_second_copy(database: Database, seed: int) -> None:
    for thread in (3, 0, 4)[seed:]:
        await topic(database, thread)
    first = await plan_announcement(database)
    assert len(first) == 1
    for _ in range(2):
        await make_broadcaster(database).plan_confirmed(NOW)
    async with database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(deliveries)) == 1


PLACES = st.lists(
    st.tuples(
        st.sampled_from([-1, -2, 3]),
        st.integers(0, 3),
        st.sampled_from([PlaceState.ACTIVE, PlaceState.PAUSED, PlaceState.STOPPED, PlaceState.NEW]),
        st.sampled_from(["en", "zh_CN"]),
    ),
    unique_by=lambda place: place[:2],
    max_size=9,
)


@given(made=PLACES, languages=st.sampled_from([(), ("en",), ("zh_CN",)]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_chat_is_reached_once_whatever_its_places(
    database: Database, made: list[tuple[int, int, PlaceState, str]], languages: tuple[str, ...]
) -> None:
    async with database.write() as connection:
        for table in (subscriptions, deliveries, places):
            await connection.execute(sa.delete(table))
    for chat, thread, state, language in made:
        place = await add_active_place(database, chat, thread_id=thread, language=language)
        async with database.write() as connection:
            await connection.execute(sa.update(places).where(places.c.id == place.id).values(state=state))
    chosen = is_recipient(Recipients(Audience(languages=languages), None, NOW))
    async with database.read() as connection:
        chats = list((await connection.execute(sa.select(places.c.chat_id).where(chosen))).scalars())
    wanted = {
        chat
        for chat, _, state, language in made
        if state in (PlaceState.ACTIVE, PlaceState.PAUSED) and (not languages or language in languages)
    }
    assert Counter(chats) == Counter(wanted)
