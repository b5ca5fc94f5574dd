"""From Telegram to the handlers, over a real database: stored first, handled once, left to others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.updates import handling as handling_module
from bot.updates import lanes as lanes_module
from bot.updates.arrivals import Arrival
from bot.updates.handling import HandlingOnce
from bot.updates.inbox import Inbox
from bot.updates.intake import Intake
from bot.updates.lanes import LEASE
from bot.updates.left_over import take_up_left_over
from bot.updates.writer import UpdateWriter
from digests.errors import DatabaseAway, StorageError, WriteUndone
from digests.storage.cluster.updates import ClaimLost, NewUpdate, Stored, UpdateStore
from digests.storage.database import Database
from digests.storage.people.people import PeopleStore
from digests.storage.schema import updates
from tests.factories.times import DAY, NOW
from tests.fakes import FakeClock
from tests.unit.test_inbox import message, press, typed
from tests.waiting import until


class BrokenStore(UpdateStore):
    """A store that can't write while it `is_broken`, and counts its transactions."""

    is_broken = False
    writes = 0

    async def write(self, new: Sequence[NewUpdate], done: Any, now: Any) -> Stored:
        self.writes += 1
        if self.is_broken:
            raise StorageError("the disk is full")
        return await super().write(new, done, now)

    async def dead_owners(self, _now: Any) -> frozenset[str]:
        """Return nobody: no connection says here who lives."""
        return frozenset()


class Process:
    """A process of the bot without its network; its handler waits until `open` is set."""

    def __init__(
        self, database: Database, name: str = "a", clock: FakeClock | None = None, press_seconds: float = 0.02
    ) -> None:
        self.clock = clock or FakeClock(NOW)
        self.store = BrokenStore(database, name, LEASE)
        self.writer = UpdateWriter(self.store, self.clock)
        self.begun: list[int] = []
        self.done: list[int] = []
        self.answered: list[str] = []
        self.told = 0
        self.open = asyncio.Event()
        self.effect: Callable[[Arrival], Any] | None = None
        handling = HandlingOnce(self._handle, self.store, self.writer, self.clock)
        self.inbox = Inbox(
            handling.handle, self._handle, self._answer, press_seconds=press_seconds, on_done=handling.done
        )
        self.intake = Intake(self.inbox, self.store, self.writer, self.clock, self._tell)

    async def _handle(self, arrival: Arrival) -> None:
        self.begun.append(arrival.update_id)
        if self.effect is not None:
            await self.effect(arrival)
        await self.open.wait()
        self.done.append(arrival.update_id)

    async def _answer(self, query_id: str) -> None:
        self.answered.append(query_id)

    async def _tell(self) -> None:
        self.told += 1

    async def die(self) -> None:
        """End as after kill -9: nothing more is written."""
        self.store.is_broken = True
        if self.intake._lanes._task is not None:
            self.intake._lanes._task.cancel()
        await self.inbox.stop(0)


async def states(database: Database) -> dict[int, bool]:
    """Return the updates that are stored, and whether each is done."""
    async with database.read() as connection:
        rows = await connection.execute(sa.select(updates.c.id, updates.c.done_at.is_not(None)).order_by(updates.c.id))
        return {row[0]: bool(row[1]) for row in rows}


async def test_what_is_not_done_is_stored_before_telegram_may_forget_it(database: Database) -> None:
    process = Process(database)
    await process.intake.take([message(1), message(2), message(3, chat=2), typed(4)])
    assert await states(database) == {1: False, 2: False, 3: False}
    process.open.set()
    await until(lambda: sorted(process.done) == [1, 2, 3, 4])
    await process.writer.close()
    assert await states(database) == {1: True, 2: True, 3: True}


async def test_what_is_done_at_once_is_noted_soon(database: Database) -> None:
    process = Process(database)
    process.open.set()
    await process.intake.take([message(1)])
    await until(lambda: process.done == [1])
    await process.writer.close()
    assert await states(database) == {1: True}
    for other in (process, Process(database, "b")):
        await other.intake.start()
        await other.intake.take([message(1)])
    assert process.done == [1]


async def test_many_that_come_at_once_are_few_transactions(database: Database) -> None:
    process = Process(database)
    await asyncio.gather(*(process.intake.take([message(number, chat=number)]) for number in range(1, 101)))
    assert len(await states(database)) == 100
    assert process.store.writes < 20


async def test_after_a_crash_what_had_no_effect_is_handled_again(database: Database) -> None:
    first, people = Process(database), PeopleStore(database)

    async def effect(arrival: Arrival) -> None:
        if arrival.update_id == 1:
            await people.note("effect", "", NOW)

    first.effect = effect
    await first.intake.take([message(1), message(2), message(3, chat=2)])
    await until(lambda: sorted(first.begun) == [1, 3])

    async def has_had_its_effect() -> bool:
        return await people.fact("effect") is not None

    await until(has_had_its_effect)
    await first.die()
    second = Process(database, "b", FakeClock(NOW + timedelta(minutes=1)))
    second.open.set()
    await second.intake.start()
    # Telegram had not heard that they were taken.
    await second.intake.take([message(1), message(2), message(3, chat=2)])
    await until(lambda: sorted(second.done) == [2, 3])
    await second.intake.stop()
    assert await states(database) == {1: True, 2: True, 3: True}


@pytest.mark.parametrize("failure", [DatabaseAway, WriteUndone])
async def test_what_had_no_effect_is_handled_again_once_the_database_is_back(
    database: Database, monkeypatch: pytest.MonkeyPatch, failure: type[StorageError]
) -> None:
    monkeypatch.setattr(handling_module, "_AGAIN_SECONDS", 0.01)
    process, people = Process(database), PeopleStore(database)
    process.open.set()

    async def effect(arrival: Arrival) -> None:
        if arrival.update_id == 1 and process.begun.count(1) < 3:
            raise failure("gone")
        await people.note(f"effect {arrival.update_id}", "", NOW)
        if arrival.update_id == 2 and process.begun.count(2) < 3:
            # What it has written is there.
            raise failure("gone again")

    process.effect = effect
    # The second one waits for the first, in the same chat.
    await process.intake.take([message(1), message(2), message(3)])
    await until(lambda: 3 in process.done)
    assert process.begun == [1, 1, 1, 2, 3]
    assert [await people.fact(f"effect {number}") is not None for number in (1, 2, 3)] == [True, True, True]
    await process.intake.stop()
    assert await states(database) == {1: True, 2: True, 3: True}


async def test_an_update_that_another_process_has_by_now_is_left_to_it(database: Database) -> None:
    process = Process(database)
    process.open.set()

    async def effect(arrival: Arrival) -> None:
        raise ClaimLost("taken over")

    process.effect = effect
    await process.intake.take([message(1)])
    await until(lambda: process.begun == [1])
    await process.intake.stop()
    # It is not this one's to say that it is done.
    assert not any((await states(database)).values())
    assert process.inbox.failed == 0


async def test_an_update_that_ends_every_process_is_put_aside(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock(NOW)
    first = Process(database, "a", clock)
    await first.intake.take([message(1), message(2, chat=2)])
    await first.die()
    for number in range(20):
        clock.move(timedelta(minutes=1))
        process = Process(database, f"b{number}", clock)
        await process.intake.start()
        if not await process.store.waiting():
            break
        await until(lambda: 1 in process.begun or "put aside" in caplog.text)  # noqa: B023
        if 1 not in process.begun:
            process.open.set()
            await until(lambda: process.done == [2])  # noqa: B023
            await process.intake.stop()
            break
        await process.die()
    assert caplog.text.count("put aside") == 1
    assert 4 <= number <= 8
    assert await states(database) == {1: True, 2: True}


async def test_what_waited_for_a_day_is_passed_over(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    first = Process(database)
    await first.intake.take([message(1), message(2)])
    await first.inbox.stop(0)
    await first.intake.stop()
    late = Process(database, "b", FakeClock(NOW + DAY))
    await late.intake.start()
    await late.intake.stop()
    assert not late.begun
    assert "waited for a day" in caplog.text
    assert await states(database) == {1: True, 2: True}


@pytest.mark.parametrize(("days", "handled"), [(0, [5, 6]), (2, [])])
async def test_what_an_older_version_left_over_is_taken_up_once(
    database: Database, days: int, handled: list[int]
) -> None:
    people, process = PeopleStore(database), Process(database)
    process.open.set()
    await people.note("left over", json.dumps([message(5), message(6)]), NOW)
    for _ in range(2):
        await take_up_left_over(people, process.intake.take, NOW + days * DAY)
    await until(lambda: process.done == handled)
    assert await people.fact("left over") is None


async def test_nothing_is_taken_while_stopping(database: Database) -> None:
    process = Process(database)
    await process.inbox.stop(0)
    with pytest.raises(StorageError, match="stopping"):
        await process.intake.take([message(1)])


async def test_what_cannot_be_stored_stays_with_telegram_where_others_could_have_it(database: Database) -> None:
    process = Process(database)
    process.store.is_broken = True
    if database.is_sqlite:
        # One process alone goes on without: on a full disk people can at least look things up.
        process.open.set()
        await process.intake.take([message(1)])
        assert process.done == [1]
        return
    with pytest.raises(StorageError):
        await process.intake.take([message(1)])
    assert not process.begun
    process.store.is_broken = False
    await process.intake.take([message(1)])
    await until(lambda: process.begun == [1])


async def test_a_second_copy_waits_until_the_first_is_stored(database: Database) -> None:
    process = Process(database)
    first, second = (asyncio.create_task(process.intake.take([message(1)])) for _ in range(2))
    await second
    assert 1 in await states(database)
    await first
    assert process.begun == [1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_another_process_handles_and_answers_what_is_for_its_chats(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "_CHECK_SECONDS", 0.05)
    clock = FakeClock(NOW)
    first, second = Process(database, "a", clock), Process(database, "b", clock)
    await first.intake.take([press(1)])
    await second.intake.take([press(2, data="b"), press(3, chat=2)])
    assert second.told == 1
    await first.intake.start()
    first.open.set()
    second.open.set()
    await until(lambda: first.done == [1, 2] and second.done == [3])
    await until(lambda: sorted(first.answered + second.answered) == ["q1", "q2", "q3"])
    assert "q2" in first.answered
    await first.intake.stop()
    # At once, without waiting for a lease.
    await second.intake.take([press(4, data="c")])
    await until(lambda: second.done == [3, 4])
    await second.intake.stop()


@pytest.mark.parametrize("body", ["{broken", "[" * 10_000 + "]" * 10_000, ""])
async def test_a_stored_update_that_cannot_be_read_holds_up_no_other(
    database: Database, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    dead = UpdateStore(database, "dead", timedelta(0))
    await dead.write([NewUpdate(1, "5", "message", body)], [], NOW)
    await dead.write([NewUpdate(2, "6", "message", json.dumps(message(2, 6)))], [], NOW)
    await dead.release()
    process = Process(database)
    process.open.set()
    await process.intake.start()
    await until(lambda: process.done == [2])
    await process.intake.stop()
    assert await states(database) == {1: True, 2: True}
    assert [record.message for record in caplog.records] == ["an update was put aside: it can't be read"]


async def test_a_press_that_comes_again_after_a_restart_is_not_answered_again(database: Database) -> None:
    before = Process(database)
    before.open.set()
    await before.intake.take([press(1)])
    await until(lambda: before.done == [1])
    await before.intake.stop()
    # Longer than it takes to see that a press is known.
    after = Process(database, "b", press_seconds=1)
    after.open.set()
    await after.intake.start()
    await after.intake.take([press(1), press(2, message_id=9)])
    await until(lambda: after.done == [2])
    await asyncio.sleep(1.1)
    assert after.begun == [2]
    assert "q1" not in after.answered
    await after.intake.stop()
