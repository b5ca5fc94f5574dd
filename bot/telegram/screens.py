"""Messages that change while somebody uses them: the newest state is shown as often as a chat may get messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from telegram import InlineKeyboardMarkup
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.runtime.work_permits import backlog_check
from bot.telegram.messenger import Messenger, Screen
from bot.telegram.outcomes import is_unchanged

logger = logging.getLogger(__name__)


_TRIES = 3
_MOMENT = 0.1
_NO_TEXT = "there is no text in the message to edit"
"""What Telegram says when a photo is to become a text."""


class MessageChanger(Protocol):
    """Changes messages of one kind, as `Messenger` does ordinary ones."""

    async def edit(self, chat_id: int, message_id: int, newest: Callable[[], Screen]) -> bool:
        """Edit a message to show what `newest` returns when its turn has come; return whether it is a photo now."""

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Delete a message."""

    async def set_keyboard(self, chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup | None) -> None:
        """Replace the keyboard of a message, or remove it."""


SendAgain = Callable[[Screen], Awaitable[int]]
"""Sends a new message that shows the screen, and returns its id."""
OnLost = Callable[[int, str], Awaitable[object]]


@dataclass(slots=True)
class _Showing:
    """A message that is being brought up to date. `message_id` changes when it has to be sent anew."""

    message_id: int
    newest: Screen
    again: SendAgain | None
    has_photo: bool
    through: MessageChanger
    is_new: bool = True
    failures: int = 0
    task: asyncio.Task[None] | None = None
    due_at: float = 0.0
    shown: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """Done when the newest state, or a newer one, was sent."""


class Screens:
    """Shows the newest states of messages, in the background. Of several states in a row only the last is sent.

    Two edits of a message are `seconds` apart: Telegram counts each as a message to the chat. `on_lost` gets the id of
    a chat that can't be written to any more, and Telegram's error text.
    """

    def __init__(self, messenger: Messenger, on_lost: OnLost, *, seconds: float) -> None:
        self._messenger = messenger
        self._on_lost = on_lost
        self._seconds = seconds
        self._showing: dict[tuple[int, int], _Showing] = {}

    def show(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        again: SendAgain | None = None,
        *,
        has_photo: bool = False,
        through: MessageChanger | None = None,
    ) -> None:
        """Show this state of the message soon.

        Messages that are not ordinary ones have a negative id, and are changed `through` something of their own.
        `again` sends a new message if this one can't be edited any more, or if it `has_photo` and is to have none: the
        old one is deleted then.
        """
        key = (chat_id, message_id)
        showing = self._showing.get(key)
        if showing is not None:
            showing.newest, showing.again = screen, again
            if not showing.is_new:
                showing.is_new, showing.shown = True, asyncio.get_running_loop().create_future()
            return
        self._showing[key] = showing = _Showing(message_id, screen, again, has_photo, through or self._messenger)
        showing.task = asyncio.create_task(self._bring_up_to_date(key, showing))

    async def show_soon(
        self,
        chat_id: int,
        message_id: int,
        screen: Screen,
        again: SendAgain | None = None,
        *,
        has_photo: bool = False,
        through: MessageChanger | None = None,
    ) -> None:
        """Show this state, and wait a moment until it is shown, unless a recent edit delays it for longer.

        So whoever pressed a button usually sees the new state before the press is answered. Where the chat's next press
        is waiting already, it is not kept waiting for a state that it changes.
        """
        self.show(chat_id, message_id, screen, again, has_photo=has_photo, through=through)
        showing = self._showing[chat_id, message_id]
        if showing.due_at - monotonic() < _MOMENT and not backlog_check()():
            await asyncio.wait([showing.shown], timeout=_MOMENT)

    def forget(self, chat_id: int, message_id: int) -> None:
        """Show nothing more in a message, because it will be deleted."""
        showing = self._showing.pop((chat_id, message_id), None)
        if showing is not None and showing.task is not None:
            showing.task.cancel()

    async def settle(self) -> None:
        """Wait until everything is shown."""
        while tasks := [showing.task for showing in self._showing.values() if showing.task is not None]:
            await asyncio.wait(tasks)

    def stop(self) -> None:
        """Show nothing more at all."""
        for key in list(self._showing):
            self.forget(*key)

    async def _bring_up_to_date(self, key: tuple[int, int], showing: _Showing) -> None:
        try:
            while showing.is_new:
                began, shown = monotonic(), showing.shown
                showing.due_at = began + self._seconds
                await self._edit(key, showing)
                shown.set_result(None)
                # Stay for a while though there is nothing new: the next state must wait until the second is over.
                await asyncio.sleep(max(0.0, began + self._seconds - monotonic()))
        finally:
            if not showing.shown.done():
                showing.shown.cancel()
            if self._showing.get(key) is showing:
                del self._showing[key]

    async def _edit(self, key: tuple[int, int], showing: _Showing) -> None:
        chat_id = key[0]

        def newest() -> Screen:
            showing.is_new = False
            return showing.newest

        try:
            if showing.has_photo and showing.newest.shown_photo is None and showing.again is not None:
                await self._replace(chat_id, showing, showing.again)
            else:
                showing.has_photo = await self._changer(showing).edit(chat_id, showing.message_id, newest)
        except BadRequest as error:
            if is_unchanged(error):
                return
            reason = error.message.lower()
            if _NO_TEXT in reason and showing.again is not None:
                await self._replace(chat_id, showing, showing.again)
                return
            if ("can't be edited" in reason or "not found" in reason) and showing.again is not None:
                await self._send_anew(chat_id, showing, showing.again)
                return
            logger.warning("a message could not be brought up to date", extra={"reason": error.message})
        except Forbidden as error:
            await self._on_lost(chat_id, error.message)
        except TelegramError as error:
            # Repeating an edit does no harm.
            showing.failures += 1
            if not showing.is_new and showing.failures < _TRIES:
                showing.is_new, showing.shown = True, asyncio.get_running_loop().create_future()
            logger.warning("a message could not be brought up to date", extra={"reason": error.message})

    def _changer(self, showing: _Showing) -> MessageChanger:
        """Return what changes the message: sent anew, it may be of another kind, which the sign of its id tells."""
        return showing.through if showing.message_id < 0 else self._messenger

    async def _send_anew(self, chat_id: int, showing: _Showing, again: SendAgain) -> bool:
        """Show the newest state in a new message, which is edited from then on; return whether it was sent."""
        showing.is_new = False
        try:
            showing.message_id = await again(showing.newest) or showing.message_id
            showing.has_photo = showing.newest.shown_photo is not None
        except Forbidden as error:
            await self._on_lost(chat_id, error.message)
        except TelegramError as error:
            logger.warning("a message could not be sent anew", extra={"reason": error.message})
        else:
            return True
        return False

    async def _replace(self, chat_id: int, showing: _Showing, again: SendAgain) -> None:
        """Show the newest state in a new message, and delete the old one: an edit can't make a text of a photo."""
        old, changer = showing.message_id, self._changer(showing)
        if not await self._send_anew(chat_id, showing, again):
            return
        try:
            await changer.delete(chat_id, old)
        except TelegramError as error:
            # Telegram deletes no messages that are older than two days.
            logger.info("a message that was sent anew was not deleted", extra={"reason": error.message})
            await self._disarm(changer, chat_id, old)

    async def _disarm(self, changer: MessageChanger, chat_id: int, message_id: int) -> None:
        """Remove the buttons of a message that stays."""
        try:
            await changer.set_keyboard(chat_id, message_id, None)
        except TelegramError as error:
            logger.info("the buttons of an old message were not removed", extra={"reason": error.message})
