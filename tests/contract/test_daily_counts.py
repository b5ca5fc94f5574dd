"""Numbers by day: counted again without harm, complete after a pause, and bounded whatever comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from digests.model.daily_count import MOST_LABELS, OTHERS, CountKind
from digests.model.place import PlaceState
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from digests.storage.places.places import PlaceStore
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.statistics.daily_counts import DailyCountStore
from tests.factories.articles import parsed_post, read_post
from tests.factories.categories import ensure_categories
from tests.factories.deliveries import plan_digests
from tests.factories.places import add_active_place, new_place
from tests.factories.times import DAY, HOUR, NOW

TODAY = NOW.date()


async def counted(database: Database, kind: CountKind) -> dict[date, dict[str, int]]:
    """Return the stored numbers of a kind."""
    found: dict[date, dict[str, int]] = {}
    for count in await DailyCountStore(database).since(date(1970, 1, 1)):
        if count.kind is kind:
            found.setdefault(count.day, {})[count.label] = count.number
    return found


async def add_articles(database: Database, sources: Mapping[str, int], at: datetime, name: str = "article") -> None:
    """Store so many articles of each source that first appeared then."""
    batch = [
        read_post(
            f"{name} {source} {number}.md",
            parsed_post(f"{name} {source} {number}", source=source, published_at=at),
            age=round((NOW - at) / HOUR),
        )
        for source, most in sources.items()
        for number in range(most)
    ]
    store = IngestStore(database, timedelta(days=3))
    await store.write("folder", batch, NOW)


async def add_deliveries(database: Database, number: int, at: datetime, state: str = "sent") -> None:
    """Store digests that were planned then, and what became of them."""
    async with database.write() as connection:
        last = await connection.scalar(sa.select(sa.func.max(deliveries.c.id)))
    if last is None:
        (last,) = await plan_digests(database)
        async with database.write() as connection:
            await connection.execute(sa.update(deliveries).values(created_at=at, state=state))
        number -= 1
    async with database.write() as connection:
        row = dict((await connection.execute(sa.select(deliveries).limit(1))).mappings().one())
        # Ids have gaps: places are erased.
        more = [
            {"id": last + 7 * count, "slot": at + count * timedelta(seconds=1), "created_at": at, "state": state}
            for count in range(1, number + 1)
        ]
        if more:
            await connection.execute(sa.insert(deliveries), [row | values for values in more])


async def test_places_are_counted_by_state_and_by_category(database: Database) -> None:
    places = PlaceStore(database)
    for chat in (1, 2, 3):
        await add_active_place(database, chat)
    (sport,) = await ensure_categories(database, "sport")
    (news,) = await ensure_categories(database, "news")
    met = await places.meet(new_place(4), NOW)
    await places.subscribe(met.id, [sport], NOW)
    store = DailyCountStore(database)
    await store.count(NOW)
    assert await counted(database, CountKind.PLACES) == {TODAY: {"active": 3, "new": 1}}
    # Somebody who gets nothing is no reader.
    assert await counted(database, CountKind.READERS) == {TODAY: {str(news): 3}}
    await places.activate(met.id, NOW, NOW)
    for chat in (1, 2, 3):
        found = await places.find(chat)
        assert found is not None
        await places.silence(found.id, PlaceState.STOPPED)
    await store.count(NOW + HOUR)
    await store.count(NOW + DAY)
    by_state = {"active": 1, "stopped": 3}
    assert await counted(database, CountKind.PLACES) == {TODAY: by_state, TODAY + DAY: by_state}
    assert await counted(database, CountKind.READERS) == {TODAY: {str(sport): 1}, TODAY + DAY: {str(sport): 1}}


async def test_deliveries_of_past_days_are_counted_the_first_time(database: Database) -> None:
    await add_deliveries(database, 3, NOW - 40 * DAY)
    await add_deliveries(database, 2, NOW - 3 * DAY, "failed")
    await add_deliveries(database, 1, NOW)
    store = DailyCountStore(database)
    await store.count(NOW)
    expected = {TODAY - 40 * DAY: {"sent": 3}, TODAY - 3 * DAY: {"failed": 2}, TODAY: {"sent": 1}}
    assert await counted(database, CountKind.DELIVERIES) == expected
    await store.count(NOW)
    assert await counted(database, CountKind.DELIVERIES) == expected


async def test_what_became_of_yesterdays_deliveries_is_counted_anew(database: Database) -> None:
    store = DailyCountStore(database)
    await add_deliveries(database, 2, NOW, "pending")
    await store.count(NOW)
    async with database.write() as connection:
        await connection.execute(sa.update(deliveries).values(state="sent"))
    await store.count(NOW + DAY)
    assert await counted(database, CountKind.DELIVERIES) == {TODAY: {"sent": 2}}


async def test_days_without_the_bot_are_made_up_for(database: Database) -> None:
    store = DailyCountStore(database)
    await add_deliveries(database, 1, NOW)
    await store.count(NOW)
    await add_deliveries(database, 2, NOW + HOUR)
    await add_deliveries(database, 4, NOW + 2 * DAY)
    await store.count(NOW + 5 * DAY)
    assert await counted(database, CountKind.DELIVERIES) == {TODAY: {"sent": 3}, TODAY + 2 * DAY: {"sent": 4}}


async def test_numbers_outlive_the_deliveries(database: Database) -> None:
    store = DailyCountStore(database)
    await add_deliveries(database, 3, NOW)
    await store.count(NOW)
    async with database.write() as connection:
        await connection.execute(sa.delete(deliveries))
    await store.count(NOW + 91 * DAY)
    assert await counted(database, CountKind.DELIVERIES) == {TODAY: {"sent": 3}}


async def test_each_article_is_counted_once_on_the_day_that_readers_are_shown(database: Database) -> None:
    store = DailyCountStore(database)
    await add_articles(database, {"Tidewater": 2, "Harbour": 1}, NOW)
    await store.count(NOW)
    await store.count(NOW)
    # A repository with a history arrives later.
    await add_articles(database, {"Tidewater": 3}, NOW - 9 * DAY, name="old")
    await add_articles(database, {"Tidewater": 1}, NOW, name="new")
    await store.count(NOW + HOUR)
    assert await counted(database, CountKind.ARTICLES) == {
        TODAY: {"Tidewater": 3, "Harbour": 1},
        TODAY - 9 * DAY: {"Tidewater": 3},
    }


async def test_more_articles_than_are_counted_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digests.storage.statistics.daily_counts._BATCH", 3)
    await add_articles(database, {"Tidewater": 6, "Harbour": 4}, NOW)
    await DailyCountStore(database).count(NOW)
    assert await counted(database, CountKind.ARTICLES) == {TODAY: {"Tidewater": 6, "Harbour": 4}}


async def test_a_day_has_few_rows_however_many_sources_there_are(database: Database) -> None:
    store = DailyCountStore(database)
    small = {f"source {number:03}": 1 for number in range(2 * MOST_LABELS)}
    await add_articles(database, small | {"Tidewater": 5}, NOW)
    await store.count(NOW)
    await add_articles(database, {"a late one": 9, "x" * 500: 2}, NOW, name="late")
    await store.count(NOW)
    (numbers,) = (await counted(database, CountKind.ARTICLES)).values()
    assert sum(numbers.values()) == 2 * MOST_LABELS + 5 + 9 + 2
    assert len(numbers) == MOST_LABELS + 1
    assert (numbers["a late one"], numbers["Tidewater"], numbers["x" * 200]) == (9, 5, 2)
    assert numbers[OTHERS] == 2 * MOST_LABELS - (MOST_LABELS - 3)


async def test_a_clock_that_was_wrong_makes_no_days_to_come(database: Database) -> None:
    await add_articles(database, {"Tidewater": 1}, NOW + 30 * DAY)
    await add_articles(database, {"Tidewater": 1}, datetime(1999, 1, 1, tzinfo=UTC), name="ancient")
    await DailyCountStore(database).count(NOW)
    assert await counted(database, CountKind.ARTICLES) == {TODAY: {"Tidewater": 1}}


async def test_old_days_are_forgotten(database: Database) -> None:
    store = DailyCountStore(database)
    await add_active_place(database)
    await store.count(NOW)
    await store.count(NOW + DAY)
    await store.tidy(TODAY + DAY)
    assert list(await counted(database, CountKind.PLACES)) == [TODAY + DAY]


async def test_an_empty_database_is_counted(database: Database) -> None:
    store = DailyCountStore(database)
    await store.count(NOW)
    assert await store.since(date(1970, 1, 1)) == ()
