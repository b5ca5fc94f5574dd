"""The rate that processes share: its arithmetic, by the database's clock alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from digests.errors import StorageError
from digests.ports import Taken
from digests.storage.cluster.rates import SHARE, RateStore
from digests.storage.cluster.wakes import Wakes
from digests.storage.database import Database
from tests.postgres import Server
from tests.waiting import until

HORIZON = 0.1


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = Database(url)
    yield opened
    await opened.close()


@pytest.fixture
async def rates(database: Database) -> AsyncIterator[RateStore]:
    store = RateStore(database)
    yield store
    await store.close()


async def change(database: Database, values: str) -> None:
    async with database.write() as connection:
        await connection.execute(sa.text(f"UPDATE rates SET {values}"))


def moments(taken: Taken) -> list[float]:
    return [taken.at + taken.wait + number * taken.interval for number in range(taken.tokens)]


async def test_departures_follow_one_another_whoever_takes_them(database: Database, rates: RateStore) -> None:
    others = [RateStore(database) for _ in range(3)]
    found: list[float] = []

    async def take(store: RateStore) -> None:
        while len(found) < 300:
            taken = await store.take("common", 1000, 20, urgent=False)
            found.extend(moments(taken))
            if not taken.tokens:
                await asyncio.sleep(taken.wait)

    await asyncio.gather(*map(take, [rates, *others]))
    for store in others:
        await store.close()
    found.sort()
    assert all(later - at >= 0.001 / SHARE - 1e-5 for at, later in pairwise(found))


async def test_nothing_is_saved_up(database: Database, rates: RateStore) -> None:
    await rates.take("common", 30, 1, urgent=False)
    await change(database, "at = at - interval '1 hour'")
    taken = await rates.take("common", 30, 100, urgent=False)
    assert taken.tokens == 3
    assert taken.wait == 0
    again = await rates.take("common", 30, 100, urgent=False)
    assert not again.tokens or again.at + again.wait >= moments(taken)[-1] + taken.interval - 1e-5


async def test_people_take_what_lies_behind_what_goes_to_many(rates: RateStore) -> None:
    bulk: list[float] = []
    while (taken := await rates.take("common", 10, 10, urgent=False)).tokens:
        bulk += moments(taken)
    assert taken.wait > 0
    person = await rates.take("common", 10, 1, urgent=True)
    assert moments(person)[0] == pytest.approx(bulk[-1] + person.interval, abs=1e-5)
    # What goes to many waits for people who took ahead; people do so until a second is full of them.
    people = [person]
    while (person := await rates.take("common", 10, 1, urgent=True)).tokens:
        people.append(person)
    assert 8 <= len(people) <= 12
    assert not (await rates.take("common", 10, 10, urgent=False)).tokens


@pytest.mark.parametrize(("first", "second"), [(30, 10), (10, 30)])
async def test_of_two_rates_the_lower_holds(rates: RateStore, first: float, second: float) -> None:
    await rates.take("common", first, 1, urgent=False)
    taken = await rates.take("common", second, 1, urgent=True)
    assert taken.interval == pytest.approx(1 / (10 * SHARE))


async def test_a_higher_rate_holds_a_minute_after_the_lower_was_last_asked_for(
    database: Database, rates: RateStore
) -> None:
    await rates.take("common", 10, 1, urgent=False)
    await change(database, "rate_at = rate_at - interval '61 s'")
    assert (await rates.take("common", 30, 1, urgent=True)).interval == pytest.approx(1 / (30 * SHARE))


async def test_a_pause_holds_for_all_and_wakes_them(database: Database, rates: RateStore) -> None:
    heard: list[str] = []
    other, wakes = RateStore(database), Wakes(database)
    listening = asyncio.create_task(wakes.listen(heard.append))
    await until(lambda: bool(heard))
    await rates.take("common", 30, 1, urgent=False)
    await rates.pause("common", 30, 5)
    await rates.pause("common", 30, 1)
    for urgent in (False, True):
        taken = await other.take("common", 30, 1, urgent=urgent)
        assert not taken.tokens
        assert 3 < taken.wait <= 5
        assert taken.paused == taken.wait
    await until(lambda: "rates" in heard)
    assert (await other.take("paid", 30, 1, urgent=False)).tokens == 1
    await change(database, "paused_until = now()")
    assert (await other.take("common", 30, 1, urgent=True)).tokens == 1
    listening.cancel()
    await other.close()


async def test_a_rate_that_nobody_took_yet_can_be_paused(rates: RateStore) -> None:
    await rates.pause("common", 30, 5)
    assert not (await rates.take("common", 30, 1, urgent=True)).tokens


async def test_a_database_whose_clock_was_set_back_goes_on(database: Database, rates: RateStore) -> None:
    await rates.pause("common", 30, 5)
    await change(database, "at = at + interval '1 hour', paused_until = paused_until + interval '1 hour'")
    taken = await rates.take("common", 30, 1, urgent=False)
    assert 3 < taken.paused <= 5
    await change(database, "paused_until = null, at = at + interval '1 hour', rate_at = rate_at + interval '1 hour'")
    assert (await rates.take("common", 30, 1, urgent=False)).tokens == 1


async def test_a_store_goes_on_after_its_connection_was_ended(database: Database, rates: RateStore) -> None:
    await rates.take("common", 30, 1, urgent=False)
    async with database.write() as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        await connection.execute(sa.text(f"{ended} AND datname = current_database()"))
    assert (await rates.take("common", 30, 1, urgent=True)).tokens == 1


async def test_a_database_that_is_away_is_an_error(postgresql: Server) -> None:
    with postgresql.database() as url:
        database = Database(url)
        store = RateStore(database)
        await store.take("common", 30, 1, urgent=False)
    # It was dropped.
    for _ in range(2):
        with pytest.raises(StorageError):
            await store.take("common", 30, 1, urgent=False)
    await store.close()
    await database.close()


async def test_what_was_cancelled_holds_up_nobody(rates: RateStore, database: Database) -> None:
    async with database.write() as connection:
        await rates.take("common", 30, 1, urgent=False)
        await connection.execute(sa.text("SELECT * FROM rates FOR UPDATE"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await rates.take("common", 30, 1, urgent=False)
    assert (await rates.take("common", 30, 1, urgent=True)).tokens == 1


Step = tuple[float, int, bool, float]
steps = st.lists(
    st.tuples(
        st.sampled_from([0.3, 1, 30, 1000]),
        st.integers(1, 200),
        st.booleans(),
        st.sampled_from([0, 0, 0, 0.001, 0.02, 0.5, 3600]),
    ),
    min_size=1,
    max_size=12,
)


@given(many=st.lists(steps, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_any_sequence_keeps_to_the_rate(url_of_property: str, many: list[list[Step]]) -> None:
    asyncio.run(keeps_to_the_rate(url_of_property, [step for some in many for step in some]))


@pytest.fixture(scope="module")
def url_of_property(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


async def keeps_to_the_rate(url: str, taken_in_turn: list[Step]) -> None:
    """Take as the steps say, with time passing between them, and compare with what a bucket is."""
    database = Database(url)
    store = RateStore(database)
    async with database.write() as connection:
        await connection.execute(sa.text("DELETE FROM rates"))
    lowest, next_at, passed = float("inf"), 0.0, 0.0
    for rate, most, urgent, seconds in taken_in_turn:
        if seconds and next_at:
            await change(
                database,
                f"at = at - make_interval(secs => {seconds}), rate_at = rate_at - make_interval(secs => {seconds})",
            )
            passed += seconds
        lowest = rate if seconds > 60 else min(lowest, rate)
        taken = await store.take("common", rate, most, urgent=urgent)
        now = taken.at + passed
        interval = 1 / (lowest * SHARE)
        assert taken.interval == pytest.approx(interval)
        wait = max(0.0, next_at - now)
        reach = 1 + interval if urgent else HORIZON
        if abs(wait - reach) > 1e-4:
            assert bool(taken.tokens) == (wait < reach)
        if not taken.tokens:
            assert taken.wait == pytest.approx(max(0.0, wait - (1 if urgent else HORIZON)), abs=1e-4)
            continue
        # In the order in which they were taken, none before its time, none beside another.
        assert taken.wait == pytest.approx(wait, abs=1e-4)
        span = 1 - wait if urgent else HORIZON
        assert taken.tokens <= min(most, max(1, span * lowest + 1e-3))
        next_at = now + taken.wait + taken.tokens * interval
    await store.close()
    await database.close()


@pytest.mark.parametrize(
    "values",
    [
        "tokens = 'NaN'",
        "tokens = '-Infinity'",
        "tokens = 'Infinity'",
        "tokens = -1e300",
        "rate = 0, rate_at = now()",
        "rate = -5, rate_at = now()",
        "rate = 'NaN', rate_at = now()",
        "rate = 'Infinity', rate_at = now()",
        "rate = 1e-300, rate_at = now()",
        "at = 'infinity'",
        "at = '-infinity'",
        "rate_at = 'infinity'",
        "paused_until = 'infinity'",
        "at = '200000-01-01'",
    ],
)
async def test_no_row_that_was_written_by_hand_stops_a_rate_for_good(
    database: Database, rates: RateStore, values: str
) -> None:
    await rates.take("common", 30, 1, urgent=False)
    await asyncio.sleep(0.05)
    await change(database, values)
    taken = await rates.take("common", 30, 5, urgent=True)
    assert 1 <= taken.tokens <= 5
    assert 0 <= taken.wait <= 2
    # And it holds from then on.
    later = [(await rates.take("common", 30, 100, urgent=True)).tokens for _ in range(20)]
    assert sum(later) <= 40


async def test_no_pause_is_longer_than_a_day(database: Database, rates: RateStore) -> None:
    await rates.pause("common", 30, 5)
    await change(database, "paused_until = '200000-01-01'")
    assert 86_000 < (await rates.take("common", 30, 1, urgent=False)).paused <= 86_400
    # It goes on from there.
    assert 86_000 < (await rates.take("common", 30, 1, urgent=False)).paused <= 86_400
