"""Wishes of private chats with topics: they hold in each topic, and none is lost with a topic."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from digests.compose.wants import BETWEEN_WISHES
from digests.model.ids import CategoryId, IngestNumber
from digests.model.place import Place, PlaceState
from digests.model.wish import Matter, Subject, Wish, WishKind
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.deliveries.due import DueStore
from digests.storage.places.places import PlaceStore
from digests.storage.places.private_topics import PrivateTopicStore
from digests.storage.schema.article_tables import articles
from digests.storage.wishes.wishes import WishStore
from digests.wishes.canonical import words_subject
from tests.factories.articles import parsed_post, read_post
from tests.factories.places import add_active_place
from tests.factories.times import DAY, NOW
from tests.factories.wishes import note_sent_at_once

MOON, KICKER = words_subject("moon"), Subject(Matter.SOURCE, "Kicker")


@dataclass
class Chat:
    """A private chat with a topic."""

    database: Database
    main: Place
    topic: Place

    async def wish(self, place: Place, kind: WishKind, subject: Subject = MOON) -> Wish:
        return await WishStore(self.database).put(place.id, kind, subject, NOW, limit=50)

    async def wished(self, place: Place) -> set[tuple[WishKind, str]]:
        found = await WishStore(self.database).of_place(place.id, NOW)
        return {(wish.kind, wish.subject.value) for wish in found}


@pytest.fixture
async def chat(database: Database) -> Chat:
    main = await add_active_place(database)
    for kind, subject in ((WishKind.MUTE, KICKER), (WishKind.WATCH, words_subject("comet"))):
        await WishStore(database).put(main.id, kind, subject, NOW, limit=50)
    (category,) = await PlaceStore(database).subscriptions(main.id)
    await PrivateTopicStore(database).open(main, 7, CategoryId(category), "News", [category], NOW)
    topic = await PlaceStore(database).find(main.chat_id, 7)
    assert topic is not None
    await add_active_place(database, 6)
    return Chat(database, main, topic)


async def test_a_topic_has_the_wishes_of_its_chat_but_for_watches(chat: Chat) -> None:
    assert await chat.wished(chat.topic) == {(WishKind.MUTE, "Kicker")}


async def test_what_is_wished_for_in_the_chat_holds_in_its_topics(chat: Chat) -> None:
    store = WishStore(chat.database)
    await chat.wish(chat.topic, WishKind.LESS)
    more = await chat.wish(chat.main, WishKind.MORE)
    assert await chat.wished(chat.topic) == {(WishKind.MUTE, "Kicker"), (WishKind.MORE, "moon")}
    await chat.wish(chat.main, WishKind.MORE)
    await store.change(chat.main.id, more.id, NOW, until=NOW + DAY)
    ends = {wish.until for wish in await store.of_place(chat.topic.id, NOW) if wish.kind is WishKind.MORE}
    assert ends == {NOW + DAY}
    await store.remove(chat.main.id, more.id)
    assert await chat.wished(chat.topic) == {(WishKind.MUTE, "Kicker")}
    await chat.wish(chat.main, WishKind.WATCH, KICKER)
    assert await chat.wished(chat.topic) == set()


async def test_what_is_wished_for_in_a_topic_is_its_own(chat: Chat) -> None:
    own = await chat.wish(chat.topic, WishKind.MUTE)
    assert (WishKind.MUTE, "moon") not in await chat.wished(chat.main)
    await WishStore(chat.database).remove(chat.topic.id, own.id)
    assert (WishKind.MUTE, "Kicker") in await chat.wished(chat.main)


async def test_when_a_topic_ends_its_wishes_come_back(chat: Chat) -> None:
    await chat.wish(chat.topic, WishKind.WATCH)
    await chat.wish(chat.topic, WishKind.MUTE, words_subject("comet"))
    before = await chat.wished(chat.main)
    await PrivateTopicStore(chat.database).close(chat.topic, NOW)
    assert await chat.wished(chat.main) == before | {(WishKind.WATCH, "moon")}
    assert await chat.wished(chat.topic) == set()


async def test_what_came_in_the_chat_at_once_does_not_come_again_in_its_topics(chat: Chat) -> None:
    await IngestStore(chat.database).write("folder", [read_post("a.md", parsed_post("The tide"))], NOW)
    async with chat.database.read() as connection:
        article = await connection.scalar(sa.select(articles.c.id))
    assert article is not None
    await note_sent_at_once(chat.database, chat.main.id, article)
    others = await PlaceStore(chat.database).find(6)
    assert others is not None
    found = await DueStore(chat.database).sent_at_once([chat.topic.id, chat.main.id, others.id], IngestNumber(0))
    assert found == {chat.main.id: {article}, chat.topic.id: {article}}


async def test_what_comes_in_a_topic_does_not_come_by_a_watch_of_the_chat_too(chat: Chat) -> None:
    due, places = DueStore(chat.database), PlaceStore(chat.database)
    (category,) = await places.subscriptions(chat.topic.id)
    elsewhere = f"mc{category}"
    main, topic = [await due.due_one(place_id, NOW) for place_id in (chat.main.id, chat.topic.id)]
    assert main is not None
    assert topic is not None
    assert elsewhere in main.wishes.split(BETWEEN_WISHES)
    assert elsewhere not in topic.wishes.split(BETWEEN_WISHES)
    planned = {place.id: place.wishes.split(BETWEEN_WISHES) for place in await due.due(NOW + DAY, 9)}
    assert [place for place, wishes in planned.items() if elsewhere in wishes] == [chat.main.id]
    # A topic that gets nothing takes nothing away.
    await places.silence(chat.topic.id, PlaceState.STOPPED)
    stopped = await due.due_one(chat.main.id, NOW)
    assert stopped is not None
    assert elsewhere not in stopped.wishes.split(BETWEEN_WISHES)
