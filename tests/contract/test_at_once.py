"""What watches bring at once: everything once, nothing in quiet hours, no more than a day's number."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.render.renderer import DigestRenderer
from digests.errors import StorageError
from digests.model.delivery import Delivery, DeliveryKind, DeliveryState
from digests.model.ids import DeliveryId, PlaceId
from digests.model.place import Place, PlaceState
from digests.model.wish import Matter, Subject, WishKind
from digests.planning.at_once import AtOncePlanner
from digests.planning.news import NewsReader, nothing_to_catch_up
from digests.planning.options import DigestOptions
from digests.planning.planner import Planner
from digests.planning.writing import DigestWriter
from digests.storage.articles.categories import CategoryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.database import Database
from digests.storage.deliveries.at_once import AtOnceStore
from digests.storage.deliveries.due import DueStore
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.deliveries.withdrawals import Recall, WithdrawalStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema import articles, deliveries, sent_at_once
from digests.storage.search.port import ArticleIndex
from digests.storage.wishes.wishes import WishStore
from digests.wishes.canonical import words_subject
from tests.factories.forgetting import forget_before
from tests.factories.places import add_active_place
from tests.factories.times import DAY, HOUR, MINUTE, NOW
from tests.factories.wishing import Desk


class Newsroom(Desk):
    """A desk with both planners."""

    def __init__(self, database: Database, index: ArticleIndex, place: Place, most: int = 10) -> None:
        super().__init__(database, index, place.id)
        self.deliveries = DeliveryStore(database)
        self.planner = self.another_planner(most)
        self.digests = Planner(
            DueStore(database),
            self.deliveries,
            self.articles,
            CategoryStore(database),
            DigestRenderer(),
            DigestOptions(12, 5, picture=True, send_empty=False),
            self.matcher.catch_up,
        )

    def another_planner(self, most: int = 10, deliveries: DeliveryStore | None = None) -> AtOncePlanner:
        news = NewsReader(DueStore(self.database), self.articles, CategoryStore(self.database), nothing_to_catch_up)
        return AtOncePlanner(
            AtOnceStore(self.database),
            WishStore(self.database),
            deliveries or self.deliveries,
            ArticleStore(self.database),
            news,
            DigestWriter(DigestRenderer(), with_picture=True),
            most,
        )

    async def run(self) -> int:
        """Do what the bot does after each ingest."""
        await self.matcher.catch_up()
        return await self.planner.plan(self.clock.now())

    async def sent(self, place: PlaceId | None = None, kind: DeliveryKind = DeliveryKind.AT_ONCE) -> list[list[str]]:
        """Return the titles in each delivery to a place, in order."""
        query = sa.select(deliveries.c.id).order_by(deliveries.c.id)
        query = query.where(deliveries.c.place_id == (place or self.place), deliveries.c.kind == kind)
        async with self.database.read() as connection:
            ids = list((await connection.execute(query)).scalars())
        return [sorted(await self.titles(await self.delivery(number))) for number in ids]

    async def delivery(self, number: DeliveryId) -> Delivery:
        found = await self.deliveries.get(number)
        assert found is not None
        return found

    async def titles(self, delivery: Delivery) -> list[str]:
        rendering = await self.deliveries.rendering(delivery.rendering)
        assert rendering is not None
        shown = await self.articles.get([*rendering.items, *rendering.rest], include_invisible=True)
        return [article.title for article in shown]

    async def settle(self, state: DeliveryState) -> None:
        async with self.database.write() as connection:
            await connection.execute(sa.update(deliveries).values(state=state, settled_at=self.clock.now()))

    async def join_stories(self, story: int, *titles: str) -> None:
        async with self.database.write() as connection:
            await connection.execute(sa.update(articles).where(articles.c.title.in_(titles)).values(story_id=story))


@pytest.fixture
async def room(database: Database, index: ArticleIndex) -> Newsroom:
    made = Newsroom(database, index, await add_active_place(database))
    await made.run()
    return made


async def test_what_is_watched_comes_at_once_in_one_message(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.watch("mars")
    await room.ingest("Moon", "Full moon", "Mars", "Venus")
    assert await room.run() == 1
    assert await room.sent() == [["Full moon", "Moon"]]
    assert await room.run() == 0
    await room.ingest("Moon again")
    assert await room.run() == 1
    assert await room.sent() == [["Full moon", "Moon"], ["Moon again"]]


async def test_the_message_is_a_list_that_says_what_was_watched(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon")
    await room.run()
    async with room.database.read() as connection:
        number = await connection.scalar(sa.select(deliveries.c.id))
    delivery = await room.delivery(DeliveryId(number or 0))
    rendering = await room.deliveries.rendering(delivery.rendering)
    assert rendering is not None
    (part,) = rendering.parts
    assert "Just in" in part.html
    assert "moon" in part.html.rpartition("Moon")[2]
    place = await PlaceStore(room.database).find(5)
    assert place is not None
    assert (place.window_from, place.next_at) == (0, NOW + HOUR)


async def test_what_was_there_before_the_watch_does_not_come_at_once(room: Newsroom) -> None:
    await room.ingest("Moon")
    await room.run()
    await room.watch("moon", at_once=True)
    assert await room.run() == 0
    assert await room.matches() == {("moon", "Moon")}


async def test_the_digest_leaves_out_what_was_sent_at_once(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon", "Mars", categories=("news",), branches=(("news",),))
    await room.run()
    assert await room.sent() == [["Moon"]]
    assert await room.digests.plan_due(NOW + HOUR) == 1
    assert await room.sent(kind=DeliveryKind.DIGEST) == [["Mars"]]


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.CANCELLED])
async def test_the_digest_has_what_failed_to_arrive_at_once(room: Newsroom, state: DeliveryState) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon")
    await room.run()
    await room.settle(state)
    assert await room.digests.plan_due(NOW + HOUR) == 1
    assert await room.sent(kind=DeliveryKind.DIGEST) == [["Moon"]]


async def test_what_may_not_have_arrived_is_offered_with_the_digest(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon")
    await room.run()
    await room.settle(DeliveryState.UNCERTAIN)
    await room.ingest("Mars", categories=("news",), branches=(("news",),))
    await room.digests.plan_due(NOW + HOUR)
    assert await room.sent(kind=DeliveryKind.DIGEST) == [["Mars"]]
    assert [(await room.delivery(DeliveryId(number))).offers for number in (1, 2)] == [None, 1]


async def test_a_story_comes_at_once_only_once(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon", source="first", author="first")
    await room.ingest("Moon, too", source="second", author="second")
    await room.join_stories(1, "Moon", "Moon, too")
    await room.run()
    assert await room.sent() == [["Moon"]]
    room.clock.moment += MINUTE
    await room.ingest("Moon as well", source="third", author="third", categories=("news",), branches=(("news",),))
    await room.join_stories(1, "Moon as well")
    assert await room.run() == 0
    assert await room.digests.plan_due(NOW + HOUR) == 0


async def test_muted_articles_never_come(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    deep = (await CategoryStore(room.database).ensure([("Deep",)]))[("Deep",)]
    for subject in (words_subject("eclipse"), Subject(Matter.SOURCE, "Loud"), Subject.of_category(deep)):
        await room.wishes.put(room.place, WishKind.MUTE, subject, NOW, limit=99)
    await room.ingest("Moon with an eclipse", "Moon")
    await room.ingest("Loud moon", source="Loud")
    await room.ingest("Moon of the oceans", categories=("Deep", "Oceans"), branches=(("Deep", "Oceans"),))
    await room.run()
    assert await room.sent() == [["Moon"]]


@pytest.mark.parametrize("state", [PlaceState.PAUSED, PlaceState.STOPPED, PlaceState.UNREACHABLE, PlaceState.NEW])
async def test_only_active_places_get_anything(room: Newsroom, state: PlaceState) -> None:
    await room.watch("moon", at_once=True)
    await PlaceStore(room.database).silence(room.place, state)
    await room.ingest("Moon")
    assert await room.run() == 0
    await PlaceStore(room.database).activate(room.place, NOW + HOUR, NOW)
    assert await room.run() == 0


async def test_no_more_than_the_days_number_comes(database: Database, index: ArticleIndex) -> None:
    room = Newsroom(database, index, await add_active_place(database, timezone="Asia/Shanghai"), most=3)
    await room.run()
    await room.watch("moon", at_once=True)
    await room.ingest("Moon 1", "Moon 2")
    await room.run()
    await room.ingest("Moon 3", "Moon 4")
    await room.run()
    await room.ingest("Moon 5")
    assert await room.run() == 0
    sent = await room.sent()
    assert [len(titles) for titles in sent] == [2, 1]
    # In Shanghai it is 15:30: a new day begins in eight and a half hours, and what was too much has to wait.
    room.clock.moment = NOW + 8 * HOUR
    await room.ingest("Moon 6")
    assert await room.run() == 0
    room.clock.moment = NOW + 9 * HOUR
    await room.ingest("Moon 7")
    assert await room.run() == 1
    assert (await room.sent())[-1] == ["Moon 7"]
    await room.digests.plan_due(room.clock.now())
    (digest,) = await room.sent(kind=DeliveryKind.DIGEST)
    assert len(digest) == 3
    assert not {title for titles in await room.sent() for title in titles} & set(digest)


async def test_nothing_comes_where_the_number_is_zero(database: Database, index: ArticleIndex) -> None:
    room = Newsroom(database, index, await add_active_place(database), most=0)
    await room.watch("moon", at_once=True)
    for _ in range(2):
        await room.ingest("Moon")
        assert await room.run() == 0


async def test_quiet_hours_hold_and_end_with_one_message(database: Database, index: ArticleIndex) -> None:
    place = await add_active_place(database, timezone="Europe/Berlin")
    await PlaceStore(database).set_schedule(place.id, NOW, quiet="22:00-07:00", time="12:00")
    room = Newsroom(database, index, place)
    evening = datetime(2026, 6, 6, 19, 59, tzinfo=UTC)
    room.clock.moment = evening
    await room.run()
    await room.watch("moon", at_once=True)
    await room.ingest("Moon in the evening")
    assert await room.run() == 1
    await PlaceStore(database).set_schedule(place.id, evening + 8 * HOUR, time="12:00")
    for hours in (1, 4, 8):
        room.clock.moment = evening + hours * HOUR
        await room.ingest(f"Moon {hours}")
        assert await room.run() == 0
    room.clock.moment = datetime(2026, 6, 7, 5, 0, tzinfo=UTC)
    assert await room.run() == 1
    assert await room.run() == 0
    room.clock.moment += MINUTE
    await room.ingest("Moon in the morning")
    assert await room.run() == 1
    assert await room.sent() == [["Moon in the evening"], ["Moon 1", "Moon 4", "Moon 8"], ["Moon in the morning"]]


async def test_a_bot_that_was_off_all_night_sends_it_in_the_morning(database: Database, index: ArticleIndex) -> None:
    place = await add_active_place(database)
    await PlaceStore(database).set_schedule(place.id, NOW, quiet="22:00-07:00", time="12:00")
    room = Newsroom(database, index, place)
    await room.run()
    await room.watch("moon", at_once=True)
    room.clock.moment = datetime(2026, 6, 6, 23, tzinfo=UTC)
    await room.ingest("Moon")
    await room.matcher.catch_up()
    room.clock.moment = datetime(2026, 6, 7, 9, tzinfo=UTC)
    assert await room.run() == 1
    assert await room.run() == 0
    assert await room.sent() == [["Moon"]]


async def test_withdrawn_articles_don_t_come(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon")
    await room.matcher.catch_up()
    await WithdrawalStore(room.database).withdraw(await room.article("Moon"), Recall.NOT_ASKED, None, NOW)
    assert await room.planner.plan(NOW) == 0


async def test_what_is_not_matched_yet_is_not_passed_over(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.matcher.catch_up()
    await room.ingest("Mars", "Moon")
    assert await room.planner.plan(NOW) == 0
    assert await room.run() == 1
    assert await room.sent() == [["Moon"]]


class _FailingDeliveries(DeliveryStore):
    """Fails after so many commits, as when the program is killed."""

    def __init__(self, database: Database, after: int) -> None:
        super().__init__(database)
        self.left = after

    async def commit_at_once(self, *arguments: Any) -> tuple[DeliveryId, ...]:
        if not self.left:
            raise StorageError("The disk is full.")
        self.left -= 1
        return await super().commit_at_once(*arguments)


@pytest.mark.parametrize("commits", [0, 1, 2])
async def test_an_interrupted_run_loses_nothing_and_sends_nothing_twice(
    room: Newsroom, commits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.planning.at_once._BATCH", 2)
    others = [(await add_active_place(room.database, chat)).id for chat in range(10, 15)]
    for place in others:
        await room.watch("moon", at_once=True, place=place)
    await room.ingest("Moon")
    await room.matcher.catch_up()
    with pytest.raises(StorageError):
        await room.another_planner(deliveries=_FailingDeliveries(room.database, commits)).plan(NOW)
    served = sum([len(await room.sent(place)) for place in others])
    assert served == 2 * commits
    assert await room.another_planner().plan(NOW) == 5 - served
    for place in others:
        assert await room.sent(place) == [["Moon"]]


async def test_two_bots_send_everything_once(room: Newsroom) -> None:
    places = [(await add_active_place(room.database, chat)).id for chat in range(10, 14)]
    for place in places:
        await room.watch("moon", at_once=True, place=place)
    for number in range(4):
        await room.ingest(f"Moon {number}")
        await room.matcher.catch_up()
        await asyncio.gather(*[room.another_planner().plan(NOW) for _ in range(2)], return_exceptions=True)
    await room.run()
    for place in places:
        titles = [title for sent in await room.sent(place) for title in sent]
        assert sorted(titles) == [f"Moon {number}" for number in range(4)]


class _MeanwhileDeliveries(DeliveryStore):
    """Lets something happen before plans are stored."""

    def __init__(self, database: Database, meanwhile: Any) -> None:
        super().__init__(database)
        self._meanwhile = [meanwhile]

    async def commit_at_once(self, *arguments: Any) -> tuple[DeliveryId, ...]:
        if self._meanwhile:
            await self._meanwhile.pop()()
        return await super().commit_at_once(*arguments)

    async def commit(self, *arguments: Any) -> tuple[DeliveryId, ...]:
        if self._meanwhile:
            await self._meanwhile.pop()()
        return await super().commit(*arguments)


async def test_a_digest_meanwhile_is_not_sent_again_at_once(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon")
    await room.matcher.catch_up()
    store = _MeanwhileDeliveries(room.database, lambda: room.digests.plan_now(room.place, NOW))
    assert await room.another_planner(deliveries=store).plan(NOW) == 0
    assert await room.run() == 0
    assert await room.sent(kind=DeliveryKind.DIGEST) == [["Moon"]]


async def test_a_digest_is_planned_again_when_its_articles_were_sent_at_once_meanwhile(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon")
    await room.ingest("Mars", categories=("news",), branches=(("news",),))
    await room.matcher.catch_up()
    later = NOW + HOUR
    store = _MeanwhileDeliveries(room.database, lambda: room.planner.plan(later))
    room.digests._deliveries = store
    assert await room.digests.plan_due(later) == 0
    assert await room.digests.plan_due(later) == 1
    assert await room.sent() == [["Moon"]]
    assert await room.sent(kind=DeliveryKind.DIGEST) == [["Mars"]]


async def test_old_records_are_forgotten(room: Newsroom) -> None:
    await room.watch("moon", at_once=True)
    await room.ingest("Moon")
    await room.run()
    await room.settle(DeliveryState.SENT)
    await forget_before(room.database, NOW + 89 * DAY)
    async with room.database.read() as connection:
        count = sa.select(sa.func.count()).select_from(sent_at_once)
        assert await connection.scalar(count) == 1
    await forget_before(room.database, NOW + 91 * DAY)
    async with room.database.read() as connection:
        assert await connection.scalar(count) == 0
