"""Repairing every stored moment that a wrong clock may have written and something waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from digests.model.announcement import Content, Timing, When
from digests.model.place import PlaceState
from digests.model.schedule import next_slot_of, span_to_show
from digests.storage.announcements.announcements import AnnouncementStore
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.clock_repairs import ClockRepairs, ClockRepairStore
from digests.storage.database import Database
from digests.storage.deliveries.ledger import LedgerStore
from digests.storage.deliveries.results import Postponed
from digests.storage.people.people import PeopleStore
from digests.storage.places.places import PlaceStore
from digests.storage.schema.delivery_tables import deliveries
from digests.storage.schema.place_tables import links, places
from tests.factories.announcements import make_broadcaster
from tests.factories.articles import parsed_post, read_post
from tests.factories.deliveries import plan_digests
from tests.factories.places import add_active_place
from tests.factories.times import NOW

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=2)
WAIT = timedelta(minutes=10)


async def next_moments(database: Database) -> dict[int, datetime | None]:
    async with database.read() as connection:
        rows = await connection.execute(sa.select(places.c.chat_id, places.c.next_at))
        return {row.chat_id: row.next_at for row in rows}


@pytest.mark.parametrize("ahead", [DAY, 2 * DAY, 8 * DAY, 400 * DAY, 3653 * DAY], ids=str)
async def test_digests_do_not_wait_until_the_clock_reaches_a_wrong_date(database: Database, ahead: timedelta) -> None:
    store = PlaceStore(database)
    daily = await add_active_place(database, 1)
    await store.set_schedule(daily.id, NOW + ahead, silent=False)
    weekly = await add_active_place(database, 2)
    weekly = await store.set_schedule(weekly.id, NOW + ahead, weekdays="3", quiet="07:00-09:00")
    twice = await add_active_place(database, 3)
    await store.set_schedule(twice.id, NOW + ahead, time="08:00,18:00", timezone="Asia/Tokyo")
    right = await add_active_place(database, 4)
    right = await store.set_schedule(right.id, NOW, silent=False)
    due = await add_active_place(database, 5)
    await store.activate(due.id, NOW - DAY, NOW)
    silent = await add_active_place(database, 6)
    await store.silence(silent.id, PlaceState.STOPPED)
    made = await ClockRepairStore(database).repair(NOW)
    after = await next_moments(database)
    for place in (daily, weekly, twice):
        found = await store.find(place.chat_id)
        assert found is not None
        assert found.next_at == next_slot_of(found, NOW)
    assert made.digests == (3 if ahead >= 8 * DAY else 2)
    assert (after[4], after[5], after[6]) == (right.next_at, NOW - DAY, None)
    assert await ClockRepairStore(database).repair(NOW) == ClockRepairs()


async def test_many_places_are_repaired_in_batches(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digests.storage.clock_repairs._BATCH", 3)
    store = PlaceStore(database)
    for chat in range(1, 11):
        place = await add_active_place(database, chat)
        await store.set_schedule(place.id, NOW + 400 * DAY, time=f"0{chat % 4 + 6}:15")
    assert (await ClockRepairStore(database).repair(NOW)).digests == 10
    for chat in range(1, 11):
        found = await store.find(chat)
        assert found is not None
        assert found.next_at == next_slot_of(found, NOW)


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(seconds=90)], ids=str)
async def test_a_digest_that_was_just_sent_is_not_sent_again(database: Database, back: timedelta) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    slot = NOW.replace(hour=8, minute=0)
    await store.activate(place.id, slot + DAY, slot)
    assert await ClockRepairStore(database).repair(slot - back) == ClockRepairs()


async def test_a_clock_that_was_never_set_repairs_nothing(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    await store.pause_until(place.id, NOW + 30 * DAY)
    other = await store.set_schedule((await add_active_place(database, 6)).id, NOW, silent=False)
    assert await ClockRepairStore(database).repair(datetime(1970, 1, 1, tzinfo=UTC)) == ClockRepairs()
    assert (await next_moments(database))[6] == other.next_at


@pytest.mark.parametrize("ahead", [400 * DAY, 3653 * DAY], ids=str)
async def test_a_pause_that_began_while_the_clock_was_ahead_keeps_its_length(
    database: Database, ahead: timedelta
) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    async with database.write() as connection:
        await connection.execute(sa.update(places).values(active_at=NOW + ahead))
    await store.pause_until(place.id, NOW + ahead + 7 * DAY)
    assert (await ClockRepairStore(database).repair(NOW)).breaks == 1
    found = await store.find(5)
    assert found is not None
    assert found.resume_at is not None
    assert abs(found.resume_at - NOW - 7 * DAY) <= DAY


async def test_a_pause_of_unknown_length_ends_within_a_year(database: Database) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    await store.pause_until(place.id, NOW + 3653 * DAY)
    await ClockRepairStore(database).repair(NOW)
    found = await store.find(5)
    assert found is not None
    assert found.resume_at is not None
    assert found.resume_at <= NOW + 367 * DAY


@pytest.mark.parametrize("days", [1, 30, 365])
async def test_a_pause_of_ordinary_length_is_not_changed(database: Database, days: int) -> None:
    store = PlaceStore(database)
    place = await add_active_place(database)
    await store.pause_until(place.id, NOW + days * DAY)
    for wrong in (timedelta(), -12 * HOUR, 20 * DAY):
        assert await ClockRepairStore(database).repair(NOW + wrong) == ClockRepairs()
    found = await store.find(5)
    assert found is not None
    assert found.resume_at == NOW + days * DAY


async def test_a_link_created_while_the_clock_was_ahead_expires_like_others(database: Database) -> None:
    people, ahead = PeopleStore(database), NOW + 400 * DAY
    await people.open_invite("code", ahead, ahead + 7 * DAY)
    await people.open_invite("right", NOW, NOW + 7 * DAY)
    assert (await ClockRepairStore(database).repair(NOW)).links == 1
    async with database.read() as connection:
        ends = set((await connection.execute(sa.select(links.c.expires_at))).scalars())
    assert ends == {NOW + 7 * DAY}
    assert not await people.use_invite("code", 1, 1, NOW + 8 * DAY)


async def due_at(database: Database) -> set[datetime]:
    async with database.read() as connection:
        return set((await connection.execute(sa.select(deliveries.c.due_at))).scalars())


@pytest.mark.parametrize("failed", [True, False])
@pytest.mark.parametrize("ahead", [2 * DAY, 400 * DAY, 3653 * DAY], ids=str)
async def test_deliveries_postponed_while_the_clock_was_ahead_become_due(
    database: Database, ahead: timedelta, failed: bool
) -> None:
    await plan_digests(database)
    ledger = LedgerStore(database)
    (claimed,) = await ledger.claim("me", NOW, LEASE, 10)
    await ledger.write("me", [], [], [Postponed(claimed.id, NOW + ahead + MINUTE, "wait", failed=failed)], NOW)
    await ledger.set_back(NOW, WAIT, LEASE)
    assert await due_at(database) == {NOW}


async def test_a_rate_limit_of_hours_is_kept(database: Database) -> None:
    await plan_digests(database)
    ledger = LedgerStore(database)
    (claimed,) = await ledger.claim("me", NOW, LEASE, 10)
    await ledger.write("me", [], [], [Postponed(claimed.id, NOW + 5 * HOUR, "wait", failed=False)], NOW)
    await ledger.set_back(NOW, WAIT, LEASE)
    assert await due_at(database) == {NOW + 5 * HOUR}


async def test_a_lease_taken_while_the_clock_was_ahead_expires(database: Database) -> None:
    await plan_digests(database)
    ledger = LedgerStore(database)
    await ledger.claim("dead", NOW + 400 * DAY, LEASE, 10)
    await ledger.set_back(NOW, WAIT, LEASE)
    assert await ledger.claim("other", NOW + LEASE, LEASE, 10) == ()
    assert len(await ledger.claim("other", NOW + LEASE + MINUTE, LEASE, 10)) == 1


async def announced(database: Database, send_at: datetime, planned_at: datetime, *, local: bool) -> None:
    store = AnnouncementStore(database)
    await add_active_place(database)
    draft = await store.create(1, Content("Hello"), NOW)
    if local:
        timing = Timing(When.LOCAL, time=f"{send_at:%H:%M}", day=send_at.date())
        await store.set_timing(draft.id, timing)
    await store.confirm(draft.id, send_at, by=1, now=NOW)
    assert await make_broadcaster(database).plan_confirmed(planned_at) == 1


@pytest.mark.parametrize("local", [False, True])
async def test_an_announcement_keeps_its_chosen_day(database: Database, local: bool) -> None:
    day = NOW + 30 * DAY
    await announced(database, day, NOW + 400 * DAY, local=local)
    await LedgerStore(database).set_back(NOW, WAIT, LEASE)
    assert {moment.date() for moment in await due_at(database)} == {day.date()}


async def test_an_announcement_planned_while_the_clock_was_ahead_is_sent(database: Database) -> None:
    await announced(database, NOW, NOW + 400 * DAY, local=False)
    await LedgerStore(database).set_back(NOW + MINUTE, WAIT, LEASE)
    assert await due_at(database) == {NOW + MINUTE}


async def test_one_article_stored_with_a_clock_behind_does_not_make_others_stale(database: Database) -> None:
    store, articles = IngestStore(database), ArticleStore(database)
    await store.write("folder", [read_post("a.md", parsed_post("Old"))], NOW - 30 * DAY)
    await store.write("folder", [read_post("b.md", parsed_post("New"))], NOW - HOUR)
    await store.write("folder", [read_post("c.md", parsed_post("Under a clock set back"))], NOW - 400 * DAY)
    await store.write("folder", [read_post("d.md", parsed_post("Newer"))], NOW)
    assert await articles.ingest_before(NOW - 7 * DAY) == 1
    assert await articles.ingest_before(NOW - 7 * DAY, (await articles.ingest_before(NOW))) == 3
    assert await articles.ingest_before(NOW + DAY) == 4


@given(st.timedeltas(min_value=-4000 * DAY, max_value=4000 * DAY))
def test_no_span_begins_in_the_future(by: timedelta) -> None:
    span = span_to_show(NOW + by, NOW - DAY, NOW)
    assert span is None or span.start <= span.end == NOW
