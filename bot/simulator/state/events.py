"""A log of everything that happens, for pages and tests that wait for it."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.simulator.text.formatted import Json

if TYPE_CHECKING:
    from bot.simulator.state.chats import Message

_MAX_EVENTS = 20_000


@dataclass(slots=True)
class Event:
    """An event in a chat (0: in all), for a user (0: for everybody who sees the chat)."""

    seq: int
    type: str
    chat_id: int
    message: Message | None = None
    user_id: int = 0
    extra: Json | None = None


class EventLog:
    """The last 20,000 events; `seq` is the newest one's number."""

    def __init__(self) -> None:
        self.seq = 0
        self._kept: deque[Event] = deque(maxlen=_MAX_EVENTS)
        self._waiting: set[asyncio.Future[None]] = set()
        self.is_closed = False

    def add(
        self,
        kind: str,
        chat_id: int,
        message: Message | None = None,
        *,
        user_id: int = 0,
        extra: Json | None = None,
    ) -> int:
        """Log an event, wake everybody who waits, and return the event's number."""
        self.seq += 1
        self._kept.append(Event(self.seq, kind, chat_id, message, user_id, extra))
        if self._waiting:
            self.wake()
        return self.seq

    def wake(self) -> None:
        """Wake everybody who waits."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    def close(self) -> None:
        """Wake everybody who waits, and let nobody wait from now on."""
        self.is_closed = True
        self.wake()

    def since(self, seq: int) -> list[Event]:
        """Return the events after a number, oldest first."""
        found: list[Event] = []
        for event in reversed(self._kept):
            if event.seq <= seq:
                break
            found.append(event)
        found.reverse()
        return found

    def is_lost(self, seq: int) -> bool:
        """Return whether some event after `seq` is no longer kept."""
        return bool(self._kept) and seq < self._kept[0].seq - 1

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    async def wait(self, seconds: float) -> None:
        """Wait until something happens, at most so many seconds."""
        if self.is_closed:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(future)
