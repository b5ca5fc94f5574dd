"""Updates in the database: stored once, each lane one process's at a time, and none lost with a process."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from digests.storage.cluster.updates import ClaimLost, NewUpdate, UpdateStore, tidy_updates
from digests.storage.database import Database
from digests.storage.engine.first_write import repeatable_writes, with_first_write
from digests.storage.people.people import PeopleStore
from digests.storage.schema import facts, updates
from tests.factories.times import DAY, NOW

LEASE = timedelta(seconds=30)
EFFECT = sa.insert(facts).values(name="change", value="", at=NOW)


def update(number: int, lane: str = "1", body: str = "{}") -> NewUpdate:
    return NewUpdate(number, lane, "message", body)


def store_of(database: Database, owner: str = "a") -> UpdateStore:
    return UpdateStore(database, owner, LEASE)


async def done(database: Database) -> set[int]:
    async with database.read() as connection:
        return set((await connection.execute(sa.select(updates.c.id).where(updates.c.done_at.is_not(None)))).scalars())


async def test_an_update_is_new_once(database: Database) -> None:
    store = store_of(database)
    first = await store.write([update(7), update(5, "2"), update(7)], (), NOW)
    assert first.owners == {7: "a", 5: "a"}
    assert (await store.write([update(5, "2"), update(6)], [7], NOW)).owners == {6: "a"}
    assert (await store.write([update(7)], (), NOW)).owners == {}
    assert await store.waiting() == 2
    assert await store.known([4, 5, 6, 7]) == {5, 6, 7}
    assert (await store.write([], (), NOW)).owners == {}


async def test_numbers_that_start_over_are_new_after_days(database: Database) -> None:
    store = store_of(database)
    await store.write([update(7), update(8)], [7], NOW)
    assert not (await store.write([update(7), update(8)], (), NOW + DAY)).owners
    later = NOW + 7 * DAY
    assert (await store.write([update(7, "3"), update(8)], (), later)).owners == {7: "a", 8: "a"}
    await store.write([], [7, 8], later)
    await tidy_updates(database, later)
    assert not (await store.write([update(7)], (), later)).owners
    await tidy_updates(database, later + 3 * DAY)
    assert not await store.known([7, 8])


@pytest.mark.parametrize("body", ["", '{"text": "新闻 \U0001f600 \\u0000 \'\\" %s :x"}', "x" * 1_000_000])
async def test_a_body_comes_back_as_it_was(database: Database, body: str) -> None:
    await store_of(database).write([update(1, body=body)], (), NOW)
    [found] = await store_of(database, "b").claim(NOW + LEASE, 10)
    assert found.body == body
    assert found.received_at == NOW


async def test_what_a_dead_process_left_is_taken_over_in_order(database: Database) -> None:
    await store_of(database).write([update(9, "1"), update(3, "1"), update(4, "2")], [4], NOW)
    await store_of(database).write([update(1, "1")], (), NOW + timedelta(seconds=1))
    other = store_of(database, "b")
    found = await other.claim(NOW + timedelta(minutes=1), 10)
    assert [(each.id, each.tries) for each in found] == [(3, 1), (9, 1), (1, 1)]
    assert not await other.claim(NOW + timedelta(minutes=1), 10)
    assert not await store_of(database).claim(NOW + timedelta(minutes=1), 10) or database.is_sqlite


async def test_what_is_released_is_taken_at_once_and_counts_as_never_begun(database: Database) -> None:
    store = store_of(database)
    await store.write([update(1), update(2)], [1], NOW)
    await store.release()
    assert [(each.id, each.tries) for each in await store_of(database, "b").claim(NOW, 10)] == [(2, 0)]


async def test_tries_are_counted_and_what_is_put_aside_stays_there(database: Database) -> None:
    await store_of(database).write([update(1), update(2)], (), NOW)
    for number in range(3):
        now, store = NOW + timedelta(minutes=number + 1), store_of(database, f"b{number}")
        assert [each.tries for each in await store.claim(now, 10)] == [number + 1, 1]
        assert await store.begin(1)
    assert not await store_of(database, "b0").begin(1)
    last = store_of(database, "c")
    await last.claim(NOW + timedelta(minutes=9), 10)
    await last.put_aside([1], NOW)
    assert [each.id for each in await store_of(database, "d").claim(NOW + timedelta(minutes=19), 10)] == [2]


async def test_a_claim_takes_no_more_than_it_was_asked_for(database: Database) -> None:
    await store_of(database).write([update(number, str(number)) for number in range(1, 8)], (), NOW)
    other, later = store_of(database, "b"), NOW + timedelta(minutes=1)
    assert [each.id for each in await other.claim(later, 3)] == [1, 2, 3]
    assert [each.id for each in await other.claim(later, 30)] == [4, 5, 6, 7]


# The mark with the first write


async def test_the_first_write_of_a_handler_marks_its_update_as_done(database: Database) -> None:
    store, people = store_of(database), PeopleStore(database)
    await store.write([update(1)], (), NOW)
    marking = store.marking(1, "message", NOW)
    with with_first_write(marking):
        with repeatable_writes():
            await people.note("seen", "1", NOW)
        assert not await done(database)
        with pytest.raises(ZeroDivisionError):
            async with database.write() as connection:
                await connection.execute(sa.insert(facts).values(name="undone", value="", at=NOW))
                raise ZeroDivisionError
        assert not await done(database)
        await people.note("effect", "1", NOW)
        assert marking.is_written
        assert await done(database) == {1}
        await people.note("effect", "2", NOW)
    await people.note("outside", "1", NOW)
    assert not await store_of(database, "b").claim(NOW + timedelta(minutes=1), 10)


async def test_a_mark_goes_with_small_changes_and_with_two_writes_at_once(database: Database) -> None:
    store, people = store_of(database), PeopleStore(database)
    await store.write([update(1), update(2)], (), NOW)
    with with_first_write(store.marking(1, "press", NOW)):
        await database.change(lambda connection: connection.execute(EFFECT).rowcount)
    assert await done(database) == {1}
    with with_first_write(store.marking(2, "press", NOW)):
        await asyncio.gather(*(people.note(f"fact {number}", "1", NOW) for number in range(3)))
    assert await done(database) == {1, 2}


async def test_a_handler_whose_update_was_taken_over_writes_nothing(database: Database) -> None:
    store, people = store_of(database), PeopleStore(database)
    await store.write([update(1)], (), NOW)
    assert await store_of(database, "b").claim(NOW + timedelta(minutes=1), 10)
    with with_first_write(store.marking(1, "message", NOW)):
        with pytest.raises(ClaimLost):
            await people.note("effect", "1", NOW)
        with pytest.raises(ClaimLost):
            await database.change(lambda connection: connection.execute(EFFECT).rowcount)
    assert await people.fact("effect") is None
    assert not await done(database)


async def test_an_update_can_be_marked_before_it_is_stored(database: Database) -> None:
    store = store_of(database)
    with with_first_write(store.marking(1, "message", NOW)):
        await PeopleStore(database).note("effect", "1", NOW)
    assert not (await store.write([update(1)], (), NOW)).owners
    assert await done(database) == {1}


async def test_nothing_of_a_chat_is_kept_once_its_update_is_done(database: Database) -> None:
    store = store_of(database)
    await store.write([update(1, "77", '{"text": "secret"}'), update(2, "77", '{"text": "secret"}')], (), NOW)
    await store.write([], [1], NOW)
    with with_first_write(store.marking(2, "message", NOW)):
        await PeopleStore(database).note("effect", "1", NOW)
    async with database.read() as connection:
        rows = (await connection.execute(sa.select(updates.c.lane, updates.c.body))).all()
    assert [tuple(row) for row in rows] == [("", "")] * 2


# Several processes


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_lane_is_one_processs_until_its_lease_is_over(database: Database) -> None:
    first, second = store_of(database), store_of(database, "b")
    await first.write([update(1, "1")], [], NOW)
    soon = NOW + timedelta(seconds=20)
    assert (await second.write([update(2, "1"), update(3, "2")], (), soon)).owners == {2: "a", 3: "b"}
    assert [(each.id, each.tries) for each in await first.claim(soon, 10)] == [(2, 0)]
    assert not await first.claim(soon, 10)
    assert not await second.claim(soon, 10)
    await first.write([], [1, 2], soon)
    # It has nothing to do, but remembers the chat.
    assert (await second.write([update(4, "1")], (), soon)).owners == {4: "a"}
    late = NOW + timedelta(seconds=50)
    stored = await second.write([update(5, "1")], (), late)
    assert stored == ({5: "b"}, True)
    assert [(each.id, each.tries) for each in await second.claim(late, 10)] == [(4, 0)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_leases_of_lanes_can_be_kept(database: Database) -> None:
    first, second = store_of(database), store_of(database, "b")
    await first.write([update(1, "1"), update(2, "2")], [], NOW)
    later = NOW + timedelta(seconds=20)
    assert await first.keep_lanes(["1"], later) == {"1"}
    at_forty = NOW + timedelta(seconds=40)
    assert [each.id for each in await second.claim(at_forty, 10)] == [2]
    assert await first.keep_lanes(["1", "2"], at_forty) == {"1"}
    await first.release()
    assert [each.id for each in await second.claim(at_forty, 10)] == [1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_that_store_at_once_agree_on_every_lane(database: Database) -> None:
    stores = [store_of(database, name) for name in "abc"]

    async def store(number: int) -> dict[int, str]:
        batch = [update(number * 100 + lane, str(lane)) for lane in (range(20) if number % 2 else range(19, -1, -1))]
        return dict((await stores[number % 3].write(batch, (), NOW)).owners)

    found = await asyncio.gather(*(store(number) for number in range(1, 19)))
    owners: dict[int, set[str]] = {}
    for part in found:
        assert len(part) == 20
        for number, owner in part.items():
            owners.setdefault(number % 100, set()).add(owner)
    assert [len(names) for names in owners.values()] == [1] * 20


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_that_claim_at_once_take_each_lane_once(database: Database) -> None:
    await store_of(database).write([update(number, str(number % 10)) for number in range(100)], (), NOW)
    later = NOW + timedelta(minutes=1)
    claims = await asyncio.gather(*(store_of(database, name).claim(later, 7) for name in "bcde"))
    taken = [each for claim in claims for each in claim]
    assert len({each.id for each in taken}) == len(taken)
    assert not {each.lane for each in claims[0]} & {each.lane for each in claims[1]}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_is_stored_for_another_waits_for_the_older_of_its_lane(database: Database) -> None:
    first, second = store_of(database), store_of(database, "b")
    await first.write([update(1)], (), NOW)
    await first.release()
    assert await second.write([update(2)], (), NOW) == ({2: "b"}, True)
    assert [each.id for each in await second.claim(NOW, 10)] == [1]
    assert (await second.write([update(3)], (), NOW)).waits is False
