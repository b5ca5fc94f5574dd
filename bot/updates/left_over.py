"""Updates that no handler had begun with when the bot stopped: Telegram will not send them again."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta

from bot.updates.inbox import Inbox
from digests.errors import StorageError
from digests.storage.people import PeopleStore

logger = logging.getLogger(__name__)

_FACT = "left over"
_MOST = 500
_KEPT = timedelta(days=1)
"""Telegram keeps updates for as long; nobody expects an answer after that."""


class LeftOverUpdates:
    """Stores what the inbox has left, for the next start."""

    def __init__(self, inbox: Inbox, people: PeopleStore) -> None:
        self._inbox = inbox
        self._people = people

    async def keep(self, now: datetime) -> None:
        """Store the updates that no handler has begun with."""
        if not (left := self._inbox.left_over[-_MOST:]):
            return
        try:
            await self._people.note(_FACT, json.dumps(left), now)
        except StorageError as error:
            logger.warning("updates were left unanswered", extra={"number": len(left), "reason": str(error)})

    async def take_up(self, now: datetime) -> None:
        """Put the updates that the last run left unanswered into the inbox. May raise StorageError."""
        fact = await self._people.fact(_FACT)
        if fact is None:
            return
        await self._people.forget_fact(_FACT)
        if now - fact[1] < _KEPT:
            for update in json.loads(fact[0]):
                self._inbox.put(update)
