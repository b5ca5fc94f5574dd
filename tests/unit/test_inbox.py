"""Who waits for whom when very much comes at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.runtime.working import WorkPermits, backlog_check, permit_given_up
from bot.updates.arrivals import Arrival, UpdateKind, read_arrival
from bot.updates.inbox import AT_ONCE, Inbox

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


class Desk:
    """Deals with updates when it is let, and tells which."""

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

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                await asyncio.sleep(0.005)


async def test_a_flood_of_one_chat_keeps_the_first_under_way_and_the_newest_few() -> None:
    desk = Desk()
    desk.inbox.put(message(1))
    await desk.until(lambda: desk.begun == [1])
    for number in range(2, 151):
        desk.inbox.put(message(number))
    desk.inbox.put(message(900, chat=2))
    await desk.until(lambda: 900 in desk.begun)
    desk.open.set()
    await desk.until(lambda: bool(desk.told))
    assert [number for number in desk.done if number != 900] == [1, 146, 147, 148, 149, 150]
    assert len(desk.told) == 1


async def test_updates_of_one_chat_are_dealt_with_in_their_order_and_one_at_a_time() -> None:
    desk = Desk()
    for number in range(1, 5):
        desk.inbox.put(message(number))
    await desk.until(lambda: desk.begun == [1])
    await asyncio.sleep(0)
    assert desk.begun == [1]
    desk.open.set()
    await desk.until(lambda: desk.done == [1, 2, 3, 4])
    assert not desk.told


async def test_what_there_is_no_room_for_is_left_with_telegram() -> None:
    desk = Desk()
    number = 0
    while desk.inbox.room:
        number += 1
        desk.inbox.put(message(number, chat=number))
        await asyncio.sleep(0)
    assert number == 2 * AT_ONCE
    assert len(desk.begun) == AT_ONCE
    waiting = asyncio.ensure_future(desk.inbox.wait_for_room())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    desk.open.set()
    assert await asyncio.wait_for(waiting, 5) > 0


async def test_who_waits_for_a_rate_takes_no_room() -> None:
    desk = Desk()

    async def wait_for_rate(_arrival: Arrival) -> None:
        with permit_given_up():
            await desk.open.wait()

    desk.work = wait_for_rate
    for number in range(1, 301):
        desk.inbox.put(message(number, chat=number))
        await asyncio.sleep(0)
    await desk.until(lambda: len(desk.begun) == 300)
    assert desk.inbox.room > AT_ONCE
    desk.open.set()
    await desk.until(lambda: len(desk.done) == 300)


async def test_room_is_told_of_when_work_begins_to_wait_for_a_rate() -> None:
    desk, rate = Desk(), asyncio.Event()

    async def work(_arrival: Arrival) -> None:
        await desk.open.wait()
        with permit_given_up():
            await rate.wait()

    desk.work = work
    number = 0
    while desk.inbox.room:
        number += 1
        desk.inbox.put(message(number, chat=number))
        await asyncio.sleep(0)
    waiting = asyncio.ensure_future(desk.inbox.wait_for_room())
    await asyncio.sleep(0)
    desk.open.set()
    assert await asyncio.wait_for(waiting, 5) > 0
    assert not desk.done
    rate.set()
    await desk.until(lambda: len(desk.done) == number)


async def test_the_same_update_twice_is_dealt_with_once() -> None:
    desk = Desk()
    desk.open.set()
    for number in (1, 2, 1, 3, 2, 1):
        desk.inbox.put(message(number))
    await desk.until(lambda: desk.done == [1, 2, 3])
    desk.inbox.put(message(3))
    await asyncio.sleep(0.02)
    assert desk.done == [1, 2, 3]


async def test_every_press_is_answered_in_time_whatever_its_handler_does() -> None:
    desk = Desk(press_seconds=0.02)
    for number in range(1, 41):
        desk.inbox.put(press(number, data=str(number)))
    await desk.until(lambda: len(desk.answered) == 40)
    assert desk.begun == [21]
    desk.open.set()
    await desk.until(lambda: desk.done == list(range(21, 41)))


async def test_a_press_that_its_handler_answered_is_not_answered_again() -> None:
    desk = Desk(press_seconds=0.02)

    async def answer(arrival: Arrival) -> None:
        arrival.answered = True

    desk.work = answer
    desk.inbox.put(press(1))
    await desk.until(lambda: desk.done == [1])
    await asyncio.sleep(0.05)
    assert not desk.answered


async def test_a_double_tap_is_dealt_with_once_and_answered_twice() -> None:
    desk = Desk(press_seconds=0.01)
    desk.inbox.put(press(1))
    desk.inbox.put(press(2))
    desk.open.set()
    desk.inbox.put(press(3))
    await desk.until(lambda: len(desk.answered) == 3)
    assert desk.done == [1]


@pytest.mark.parametrize("other", [{"data": "b"}, {"user": 2}, {"message_id": 10}, {"label": "Changed"}])
async def test_another_button_or_person_or_message_is_no_double_tap(other: dict[str, Any]) -> None:
    desk = Desk()
    desk.open.set()
    for number, more in enumerate([{}, other, {}], 1):
        desk.inbox.put(press(number, **more))
    await desk.until(lambda: desk.done == [1, 2, 3])


async def test_a_handler_that_fails_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()

    async def fail(arrival: Arrival) -> None:
        if arrival.update_id == 1:
            raise ValueError("broken")

    desk.work = fail
    desk.inbox.put(message(1))
    desk.inbox.put(message(2))
    await desk.until(lambda: desk.done == [2])
    assert "an update could not be dealt with" in caplog.text


async def test_after_the_stop_nothing_is_taken() -> None:
    desk = Desk()
    for number in (5, 6, 7):
        desk.inbox.put(message(number))
    await desk.until(lambda: desk.begun == [5])
    stopping = asyncio.ensure_future(desk.inbox.stop(0.05))
    await asyncio.wait_for(stopping, 2)
    desk.inbox.put(message(8, chat=2))
    await asyncio.sleep(0.01)
    assert desk.begun == [5]
    assert desk.inbox.room == 0


async def test_a_stop_lets_what_was_taken_be_dealt_with() -> None:
    desk = Desk()
    for number in (5, 6, 7):
        desk.inbox.put(message(number))
    desk.open.set()
    await asyncio.wait_for(desk.inbox.stop(2), 2)
    assert desk.done == [5, 6, 7]


async def test_what_a_stop_cuts_short_is_left_over_in_its_order() -> None:
    desk = Desk()
    for number, chat in enumerate((1, 2, 1, 2, 1), 1):
        desk.inbox.put(message(number, chat=chat))
    await desk.until(lambda: len(desk.begun) == 2)
    await desk.inbox.stop(0.02)
    assert [update["update_id"] for update in desk.inbox.left_over] == [3, 4, 5]


async def test_lanes_of_chats_that_are_done_are_forgotten() -> None:
    desk = Desk()
    desk.open.set()
    for number in range(1, 3001):
        desk.inbox.put(message(number, chat=number))
        if number % 50 == 0:
            await asyncio.sleep(0)
    await desk.until(lambda: len(desk.done) == 3000)
    assert len(desk.inbox._lanes) <= 1000


async def test_places_are_given_in_the_order_in_which_they_were_asked_for() -> None:
    permits, order = WorkPermits(1), list[int]()

    async def work(number: int) -> None:
        async with permits.acquired(lambda: number == 2):
            assert backlog_check()() == (number == 2)
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert permits.pressure == 0


async def test_a_place_that_nobody_waits_for_any_more_goes_to_the_next() -> None:
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
def test_how_an_update_waits(update: dict[str, Any], kind: UpdateKind | None) -> None:
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
def test_no_form_of_an_update_breaks_its_reading(update: dict[str, Any]) -> None:
    arrival = read_arrival(update)
    assert arrival is None or isinstance(arrival.chat_id, int)
