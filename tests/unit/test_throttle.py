"""The throttle on a clock of its own: rates hold in every second, and people go before bulk."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any

from bot.telegram.gates import Gate
from bot.telegram.throttle import Throttle


class ManualClock:
    """A clock on which time passes only when everybody sleeps."""

    def __init__(self) -> None:
        self.time = 100.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self.time + seconds, self._count, woken))
        await woken

    async def run(self, *waiting: asyncio.Task[Any]) -> None:
        while not all(task.done() for task in waiting):
            for _ in range(50):
                await asyncio.sleep(0)
            if not self._sleepers:
                continue
            at, _, woken = heapq.heappop(self._sleepers)
            self.time = max(self.time, at)
            woken.set_result(None)
        await asyncio.gather(*waiting)


def throttle(clock: ManualClock, rate: float = 30) -> Throttle:
    return Throttle(rate, 20, now=clock.now, sleep=clock.sleep)


async def sent_at(
    clock: ManualClock, passing: Throttle, chats: list[int], *, bulk: bool = True
) -> list[tuple[float, int]]:
    gone: list[tuple[float, int]] = []

    async def send(chat: int) -> None:
        await passing.pass_(chat, bulk=True)
        await passing.leave()
        gone.append((clock.now(), chat))

    await clock.run(*[asyncio.create_task(send(chat)) for chat in chats])
    return gone


async def test_no_second_holds_more_than_the_rate_and_none_is_wasted() -> None:
    clock = ManualClock()
    gone = [at for at, _ in await sent_at(clock, throttle(clock), list(range(1, 301)))]
    for start in gone:
        assert sum(start <= at < start + 1 - 1e-9 for at in gone) <= 30
    # 30 in 1.015 s, so that a request which the system delays a little is not the 31st of its second.
    assert 299 / (gone[-1] - gone[0]) >= 29.75


async def test_one_chat_gets_a_short_burst_then_one_a_second() -> None:
    clock = ManualClock()
    gone = [at for at, _ in await sent_at(clock, throttle(clock), [7] * 10)]
    assert gone[3] - gone[0] < 0.2
    assert gone[-1] - gone[0] >= 6 - 0.2


async def test_a_group_gets_twenty_a_minute() -> None:
    clock = ManualClock()
    gone = [at for at, _ in await sent_at(clock, throttle(clock), [-7] * 70)]
    for start in gone:
        assert sum(start <= at < start + 60 - 1e-6 for at in gone) <= 20
    assert gone[-1] - gone[0] < 181


async def test_a_person_overtakes_what_goes_to_many() -> None:
    clock = ManualClock()
    passing = throttle(clock)
    gone: list[str] = []

    async def send(chat: int, name: str, *, bulk: bool) -> None:
        await passing.pass_(chat, bulk=bulk)
        gone.append(name)

    tasks = [asyncio.create_task(send(chat, "bulk", bulk=True)) for chat in range(1, 200)]
    # The others have to be waiting already.
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(send(999, "person", bulk=False)))
    await clock.run(*tasks)
    # Only the three of the burst had left before the person came.
    assert gone.index("person") == 3


async def test_a_person_who_comes_in_the_middle_is_next() -> None:
    clock = ManualClock()
    passing = throttle(clock)
    gone: list[str] = []

    async def send(chat: int, name: str, *, bulk: bool) -> None:
        await passing.pass_(chat, bulk=bulk)
        gone.append(name)

    async def come() -> None:
        await clock.sleep(2.01)
        before = len(gone)
        await send(999, "person", bulk=False)
        assert gone.index("person") == before

    tasks = [asyncio.create_task(send(chat, "bulk", bulk=True)) for chat in range(1, 200)]
    await clock.run(*tasks, asyncio.create_task(come()))


async def test_a_refused_chat_waits_and_the_others_go_on() -> None:
    clock = ManualClock()
    passing = throttle(clock)
    passing.refused(1, 20)
    gone = {chat: at for at, chat in await sent_at(clock, passing, [1, 2, 3])}
    assert gone[1] - 100 >= 20
    assert max(gone[2], gone[3]) - 100 < 1


async def test_three_refused_chats_within_a_second_stop_everything() -> None:
    clock = ManualClock()
    passing = throttle(clock)
    for chat in (1, 2, 3):
        passing.refused(chat, 5)
    gone = await sent_at(clock, passing, [8, 9])
    assert min(at for at, _ in gone) >= 105


async def test_a_cancelled_sender_takes_no_turn() -> None:
    clock = ManualClock()
    passing = throttle(clock, rate=1)
    first = asyncio.create_task(passing.pass_(1))
    given_up = asyncio.create_task(passing.pass_(2))
    last = asyncio.create_task(passing.pass_(3))
    for _ in range(5):
        await asyncio.sleep(0)
    given_up.cancel()
    await clock.run(first, last)
    assert clock.now() <= 101.1


def test_a_gate_is_idle_once_its_bucket_is_full_again() -> None:
    gate = Gate(1, 3)
    assert [gate.reserve(10) for _ in range(5)] == [0, 0, 0, 1, 2]
    assert not gate.is_idle(14)
    assert gate.is_idle(15)


async def test_an_impatient_sender_learns_how_long_the_chat_waits() -> None:
    clock = ManualClock()
    passing = throttle(clock)
    passing.refused(1, 20)
    assert await passing.pass_(1, bulk=True, patience=1) >= 20
    assert await passing.pass_(2, bulk=True, patience=1) == 0


async def test_messages_count_when_they_leave_however_late_that_is() -> None:
    clock = ManualClock()
    passing = throttle(clock)
    gone: list[float] = []

    async def send(chat: int) -> None:
        await passing.pass_(chat, bulk=True)
        # The ledger's commit takes a while, and lets several go at once.
        await clock.sleep(0.5 - clock.now() % 0.5)
        await passing.leave()
        gone.append(clock.now())

    await clock.run(*[asyncio.create_task(send(chat)) for chat in range(1, 151)])
    for start in gone:
        assert sum(start <= at < start + 1 for at in gone) <= 30
    assert len(gone) / (gone[-1] - gone[0]) > 29


async def test_paid_messages_have_a_rate_of_their_own_and_people_the_common_one() -> None:
    clock = ManualClock()
    passing = Throttle(30, 20, paid_rate=1000, now=clock.now, sleep=clock.sleep)
    gone: list[tuple[float, bool]] = []

    async def send(chat: int, *, bulk: bool) -> None:
        await passing.pass_(chat, bulk=bulk, paid=bulk)
        await passing.leave(paid=bulk)
        gone.append((clock.now(), bulk))

    many = [asyncio.create_task(send(chat, bulk=True)) for chat in range(1, 2001)]
    people = [asyncio.create_task(send(chat, bulk=False)) for chat in range(5001, 5011)]
    await clock.run(*many, *people)
    paid = sorted(at - 100 for at, bulk in gone if bulk)
    assert 2.0 < paid[-1] < 2.02
    assert all(later - at >= 1 for at, later in zip(paid, paid[1000:], strict=False))
    assert max(at for at, bulk in gone if not bulk) - 100 < 0.4


async def test_a_broadcast_begins_as_evenly_as_it_goes_on() -> None:
    clock = ManualClock()
    passing = throttle(clock, rate=1000)
    for _ in range(2):
        began = clock.now()
        gone = [at - began for at, _ in await sent_at(clock, passing, list(range(1, 601)))]
        for tenth in range(1, 6):
            assert 98 * tenth <= sum(at <= tenth / 10 for at in gone) <= 101 * tenth
        # Silence saves up nothing that could be spent at once.
        clock.time += 60


async def test_a_stall_in_the_middle_is_made_up_for() -> None:
    clock = ManualClock()
    passing = throttle(clock, rate=1000)

    async def stall() -> None:
        await clock.sleep(0.3)
        clock.time += 0.2

    stalling = asyncio.create_task(stall())
    gone = [at - 100 for at, _ in await sent_at(clock, passing, list(range(1, 1001)))]
    assert stalling.done()
    assert 1.0 < gone[-1] < 1.03
    for start in gone:
        assert sum(start <= at < start + 1 for at in gone) <= 1000


async def test_chats_served_least_go_first_and_crowding_chats_last() -> None:
    clock = ManualClock()
    throttle = Throttle(10, 20, 1, now=clock.now, sleep=clock.sleep)
    order: list[int] = []

    async def send(chat: int, *, crowds: bool = False) -> None:
        await throttle.pass_(chat, has_backlog=lambda: crowds)
        order.append(chat)

    for _ in range(2):
        await clock.run(asyncio.ensure_future(throttle.pass_(7)))
    sends = [send(7), *(send(chat, crowds=True) for chat in (1, 2, 3)), send(9)]
    await clock.run(*map(asyncio.ensure_future, sends))
    assert order == [9, 7, 1, 2, 3]


async def test_a_chat_that_begins_to_crowd_while_it_waits_falls_behind() -> None:
    clock, crowds = ManualClock(), False
    throttle = Throttle(1, 20, 100, now=clock.now, sleep=clock.sleep)
    order: list[int] = []

    async def send(chat: int, has_backlog: Callable[[], bool]) -> None:
        await throttle.pass_(chat, has_backlog=has_backlog)
        order.append(chat)

    await clock.run(asyncio.ensure_future(throttle.pass_(5)))
    first = asyncio.ensure_future(send(1, lambda: crowds))
    second = asyncio.ensure_future(send(2, lambda: False))
    await asyncio.sleep(0)
    crowds = True
    await clock.run(first, second)
    assert order == [2, 1]


async def test_under_pressure_the_newest_goes_first_and_everybody_gets_a_turn() -> None:
    clock = ManualClock()
    throttle = Throttle(10, 20, 1, now=clock.now, sleep=clock.sleep)
    order: list[int] = []

    async def send(chat: int, *, bulk: bool = False) -> None:
        await throttle.pass_(chat, bulk=bulk)
        order.append(chat)

    await clock.run(asyncio.ensure_future(throttle.pass_(1000)))
    sends = [send(999, bulk=True), *(send(chat) for chat in range(1, 41))]
    await clock.run(*map(asyncio.ensure_future, sends))
    assert sorted(order[:-1]) == list(range(1, 41))
    assert order[:10] == list(range(40, 30, -1))
    assert order[-11:-1] == list(range(1, 11))
    assert order[-1] == 999
