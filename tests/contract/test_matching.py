from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from digests.errors import StorageError
from digests.model.wish import WishKind
from digests.storage.database import Database
from digests.storage.deliveries.withdrawals import Recall, WithdrawalStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema import articles, queries
from digests.storage.search.port import ArticleIndex
from digests.storage.wishes.matches import MatchStore
from digests.wishes.canonical import words_subject
from tests.factories.places import add_active_place, new_place
from tests.factories.times import DAY, HOUR, NOW
from tests.factories.wishing import Desk


@pytest.fixture
async def desk(database: Database, index: ArticleIndex) -> Desk:
    return Desk(database, index, (await add_active_place(database)).id)


async def test_what_is_ingested_is_matched(desk: Desk) -> None:
    await desk.watch("moon", '"full moon"', "月", "moon -mars")
    await desk.matcher.catch_up()
    await desk.ingest("Full moon", "Moon and Mars", "登月", "Venus")
    assert await desk.matcher.catch_up() == 4
    assert await desk.matches() == {
        ("moon", "Full moon"),
        ('"full moon"', "Full moon"),
        ("moon -mars", "Full moon"),
        ("moon", "Moon and Mars"),
        ("月", "登月"),
    }
    assert await desk.matcher.catch_up() == 0


@pytest.mark.parametrize("indexed", ["all", "some", "none"])
async def test_a_new_wish_is_looked_for_among_recent_articles(desk: Desk, indexed: str) -> None:
    await desk.watch("venus")
    await desk.ingest("Moon old")
    desk.clock.moment += 8 * DAY
    await desk.ingest("Moon early", "Mars early")
    if indexed == "some":
        await desk.index.update(desk.articles)
    await desk.ingest("Moon late", "Venus late")
    await desk.ingest("Moon of long ago", fresh=False)
    if indexed == "all":
        await desk.index.update(desk.articles)
    await desk.matcher.catch_up()
    await desk.watch("moon")
    await desk.matcher.hold_new()
    expected = {("moon", "Moon early"), ("moon", "Moon late"), ("venus", "Venus late")}
    assert await desk.matches() == expected
    await desk.index.update(desk.articles)
    await desk.matcher.catch_up()
    assert await desk.matches() == expected


async def test_an_article_that_changes_is_matched_anew(desk: Desk) -> None:
    await desk.watch("moon", "tides")
    await desk.ingest("Moon")
    await desk.matcher.catch_up()
    await desk.rewrite("Moon", "About the tides.")
    await desk.matcher.catch_up()
    assert await desk.matches() == {("moon", "Moon"), ("tides", "Moon")}
    await desk.rewrite("Moon", "About nothing of that.")
    # The search index has not seen it, and a new query must not go by what it says.
    await desk.watch("nothing", "more")
    await desk.matcher.catch_up()
    assert await desk.matches() == {("moon", "Moon"), ("nothing", "Moon")}


async def test_withdrawn_articles_match_nothing(desk: Desk) -> None:
    withdrawals = WithdrawalStore(desk.database)
    await desk.watch("moon")
    await desk.ingest("Moon")
    await desk.index.update(desk.articles)
    await desk.matcher.catch_up()
    article = await desk.article("Moon")
    await withdrawals.withdraw(article, Recall.NOT_ASKED, None, NOW)
    await desk.watch("what")
    await desk.matcher.catch_up()
    assert await desk.matches() == set()
    await withdrawals.bring_back(article)
    await desk.matcher.catch_up()
    assert await desk.matches() == {("moon", "Moon"), ("what", "Moon")}


async def test_categories_mean_what_they_mean_when_an_article_comes(desk: Desk) -> None:
    await desk.watch("moon cat:later", "moon cat:science", "cat:oceans")
    await desk.matcher.catch_up()
    await desk.ingest("Moon")
    await desk.matcher.catch_up()
    assert await desk.matches() == {("moon cat:science", "Moon"), ("cat:oceans", "Moon")}
    await desk.ingest("Moon, later", categories=("Later",), branches=(("Later",),))
    await desk.matcher.catch_up()
    assert ("moon cat:later", "Moon, later") in await desk.matches()


async def test_nothing_is_done_without_wishes(desk: Desk) -> None:
    await desk.ingest("Moon")
    assert await desk.matcher.catch_up() == 0
    assert (await MatchStore(desk.database).state()).mark == 0


async def test_what_nobody_needs_is_forgotten(desk: Desk) -> None:
    await desk.watch("moon", "mars", "venus")
    await desk.wishes.put(desk.place, WishKind.MUTE, words_subject("tides"), NOW, limit=99, until=NOW + HOUR)
    await desk.ingest("Moon", "Mars", "Tides")
    await desk.matcher.catch_up()
    desk.clock.moment += 2 * HOUR
    mars = next(wish for wish in await desk.wishes.of_place(desk.place, NOW) if wish.subject.value == "mars")
    await desk.wishes.remove(desk.place, mars.id)
    assert await desk.matcher.tidy() == 2
    assert await desk.matches() == {("moon", "Moon")}
    async with desk.database.read() as connection:
        assert set((await connection.execute(sa.select(queries.c.words))).scalars()) == {"moon", "venus"}
    # The number of a deleted query may be another's now.
    await desk.watch("tides", "mars")
    await desk.ingest("Tides on Mars")
    await desk.matcher.catch_up()
    assert {title for words, title in await desk.matches() if words == "mars"} == {"Mars", "Tides on Mars"}
    desk.clock.moment += 9 * DAY
    await desk.matcher.tidy()
    assert await desk.matches() == set()
    assert len(await desk.wishes.of_place(desk.place, desk.clock.now())) == 4


class _InterruptedStore(MatchStore):
    """Lets something happen between the moment at which the state is read and the writing."""

    def __init__(self, database: Database, *meanwhile: Any) -> None:
        super().__init__(database)
        self._meanwhile = list(meanwhile)

    async def changed(self, *arguments: Any) -> Any:
        found = await super().changed(*arguments)
        if self._meanwhile:
            await self._meanwhile.pop()()
        return found

    async def recent(self, *arguments: Any) -> Any:
        if self._meanwhile:
            await self._meanwhile.pop()()
        return await super().recent(*arguments)


class _FailingStore(MatchStore):
    """Fails now and then, also half-way through a transaction."""

    def __init__(self, database: Database, random: Random) -> None:
        super().__init__(database)
        self._random = random

    async def _delete(self, *arguments: Any) -> None:
        await super()._delete(*arguments)
        if self._random.random() < 0.5:
            raise StorageError("The disk is full.")


async def test_a_wish_that_comes_while_articles_are_held_misses_none(desk: Desk) -> None:
    await desk.watch("mars")
    await desk.matcher.catch_up()
    await desk.ingest("Moon", "Mars")

    async def add() -> None:
        await desk.watch("moon")
        await desk.matcher.hold_new()

    await desk.another_matcher(_InterruptedStore(desk.database, add)).catch_up()
    assert await desk.matches() == {("moon", "Moon"), ("mars", "Mars")}


async def test_articles_that_come_while_a_wish_is_looked_for_are_held(desk: Desk) -> None:
    await desk.watch("mars")
    await desk.ingest("Moon")
    await desk.matcher.catch_up()
    await desk.watch("moon")

    async def ingest() -> None:
        await desk.ingest("Moon again")
        await desk.rewrite("Moon", "Nothing")
        await desk.index.update(desk.articles)
        await desk.matcher.catch_up()

    await desk.another_matcher(_InterruptedStore(desk.database, ingest)).hold_new()
    assert await desk.matches() == {("moon", "Moon"), ("moon", "Moon again")}


async def test_queries_that_are_forgotten_while_articles_are_held_do_no_harm(desk: Desk) -> None:
    await desk.watch("mars", "moon")
    await desk.matcher.catch_up()
    await desk.ingest("Moon")

    async def forget() -> None:
        for wish in await desk.wishes.of_place(desk.place, NOW):
            await desk.wishes.remove(desk.place, wish.id)
        await MatchStore(desk.database).tidy(NOW, NOW)
        await desk.watch("venus")

    await desk.another_matcher(_InterruptedStore(desk.database, forget)).catch_up()
    assert await desk.matches() == set()


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_in_whatever_order_all_is_matched_in_the_end(desk: Desk, seed: int) -> None:
    random = Random(seed)
    words = [
        "moon",
        "mars",
        "venus",
        "月",
        '"moon mars"',
        "moon -venus",
        "tides",
        "cat:science",
        "mars source:tidewater",
    ]
    matchers = [desk.matcher, desk.another_matcher(_FailingStore(desk.database, random))]
    other = await PlaceStore(desk.database).meet(new_place(9), NOW)
    await desk.ingest("Before all", text="moon mars")
    tasks: list[asyncio.Task[Any]] = []

    async def act(number: int) -> None:
        match random.randrange(6):
            case 0:
                await desk.ingest(f"Title {number}", text=" ".join(random.choices(words, k=4)))
            case 1:
                await desk.rewrite(f"Title {random.randint(0, number)}", " ".join(random.choices(words, k=3)))
            case 2:
                place = random.choice([desk.place, other.id])
                await desk.wishes.put(place, WishKind.WATCH, words_subject(random.choice(words)), NOW, limit=99)
            case 3:
                await desk.index.update(desk.articles)
            case 4:
                mine = await desk.wishes.of_place(desk.place, NOW)
                if mine:
                    await desk.wishes.remove(desk.place, random.choice(mine).id)
            case _:
                await random.choice(matchers).tidy()

    for number in range(40):
        tasks.append(asyncio.create_task(random.choice(matchers).catch_up()))
        await act(number)
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        if random.random() < 0.3:
            # As after a restart, which knows nothing of before.
            matchers[1] = desk.another_matcher(_FailingStore(desk.database, random))
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, int | StorageError) for result in results), results
    await desk.matcher.catch_up()
    await desk.index.update(desk.articles)
    async with desk.database.read() as connection:
        stored = list((await connection.execute(sa.select(queries.c.words))).scalars())
        titles = {row.id: row.title for row in await connection.execute(sa.select(articles.c.id, articles.c.title))}
    for text in stored:
        found = {titles[article] for article in await desk.searched(text)}
        assert {title for words_, title in await desk.matches() if words_ == text} == found, text
