"""What is measured in the database, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from digests.model.delivery import DeliveryKind, DeliveryState
from digests.storage.database import Database
from digests.storage.people.people import PeopleStore
from digests.storage.schema.article_tables import articles, posts
from digests.storage.schema.cluster_tables import processes, updates
from digests.storage.schema.delivery_tables import deliveries, renderings
from digests.storage.schema.media_tables import article_pictures, mosaics
from digests.storage.schema.place_tables import places
from digests.storage.statistics.measurements import MeasurementStore
from tests.factories.times import DAY, HOUR, MINUTE, NOW


@pytest.fixture
def store(database: Database) -> MeasurementStore:
    return MeasurementStore(database)


async def add(database: Database, table: sa.Table, *rows: dict[str, object]) -> None:
    async with database.write() as connection:
        await connection.execute(sa.insert(table), list(rows))


def place(number: int, **values: object) -> dict[str, object]:
    return {
        "id": number, "chat_id": number, "thread_id": 0, "kind": "private", "title": "x", "language": "en",
        "time": "08:00", "timezone": "UTC", "state": "active", "next_at": NOW + DAY, "window_from": 0,
        "window_from_at": NOW, "created_at": NOW, "active_at": NOW, **values,
    }  # fmt: skip


def delivery(number: int, state: DeliveryState, **values: object) -> dict[str, object]:
    return {
        "id": number, "place_id": 1, "kind": DeliveryKind.DIGEST, "slot": NOW + number * MINUTE, "rendering": "r",
        "state": state, "due_at": NOW, "created_at": NOW, **values,
    }  # fmt: skip


def article(number: int, **values: object) -> dict[str, object]:
    return {
        "id": number, "ingest": number, "revision": number, "identity": str(number), "content_hash": "x",
        "title": "x", "author": "", "source": "a", "language": "en", "first_seen_at": NOW, "shown_at": NOW,
        "updated_at": NOW, "fresh": True, "summary": "", "text": "", "origin": "folder", **values,
    }  # fmt: skip


async def test_an_empty_database_is_measured(store: MeasurementStore) -> None:
    await store.ping()
    numbers = await store.measure(NOW)
    assert numbers.queue.open == {"pending": 0, "sending": 0}
    assert (numbers.queue.due, numbers.queue.oldest_due_at, numbers.newest_article_at) == (0, None, None)
    assert (numbers.articles, numbers.quarantined, numbers.processes, numbers.open_updates) == (0, 0, 0, 0)
    assert numbers.places == numbers.pictures == numbers.mosaics == {}
    assert numbers.database_bytes > 10_000
    assert await store.newest_article_at() is None
    assert await store.behind_since(NOW) is None
    assert await store.failures(NOW - HOUR, NOW) == (0, 0)
    assert await store.source_days(NOW - DAY) == {}


async def test_all_is_counted(store: MeasurementStore, database: Database) -> None:
    await add(database, places, place(1), place(2, state="paused"), place(3))
    await add(database, renderings, {"key": "r", "parts": [], "items": [], "rest": [], "created_at": NOW})
    await add(
        database,
        deliveries,
        delivery(1, DeliveryState.PENDING, due_at=NOW - HOUR),
        delivery(2, DeliveryState.PENDING, due_at=NOW + HOUR),
        delivery(3, DeliveryState.SENDING, due_at=NOW - 2 * HOUR),
        delivery(4, DeliveryState.SENT, due_at=NOW - 9 * HOUR),
        delivery(5, DeliveryState.PAUSED, due_at=NOW - 9 * HOUR),
    )
    await add(database, articles, article(1, first_seen_at=NOW - DAY), article(2, first_seen_at=NOW - HOUR))
    post = {"origin": "folder", "mtime_ns": 0, "size": 0, "hash": "x", "mend": "", "seen_at": NOW}
    await add(database, posts, {**post, "path": "a", "cause": ""}, {**post, "path": "b", "cause": "broken"})
    kept: dict[str, object] = {"candidates": [], "state": "kept"}
    await add(database, article_pictures, {"article_id": 1, **kept}, {"article_id": 2, **kept})
    await add(database, mosaics, {"key": "m", "recipe": [], "state": "made", "created_at": NOW, "used_at": NOW})
    alive = {"host": "h", "roles": "", "version": "1", "started_at": NOW - DAY}
    await add(
        database,
        processes,
        {**alive, "name": "a", "seen_at": NOW - MINUTE},
        {**alive, "name": "b", "seen_at": NOW - HOUR},
    )
    update: dict[str, object] = {"lane": "1", "kind": "message", "body": "", "received_at": NOW}
    await add(database, updates, {**update, "id": 1, "done_at": NOW}, {**update, "id": 2, "done_at": None})
    numbers = await store.measure(NOW)
    assert numbers.open_updates == 1
    assert numbers.queue.open == {"pending": 2, "sending": 1}
    assert (numbers.queue.due, numbers.queue.oldest_due_at) == (2, NOW - 2 * HOUR)
    assert (numbers.articles, numbers.quarantined, numbers.processes) == (2, 1, 1)
    assert numbers.newest_article_at == await store.newest_article_at() == NOW - HOUR
    assert numbers.places == {"active": 2, "paused": 1}
    assert (numbers.pictures, numbers.mosaics) == ({"kept": 2}, {"made": 1})


async def test_digests_are_behind_whether_they_were_planned_or_not(store: MeasurementStore, database: Database) -> None:
    await add(database, places, place(1), place(2, state="paused", next_at=NOW - 9 * HOUR))
    await add(database, renderings, {"key": "r", "parts": [], "items": [], "rest": [], "created_at": NOW})
    announced = {"kind": DeliveryKind.ANNOUNCEMENT, "due_at": NOW - 5 * HOUR}
    await add(
        database,
        deliveries,
        delivery(1, DeliveryState.PENDING, **announced),
        delivery(2, DeliveryState.SENT, due_at=NOW - 5 * HOUR),
        delivery(3, DeliveryState.PENDING, due_at=NOW - MINUTE),
    )
    assert await store.behind_since(NOW - 2 * MINUTE) is None
    await add(database, deliveries, delivery(4, DeliveryState.SENDING, due_at=NOW - HOUR))
    assert await store.behind_since(NOW - 2 * MINUTE) == NOW - HOUR
    await add(database, places, place(3, next_at=NOW - 3 * HOUR))
    assert await store.behind_since(NOW - 2 * MINUTE) == NOW - 3 * HOUR


async def test_readers_who_left_are_no_failures(store: MeasurementStore, database: Database) -> None:
    await add(database, places, place(1), place(2, state="unreachable"))
    await add(database, renderings, {"key": "r", "parts": [], "items": [], "rest": [], "created_at": NOW})
    await add(
        database,
        deliveries,
        delivery(1, DeliveryState.SENT),
        delivery(2, DeliveryState.FAILED),
        delivery(3, DeliveryState.UNCERTAIN),
        delivery(4, DeliveryState.FAILED, place_id=2),
        delivery(5, DeliveryState.FAILED, due_at=NOW - 2 * HOUR),
        delivery(6, DeliveryState.PENDING),
    )
    assert await store.failures(NOW - HOUR, NOW) == (2, 3)


async def test_the_days_of_each_source_are_read_without_feeds(store: MeasurementStore, database: Database) -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = (midnight - 9 * DAY, midnight - DAY - timedelta(microseconds=1), midnight - DAY, midnight - DAY + HOUR)
    rows = [article(number, first_seen_at=moment) for number, moment in enumerate(moments, 1)]
    rows += [article(9, source="of a feed", origin="feed:1"), article(10, source="b", first_seen_at=midnight)]
    await add(database, articles, *rows)
    today = midnight.date()
    assert await store.source_days(midnight - 3 * DAY) == {
        "a": [today - 2 * timedelta(days=1), today - timedelta(days=1)],
        "b": [today],
    }


async def test_a_fact_is_exchanged_only_for_the_one_that_is_known(database: Database) -> None:
    people = PeopleStore(database)
    assert not await people.exchange_fact("x", "0", "1", NOW)
    assert await people.exchange_fact("x", None, "1", NOW)
    assert not await people.exchange_fact("x", None, "2", NOW)
    assert not await people.exchange_fact("x", "0", "2", NOW)
    assert await people.exchange_fact("x", "1", "2", NOW + HOUR)
    assert await people.fact("x") == ("2", NOW + HOUR)
