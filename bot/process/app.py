"""The running bot: starts its parts in order, keeps them going, and stops them cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta
from time import monotonic

from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.errors import StartError
from bot.process.job_engine import build_jobs, job_table
from bot.process.job_work import JobWork
from bot.process.monitoring import build_alerting, build_monitoring, build_tracing
from bot.process.presence import LateJob, Presence, process_name
from bot.runtime.clock import SystemClock
from bot.runtime.deadline import within
from bot.runtime.lock import BotLock
from bot.telegram.client import build_client
from bot.telegram.patience import patiently
from bot.updates.desk import UpdateDesk
from bot.wiring.feeds import bring_in_feeds, build_feeding
from bot.wiring.foundation import Foundation
from bot.wiring.parts import build_parts
from bot.wiring.stores import build_stores
from config.settings import Settings
from digests.errors import StorageError
from digests.ingest.configured import build_origins
from digests.ingest.ingest import IngestReport
from digests.model.process import ALL_ROLES, ProcessRole
from digests.offload import in_own_thread
from digests.ports import Clock
from digests.storage.cluster.connection import alone, entering
from digests.storage.cluster.rates import PAUSED
from digests.storage.cluster.server_clock import ServerClock
from digests.storage.cluster.wakes import MISSED, Wakes
from digests.storage.engine.encryption import server_encryption
from digests.storage.engine.server import Pooling, pooling_of
from digests.storage.files.data_folder import prepare_data_folder
from digests.storage.migrate import migrate

logger = logging.getLogger(__name__)

_STOP_SECONDS = 5.0
_CLOSE_SECONDS = 1.0
_CONFIRM_SECONDS = 2.0
# Processes that start within this time of each other start together.
_TOGETHER = timedelta(seconds=60)
_INTRODUCED = "introduced"


class App:
    """One process of the bot. `start` returns once it answers, `stop` once nothing is half-done.

    It does the parts of the work that `roles` name; `name` is what it is called among several processes. Without a
    `clock` it goes by the clock of the database's host.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        roles: frozenset[ProcessRole] = ALL_ROLES,
        name: str = "",
    ) -> None:
        self.settings = settings
        self.owner_link: str | None = None
        self.stores = build_stores(settings)
        database = self.stores.database
        self.clock = clock = clock or (SystemClock() if database.is_sqlite else ServerClock(database))
        self.roles = roles
        self.name = process_name(name)
        self._lock = BotLock(settings.data_dir, database.file)
        self._client = build_client(settings, None if database.is_sqlite else self.stores.rates)
        self.bot = self._client.bot
        self.wakes = Wakes(database)
        origins = build_origins(settings)
        table = job_table(settings, origins)
        self._roles_of_jobs = {job.name: job.role for job in table}
        self.jobs = build_jobs(table, database, clock, self.wakes)
        self.foundation = Foundation(settings, clock, self.stores, self._client, self.name, self.jobs.wake)
        self.feeding = build_feeding(settings, clock, self.stores, self._feeds_brought)
        self.parts = build_parts(self.foundation, self.feeding.book)
        self.work = JobWork(self.foundation, self.parts, self.feeding, self.jobs, origins)
        self.media = self.parts.media
        self.router = self.parts.router
        self.desk = self._build_desk()
        self._hearing: asyncio.Task[None] | None = None
        self._presence = Presence(self.stores, clock, self.name, roles)
        self.tracing = build_tracing(settings)
        self.alerting = build_alerting(self.foundation, self.parts.alert_notices)
        self.monitoring = build_monitoring(
            self.foundation, self.parts, self.feeding, self.work.scans, self.jobs, self.desk
        )

    def _build_desk(self) -> UpdateDesk:
        database = self.stores.database
        return UpdateDesk(
            self.settings.telegram,
            self._client,
            database,
            self.clock,
            self.name,
            self.router.handle,
            self.router.too_many,
            self.parts.chats.answers.give,
            None if database.is_sqlite else self.wakes,
        )

    async def _feeds_brought(self) -> None:
        await self.work.feeds_brought()

    async def start(self, *, scheduled: bool = True) -> None:
        """Open the stores, start reading posts, connect to Telegram and begin to answer.

        Waits for a network for as long as there is none. With `scheduled` false no job runs unless it is called.

        Raises:
            StartError: for a problem that waiting does not solve.
        """
        self.tracing.start()
        await self._open()
        await self.monitoring.start()
        await self.media.start(serves=ProcessRole.UPDATES in self.roles)
        if scheduled:
            self._start_jobs()
        await self._log_in()
        if ProcessRole.UPDATES in self.roles:
            await self._introduce()
            await self.desk.start()
        if scheduled:
            self.work.attach_sending(self.roles)
        if not self.stores.database.is_sqlite:
            self._hearing = asyncio.create_task(self.wakes.listen(self._heard))
        logger.info(
            "ready", extra={"bot": self.bot.username, "called": self.name, "roles": ", ".join(sorted(self.roles))}
        )

    def _start_jobs(self) -> None:
        """Schedule the jobs that work without Telegram."""
        self.work.attach_reading(self.roles)
        if ProcessRole.JOBS in self.roles:
            self.jobs.add("alerts", self.alerting.look)
        self.jobs.add("alive", self._sign_of_life)
        if not self.stores.database.is_sqlite:
            self.jobs.add("presence", self._note_presence)
        if isinstance(self.clock, ServerClock):
            self.jobs.add("server clock", self.clock.refresh)
        self.jobs.on_jump = self._clock_was_set
        self.jobs.start()

    def _heard(self, wake: str) -> None:
        if wake in (PAUSED, MISSED):
            self._client.throttle.look_again()

    def _clock_was_set(self) -> None:
        for job in ("clock", "alive"):
            self.jobs.wake(job)

    async def _open(self) -> None:
        await in_own_thread(prepare_data_folder, self.settings)
        database = self.stores.database
        if database.is_sqlite:
            self._lock.acquire()
        elif await in_own_thread(pooling_of, database.url) is Pooling.TRANSACTION:
            raise StartError(
                "database.url leads to a pooler in transaction mode, where locks and wakes of several processes don't "
                "hold: name the server itself, or a pool in session mode (docs/poolers.md)."
            )
        elif (trouble := server_encryption(database.url).trouble) is not None:
            logger.warning("the database: %s", trouble)
        await self._enter()
        await self.stores.index.open()
        if database.is_sqlite:
            # Holding the lock, we are alone: whatever a dead process leased is free at once.
            await self.stores.ledger.release_all()
        await self.jobs.open()
        async with alone(database, "start"):
            await bring_in_feeds(self.settings, self.stores, self.clock.now())
            await self.work.repair_moments()

    async def _enter(self) -> None:
        """Begin to use the database, and let everybody know."""
        database = self.stores.database
        async with entering(database):
            before, after = await in_own_thread(migrate, self.settings.database_url)
            if before != after:
                logger.info("database brought up to date", extra={"from": before, "to": after})
            if isinstance(self.clock, ServerClock):
                await self.clock.refresh()
            if not database.is_sqlite:
                await self._presence.note([])

    async def _log_in(self) -> None:
        """Log in to Telegram, waiting for a network for as long as there is none."""
        try:
            await patiently(self.bot.initialize)
        except InvalidToken as error:
            raise StartError(
                "Telegram does not know this token (401): take the right one from @BotFather "
                "and set DIGESTBOT_TELEGRAM__TOKEN."
            ) from error

    async def _introduce(self) -> None:
        """Set the command lists, and offer the bot to its owner; of processes that start together, one does."""
        if not self.bot.supports_inline_queries:
            logger.warning(
                "inline mode is off: nobody can type @%s in other chats, so Share sends links; "
                "switch it on at @BotFather with /setinline",
                self.bot.username,
            )
        async with alone(self.stores.database, "introduction", waits=False) as is_alone:
            if not is_alone or await self._was_just_introduced():
                return
            self.owner_link = await self.parts.admins.invitations.offer_ownership()
            await self._set_menus()
            if not self.stores.database.is_sqlite:
                await self.stores.people.note(_INTRODUCED, self.name, self.clock.now())

    async def _was_just_introduced(self) -> bool:
        """Return whether another process did it a moment ago; abs: a clock may have been set back."""
        if self.stores.database.is_sqlite:
            return False
        fact = await self.stores.people.fact(_INTRODUCED)
        return fact is not None and abs(self.clock.now() - fact[1]) < _TOGETHER

    async def _set_menus(self) -> None:
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

    def _late(self) -> list[LateJob]:
        """Return what should have run and did not."""
        late = [(name, self._roles_of_jobs.get(name, ProcessRole.JOBS)) for name in self.jobs.late()]
        if self.desk.receiver.is_deaf:
            late.append(("polling for updates", ProcessRole.UPDATES))
        return late

    async def _sign_of_life(self) -> None:
        await self._presence.sign(self._late())

    async def _note_presence(self) -> None:
        await self._presence.note(self._late())

    async def stop(self) -> None:
        """Take no more updates, finish what is under way, and close everything; safe to call after a failed start.

        Each step has a time limit and is abandoned after it, so that stopping ends whatever hangs.
        """
        deadline = monotonic() + _STOP_SECONDS
        if self._hearing is not None:
            self._hearing.cancel()
        self.work.end()
        await within(_CLOSE_SECONDS, self.monitoring.stop(), "metrics")
        await within(_CLOSE_SECONDS, self.work.close(), "origins")
        await within(_CONFIRM_SECONDS, self.desk.receive_no_more(), "webhook")
        await self.jobs.stop(max(0.1, deadline - monotonic()))
        # A handler that waits for Telegram longer than this is abandoned; its delivery is in the ledger.
        await self.desk.drain(max(0.5, deadline - monotonic()))
        for work in (self.parts.feeds.background, self.parts.feeds.following):
            await within(_CLOSE_SECONDS, work.stop(), "work in the background")
        if ProcessRole.UPDATES in self.roles:
            await within(_CLOSE_SECONDS, self.desk.leave(), "unanswered updates")
            # Without a network, the next start does this.
            with contextlib.suppress(TelegramError):
                await within(_CONFIRM_SECONDS, self.desk.resign())
        await within(_CLOSE_SECONDS, self.parts.chats.answers.settle(), "answers to presses")
        self.parts.chats.screens.stop()
        for what, step in (*self.media.closing(), *self.feeding.closing()):
            await within(_CLOSE_SECONDS, step, what)
        await within(_CLOSE_SECONDS, self.parts.statistics.close(), "statistics")
        with contextlib.suppress(BadRequest, RuntimeError):
            await within(_CLOSE_SECONDS, self.bot.shutdown(), "connections")
        await within(_CLOSE_SECONDS, self._client.close(), "connections")
        # Without a database, the others find out by themselves.
        with contextlib.suppress(StorageError):
            await within(_CLOSE_SECONDS, self._presence.leave(), "sign of life")
        await within(_CLOSE_SECONDS, self.tracing.stop(), "traces")
        await within(_CLOSE_SECONDS, self.stores.close(), "database")
        self._lock.release()
        logger.info("stopped")
