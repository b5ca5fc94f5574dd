"""The running bot: starts its parts in order, keeps them going, and stops them cleanly."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.alerting import Alerting, AlertSources
from bot.errors import StartError
from bot.feeding import bring_in_feeds, build_feeding
from bot.handlers.admins import withdraw
from bot.monitoring.parts import MonitoredParts, skew_of
from bot.monitoring.server import Monitoring
from bot.runtime.deadline import within
from bot.runtime.jobs import Jobs
from bot.runtime.lock import BotLock
from bot.stores import build_feed_overviews, build_stores, scan_stores
from bot.telegram.client import build_client
from bot.telegram.patience import patiently
from bot.tracing import Tracing
from bot.updates.inbox import Inbox
from bot.updates.left_over import LeftOverUpdates
from bot.updates.receiver import Receiver
from bot.wiring import build_parts
from config.pseudonyms import pseudonyms
from config.settings import Settings
from digests.doctor import ALIVE
from digests.ingest.configured import build_origins
from digests.ingest.ingest import IngestReport
from digests.ingest.scan import Scanner
from digests.ingest.status import StatusLog
from digests.ingest.tally import ScanTally
from digests.ingest.watch import Watch
from digests.model.outcome import LONGEST_WAIT
from digests.offload import in_own_thread
from digests.ports import Clock
from digests.storage.data_folder import prepare_data_folder
from digests.storage.measurements import MeasurementStore
from digests.storage.migrate import migrate
from digests.storage.own_data import KEPT_DAYS

logger = logging.getLogger(__name__)

_STOP_SECONDS = 5.0
_CLOSE_SECONDS = 1.0
_CONFIRM_SECONDS = 2.0
_CLOCK_SECONDS = 3600.0
_PLAN_SECONDS = 1800.0
_COUNT_SECONDS = 3600.0


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
        self.jobs = Jobs()
        self.feeding = build_feeding(settings, clock, self.stores, self._feeds_brought)
        self.parts = build_parts(settings, clock, self._client, self.stores, owner, self.jobs.wake, self.feeding.book)
        self.media = self.parts.media
        self.router = self.parts.router
        self.inbox = Inbox(self.router.handle, self.router.too_many, self.parts.chats.answers.give)
        self._left_over = LeftOverUpdates(self.inbox, self.stores.people)
        self.receiver = Receiver(settings.telegram, self._client, self.inbox)
        self._origins = build_origins(settings)
        self.scans = ScanTally(StatusLog())
        self._scanner = Scanner(
            self._origins,
            scan_stores(self.stores),
            clock,
            on_status=self.scans,
            on_change=self._articles_came,
        )
        self._watches: list[Watch] = []
        self._planned_at: datetime | None = None
        self._wants_pictures = False
        self.tracing = Tracing(settings.tracing.endpoint, pseudonyms(settings.telegram.token.get_secret_value()))
        self.alerting = Alerting(settings.alerts, self._alert_sources(), self.parts.alert_notices.tell, self.clock)
        self.monitoring = Monitoring(settings.metrics.listen, self._monitored())

    def _alert_sources(self) -> AlertSources:
        """Return where it is looked whether all is well."""
        return AlertSources(
            measurements=MeasurementStore(self.stores.database),
            people=self.stores.people,
            reachability=self._client.reachability,
            skew=partial(skew_of, self.clock, self._client.reachability),
            probe=self._probe,
            folders=(self.settings.data_dir, self.settings.pictures_folder),
        )

    async def _probe(self) -> None:
        """Ask Telegram something; what comes of it is noted where requests are made."""
        with contextlib.suppress(TelegramError):
            await self.bot.get_me()

    def _monitored(self) -> MonitoredParts:
        """Return what is measured of this process."""
        stores, parts = self.stores, self.parts
        return MonitoredParts(
            clock=self.clock,
            measurements=MeasurementStore(stores.database),
            people=stores.people,
            feeds=build_feed_overviews(stores),
            deliveries=parts.delivery_worker.tally,
            scans=self.scans,
            looker=self.feeding.looker,
            lookup=parts.readers.look_up.lookup,
            jobs=self.jobs.tally,
            throttle=self._client.throttle,
            reachability=self._client.reachability,
            inbox=self.inbox,
            late_jobs=self.jobs.late,
            is_deaf=lambda: self.receiver.is_deaf,
            skew=partial(skew_of, self.clock, self._client.reachability),
        )

    async def start(self, *, scheduled: bool = True) -> None:
        """Open the stores, start reading posts, connect to Telegram and begin to answer.

        Waits for a network for as long as there is none. With `scheduled` false no job runs unless it is called.

        Raises:
            StartError: for a problem that waiting does not solve.
        """
        self.tracing.start()
        await self._open()
        await self.monitoring.start()
        await self.media.start()
        if scheduled:
            self._start_jobs()
        await self._connect()
        await self._left_over.take_up(self.clock.now())
        await self.receiver.start()
        if scheduled:
            self.jobs.add("tick", self.plan, self.settings.delivery.tick_seconds, longest=_PLAN_SECONDS)
            self.media.add_sending_jobs(self.jobs)
            self.feeding.add_telling_jobs(self.jobs, self.parts.feed_notices.tell)
            self.jobs.add("deliver", self.parts.delivery_worker.deliver_due, self.settings.delivery.tick_seconds)
            self.jobs.add("follow", self.parts.copy_change_worker.work, self.settings.delivery.tick_seconds)
            self.jobs.add("enforce", self.enforce, 1)
            self.jobs.add("report", self.report, 2)
            self.jobs.add("recall", self.recall, 5)
        logger.info("ready", extra={"bot": self.bot.username})

    def _start_jobs(self) -> None:
        """Schedule the jobs that work without Telegram."""
        seconds = self.settings.posts.scan_seconds
        for configured in self._origins:
            job = f"scan {configured.origin.name}"
            self.jobs.add(job, partial(self._scan_origin, configured.origin.name), seconds)
            if self.settings.posts.watch and configured.folder is not None:
                watch = Watch(configured.folder, partial(self.jobs.wake, job))
                self._watches.append(watch)
                watch.start()
        # A scan indexes what it finds at once. This job indexes other changes: an admin's, or `digestbot ingest`'s.
        self.jobs.add("index", self._scanner.maintain_index, seconds)
        self.jobs.add("match", self.parts.wishing.match, seconds, longest=_PLAN_SECONDS)
        self.feeding.add_jobs(self.jobs)
        self.media.add_jobs(self.jobs, self.clock)
        self.alerting.add_jobs(self.jobs)
        self.jobs.add("alive", self._sign_of_life, 20)
        self.jobs.add("clock", self.repair_moments, _CLOCK_SECONDS, at_once=False)
        self.jobs.add("tidy", self.tidy, 6 * 3600, at_once=False)
        self.jobs.add("statistics", self.count, _COUNT_SECONDS, longest=_PLAN_SECONDS)
        self.jobs.on_jump = self._clock_was_set
        self.jobs.start()

    def _articles_came(self) -> None:
        self.stores.categories.forget_readers_tree()
        self._wants_pictures = True
        self.jobs.wake("match")

    async def _feeds_brought(self) -> None:
        """Make searchable what feeds brought, and wake what waits for news."""
        await self._scanner.maintain_index(self.feeding.process)
        self._articles_came()
        self._wake_pictures()

    async def _scan_origin(self, name: str) -> None:
        await self._scanner.scan_origin(name)
        self._wake_pictures()

    def _wake_pictures(self) -> None:
        """Have pictures of new articles fetched, once the scan's own process is gone, so that there are never two."""
        if self._wants_pictures:
            self._wants_pictures = False
            self.jobs.wake("pictures")

    def _clock_was_set(self) -> None:
        for job in ("clock", "alive"):
            self.jobs.wake(job)

    async def repair_moments(self) -> None:
        """Recompute the due times that only a wrong clock could have written."""
        now = self.clock.now()
        made = await self.stores.clock_repairs.repair(now)
        await self.feeding.looker.repair_moments()
        await self.stores.ledger.set_back(now, LONGEST_WAIT, timedelta(seconds=self.settings.delivery.lease_seconds))
        if made:
            logger.warning("due times that a wrong clock had written were recomputed", extra=asdict(made))

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
        await self.repair_moments()

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
        """Scan all origins once, look at the feeds that are due, and bring the search index up to date.

        Raises:
            OriginError: when no origin can be read.
        """
        result = await self._scanner.scan()
        self._wake_pictures()
        await self.feeding.looker.look_at_due()
        if len(result.errors) == len(self._origins):
            raise result.errors[0]
        return result.report

    async def recall(self) -> None:
        """Remove withdrawn articles from messages already sent, where an admin asked for it, and report it done."""
        parts = self.parts
        for done in await parts.withdrawer.recall_some():
            await withdraw.report(
                self.bot, parts.admins.curation, self.stores.places, self.settings.chat.language, done
            )

    async def plan(self) -> int:
        """Plan what is due, and return how many digests and announcements that makes."""
        now = self.clock.now()
        if self._planned_at is not None and now < self._planned_at:
            await self.repair_moments()
        self._planned_at = now
        await self.stores.places.end_pauses(now)
        await self._tend_topics(now)
        planned = await self._plan_digests(now)
        planned += await self.parts.announcements.broadcaster.plan_confirmed(now)
        if planned:
            self.jobs.wake("deliver")
        return planned

    async def _tend_topics(self, now: datetime) -> None:
        """Give what is newly followed in chats with topics its topic, before its first digest."""
        try:
            await self.parts.private_topics.tend(now)
        except TelegramError as error:
            # The chat itself gets it until then.
            logger.warning("topics could not be tended", extra={"reason": error.message})

    async def _plan_digests(self, now: datetime) -> int:
        """Plan the digests that are due; those that are sent at once wait some seconds for their mosaics."""
        self.media.mosaics.expect()
        planned = 0
        try:
            planned = await self.parts.planner.plan_due(now)
        finally:
            if not planned:
                self.media.mosaics.expect_nothing()
        if planned:
            self.jobs.wake("mosaics")
        return planned

    async def enforce(self) -> None:
        """Apply to deliveries that announcements were paused or cancelled, and pause those that fail too often."""
        await self.parts.announcements.upkeep.enforce(self.clock.now(), self.parts.reporter)

    async def report(self) -> None:
        """Finish the announcements that are complete, and update the progress of the others."""
        if await self.parts.announcements.upkeep.settle(self.clock.now(), self.parts.reporter):
            self.jobs.wake("follow")

    async def tick(self) -> None:
        """Plan, send and report once, one after the other, until nothing is left to do now."""
        await self.parts.wishing.match()
        await self.plan()
        await self.media.mosaics.make_wanted()
        await self.parts.delivery_worker.deliver_due()
        await self.parts.copy_change_worker.work()
        await self.enforce()
        await self.report()

    async def count(self) -> None:
        """Write the day's numbers of readers, deliveries and articles."""
        await self.parts.statistics.count(self.clock.now())

    async def tidy(self) -> None:
        """Delete records that are too old to be asked for."""
        before = self.clock.now() - timedelta(days=KEPT_DAYS)
        await self.stores.deliveries.tidy(before)
        await self.stores.people.tidy(before)
        await self.parts.wishing.matcher.tidy()
        await self.media.tidy(before)
        await self._forget_inactive()

    async def _forget_inactive(self) -> None:
        """Forget the chats that get nothing any more and that nobody used for long."""
        days = self.settings.chat.forget_days
        if days and (forgotten := await self.stores.own_data.forget_inactive(self.clock.now() - timedelta(days=days))):
            logger.info("chats were forgotten that nobody used any more", extra={"chats": forgotten})

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
        self.parts.delivery_worker.stop()
        self.parts.copy_change_worker.stop()
        self.media.end()
        self.feeding.end()
        await within(_CLOSE_SECONDS, self.monitoring.stop(), "metrics")
        for watch in self._watches:
            watch.stop()
        await within(_CLOSE_SECONDS, in_own_thread(self._scanner.close), "origins")
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
        await within(_CLOSE_SECONDS, self.tracing.stop(), "traces")
        await within(_CLOSE_SECONDS, self.stores.close(), "database")
        self._lock.release()
        logger.info("stopped")
