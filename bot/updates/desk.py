"""Everything between Telegram and the handlers of updates, as one part of the bot that starts and stops."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from bot.telegram.client import TelegramClient
from bot.updates.handling import HandlingOnce
from bot.updates.inbox import AnswerPress, HandleUpdate, Inbox
from bot.updates.intake import Intake
from bot.updates.lanes import LEASE
from bot.updates.left_over import take_up_left_over
from bot.updates.receiver import Receiver
from bot.updates.writer import UpdateWriter
from config.settings import TelegramSettings
from digests.errors import StorageError
from digests.ports import Clock
from digests.storage.cluster.leadership import Leadership
from digests.storage.cluster.updates import UpdateStore, tidy_updates
from digests.storage.cluster.wakes import MISSED, Wakes
from digests.storage.database import Database
from digests.storage.people.people import PeopleStore

logger = logging.getLogger(__name__)

_WAKE = "updates"


class UpdateDesk:
    """Receives, stores, queues and hands over updates for one process, called `owner`.

    With `wakes` it tells other processes what it has stored for them, and is told what they have stored for this one.
    """

    def __init__(
        self,
        settings: TelegramSettings,
        client: TelegramClient,
        database: Database,
        clock: Clock,
        owner: str,
        handle: HandleUpdate,
        on_dropped: HandleUpdate,
        answer_press: AnswerPress,
        wakes: Wakes | None = None,
    ) -> None:
        self.store = UpdateStore(database, owner, LEASE)
        self._database = database
        self._people = PeopleStore(database)
        self._clock = clock
        self._wakes = wakes
        self._listening: asyncio.Task[None] | None = None
        writer = UpdateWriter(self.store, clock)
        handling = HandlingOnce(handle, self.store, writer, clock)
        self.inbox = Inbox(handling.handle, on_dropped, answer_press, on_done=handling.done)
        announce = partial(wakes.notify, _WAKE) if wakes is not None else None
        self.intake = Intake(self.inbox, self.store, writer, clock, announce)
        self.receiver = Receiver(settings, client, self.inbox, self.intake.take)
        self.leadership = Leadership(database, "updates", owner, self.receiver.lead)

    async def start(self) -> None:
        """Begin to receive updates, after those that wait from before.

        Waits for a network for as long as there is none. May raise StorageError.

        Raises:
            StartError: for a problem that waiting does not solve.
        """
        await tidy_updates(self._database, self._clock.now())
        await self.leadership.join()
        await take_up_left_over(self._people, self.intake.take, self._clock.now())
        await self.intake.start()
        if self._wakes is not None:
            self._listening = asyncio.create_task(self._wakes.listen(self._woken))
        await self.receiver.start()
        await self.leadership.start()
        await self.receiver.begun()

    async def receive_no_more(self) -> None:
        """Receive no more updates; those that were taken are still handled."""
        await self.receiver.stop()

    async def drain(self, seconds: float) -> None:
        """Give the handlers under way this many seconds to finish."""
        await self.inbox.stop(seconds)

    async def leave(self) -> None:
        """Leave what is not done to another process or the next start, at once where the database can be written to."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        try:
            await self.intake.stop()
        except StorageError as error:
            logger.warning("updates stay this process's until their leases are over", extra={"reason": str(error)})

    async def resign(self) -> None:
        """Tell Telegram which updates were taken, and let another process receive. May raise TelegramError."""
        try:
            await self.receiver.confirm()
        finally:
            await self.leadership.stop()

    def _woken(self, name: str) -> None:
        if name in (_WAKE, MISSED):
            self.intake.wake()
