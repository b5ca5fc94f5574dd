"""Buttons that were pressed and wait for the bot's answer."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.simulator.text.formatted import Json

if TYPE_CHECKING:
    from bot.simulator.state.chats import Message

# Telegram's own time is not written down; minutes, by what bots see.
_LIFE_SECONDS = 600.0


@dataclass(slots=True, eq=False)
class Press:
    id: str
    user_id: int
    message: Message
    data: str
    at: float = field(default_factory=time.monotonic)
    answer: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def as_json(self) -> Json:
        return {
            "id": self.id,
            "user": self.user_id,
            "chat": self.message.chat.id,
            "message_id": self.message.id,
            "data": self.data,
        }


class Presses:
    def __init__(self) -> None:
        self._presses: dict[str, Press] = {}
        self._number = 4_000_000_000_000_000_000

    def add(self, user_id: int, message: Message, data: str) -> Press:
        self._number += 1
        press = Press(str(self._number), user_id, message, data)
        self._presses[press.id] = press
        return press

    def answer(self, press_id: str, answer: Json) -> Press | None:
        """The press that this answers; None when there is none, it was answered, or it is too old."""
        press = self._presses.get(press_id)
        if press is None or press.answer is not None or time.monotonic() - press.at > _LIFE_SECONDS:
            return None
        press.answer = answer
        press.answered.set()
        return press

    def grow_old(self, press_id: str) -> None:
        """As if its time had passed."""
        if press_id in self._presses:
            self._presses[press_id].at -= _LIFE_SECONDS + 1

    def unanswered(self) -> list[Press]:
        return [press for press in self._presses.values() if press.answer is None]
