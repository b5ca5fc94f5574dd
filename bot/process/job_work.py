"""The work of the bot that nobody asks for at that moment: what its jobs do, and which of them a process has."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from telegram.error import TelegramError

from bot.handlers.admins import withdraw
from bot.wiring.feeds import Feeding
from bot.wiring.foundation import Foundation
from bot.wiring.parts import Parts
from bot.wiring.stores import build_retention, scan_stores
from digests.delivery.taking_over import TakingOver
from digests.ingest.configured import ConfiguredOrigin
from digests.ingest.ingest import IngestReport
from digests.ingest.scan import Scanner
from digests.ingest.status import StatusLog
from digests.ingest.tally import ScanTally
from digests.ingest.watch import Watch
from digests.jobs.runner import JobFunction, JobRunner
from digests.jobs.table import scan_job
from digests.model.process import ProcessRole
from digests.model.step import LONGEST_WAIT
from digests.offload import in_own_thread
from digests.storage.cluster.updates import tidy_updates
from digests.storage.places.own_data import KEPT_DAYS

logger = logging.getLogger(__name__)


class JobWork:
    """What the jobs of a running bot do, over its parts. Any method may raise StorageError."""

    def __init__(
        self,
        foundation: Foundation,
        parts: Parts,
        feeding: Feeding,
        jobs: JobRunner,
        origins: Sequence[ConfiguredOrigin],
    ) -> None:
        self._settings = settings = foundation.settings
        self._clock = clock = foundation.clock
        self._stores = stores = foundation.stores
        self._bot = foundation.client.bot
        self._parts = parts
        self._feeding = feeding
        self._jobs = jobs
        self._origins = origins
        self.scans = ScanTally(StatusLog())
        self._scanner = Scanner(
            self._origins, scan_stores(stores), clock, on_status=self.scans, on_change=self._articles_came
        )
        self._retention = build_retention(settings, stores)
        self._watches: list[Watch] = []
        self._planned_at: datetime | None = None
        self._wants_pictures = False
        self._taking_over = TakingOver(stores.abandoned, stores.processes, clock)

    def attach_reading(self, roles: Collection[ProcessRole]) -> None:
        """Attach the jobs of these roles that need no Telegram: reading, upkeep, and what is kept ready for readers."""
        if ProcessRole.JOBS in roles:
            self._attach_scans()
            works: dict[str, JobFunction] = {
                "index": self._scanner.maintain_index,
                "match": self._parts.wishing.match,
                "feeds": self._feeding.looker.look_at_due,
                "clock": self.repair_moments,
                "tidy": self.tidy,
                "statistics": self.count,
            }
            if self._parts.media.wanted:
                works["pictures"] = self._bring_pictures
            self._attach(works)
        if ProcessRole.UPDATES in roles:
            self._attach_answering()

    def _attach_answering(self) -> None:
        """Attach what keeps up what readers are answered with, as far as it is in memory."""
        if (covers := self._parts.media.covers) is not None:
            self._jobs.add("covers", lambda: covers.refresh(self._clock.now()))
            self._jobs.add("missing covers", lambda: covers.bring_missing(self._clock.now()))
        self._jobs.add("curation", self._follow_curation)
        if not self._stores.database.is_sqlite:
            self._jobs.add("tree", self._forget_tree)

    async def _forget_tree(self) -> None:
        self._stores.categories.forget_readers_tree()

    async def _follow_curation(self) -> None:
        """Show nothing any more that an admin, perhaps in another process, has just kept from readers."""
        self._stores.categories.forget_readers_tree()
        if (covers := self._parts.media.covers) is not None:
            covers.forget()
            await covers.refresh(self._clock.now())

    def _attach_scans(self) -> None:
        for configured in self._origins:
            job = scan_job(configured.origin.name)
            self._jobs.add(job, partial(self._scan_origin, configured.origin.name))
            if self._settings.posts.watch and configured.folder is not None:
                watch = Watch(configured.folder, partial(self._jobs.wake, job))
                self._watches.append(watch)
                watch.start()

    def attach_sending(self, roles: Collection[ProcessRole]) -> None:
        """Attach the jobs of these roles that plan and send messages, and change those that were sent."""
        if ProcessRole.JOBS in roles:
            self._attach(
                {
                    "tick": self.plan,
                    "mosaics": self._parts.media.mosaics.make_wanted,
                    "feed reports": partial(self._feeding.report, self._parts.feed_notices.tell),
                    "follow": self._parts.copy_change_worker.work,
                    "enforce": self.enforce,
                    "report": self.report,
                    "recall": self.recall,
                }
            )
        if ProcessRole.DELIVERIES in roles:
            self._jobs.add("deliver", self._parts.delivery_worker.deliver_due)
            if not self._stores.database.is_sqlite:
                self._jobs.add("take over", self.take_over)

    def _attach(self, works: dict[str, JobFunction]) -> None:
        for name, work in works.items():
            self._jobs.add(name, work)

    # Articles

    async def scan(self) -> IngestReport:
        """Scan all origins once, look at the feeds that are due, and bring the search index up to date.

        Raises:
            OriginError: when no origin can be read.
        """
        result = await self._scanner.scan()
        self._wake_pictures()
        await self._feeding.looker.look_at_due()
        if len(result.errors) == len(self._origins):
            raise result.errors[0]
        return result.report

    async def feeds_brought(self) -> None:
        """Make searchable what feeds brought, and wake what waits for news."""
        await self._scanner.maintain_index(self._feeding.process)
        self._articles_came()
        self._wake_pictures()

    async def _scan_origin(self, name: str) -> None:
        await self._scanner.scan_origin(name)
        self._wake_pictures()

    def _articles_came(self) -> None:
        self._stores.categories.forget_readers_tree()
        self._wants_pictures = True
        self._jobs.wake("match")
        self._jobs.wake("tree")

    def _wake_pictures(self) -> None:
        """Have pictures of new articles fetched, once the scan's own process is gone, so that there are never two."""
        if self._wants_pictures:
            self._wants_pictures = False
            self._jobs.wake("pictures")

    async def _bring_pictures(self) -> None:
        """Fetch the pictures of new articles; the first of a day bring its covers."""
        media = self._parts.media
        if await media.pipeline.work() and media.covers is not None:
            self._jobs.wake("missing covers")

    # Messages

    async def plan(self) -> int:
        """Plan what is due, and return how many digests and announcements that makes."""
        now = self._clock.now()
        if self._planned_at is not None and now < self._planned_at:
            await self.repair_moments()
        self._planned_at = now
        await self._stores.places.end_pauses(now)
        await self._tend_topics(now)
        planned = await self._plan_digests(now)
        planned += await self._parts.announcements.broadcaster.plan_confirmed(now)
        if planned:
            self._jobs.wake("deliver")
        return planned

    async def _tend_topics(self, now: datetime) -> None:
        """Give what is newly followed in chats with topics its topic, before its first digest."""
        try:
            await self._parts.private_topics.tend(now)
        except TelegramError as error:
            # The chat itself gets it until then.
            logger.warning("topics could not be tended", extra={"reason": error.message})

    async def _plan_digests(self, now: datetime) -> int:
        """Plan the digests that are due; those that are sent at once wait some seconds for their mosaics."""
        mosaics = self._parts.media.mosaics
        mosaics.expect()
        planned = 0
        try:
            planned = await self._parts.planner.plan_due(now)
        finally:
            if not planned:
                mosaics.expect_nothing()
        if planned:
            self._jobs.wake("mosaics")
        return planned

    async def enforce(self) -> None:
        """Apply to deliveries that announcements were paused or cancelled, and pause those that fail too often."""
        await self._parts.announcements.upkeep.enforce(self._clock.now(), self._parts.reporter)

    async def report(self) -> None:
        """Finish the announcements that are complete, and update the progress of the others."""
        if await self._parts.announcements.upkeep.settle(self._clock.now(), self._parts.reporter):
            self._jobs.wake("follow")

    async def recall(self) -> None:
        """Remove withdrawn articles from messages already sent, where an admin asked for it, and report it done."""
        curation, language = self._parts.admins.curation, self._settings.chat.language
        for done in await self._parts.withdrawer.recall_some():
            await withdraw.report(self._bot, curation, self._stores.places, language, done)

    async def take_over(self) -> None:
        """Take over the deliveries of processes that died."""
        if await self._taking_over.free():
            self._jobs.wake("deliver")

    async def tick(self) -> None:
        """Plan, send and report once, one after the other, until nothing is left to do now."""
        await self._parts.wishing.match()
        await self.plan()
        await self._parts.media.mosaics.make_wanted()
        await self._parts.delivery_worker.deliver_due()
        await self._parts.copy_change_worker.work()
        await self.enforce()
        await self.report()

    # Upkeep

    async def repair_moments(self) -> None:
        """Recompute the due times that only a wrong clock could have written."""
        now = self._clock.now()
        made = await self._stores.clock_repairs.repair(now)
        await self._feeding.looker.repair_moments()
        lease = timedelta(seconds=self._settings.delivery.lease_seconds)
        await self._stores.ledger.set_back(now, LONGEST_WAIT, lease)
        if made:
            logger.warning("due times that a wrong clock had written were recomputed", extra=asdict(made))

    async def count(self) -> None:
        """Write the day's numbers of readers, deliveries and articles."""
        await self._parts.statistics.count(self._clock.now())

    async def tidy(self) -> None:
        """Delete records that are too old to be asked for."""
        before = self._clock.now() - timedelta(days=KEPT_DAYS)
        if gone := await self._retention.apply(self._clock.now()):
            logger.info("what was too old was deleted", extra={"deleted": dict(gone)})
        await self._stores.people.tidy(before)
        await self._stores.processes.tidy(before)
        await tidy_updates(self._stores.database, self._clock.now())
        await self._parts.wishing.matcher.tidy()
        await self._parts.media.tidy(before)
        await self._forget_inactive()

    async def _forget_inactive(self) -> None:
        """Forget the chats that get nothing any more and that nobody used for long."""
        days = self._settings.chat.forget_days
        before = self._clock.now() - timedelta(days=days)
        if days and (forgotten := await self._stores.own_data.forget_inactive(before)):
            logger.info("chats were forgotten that nobody used any more", extra={"chats": forgotten})

    # The end

    def end(self) -> None:
        """Begin nothing more."""
        self._parts.delivery_worker.stop()
        self._parts.copy_change_worker.stop()
        self._parts.media.end()
        self._feeding.end()
        for watch in self._watches:
            watch.stop()

    async def close(self) -> None:
        """End with an error what origins are asked for at the moment."""
        await in_own_thread(self._scanner.close)
