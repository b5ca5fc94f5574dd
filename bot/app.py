"""The running bot: starts its parts in order, keeps them going, and stops them cleanly."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from time import monotonic

from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.errors import StartError
from bot.feeding import bring_in_feeds, build_feeding
from bot.runtime.deadline import within
from bot.runtime.lock import BotLock
from bot.stores import build_stores
from bot.telegram.client import build_client
from bot.telegram.patience import patiently
from bot.updates.inbox import Inbox
from bot.updates.left_over import LeftOverUpdates
from bot.updates.receiver import Receiver
from bot.wiring import build_parts
from bot.working import JobWork
from config.settings import Settings
from digests.doctor import ALIVE
from digests.ingest.configured import build_origins
from digests.ingest.ingest import IngestReport
from digests.jobs.local import LocalJobs
from digests.jobs.table import JobPace, all_jobs
from digests.offload import in_own_thread
from digests.ports import Clock
from digests.storage.data_folder import prepare_data_folder
from digests.storage.migrate import migrate

logger = logging.getLogger(__name__)

_STOP_SECONDS = 5.0
_CLOSE_SECONDS = 1.0
_CONFIRM_SECONDS = 2.0


class App:
    """One process of the bot. `start` returns once it answers, `stop` once nothing is half-done."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.owner_link: str | None = None
        self.stores = build_stores(settings)
        self._lock = BotLock(settings.data_dir, self.stores.database.file)
        self._client = build_client(settings)
        self.bot = self._client.bot
        owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        origins = build_origins(settings)
        pace = JobPace(settings.posts.scan_seconds, settings.delivery.tick_seconds)
        self.jobs = LocalJobs(all_jobs(pace, [configured.origin.name for configured in origins]))
        self.feeding = build_feeding(settings, clock, self.stores, self._feeds_brought)
        self.parts = build_parts(settings, clock, self._client, self.stores, owner, self.jobs.wake, self.feeding.book)
        self.work = JobWork(settings, clock, self.stores, self.parts, self.feeding, self.bot, self.jobs, origins)
        self.media = self.parts.media
        self.router = self.parts.router
        self.inbox = Inbox(self.router.handle, self.router.too_many, self.parts.chats.answers.give)
        self._left_over = LeftOverUpdates(self.inbox, self.stores.people)
        self.receiver = Receiver(settings.telegram, self._client, self.inbox)

    async def _feeds_brought(self) -> None:
        await self.work.feeds_brought()

    async def start(self, *, scheduled: bool = True) -> None:
        """Open the stores, start reading posts, connect to Telegram and begin to answer.

        Waits for a network for as long as there is none. With `scheduled` false no job runs unless it is called.

        Raises:
            StartError: for a problem that waiting does not solve.
        """
        await self._open()
        await self.media.start()
        if scheduled:
            self._start_jobs()
        await self._connect()
        await self._left_over.take_up(self.clock.now())
        await self.receiver.start()
        if scheduled:
            self.work.attach_planning()
            self.work.attach_sending()
        logger.info("ready", extra={"bot": self.bot.username})

    def _start_jobs(self) -> None:
        """Schedule the jobs that work without Telegram."""
        self.work.attach_reading()
        self.work.attach_answering()
        self.jobs.add("alive", self._sign_of_life)
        self.jobs.on_jump = self._clock_was_set
        self.jobs.start()

    def _clock_was_set(self) -> None:
        for job in ("clock", "alive"):
            self.jobs.wake(job)

    async def _open(self) -> None:
        await in_own_thread(prepare_data_folder, self.settings)
        if self.stores.database.is_sqlite:
            self._lock.acquire()
        before, after = await in_own_thread(migrate, self.settings.database_url)
        if before != after:
            logger.info("database brought up to date", extra={"from": before, "to": after})
        await self.stores.index.open()
        await bring_in_feeds(self.settings, self.stores, self.clock.now())
        if self.stores.database.is_sqlite:
            # Holding the lock, we are alone: whatever a dead process leased is free at once.
            await self.stores.ledger.release_all()
        await self.work.repair_moments()

    async def _connect(self) -> None:
        """Log in to Telegram, waiting for a network for as long as there is none."""
        try:
            await patiently(self.bot.initialize)
        except InvalidToken as error:
            raise StartError(
                "Telegram does not know this token (401): take the right one from @BotFather "
                "and set DIGESTBOT_TELEGRAM__TOKEN."
            ) from error
        if not self.bot.supports_inline_queries:
            logger.warning(
                "inline mode is off: nobody can type @%s in other chats, so Share sends links; "
                "switch it on at @BotFather with /setinline",
                self.bot.username,
            )
        self.owner_link = await self.parts.admins.invitations.offer_ownership()
        roles = await self.parts.access.roles()
        try:
            await self.parts.admins.menus.set_all(roles)
        except TelegramError as error:
            logger.warning("the command lists were not set", extra={"reason": error.message})

    async def scan(self) -> IngestReport:
        """Scan all origins once, as `JobWork.scan` does."""
        return await self.work.scan()

    async def tick(self) -> None:
        """Plan, send and report once, as `JobWork.tick` does."""
        await self.work.tick()

    async def _sign_of_life(self) -> None:
        """Record that the bot is alive, but only while every job runs: a bot that sends no digests is not alive."""
        late = list(self.jobs.late())
        if self.receiver.is_deaf:
            late.append("polling for updates")
        if late:
            logger.error("not everything runs as it should", extra={"late": ", ".join(late)})
            return
        await self.stores.people.note(ALIVE, str(os.getpid()), self.clock.now())

    async def stop(self) -> None:
        """Take no more updates, finish what is under way, and close everything; safe to call after a failed start.

        Each step has a time limit and is abandoned after it, so that stopping ends whatever hangs.
        """
        deadline = monotonic() + _STOP_SECONDS
        self.work.end()
        await within(_CLOSE_SECONDS, self.work.close(), "origins")
        await within(_CONFIRM_SECONDS, self.receiver.stop(), "webhook")
        await self.jobs.stop(max(0.1, deadline - monotonic()))
        # A handler that waits for Telegram longer than this is abandoned; its delivery is in the ledger.
        await self.inbox.stop(max(0.5, deadline - monotonic()))
        for work in (self.parts.feeds.background, self.parts.feeds.following):
            await within(_CLOSE_SECONDS, work.stop(), "work in the background")
        await within(_CLOSE_SECONDS, self._left_over.keep(self.clock.now()), "unanswered updates")
        # Without a network, the next start does this.
        with contextlib.suppress(TelegramError):
            await within(_CONFIRM_SECONDS, self.receiver.confirm())
        await within(_CLOSE_SECONDS, self.parts.chats.answers.settle(), "answers to presses")
        self.parts.chats.screens.stop()
        for what, step in (*self.media.closing(), *self.feeding.closing()):
            await within(_CLOSE_SECONDS, step, what)
        await within(_CLOSE_SECONDS, self.parts.statistics.close(), "statistics")
        with contextlib.suppress(BadRequest, RuntimeError):
            await within(_CLOSE_SECONDS, self.bot.shutdown(), "connections")
        await within(_CLOSE_SECONDS, self._client.close(), "connections")
        await within(_CLOSE_SECONDS, self.stores.close(), "database")
        self._lock.release()
        logger.info("stopped")
