"""Edits of one message: merged, kept apart by a second, and never of something that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import pytest
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.markup import Html
from bot.telegram.errors import NotSentError
from bot.telegram.messenger import Screen
from bot.telegram.screens import Screens

SECONDS = 0.05


class FakeMessenger:
    """Takes edits, unless an error lies ready."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, int, str]] = []
        self.times: list[float] = []
        self.errors: list[TelegramError] = []
        self.may_pass = asyncio.Event()
        self.may_pass.set()

    async def edit(self, chat_id: int, message_id: int, newest: Callable[[], Screen]) -> None:
        await self.may_pass.wait()
        screen = newest()
        self.times.append(monotonic())
        if self.errors:
            raise self.errors.pop(0)
        self.shown.append((chat_id, message_id, screen.html))


class Bench:
    def __init__(self) -> None:
        self.messenger = FakeMessenger()
        self.lost: list[int] = []
        self.sent: list[str] = []
        self.screens = Screens(self.messenger, self._lose, seconds=SECONDS)  # type: ignore[arg-type]

    async def _lose(self, chat_id: int, _words: str) -> None:
        self.lost.append(chat_id)

    def show(self, text: str, message: int = 1, again: Callable[[Screen], Awaitable[object]] | None = None) -> None:
        self.screens.show(7, message, Screen(Html(text)), again)

    async def send(self, screen: Screen) -> None:
        self.sent.append(screen.html)


async def test_of_many_states_the_first_and_the_last_are_shown() -> None:
    bench = Bench()
    bench.show("a")
    await asyncio.sleep(0.01)
    for text in "bcdefg":
        bench.show(text)
    await bench.screens.settle()
    assert [text for _, _, text in bench.messenger.shown] == ["a", "g"]
    first, last = bench.messenger.times
    assert last - first >= SECONDS


async def test_what_comes_while_the_rate_is_waited_for_is_what_is_shown() -> None:
    bench = Bench()
    bench.messenger.may_pass.clear()
    bench.show("old")
    await asyncio.sleep(0.01)
    bench.show("new")
    bench.messenger.may_pass.set()
    await bench.screens.settle()
    assert [text for _, _, text in bench.messenger.shown] == ["new"]


async def test_messages_do_not_wait_for_each_other() -> None:
    bench = Bench()
    began = monotonic()
    for message in range(20):
        bench.show("a", message)
    while len(bench.messenger.shown) < 20:
        await asyncio.sleep(0.001)
    assert monotonic() - began < 20 * SECONDS


async def test_whoever_shows_waits_for_it_where_that_is_soon_and_not_else() -> None:
    bench = Bench()
    bench.screens = Screens(bench.messenger, bench._lose, seconds=5)  # type: ignore[arg-type]
    await bench.screens.show_soon(7, 1, Screen(Html("a")))
    assert bench.messenger.shown
    began = monotonic()
    await bench.screens.show_soon(7, 1, Screen(Html("b")))
    assert monotonic() - began < 0.05
    assert len(bench.messenger.shown) == 1
    bench.screens.stop()
    bench.messenger.may_pass.clear()
    await bench.screens.show_soon(7, 2, Screen(Html("c")))
    assert monotonic() - began < 1
    bench.screens.stop()


@pytest.mark.parametrize("words", ["Message can't be edited", "Message to edit not found"])
async def test_what_can_not_be_edited_comes_anew(words: str) -> None:
    bench = Bench()
    bench.messenger.errors = [BadRequest(words)]
    bench.show("a", again=bench.send)
    await bench.screens.settle()
    assert bench.sent == ["a"]


@pytest.mark.parametrize(
    "words",
    [
        "Message is not modified: specified new message content and reply markup are exactly the same as a current "
        "content and reply markup of the message",
        "Message is not modified",
    ],
)
async def test_what_is_as_it_should_be_is_left(words: str) -> None:
    bench = Bench()
    bench.messenger.errors = [BadRequest(words)]
    bench.show("a", again=bench.send)
    await bench.screens.settle()
    assert not bench.sent
    assert len(bench.messenger.times) == 1


async def test_an_edit_that_did_not_arrive_is_made_again_but_not_for_ever() -> None:
    bench = Bench()
    bench.messenger.errors = [NotSentError("no connection")]
    bench.show("a")
    await bench.screens.settle()
    assert [text for _, _, text in bench.messenger.shown] == ["a"]
    bench.messenger.errors = [NotSentError("no connection")] * 10
    bench.show("b")
    await bench.screens.settle()
    assert len(bench.messenger.errors) == 7


async def test_a_reader_who_has_blocked_the_bot_is_lost() -> None:
    bench = Bench()
    bench.messenger.errors = [Forbidden("bot was blocked by the user"), BadRequest("Message to edit not found")]
    bench.show("a")
    await bench.screens.settle()

    async def refuse(_screen: Screen) -> None:
        raise Forbidden("bot was blocked by the user")

    bench.show("b", again=refuse)
    await bench.screens.settle()
    assert bench.lost == [7, 7]


async def test_nothing_is_shown_in_a_message_that_is_to_be_deleted() -> None:
    bench = Bench()
    bench.show("a")
    await asyncio.sleep(0.01)
    bench.show("b", again=bench.send)
    bench.screens.forget(7, 1)
    bench.screens.forget(7, 99)
    await asyncio.sleep(2 * SECONDS)
    assert [text for _, _, text in bench.messenger.shown] == ["a"]
    assert not bench.sent
