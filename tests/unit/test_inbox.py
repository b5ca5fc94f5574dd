"""Which updates wait, and for what, when very many arrive at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.work_permits import WorkPermits, backlog_check, permit_given_up
from bot.updates.arrivals import Arrival, UpdateKind, read_arrival
from bot.updates.inbox import AT_ONCE, Inbox
from tests.waiting import until

HandleWork = Callable[[Arrival], Awaitable[None]]


def message(number: int, chat: int = 1, text: str = "/help", **more: Any) -> dict[str, Any]:
    kind = "private" if chat > 0 else "supergroup"
    return {"update_id": number, "message": {"chat": {"id": chat, "type": kind}, "text": text, **more}}


def press(
    number: int, data: str = "a", chat: int = 1, user: int = 1, message_id: int = 9, label: str = "Go"
) -> dict[str, Any]:
    keyboard = {"inline_keyboard": [[{"text": label, "callback_data": data}]]}
    inside = {"chat": {"id": chat, "type": "private"}, "message_id": message_id, "reply_markup": keyboard}
    query = {"id": f"q{number}", "from": {"id": user}, "message": inside, "data": data}
    return {"update_id": number, "callback_query": query}


def typed(number: int, words: str = "moon", user: int = 1) -> dict[str, Any]:
    query = {"id": f"i{number}", "from": {"id": user}, "query": words, "offset": ""}
    return {"update_id": number, "inline_query": query}


class InboxHarness:
    """An inbox whose handler waits until `open` is set, and a record of what was handled, told and answered."""

    def __init__(self, **options: Any) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.told: list[int] = []
        self.answered: list[str] = []
        self.open = asyncio.Event()
        self.work: HandleWork = self._wait
        self.inbox = Inbox(self._handle, self._tell, self._answer, **options)

    async def _wait(self, _arrival: Arrival) -> None:
        await self.open.wait()

    async def _handle(self, arrival: Arrival) -> None:
        self.begun.append(arrival.update_id)
        await self.work(arrival)
        self.done.append(arrival.update_id)

    async def _tell(self, arrival: Arrival) -> None:
        self.told.append(arrival.update_id)

    async def _answer(self, query_id: str) -> None:
        self.answered.append(query_id)


async def test_of_a_flood_the_running_update_and_the_newest_few_are_handled() -> None:
    harness = InboxHarness()
    harness.inbox.put(message(1))
    await until(lambda: harness.begun == [1])
    for number in range(2, 151):
        harness.inbox.put(message(number))
    harness.inbox.put(message(900, chat=2))
    await until(lambda: 900 in harness.begun)
    harness.open.set()
    await until(lambda: bool(harness.told))
    assert [number for number in harness.done if number != 900] == [1, 146, 147, 148, 149, 150]
    assert len(harness.told) == 1


async def test_updates_of_a_chat_are_handled_in_order_and_one_at_a_time() -> None:
    harness = InboxHarness()
    for number in range(1, 5):
        harness.inbox.put(message(number))
    await until(lambda: harness.begun == [1])
    await asyncio.sleep(0)
    assert harness.begun == [1]
    harness.open.set()
    await until(lambda: harness.done == [1, 2, 3, 4])
    assert not harness.told


async def test_of_what_somebody_types_only_the_newest_waits() -> None:
    harness = InboxHarness()
    harness.inbox.put(typed(1))
    await until(lambda: harness.begun == [1])
    for number in range(2, 20):
        harness.inbox.put(typed(number))
    harness.inbox.put(typed(20, user=2))
    harness.inbox.put(message(21))
    await until(lambda: sorted(harness.begun) == [1, 20, 21])
    harness.open.set()
    await until(lambda: sorted(harness.done) == [1, 19, 20, 21])
    assert harness.told == [], "nobody is told that letters were passed over"


async def test_updates_without_room_stay_with_telegram() -> None:
    harness = InboxHarness()
    number = 0
    while harness.inbox.room:
        number += 1
        harness.inbox.put(message(number, chat=number))
        await asyncio.sleep(0)
    assert number == 2 * AT_ONCE
    assert len(harness.begun) == AT_ONCE
    waiting = asyncio.ensure_future(harness.inbox.wait_for_room())
    # It would be done at once.
    await asyncio.sleep(0.01)
    assert not waiting.done()
    harness.open.set()
    assert await asyncio.wait_for(waiting, 5) > 0


async def test_an_update_that_waits_for_a_rate_takes_no_room() -> None:
    harness = InboxHarness()

    async def wait_for_rate(_arrival: Arrival) -> None:
        with permit_given_up():
            await harness.open.wait()

    harness.work = wait_for_rate
    for number in range(1, 301):
        harness.inbox.put(message(number, chat=number))
        await asyncio.sleep(0)
    await until(lambda: len(harness.begun) == 300)
    assert harness.inbox.room > AT_ONCE
    harness.open.set()
    await until(lambda: len(harness.done) == 300)


async def test_room_is_announced_when_work_starts_to_wait_for_a_rate() -> None:
    harness, rate = InboxHarness(), asyncio.Event()

    async def work(_arrival: Arrival) -> None:
        await harness.open.wait()
        with permit_given_up():
            await rate.wait()

    harness.work = work
    number = 0
    while harness.inbox.room:
        number += 1
        harness.inbox.put(message(number, chat=number))
        await asyncio.sleep(0)
    waiting = asyncio.ensure_future(harness.inbox.wait_for_room())
    await asyncio.sleep(0)
    harness.open.set()
    assert await asyncio.wait_for(waiting, 5) > 0
    assert not harness.done
    rate.set()
    await until(lambda: len(harness.done) == number)


async def test_a_repeated_update_is_handled_once() -> None:
    harness = InboxHarness()
    harness.open.set()
    for number in (1, 2, 1, 3, 2, 1):
        harness.inbox.put(message(number))
    await until(lambda: harness.done == [1, 2, 3])
    harness.inbox.put(message(3))
    # A repetition would be handled at once.
    await asyncio.sleep(0.02)
    assert harness.done == [1, 2, 3]


async def test_every_press_is_answered_in_time_whatever_its_handler_does() -> None:
    harness = InboxHarness(press_seconds=0.02)
    for number in range(1, 41):
        harness.inbox.put(press(number, data=str(number)))
    await until(lambda: len(harness.answered) == 40)
    assert harness.begun == [21]
    harness.open.set()
    await until(lambda: harness.done == list(range(21, 41)))


async def test_a_press_that_its_handler_answered_is_not_answered_again() -> None:
    harness = InboxHarness(press_seconds=0.02)

    async def answer(arrival: Arrival) -> None:
        arrival.answered = True

    harness.work = answer
    harness.inbox.put(press(1))
    await until(lambda: harness.done == [1])
    # More than `press_seconds`.
    await asyncio.sleep(0.05)
    assert not harness.answered


async def test_a_double_tap_is_handled_once_and_answered_twice() -> None:
    harness = InboxHarness(press_seconds=0.01)
    harness.inbox.put(press(1))
    harness.inbox.put(press(2))
    harness.open.set()
    harness.inbox.put(press(3))
    await until(lambda: len(harness.answered) == 3)
    assert harness.done == [1]


@pytest.mark.parametrize("other", [{"data": "b"}, {"user": 2}, {"message_id": 10}, {"label": "Changed"}])
async def test_another_button_person_or_message_is_not_a_double_tap(other: dict[str, Any]) -> None:
    harness = InboxHarness()
    harness.open.set()
    for number, more in enumerate([{}, other, {}], 1):
        harness.inbox.put(press(number, **more))
    await until(lambda: harness.done == [1, 2, 3])


async def test_a_handler_that_fails_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    harness = InboxHarness()

    async def fail(arrival: Arrival) -> None:
        if arrival.update_id == 1:
            raise ValueError("broken")

    harness.work = fail
    harness.inbox.put(message(1))
    harness.inbox.put(message(2))
    await until(lambda: harness.done == [2])
    assert "an update could not be dealt with" in caplog.text


async def test_no_update_is_accepted_after_the_stop() -> None:
    harness = InboxHarness()
    for number in (5, 6, 7):
        harness.inbox.put(message(number))
    await until(lambda: harness.begun == [5])
    stopping = asyncio.ensure_future(harness.inbox.stop(0.05))
    await asyncio.wait_for(stopping, 2)
    harness.inbox.put(message(8, chat=2))
    # It would be begun at once.
    await asyncio.sleep(0.01)
    assert harness.begun == [5]
    assert harness.inbox.room == 0


async def test_a_stop_finishes_accepted_updates() -> None:
    harness = InboxHarness()
    for number in (5, 6, 7):
        harness.inbox.put(message(number))
    harness.open.set()
    await asyncio.wait_for(harness.inbox.stop(2), 2)
    assert harness.done == [5, 6, 7]


async def test_only_what_was_handled_or_passed_over_is_done() -> None:
    over: list[int] = []
    harness = InboxHarness(press_seconds=1, on_done=lambda arrival: over.append(arrival.update_id))
    harness.inbox.put(message(1))
    await until(lambda: harness.begun == [1])
    for number in range(2, 9):
        harness.inbox.put(message(number))
    harness.inbox.put(press(20, chat=2))
    harness.inbox.put(press(21, chat=2))
    await until(lambda: len(harness.begun) == 2)
    # Two messages too many, and a double tap.
    assert over == [2, 3, 21]
    await harness.inbox.stop(0.02)
    assert over == [2, 3, 21], "what a stop cuts off is not done"


async def test_what_another_process_has_taken_over_waits_no_more() -> None:
    harness = InboxHarness()
    for number in (1, 2, 3):
        harness.inbox.put(message(number))
    harness.inbox.put(message(4, chat=2))
    await until(lambda: harness.begun == [1, 4])
    assert harness.inbox.busy_chats == {1, 2}
    harness.inbox.drop_chat(1)
    harness.inbox.drop_chat(3)
    harness.open.set()
    await until(lambda: harness.done == [1, 4] and not harness.inbox.busy_chats)


async def test_queues_of_idle_chats_are_forgotten() -> None:
    harness = InboxHarness()
    harness.open.set()
    for number in range(1, 3001):
        harness.inbox.put(message(number, chat=number))
        if number % 50 == 0:
            await asyncio.sleep(0)
    await until(lambda: len(harness.done) == 3000)
    assert len(harness.inbox._lanes) <= 1000


async def test_permits_are_granted_in_order() -> None:
    permits, order = WorkPermits(1), list[int]()

    async def work(number: int) -> None:
        async with permits.acquired(lambda: number == 2):
            assert backlog_check()() == (number == 2)
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert permits.pressure == 0


async def test_the_permit_of_a_cancelled_waiter_goes_to_the_next() -> None:
    permits = WorkPermits(1)
    async with permits.acquired(bool):
        given_up = asyncio.ensure_future(_hold(permits))
        patient = asyncio.ensure_future(_hold(permits))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.sleep(0)
    await asyncio.wait_for(patient, 1)
    assert permits.pressure == 0


async def _hold(permits: WorkPermits) -> None:
    async with permits.acquired(bool):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("update", "kind"),
    [
        (message(1, text="words"), UpdateKind.MESSAGE),
        (message(1, chat=-5, text="/latest"), UpdateKind.MESSAGE),
        (message(1, chat=-5, text="words"), None),
        (message(1, media_group_id="7"), UpdateKind.ALBUM),
        (message(1, chat=-5, migrate_to_chat_id=-6), UpdateKind.MOVE),
        (
            {"update_id": 1, "edited_message": {"chat": {"id": 1, "type": "private"}, "text": "/help"}},
            UpdateKind.MESSAGE,
        ),
        ({"update_id": 1, "edited_message": {"chat": {"id": 1, "type": "private"}, "text": "help"}}, None),
        ({"update_id": 1, "message": {"chat": {"id": -5, "type": "group"}, "caption": "/help"}}, UpdateKind.MESSAGE),
        (press(1), UpdateKind.PRESS),
        ({"update_id": 1, "my_chat_member": {"chat": {"id": 1}}}, UpdateKind.MEMBER),
        ({"update_id": 1, "poll": {}}, UpdateKind.MESSAGE),
        ({"update_id": "1", "message": {}}, None),
        ({}, None),
    ],
)
def test_the_kind_of_an_update(update: dict[str, Any], kind: UpdateKind | None) -> None:
    arrival = read_arrival(update)
    assert (arrival.kind if arrival else None) is kind


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "chat", "from", "message", "data", "text", "type", "message_id", "caption"]),
            inside,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["update_id", "message", "edited_message", "callback_query", "my_chat_member", "poll"]), _JSON
    )
)
def test_any_update_can_be_read(update: dict[str, Any]) -> None:
    arrival = read_arrival(update)
    assert arrival is None or isinstance(arrival.chat_id, int)
