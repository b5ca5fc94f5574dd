"""Edits of a message: merged, a second apart, and never of a message that is gone."""

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
from tests.waiting import until

SECONDS = 0.05


class FakeMessenger:
    """A messenger that accepts edits, except where the test has put an error ready."""

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


class ScreensHarness:
    """Screens over a fake messenger, and a record of lost readers and of screens that were sent anew."""

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
    harness = ScreensHarness()
    harness.show("a")
    await until(lambda: bool(harness.messenger.shown))
    for text in "bcdefg":
        harness.show(text)
    await harness.screens.settle()
    assert [text for _, _, text in harness.messenger.shown] == ["a", "g"]
    first, last = harness.messenger.times
    assert last - first >= SECONDS


async def test_the_newest_state_is_shown_after_waiting_for_the_rate() -> None:
    harness = ScreensHarness()
    harness.messenger.may_pass.clear()
    harness.show("old")
    # It has to be waiting for the messenger.
    await asyncio.sleep(0.01)
    harness.show("new")
    harness.messenger.may_pass.set()
    await harness.screens.settle()
    assert [text for _, _, text in harness.messenger.shown] == ["new"]


async def test_messages_do_not_wait_for_each_other() -> None:
    harness = ScreensHarness()
    began = monotonic()
    for message in range(20):
        harness.show("a", message)
    await until(lambda: len(harness.messenger.shown) == 20)
    assert monotonic() - began < 20 * SECONDS


async def test_showing_waits_only_for_an_edit_that_is_due_soon() -> None:
    harness = ScreensHarness()
    harness.screens = Screens(harness.messenger, harness._lose, seconds=5)  # type: ignore[arg-type]
    await harness.screens.show_soon(7, 1, Screen(Html("a")))
    assert harness.messenger.shown
    began = monotonic()
    await harness.screens.show_soon(7, 1, Screen(Html("b")))
    assert monotonic() - began < 0.05
    assert len(harness.messenger.shown) == 1
    harness.screens.stop()
    harness.messenger.may_pass.clear()
    await harness.screens.show_soon(7, 2, Screen(Html("c")))
    assert monotonic() - began < 1
    harness.screens.stop()


@pytest.mark.parametrize("words", ["Message can't be edited", "Message to edit not found"])
async def test_a_message_that_cannot_be_edited_is_sent_anew(words: str) -> None:
    harness = ScreensHarness()
    harness.messenger.errors = [BadRequest(words)]
    harness.show("a", again=harness.send)
    await harness.screens.settle()
    assert harness.sent == ["a"]


@pytest.mark.parametrize(
    "words",
    [
        "Message is not modified: specified new message content and reply markup are exactly the same as a current "
        "content and reply markup of the message",
        "Message is not modified",
    ],
)
async def test_an_unmodified_message_is_left_alone(words: str) -> None:
    harness = ScreensHarness()
    harness.messenger.errors = [BadRequest(words)]
    harness.show("a", again=harness.send)
    await harness.screens.settle()
    assert not harness.sent
    assert len(harness.messenger.times) == 1


async def test_a_failed_edit_is_retried_a_few_times() -> None:
    harness = ScreensHarness()
    harness.messenger.errors = [NotSentError("no connection")]
    harness.show("a")
    await harness.screens.settle()
    assert [text for _, _, text in harness.messenger.shown] == ["a"]
    harness.messenger.errors = [NotSentError("no connection")] * 10
    harness.show("b")
    await harness.screens.settle()
    assert len(harness.messenger.errors) == 7


async def test_a_reader_who_blocked_the_bot_is_reported() -> None:
    harness = ScreensHarness()
    harness.messenger.errors = [Forbidden("bot was blocked by the user"), BadRequest("Message to edit not found")]
    harness.show("a")
    await harness.screens.settle()

    async def refuse(_screen: Screen) -> None:
        raise Forbidden("bot was blocked by the user")

    harness.show("b", again=refuse)
    await harness.screens.settle()
    assert harness.lost == [7, 7]


async def test_a_message_about_to_be_deleted_is_not_edited() -> None:
    harness = ScreensHarness()
    harness.show("a")
    await until(lambda: bool(harness.messenger.shown))
    harness.show("b", again=harness.send)
    harness.screens.forget(7, 1)
    harness.screens.forget(7, 99)
    # The edit would have been due by then.
    await asyncio.sleep(2 * SECONDS)
    assert [text for _, _, text in harness.messenger.shown] == ["a"]
    assert not harness.sent
