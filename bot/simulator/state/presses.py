"""Presses of buttons that wait for the bot's answer."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.simulator.text.formatted import Json

if TYPE_CHECKING:
    from bot.simulator.state.chats import Chat, Message

# Telegram does not document how long a press can be answered; going by what bots see, it is minutes.
_LIFETIME_SECONDS = 600.0


@dataclass(slots=True, eq=False)
class Press:
    """A press of an inline button; its id is the callback query's, and `answered` is set with the bot's answer."""

    id: str
    user_id: int
    message: Message
    data: str
    at: float = field(default_factory=time.monotonic)
    answer: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def as_json(self) -> Json:
        """Return the press as the ledger shows it while it is unanswered."""
        return {
            "id": self.id,
            "user": self.user_id,
            "chat": self.message.chat.id,
            "message_id": self.message.id,
            "data": self.data,
        }


class PressLog:
    """All presses, by their id."""

    def __init__(self) -> None:
        self._presses: dict[str, Press] = {}
        self._number = 4_000_000_000_000_000_000

    def add(self, user_id: int, message: Message, data: str) -> Press:
        """Add a press."""
        self._number += 1
        press = Press(str(self._number), user_id, message, data)
        self._presses[press.id] = press
        return press

    def answer(self, press_id: str, answer: Json) -> Press | None:
        """Answer a press and return it; None when there is no such press, or it was answered or is too old."""
        press = self._presses.get(press_id)
        if press is None or press.answer is not None or time.monotonic() - press.at > _LIFETIME_SECONDS:
            return None
        press.answer = answer
        press.answered.set()
        return press

    def is_of(self, press_id: str, user_id: int, chat: Chat) -> bool:
        """Return whether there is such a press, by this user in this chat."""
        press = self._presses.get(press_id)
        return press is not None and press.user_id == user_id and press.message.chat is chat

    def expire(self, press_id: str) -> None:
        """Make a press too old to be answered."""
        if press_id in self._presses:
            self._presses[press_id].at -= _LIFETIME_SECONDS + 1

    def unanswered(self) -> list[Press]:
        """List the presses that the bot has not answered."""
        return [press for press in self._presses.values() if press.answer is None]
