"""The pacers of several processes that share a rate, on a clock of their own."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram import shared_pacer
from bot.telegram.departures import DatabaseMoments, Departures
from bot.telegram.throttle import Throttle
from digests.errors import StorageError
from digests.ports import Taken
from tests.unit.test_throttle import ManualClock

AHEAD = 5000.0
"""By how much the database's clock is ahead of the processes' monotonic ones."""


class SharedRates:
    """Rates in memory, as `RateStore` keeps them: its own tests say that it does."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.next: dict[str, float] = {}
        self.paused_until = 0.0
        self.takes = 0
        self.given = 0
        self.is_away = False
        self.trip = 0.002

    async def take(self, name: str, rate: float, most: int, *, urgent: bool) -> Taken:
        await self._answer()
        self.takes += 1
        now, interval = self.clock.now(), 1 / (0.97 * rate)
        wait = max(0.0, self.next.get(name, 0.0) - now)
        at = now + AHEAD
        if self.paused_until > now:
            taken = Taken(0, self.paused_until - now, at, interval, self.paused_until - now)
        elif urgent and wait < 1 + interval:
            taken = Taken(min(most, max(1, int((1 - wait) * rate))), wait, at, interval)
        elif not urgent and wait < 0.1:
            taken = Taken(min(most, max(1, int(0.1 * rate))), wait, at, interval)
        else:
            taken = Taken(0, max(0.0, wait - (1 if urgent else 0.1)), at, interval)
        self.next[name] = now + wait + taken.tokens * interval
        self.given += taken.tokens
        await self.clock.sleep(self.trip)
        return taken

    async def pause(self, name: str, rate: float, seconds: float) -> None:
        await self._answer()
        self.paused_until = max(self.paused_until, self.clock.now() + seconds)

    async def _answer(self) -> None:
        if self.is_away:
            raise StorageError("The database did not answer.")


class Processes:
    """Throttles that share a rate, and what left through any of them."""

    def __init__(self, many: int, rate: float = 30, paid_rate: float | None = None) -> None:
        self.clock = ManualClock()
        self.source = SharedRates(self.clock)
        self.throttles = [
            Throttle(rate, 20, paid_rate=paid_rate, source=self.source, now=self.clock.now, sleep=self.clock.sleep)
            for _ in range(many)
        ]
        self.left: list[tuple[float, int]] = []

    async def send(
        self, process: int, chat: int, *, bulk: bool = True, paid: bool = False, commit: float = 0.0
    ) -> None:
        throttle = self.throttles[process]
        await throttle.pass_(chat, bulk=bulk, paid=paid)
        if commit:
            # The ledger writes what comes within a moment at once.
            await self.clock.sleep(commit - self.clock.now() % commit)
        await throttle.leave(bulk=bulk, paid=paid)
        self.left.append((self.clock.now(), chat))

    def bulk(self, process: int, chats: range, **options: float) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.send(process, chat, **options)) for chat in chats]  # type: ignore[arg-type]

    def most_in_a_second(self) -> int:
        times = sorted(at for at, _ in self.left)
        return max(sum(start <= at < start + 1 - 1e-9 for at in times) for start in times)

    def mean(self) -> float:
        times = sorted(at for at, _ in self.left)
        return (len(times) - 1) / (times[-1] - times[0])


@pytest.mark.parametrize("many", [1, 2, 4])
@pytest.mark.parametrize("commit", [0.0, 0.06])
async def test_no_second_holds_more_than_the_rate_over_all_processes(many: int, commit: float) -> None:
    processes = Processes(many)
    tasks = [
        task
        for process in range(many)
        for task in processes.bulk(process, range(1000 * process + 1, 1000 * process + 240 // many), commit=commit)
    ]
    await processes.clock.run(*tasks)
    assert processes.most_in_a_second() <= 30
    assert processes.mean() >= 28.5


async def test_the_paid_rate_is_held_in_batches() -> None:
    processes = Processes(4, paid_rate=1000)
    tasks = [
        task
        for process in range(4)
        for task in processes.bulk(process, range(2000 * process + 1, 2000 * process + 501), paid=True, commit=0.03)
    ]
    await processes.clock.run(*tasks)
    assert processes.most_in_a_second() <= 1000
    assert processes.mean() >= 930
    assert processes.source.takes < 500


async def test_a_person_is_answered_soon_while_others_take_everything() -> None:
    processes = Processes(5)
    waits: list[float] = []

    async def ask() -> None:
        for number in range(10):
            await processes.clock.sleep(0.5)
            began = processes.clock.now()
            await processes.send(4, 9000 + number, bulk=False)
            waits.append(processes.clock.now() - began)

    tasks = [
        task for process in range(4) for task in processes.bulk(process, range(99 * process + 1, 99 * process + 90))
    ]
    await processes.clock.run(asyncio.create_task(ask()))
    assert max(waits) < 0.3
    await processes.clock.run(*tasks)
    assert processes.most_in_a_second() <= 30


async def test_people_come_before_bulk_within_a_process_too() -> None:
    processes = Processes(1)
    tasks = processes.bulk(0, range(1, 60))

    async def ask() -> None:
        await processes.clock.sleep(1)
        before = len(processes.left)
        await processes.send(0, 999, bulk=False)
        assert [chat for _, chat in processes.left].index(999) <= before + 3

    await processes.clock.run(asyncio.create_task(ask()), *tasks)


async def test_what_is_due_to_many_is_begun_only_shortly_before_it_leaves() -> None:
    processes = Processes(4)
    begun: list[float] = []

    async def send(process: int, chat: int) -> None:
        await processes.throttles[process].pass_(chat, bulk=True)
        begun.append(processes.clock.now())
        await processes.throttles[process].leave(bulk=True)

    tasks = [asyncio.create_task(send(chat % 4, chat)) for chat in range(1, 101)]
    await processes.clock.run(asyncio.create_task(processes.clock.sleep(1)))
    # Some thirty have left, and each of the four processes holds two or three.
    assert len(begun) < 30 + 4 * 4
    for task in tasks:
        task.cancel()


async def test_a_process_that_stalls_makes_up_for_less_than_the_rate() -> None:
    processes = Processes(2)
    tasks = [*processes.bulk(0, range(1, 101)), *processes.bulk(1, range(201, 301))]

    async def stall() -> None:
        await processes.clock.sleep(1)
        processes.clock.time += 0.7

    await processes.clock.run(asyncio.create_task(stall()), *tasks)
    assert processes.most_in_a_second() <= 30


async def test_a_killed_process_takes_no_more_than_a_moments_departures_with_it() -> None:
    processes = Processes(2)
    killed = processes.bulk(0, range(1, 101))
    others = processes.bulk(1, range(201, 261))
    await processes.clock.run(asyncio.create_task(processes.clock.sleep(0.5)))
    for task in killed:
        task.cancel()
    processes.left.clear()
    await processes.clock.run(*others)
    assert processes.mean() >= 26
    assert processes.source.given <= 60 + 15 + 10


async def test_a_429_that_counts_for_everything_pauses_all_processes() -> None:
    processes = Processes(2)
    tasks = [*processes.bulk(0, range(1, 31)), *processes.bulk(1, range(201, 231))]
    await processes.clock.run(asyncio.create_task(processes.clock.sleep(0.5)))
    for chat in (701, 702, 703):
        processes.throttles[0].refused(chat, 5)
    processes.throttles[1].look_again()
    refused_at = processes.clock.now()
    await processes.clock.run(*tasks)
    assert not [at for at, _ in processes.left if refused_at + 0.01 < at < refused_at + 5]
    assert len(processes.left) == 60


async def test_a_429_for_one_chat_pauses_nobody_else() -> None:
    processes = Processes(2)
    processes.throttles[0].refused(1, 5)
    await processes.clock.run(*processes.bulk(0, range(2, 10)), *processes.bulk(1, range(1, 2)))
    assert max(at for at, _ in processes.left) < 101


async def test_without_the_database_only_people_are_answered_and_slowly() -> None:
    processes = Processes(1)
    processes.source.is_away = True
    tasks = processes.bulk(0, range(1, 11))
    people = [asyncio.create_task(processes.send(0, 900 + number, bulk=False)) for number in range(10)]
    await processes.clock.run(*people)
    assert {chat for _, chat in processes.left} == set(range(900, 910))
    assert processes.mean() <= 3.4
    processes.source.is_away = False
    await processes.clock.run(*tasks)
    assert len(processes.left) == 20
    assert processes.most_in_a_second() <= 30


async def test_what_may_not_leave_for_long_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_pacer, "_MOST_SECONDS", 0.05)
    processes = Processes(1)
    processes.source.is_away = True
    throttle = processes.throttles[0]
    assert not await throttle.leave(bulk=True, patient=False)
    # Whoever is patient waits on, and whatever follows finds an empty queue.
    patient = asyncio.create_task(throttle.leave(bulk=True))
    await asyncio.sleep(0.2)
    assert not patient.done()
    processes.source.is_away = False
    await processes.clock.run(patient)
    assert processes.source.given <= 3


async def test_a_pause_that_could_not_be_told_is_told_later() -> None:
    processes = Processes(2)
    processes.source.is_away = True
    for chat in (1, 2, 3):
        processes.throttles[0].refused(chat, 20)
    await processes.clock.run(asyncio.create_task(processes.clock.sleep(1)))
    processes.source.is_away = False
    await processes.clock.run(asyncio.create_task(processes.clock.sleep(6)))
    await processes.clock.run(asyncio.create_task(processes.send(1, 9)))
    assert processes.clock.now() >= 120


async def test_cancelled_messages_leave_their_departures_to_others() -> None:
    processes = Processes(1, rate=1)
    first = asyncio.create_task(processes.send(0, 1))
    given_up = asyncio.create_task(processes.send(0, 2))
    last = asyncio.create_task(processes.send(0, 3))
    await processes.clock.run(asyncio.create_task(processes.clock.sleep(0.5)))
    given_up.cancel()
    await processes.clock.run(first, last)
    assert processes.clock.now() <= 102.2


async def test_a_fault_reaches_those_who_wait() -> None:
    processes = Processes(1)

    async def fail(name: str, rate: float, most: int, *, urgent: bool) -> Taken:
        raise ValueError("a fault of ours")

    processes.source.take = fail  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="of ours"):
        await processes.send(0, 1)


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "lend", "use", "give back"]), st.floats(0, 0.4), st.integers(1, 5)),
        max_size=80,
    ),
    st.sampled_from([0.025, 1.0]),
)
def test_no_second_holds_more_messages_than_departures(steps: list[tuple[str, float, int]], lifetime: float) -> None:
    departures, now, last = Departures(lifetime), 100.0, 100.0
    lent: list[float] = []
    added: list[float] = []
    left: list[float] = []
    for what, seconds, many in steps:
        now += seconds
        if what == "add":
            moments = [max(last, now) + 0.05 * number for number in range(1, many + 1)]
            last = moments[-1]
            added += moments
            departures.add(moments)
        elif what == "lend":
            if (moment := departures.lend(now)) is not None:
                lent.append(moment)
        elif lent:
            if what == "give back":
                departures.give_back(lent.pop())
            elif departures.use(lent.pop(0), now):
                left.append(now)
    for at in left:
        assert sum(at - 1 < other <= at for other in left) <= sum(at - 1 < moment <= at for moment in added)


def test_the_quickest_answer_tells_how_the_clocks_differ_until_one_is_set() -> None:
    moments = DatabaseMoments()
    assert moments.learn(1000, 10.05) == pytest.approx(-989.95)
    assert moments.learn(1001, 11.002) == pytest.approx(-989.998)
    assert moments.learn(1002, 12.3) == pytest.approx(-989.998)
    assert moments.learn(4602, 13.004) == pytest.approx(-4588.996)
    assert moments.learn(1003, 14.0) == pytest.approx(-989)


async def test_departures_lie_evenly() -> None:
    processes = Processes(3)
    tasks = [
        task for process in range(3) for task in processes.bulk(process, range(99 * process + 1, 99 * process + 31))
    ]
    await processes.clock.run(*tasks)
    times = sorted(at for at, _ in processes.left)
    assert all(later - at > 0.02 for at, later in pairwise(times))
