"""Edits of a message: merged, a second apart, and never of a message that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import pytest
from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.telegram.errors import NotSentError
from bot.telegram.messenger import Screen
from bot.telegram.photos import Photo
from bot.telegram.screens import Screens
from bot.text.markup import Html
from tests.stalls import stopwatch
from tests.waiting import until

SECONDS = 0.05


class FakeMessenger:
    """A messenger that accepts edits, except where the test has put an error ready."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, int, str]] = []
        self.times: list[float] = []
        self.errors: list[TelegramError] = []
        self.deleted: list[int] = []
        self.disarmed: list[int] = []
        self.keeps_messages = False
        self.may_pass = asyncio.Event()
        self.may_pass.set()

    async def edit(self, chat_id: int, message_id: int, newest: Callable[[], Screen]) -> bool:
        await self.may_pass.wait()
        screen = newest()
        self.times.append(monotonic())
        if self.errors:
            raise self.errors.pop(0)
        self.shown.append((chat_id, message_id, screen.html))
        return screen.shown_photo is not None

    async def delete(self, _chat_id: int, message_id: int) -> None:
        if self.keeps_messages:
            raise BadRequest("Message can't be deleted for everyone")
        self.deleted.append(message_id)

    async def set_keyboard(self, _chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup | None) -> None:
        assert keyboard is None
        self.disarmed.append(message_id)


class ScreensHarness:
    """Screens over a fake messenger, and a record of lost readers and of screens that were sent anew."""

    def __init__(self) -> None:
        self.messenger = FakeMessenger()
        self.lost: list[int] = []
        self.sent: list[str] = []
        self.screens = Screens(self.messenger, self._lose, seconds=SECONDS)  # type: ignore[arg-type]

    async def _lose(self, chat_id: int, _words: str) -> None:
        self.lost.append(chat_id)

    def show(
        self,
        text: str,
        message: int = 1,
        again: Callable[[Screen], Awaitable[int]] | None = None,
        *,
        has_photo: bool = False,
        photo: Photo | None = None,
    ) -> None:
        self.screens.show(7, message, Screen(Html(text), photo=photo), again, has_photo=has_photo)

    async def send(self, screen: Screen) -> int:
        self.sent.append(screen.html)
        return 100 + len(self.sent)


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
    async with stopwatch() as watch:
        for message in range(20):
            harness.show("a", message)
        await until(lambda: len(harness.messenger.shown) == 20)
        assert watch.seconds < 20 * SECONDS


async def test_showing_waits_only_for_an_edit_that_is_due_soon() -> None:
    harness = ScreensHarness()
    harness.screens = Screens(harness.messenger, harness._lose, seconds=5)  # type: ignore[arg-type]
    await harness.screens.show_soon(7, 1, Screen(Html("a")))
    assert harness.messenger.shown
    async with stopwatch() as watch:
        await harness.screens.show_soon(7, 1, Screen(Html("b")))
        assert watch.seconds < 0.05
    assert len(harness.messenger.shown) == 1
    harness.screens.stop()
    harness.messenger.may_pass.clear()
    async with stopwatch() as watch:
        await harness.screens.show_soon(7, 2, Screen(Html("c")))
        assert watch.seconds < 1
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

    async def refuse(_screen: Screen) -> int:
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


PHOTO = Photo(b"a picture")


async def test_a_photo_that_becomes_a_text_is_sent_anew_and_deleted() -> None:
    harness = ScreensHarness()
    harness.show("a", again=harness.send, has_photo=True)
    await until(lambda: bool(harness.messenger.deleted))
    # The next state, for whoever pressed before the old message was gone, is shown in the new one.
    harness.show("b", again=harness.send, has_photo=True)
    await harness.screens.settle()
    assert harness.sent == ["a"]
    assert harness.messenger.deleted == [1]
    assert harness.messenger.shown == [(7, 101, "b")]


async def test_a_photo_stays_where_it_is_while_it_changes() -> None:
    harness = ScreensHarness()
    harness.show("a", again=harness.send, photo=PHOTO)
    await until(lambda: bool(harness.messenger.shown))
    harness.show("b", again=harness.send, photo=PHOTO)
    await harness.screens.settle()
    assert [(message, text) for _, message, text in harness.messenger.shown] == [(1, "a"), (1, "b")]
    assert not harness.sent


async def test_a_text_that_became_a_photo_a_moment_ago_is_sent_anew() -> None:
    harness = ScreensHarness()
    harness.show("a", again=harness.send, photo=PHOTO)
    await until(lambda: bool(harness.messenger.shown))
    # Pressed while the message was a text.
    harness.show("b", again=harness.send)
    await harness.screens.settle()
    assert harness.sent == ["b"]
    assert harness.messenger.deleted == [1]


async def test_a_photo_of_which_nobody_knew_is_sent_anew_once_telegram_says_so() -> None:
    harness = ScreensHarness()
    harness.messenger.errors = [BadRequest("There is no text in the message to edit")]
    harness.show("a", again=harness.send)
    await harness.screens.settle()
    assert harness.sent == ["a"]
    assert harness.messenger.deleted == [1]


async def test_a_photo_too_old_to_be_deleted_loses_its_buttons() -> None:
    harness = ScreensHarness()
    harness.messenger.keeps_messages = True
    harness.show("a", again=harness.send, has_photo=True)
    await harness.screens.settle()
    assert harness.sent == ["a"]
    assert harness.messenger.disarmed == [1]


async def test_a_photo_stays_where_its_text_could_not_be_sent() -> None:
    harness = ScreensHarness()

    async def fail(_screen: Screen) -> int:
        raise NotSentError("no connection")

    harness.show("a", again=fail, has_photo=True)
    await harness.screens.settle()
    assert not harness.messenger.deleted
    assert not harness.messenger.disarmed
