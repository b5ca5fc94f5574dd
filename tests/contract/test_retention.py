"""What is too old goes, nothing that is needed goes, and nothing comes back as new."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import tests.contract.test_recognition as recognition
from digests.articles.likeness import COMPARED
from digests.model.audit import AuditAct
from digests.model.delivery import DeliveryState
from digests.model.ids import ArticleId, DeliveryId, IngestNumber
from digests.model.place import PlaceState
from digests.operation.retention import Retention, RetentionOptions
from digests.search.query import parse_query
from digests.storage.articles.expiry import EXPIRED, ExpiryStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore, WriteCounts
from digests.storage.database import Database
from digests.storage.deliveries.plans import DeliveryStore
from digests.storage.people.audit import AuditLog
from digests.storage.people.saved import SavedStore
from digests.storage.schema.article_tables import articles, withdrawn
from digests.storage.schema.delivery_tables import deliveries, parts, pieces, renderings
from digests.storage.schema.place_tables import places
from digests.storage.search.sqlite.index import SearchIndex
from tests.factories.articles import parsed_post, read_post
from tests.factories.deliveries import RENDERING, WINDOW, plan
from tests.factories.forgetting import forget_before
from tests.factories.places import add_active_place
from tests.factories.times import DAY, MINUTE, NOW

YEAR = timedelta(days=365)
LATER = NOW + 2 * YEAR
TEXT = "What the sea says at night, and to whom, and why nobody answers. " * 100


def keeping(database: Database, **kept: timedelta) -> Retention:
    return Retention(database, RetentionOptions(kept.get("articles"), kept.get("ledger"), kept.get("audit")))


async def write(database: Database, *titles: str, text: str = TEXT) -> list[int]:
    batch = [read_post(f"{title}.md", parsed_post(title, text=f"{title}. {text}")) for title in titles]
    await IngestStore(database).write("folder", batch, NOW)
    async with database.read() as connection:
        return list((await connection.execute(sa.select(articles.c.id).order_by(articles.c.id))).scalars())


async def expired(database: Database) -> list[int]:
    query = sa.select(withdrawn.c.article_id).where(withdrawn.c.reason == EXPIRED).order_by(withdrawn.c.article_id)
    async with database.read() as connection:
        return list((await connection.execute(query)).scalars())


async def count(database: Database, table: sa.Table) -> int:
    async with database.read() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def test_old_articles_go_from_every_list_and_search(database: Database, tmp_path: Path) -> None:
    ids = await write(database, "Moon", "Mars")
    index = SearchIndex(tmp_path / "search.db")
    await index.open()
    await index.update(ArticleStore(database))
    assert len((await index.find(parse_query("moon"), 9)).ids) == 1
    assert await keeping(database, articles=3 * YEAR).apply(LATER) == {}
    assert await keeping(database, articles=YEAR).apply(LATER) == {"articles": 2}
    assert await expired(database) == ids
    await index.update(ArticleStore(database))
    assert (await index.find(parse_query("moon"), 9)).ids == ()
    await index.close()
    async with database.read() as connection:
        texts = list((await connection.execute(sa.select(articles.c.text))).scalars())
    assert [len(text) for text in texts] == [COMPARED, COMPARED]
    assert await keeping(database, articles=YEAR).apply(LATER) == {}, "what is gone is not looked at again"


async def test_an_expired_article_that_is_crawled_again_is_not_new(database: Database) -> None:
    await write(database, "Moon")
    await keeping(database, articles=YEAR).apply(LATER)
    # The crawler writes the whole file again, elsewhere, under another date.
    again = read_post("elsewhere/moon.md", parsed_post("Moon", text=f"Moon. {TEXT}", published_at=LATER), age=0)
    assert await IngestStore(database).write("folder", [again], LATER) == WriteCounts(duplicates=1)
    edited = parsed_post("Moon", text=f"Moon. {TEXT} One thing was mended.", content_hash="another")
    written = await IngestStore(database).write("folder", [read_post("moon.md", edited)], LATER)
    assert (written.new, written.changed) == (0, 1)
    assert await count(database, articles) == 1
    assert await expired(database) == [1], "readers don't see it again"
    assert await keeping(database, articles=YEAR).apply(LATER) == {"articles": 1}, "its text is cut again"


_SINGLE = [
    name
    for name, test in vars(recognition).items()
    if name.startswith("test_")
    and list(inspect.signature(test).parameters) == ["database"]
    # It is about what readers see.
    and "no_reader_may_see" not in name
]


@pytest.mark.parametrize("name", _SINGLE)
async def test_recognition_is_the_same_for_what_has_expired(
    database: Database, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = recognition.write
    retention = keeping(database, articles=YEAR)

    async def write_and_expire(*arguments: Any) -> WriteCounts:
        counts = await real(*arguments)
        await retention.apply(LATER)
        return counts

    monkeypatch.setattr(recognition, "write", write_and_expire)
    await getattr(recognition, name)(database)


def test_there_are_tests_of_recognition_to_repeat() -> None:
    assert len(_SINGLE) > 7


async def test_what_is_needed_does_not_expire(database: Database) -> None:
    place = await add_active_place(database)
    saved, shown, offered, waiting, idle = await write(database, "Saved", "Shown", "Rest", "Waiting", "Idle")
    await SavedStore(database).save(7, ArticleId(saved), NOW, 9)
    store = DeliveryStore(database)
    (made,) = await store.commit([plan(place, rendering=rendering_of(shown, offered))], NOW)
    await set_window(database, idle)
    retention = keeping(database, articles=YEAR)
    # The delivery is under way, and nothing waits in a window.
    await retention.apply(LATER)
    assert await expired(database) == [waiting, idle]
    await ledger_ends(database, made, DeliveryState.UNCERTAIN)
    assert await retention.apply(LATER) == {}, "an uncertain one may be sent again"
    await ledger_ends(database, made, DeliveryState.SENT)
    await retention.apply(LATER)
    assert await expired(database) == [shown, offered, waiting, idle]


@pytest.mark.parametrize(
    ("state", "stays"), [(PlaceState.ACTIVE, True), (PlaceState.PAUSED, True), (PlaceState.STOPPED, False)]
)
async def test_what_waits_in_a_window_does_not_expire(database: Database, state: PlaceState, stays: bool) -> None:
    ids = await write(database, "One", "Two", "Three")
    await add_active_place(database)
    await set_window(database, 1, state)
    await keeping(database, articles=YEAR).apply(LATER)
    assert await expired(database) == (ids[:1] if stays else ids)


async def test_one_that_is_saved_meanwhile_stays(database: Database) -> None:
    ids = [ArticleId(number) for number in await write(database, "One", "Two")]
    store = ExpiryStore(database)
    needed = await store.needed()
    await SavedStore(database).save(7, ids[0], NOW, 9)
    assert await store._expire(ids, LATER) == 1
    assert await expired(database) == [ids[1]]
    assert await store.expire(LATER, needed, ArticleId(0), 9, LATER) == (None, 0)


async def test_old_deliveries_go_with_all_that_they_used(database: Database) -> None:
    store = DeliveryStore(database)
    made: list[DeliveryId] = []
    for chat in (1, 2, 3):
        made += await store.commit([plan(await add_active_place(database, chat))], NOW)
    await many_settled(database, 1200)
    await ledger_ends(database, made[0], DeliveryState.SENT)
    assert await forget_before(database, NOW - DAY) == {}
    gone = await forget_before(database, NOW + DAY)
    assert gone["deliveries"] == 1201
    # Two are not settled, and need their rendering.
    assert (await count(database, deliveries), await count(database, renderings)) == (2, 1)
    assert await count(database, parts) == 4
    for each in made[1:]:
        await ledger_ends(database, each, DeliveryState.FAILED)
    assert (await forget_before(database, NOW + 3 * DAY))["renderings"] == 1
    assert (await count(database, deliveries), await count(database, renderings), await count(database, pieces)) == (
        0,
        0,
        0,
    )


async def test_a_rendering_that_is_planned_with_again_stays(database: Database) -> None:
    store = DeliveryStore(database)
    place = await add_active_place(database)
    (made,) = await store.commit([plan(place, next_at=None, guard=None)], NOW)
    await ledger_ends(database, made, DeliveryState.SENT)
    later = NOW + 9 * DAY
    window = replace(WINDOW, since=WINDOW.until, until=IngestNumber(10))
    await store.commit([plan(place, next_at=None, guard=None, slot=later, window=window)], later)
    async with database.read() as connection:
        created = await connection.scalar(sa.select(renderings.c.created_at))
    assert created == later


async def test_writers_come_in_between(database: Database) -> None:
    await write(database, *(f"Title {number}" for number in range(450)), text="short")
    written = 0

    async def others() -> None:
        nonlocal written
        while True:
            await AuditLog(database).add(1, next(iter(AuditAct)), {}, NOW)
            written += 1

    task = asyncio.create_task(others())
    assert (await keeping(database, articles=YEAR).apply(LATER))["articles"] == 450
    task.cancel()
    assert written >= 4


async def test_old_acts_go_if_told(database: Database) -> None:
    log = AuditLog(database)
    act = next(iter(AuditAct))
    for day in range(10):
        await log.add(1, act, {}, NOW + day * DAY)
    assert await keeping(database).apply(LATER) == {}
    assert await keeping(database, audit=4 * DAY + MINUTE).apply(NOW + 9 * DAY) == {"audit": 5}
    assert (await log.page(0, 99))[1] == 5


def rendering_of(*shown: int) -> Any:
    first, *rest = (ArticleId(number) for number in shown)
    return replace(RENDERING, key="of these", items=(first,), rest=tuple(rest))


async def set_window(database: Database, reached: int, state: PlaceState = PlaceState.ACTIVE) -> None:
    async with database.write() as connection:
        number = sa.select(articles.c.ingest).where(articles.c.id == reached).scalar_subquery()
        await connection.execute(sa.update(places).values(window_from=number, state=state))


async def ledger_ends(database: Database, delivery: DeliveryId, state: DeliveryState) -> None:
    async with database.write() as connection:
        await connection.execute(
            sa.update(deliveries).where(deliveries.c.id == delivery).values(state=state, settled_at=NOW)
        )


async def many_settled(database: Database, number: int) -> None:
    """Add settled deliveries of the first place, each in a slot of its own."""
    async with database.write() as connection:
        first = dict((await connection.execute(sa.select(deliveries).limit(1))).mappings().one())
        del first["id"]
        rows = [
            first | {"slot": NOW - (each + 1) * MINUTE, "state": "sent", "settled_at": NOW} for each in range(number)
        ]
        await connection.execute(sa.insert(deliveries), rows)
