"""Importing chats from a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from digests.model.chat_import import ImportedWish
from digests.model.place import Place, PlaceState
from digests.model.wish import Matter, Subject, WishKind
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.places.chat_imports import ChatImportStore
from digests.storage.places.own_data import OwnDataStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema.place_tables import places
from tests.factories.articles import parsed_post, read_post
from tests.factories.categories import ensure_categories
from tests.factories.places import imported
from tests.factories.times import DAY, NOW


async def find(database: Database, number: int) -> Place:
    place = await PlaceStore(database).find(number)
    assert place is not None
    return place


async def test_very_many_chats_can_be_imported_twice(database: Database) -> None:
    ids = list((await CategoryStore(database).ensure([(f"c{n // 10}", f"{n}") for n in range(1200)])).values())
    chats = [imported(n + 1, None, ids[n]) for n in range(1200)]
    for _ in range(2):
        assert await ChatImportStore(database).import_chats(chats, NOW) == 1200
    exported = await OwnDataStore(database).export()
    assert [(each.place.chat_id, each.categories) for each in exported] == [(n + 1, (ids[n],)) for n in range(1200)]
    assert {(each.place.state, each.place.next_at) for each in exported} == {
        (PlaceState.ACTIVE, NOW.replace(hour=8, minute=0))
    }


async def test_a_chat_that_is_stopped_in_the_list_stops(database: Database) -> None:
    store = ChatImportStore(database)
    await store.import_chats([imported(5), imported(6)], NOW)
    async with database.write() as connection:
        await connection.execute(sa.update(places).values(next_at=NOW + timedelta(hours=1)))
    await store.import_chats([imported(5, PlaceState.STOPPED, state_reason="moved"), imported(6, time="09:00")], NOW)
    left, other = await find(database, 5), await find(database, 6)
    assert (left.state, left.state_reason, left.next_at) == (PlaceState.STOPPED, "moved", None)
    assert (other.state, other.time, other.next_at) == (PlaceState.ACTIVE, "09:00", NOW.replace(hour=9, minute=0))


async def test_an_import_keeps_the_next_digest_where_the_schedule_is_unchanged(database: Database) -> None:
    store = ChatImportStore(database)
    await store.import_chats([imported(5)], NOW)
    async with database.write() as connection:
        await connection.execute(sa.update(places).values(next_at=NOW - timedelta(hours=1)))
    await store.import_chats([imported(5, PlaceState.ACTIVE, time="08:00", silent=True)], NOW)
    assert (await find(database, 5)).next_at == NOW - timedelta(hours=1)
    assert (await find(database, 5)).silent


async def test_imported_chats_get_nothing_older_than_the_import(database: Database) -> None:
    await ChatImportStore(database).import_chats(
        [imported(5, PlaceState.PAUSED, resume_at=NOW + timedelta(days=2))], NOW
    )
    place = await find(database, 5)
    assert (place.window_from, place.window_from_at, place.active_at) == (0, NOW, NOW)
    assert place.resume_at == NOW + timedelta(days=2)
    assert await PlaceStore(database).end_pauses(NOW + timedelta(days=2)) == 1


async def test_what_was_imported_is_exported(database: Database) -> None:
    store = ChatImportStore(database)
    (news,) = await ensure_categories(database, "news")
    chats = [imported(number, None, news, language="zh_CN", time="06:00") for number in (1, 2)]
    for _ in range(2):
        assert await store.import_chats(chats, NOW) == 2
    exported = await OwnDataStore(database).export()
    assert [(each.place.chat_id, each.place.time, each.place.language, each.categories) for each in exported] == [
        (number, "06:00", "zh_CN", (news,)) for number in (1, 2)
    ]
    six = (NOW + timedelta(days=1)).replace(hour=6, minute=0)
    assert all((each.place.state, each.place.next_at) == (PlaceState.ACTIVE, six) for each in exported)


async def test_wishes_and_saved_articles_are_imported_once_and_never_against_what_is_here(database: Database) -> None:
    store = ChatImportStore(database)
    await IngestStore(database).write("folder", [read_post("a.md", parsed_post("The tide"))], NOW)
    moon, tide = Subject(Matter.WORDS, "moon"), Subject(Matter.SOURCE, "Tidewater")
    chat = replace(
        imported(5),
        wishes=(ImportedWish(WishKind.WATCH, moon, at_once=True), ImportedWish(WishKind.MUTE, tide, until=NOW + DAY)),
        saved=("https://news.example/1", "https://gone.example/"),
    )
    for _ in range(2):
        await store.import_chats([chat], NOW)
    (exported,) = await OwnDataStore(database).export()
    assert [(wish.kind, wish.subject, wish.at_once, wish.until) for wish in exported.wishes] == [
        (WishKind.WATCH, moon, True, None),
        (WishKind.MUTE, tide, False, NOW + DAY),
    ]
    assert all((wish.query is None) is (wish.subject.matter is not Matter.WORDS) for wish in exported.wishes)
    assert exported.saved == ("https://news.example/1",)
    # What is muted here is not watched because a list says so.
    other = replace(imported(5), wishes=(ImportedWish(WishKind.MUTE, moon), ImportedWish(WishKind.WATCH, tide)))
    await store.import_chats([other], NOW)
    assert (await OwnDataStore(database).export())[0].wishes == exported.wishes
