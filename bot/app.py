"""The running bot: starts every part in its order, keeps it going, and ends it cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
from collections.abc import Awaitable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.errors import StartError
from bot.handlers.admins import withdraw
from bot.runtime.jobs import Jobs
from bot.runtime.lock import BotLock
from bot.telegram.client import build_client
from bot.telegram.patience import patiently
from bot.updates.inbox import Inbox
from bot.updates.receiver import Receiver
from bot.wiring import build_parts, build_stores, scan_stores
from config.settings import Settings
from digests.doctor import ALIVE
from digests.errors import StorageError
from digests.ingest.configured import build_origins
from digests.ingest.ingest import IngestReport
from digests.ingest.scan import Scanner
from digests.ingest.status import StatusLog
from digests.ingest.watch import Watch
from digests.model.outcome import LONGEST_WAIT
from digests.offload import in_own_thread
from digests.ports import Clock
from digests.storage.data_folder import prepare_data_folder
from digests.storage.migrate import migrate

logger = logging.getLogger(__name__)

_STOP_SECONDS = 5.0
_CLOSE_SECONDS = 1.0
_CONFIRM_SECONDS = 2.0
_KEEP_DAYS = 90
_LEFT_OVER = "left over"
_MOST_LEFT_OVER = 500
_CLOCK_SECONDS = 3600.0
_PLAN_SECONDS = 1800.0


class App:
    """One process of the bot. `start` returns when it answers; `stop` when nothing is half-done."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.owner_link: str | None = None
        self.stores = build_stores(settings)
        self._lock = BotLock(settings.data_dir, self.stores.database.file)
        self._client = build_client(settings)
        self.bot = self._client.bot
        owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.jobs = Jobs()
        self.parts = build_parts(settings, clock, self._client, self.stores, owner, self.jobs.wake)
        self.router = self.parts.router
        self.inbox = Inbox(self.router.handle, self.router.too_many, self._answer_press)
        self.receiver = Receiver(settings.telegram, self._client, self.inbox)
        self._origins = build_origins(settings)
        self._scanner = Scanner(
            self._origins,
            scan_stores(self.stores),
            clock,
            on_status=StatusLog(),
            on_change=self.stores.categories.forget_readers_tree,
        )
        self._watches: list[Watch] = []
        self._planned_at: datetime | None = None

    async def start(self, *, scheduled: bool = True) -> None:
        """Opens what is stored, looks at the posts, connects, listens. `scheduled` False: jobs run when called.

        Raises StartError for what no waiting mends; waits as long as it takes for a network.
        """
        await self._open()
        if scheduled:
            self._start_jobs()
        await self._connect()
        await self._take_up_left_over()
        await self.receiver.start()
        if scheduled:
            self.jobs.add("tick", self.plan, self.settings.delivery.tick_seconds, longest=_PLAN_SECONDS)
            self.jobs.add("deliver", self.parts.delivery_worker.deliver_due, self.settings.delivery.tick_seconds)
            self.jobs.add("follow", self.parts.copy_change_worker.work, self.settings.delivery.tick_seconds)
            self.jobs.add("enforce", self.enforce, 1)
            self.jobs.add("report", self.report, 2)
            self.jobs.add("recall", self.recall, 5)
        logger.info("ready", extra={"bot": self.bot.username})

    def _start_jobs(self) -> None:
        """All that needs no Telegram."""
        seconds = self.settings.posts.scan_seconds
        for configured in self._origins:
            job = f"scan {configured.origin.name}"
            self.jobs.add(job, partial(self._scanner.scan_origin, configured.origin.name), seconds)
            if self.settings.posts.watch and configured.folder is not None:
                watch = Watch(configured.folder, partial(self.jobs.wake, job))
                self._watches.append(watch)
                watch.start()
        # What an origin brings is indexed at once; here what others changed: an admin, or `digestbot ingest`.
        self.jobs.add("index", self._scanner.maintain_index, seconds)
        self.jobs.add("alive", self._sign_of_life, 20)
        self.jobs.add("clock", self.repair_moments, _CLOCK_SECONDS, at_once=False)
        self.jobs.add("tidy", self.tidy, 6 * 3600, at_once=False)
        self.jobs.on_jump = self._clock_was_set
        self.jobs.start()

    def _clock_was_set(self) -> None:
        for job in ("clock", "alive"):
            self.jobs.wake(job)

    async def repair_moments(self) -> None:
        """Makes anew whatever waits for a moment that only a wrong clock could have written."""
        now = self.clock.now()
        made = await self.stores.clock_repairs.repair(now)
        await self.stores.ledger.set_back(now, LONGEST_WAIT, timedelta(seconds=self.settings.delivery.lease_seconds))
        if made:
            logger.warning("moments that a wrong clock had written were made anew", extra=asdict(made))

    async def _open(self) -> None:
        await in_own_thread(prepare_data_folder, self.settings)
        if self.stores.database.is_sqlite:
            self._lock.acquire()
        before, after = await in_own_thread(migrate, self.settings.database_url)
        if before != after:
            logger.info("database brought up to date", extra={"from": before, "to": after})
        await self.stores.index.open()
        if self.stores.database.is_sqlite:
            # The lock says that we are alone: what a dead process held is free at once.
            await self.stores.ledger.release_all()
        await self.repair_moments()

    async def _connect(self) -> None:
        """Greets Telegram, waiting for a network as long as there is none."""
        try:
            await patiently(self.bot.initialize)
        except InvalidToken as error:
            raise StartError(
                "Telegram does not know this token (401): take the right one from @BotFather "
                "and set DIGESTBOT_TELEGRAM__TOKEN."
            ) from error
        self.owner_link = await self.parts.invitations.offer_ownership()
        roles = await self.parts.access.roles()
        try:
            await self.parts.menus.set_all(roles)
        except TelegramError as error:
            logger.warning("the command lists were not set", extra={"reason": error.message})

    async def _keep_left_over(self) -> None:
        """Telegram is told that all was taken, so what was not begun with is kept for the next start."""
        if not (left := self.inbox.left_over[-_MOST_LEFT_OVER:]):
            return
        try:
            await self.stores.people.note(_LEFT_OVER, json.dumps(left), self.clock.now())
        except StorageError as error:
            logger.warning("updates were left unanswered", extra={"number": len(left), "reason": str(error)})

    async def _take_up_left_over(self) -> None:
        fact = await self.stores.people.fact(_LEFT_OVER)
        if fact is None:
            return
        await self.stores.people.forget_fact(_LEFT_OVER)
        # Telegram keeps updates for a day too: who asked longer ago expects no answer.
        if self.clock.now() - fact[1] < timedelta(days=1):
            for update in json.loads(fact[0]):
                self.inbox.put(update)

    async def _answer_press(self, query_id: str) -> None:
        try:
            await self.parts.chats.messenger.answer_press(query_id)
        except TelegramError as error:
            logger.info("a press was answered too late", extra={"reason": error.message})

    async def scan(self) -> IngestReport:
        """Scan all origins once, and bring the search index up to date. Raises OriginError when none can be read."""
        result = await self._scanner.scan()
        if len(result.errors) == len(self._origins):
            raise result.errors[0]
        return result.report

    async def recall(self) -> None:
        """Takes withdrawn articles out of messages that were sent, where that was asked for."""
        parts = self.parts
        for done in await parts.withdrawer.recall_some():
            await withdraw.report(self.bot, parts.curation, self.stores.places, self.settings.chat.language, done)

    async def plan(self) -> int:
        """Plans what is due; how many digests and announcements are on their way."""
        now = self.clock.now()
        if self._planned_at is not None and now < self._planned_at:
            await self.repair_moments()
        self._planned_at = now
        await self.stores.places.end_pauses(now)
        planned = await self.parts.planner.plan_due(now)
        planned += await self.parts.broadcaster.plan_confirmed(now)
        if planned:
            self.jobs.wake("deliver")
        return planned

    async def enforce(self) -> None:
        """Keeps announcements as they were told to be, and pauses those of which too much fails."""
        await self.parts.upkeep.enforce(self.clock.now(), self.parts.reporter)

    async def report(self) -> None:
        """Finishes announcements that have come to their end, and shows how far the others have come."""
        if await self.parts.upkeep.settle(self.clock.now(), self.parts.reporter):
            self.jobs.wake("follow")

    async def tick(self) -> None:
        """Plans, sends and reports, one after the other, until nothing is left to do now."""
        await self.plan()
        await self.parts.delivery_worker.deliver_due()
        await self.parts.copy_change_worker.work()
        await self.enforce()
        await self.report()

    async def tidy(self) -> None:
        """Forgets what nobody will ask for any more."""
        before = self.clock.now() - timedelta(days=_KEEP_DAYS)
        await self.stores.deliveries.tidy(before)
        await self.stores.people.tidy(before)

    async def _sign_of_life(self) -> None:
        """Only while all jobs do what they should: a bot that answers and sends no digest is none."""
        late = list(self.jobs.late())
        if self.receiver.is_deaf:
            late.append("asking for updates")
        if late:
            logger.error("not everything runs as it should", extra={"late": ", ".join(late)})
            return
        await self.stores.people.note(ALIVE, str(os.getpid()), self.clock.now())

    async def stop(self) -> None:
        """Takes no more updates, ends what is under way, and closes; safe to call after a failed start.

        Each step has its time, and what hangs longer is left: a stop comes to its end whatever hangs.
        """
        deadline = monotonic() + _STOP_SECONDS
        self.parts.delivery_worker.stop()
        self.parts.copy_change_worker.stop()
        for watch in self._watches:
            watch.stop()
        await _within(_CLOSE_SECONDS, in_own_thread(self._scanner.close), "origins")
        await _within(_CONFIRM_SECONDS, self.receiver.stop(), "webhook")
        await self.jobs.stop(max(0.1, deadline - monotonic()))
        # A handler that waits for Telegram longer than this is left; its delivery is in the ledger.
        await self.inbox.stop(max(0.5, deadline - monotonic()))
        await _within(_CLOSE_SECONDS, self._keep_left_over(), "updates that nobody had begun with")
        # Without a network that is left for the next start.
        with contextlib.suppress(TelegramError):
            await _within(_CONFIRM_SECONDS, self.receiver.confirm())
        self.parts.chats.screens.stop()
        with contextlib.suppress(BadRequest, RuntimeError):
            await _within(_CLOSE_SECONDS, self.bot.shutdown(), "connections")
        await _within(_CLOSE_SECONDS, self._client.close(), "connections")
        await _within(_CLOSE_SECONDS, self.stores.close(), "database")
        self._lock.release()
        logger.info("stopped")


async def _within(seconds: float, step: Awaitable[object], what: str = "") -> None:
    """A step of the stop. What takes longer is left; an operator is told `what` that was."""
    try:
        async with asyncio.timeout(seconds):
            await step
    except TimeoutError:
        if what:
            logger.warning("a part did not come to its end in time, and is left", extra={"part": what})
