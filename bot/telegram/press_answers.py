"""Answers to presses, given in the background: what comes next in the chat need not wait until Telegram took one."""

from __future__ import annotations

import asyncio
import logging

from telegram.error import BadRequest, TelegramError

from bot.runtime.work_permits import backlog_check
from bot.telegram.messenger import Messenger

logger = logging.getLogger(__name__)

_MOMENT = 0.05
"""Seconds for which a press waits for its own answer: usually it has arrived then, before anything else is sent."""


class PressAnswers:
    """Gives answers, each once; none waits for a rate, and none keeps the next press of a chat waiting."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._under_way: set[asyncio.Task[None]] = set()

    async def give(self, query_id: str, text: str = "", *, alert: bool = False) -> None:
        """Answer a press, soon. What becomes of it is logged: there is nothing else that could be done then."""
        task = asyncio.create_task(self._give(query_id, text, alert=alert))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        if not backlog_check()():
            await asyncio.wait([task], timeout=_MOMENT)

    async def settle(self) -> None:
        """Wait until all answers were given."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _give(self, query_id: str, text: str, *, alert: bool) -> None:
        try:
            await self._messenger.answer_press(query_id, text, alert=alert)
        except BadRequest as error:
            # Telegram accepts answers for a few minutes only; after a long outage the press is simply too old.
            logger.info("a press was answered too late", extra={"reason": error.message})
        except TelegramError as error:
            logger.warning("a press was not answered", extra={"reason": error.message})
