"""Scans the origins of posts and makes what is new searchable, for the running bot and for the command line.

The bot scans each origin on a schedule of its own, so that one that is slow or silent delays only itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic

from digests.errors import OriginError
from digests.ingest.configured import ConfiguredOrigin
from digests.ingest.ingest import IngestReport, ingest
from digests.ingest.parsing import ReadingOptions
from digests.ingest.status import OriginStatus, record_scan, unreadable_folders
from digests.offload import IN_THREAD, Offload, ProcessOffload, in_own_thread, processors
from digests.ports import Clock, OnProgress, no_progress
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.people.people import PeopleStore
from digests.storage.search.port import ArticleIndex

logger = logging.getLogger(__name__)

REINDEX = "reindex"
"""The fact by which the running bot is asked to make its search index anew."""
_LITTLE = 8
_MUCH_WASTE = 0.3


class ScanStep(Enum):
    """What a scan of all origins is at."""

    READING = auto()
    INDEXING = auto()


ShowScanStep = Callable[[ScanStep], AbstractContextManager[OnProgress]]
"""Shows how far a step has come while its context is open."""


@contextlib.contextmanager
def show_nothing(_step: ScanStep) -> Iterator[OnProgress]:
    """Show nothing: for scans that nobody watches."""
    yield no_progress


@dataclass(frozen=True, slots=True)
class ScanStores:
    """What a scan reads and writes."""

    posts: IngestStore
    articles: ArticleStore
    index: ArticleIndex
    people: PeopleStore


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan of all origins came to.

    `errors` kept origins from being read; `unreadable` are folders of those that were, as they can be printed.
    """

    report: IngestReport
    errors: tuple[OriginError, ...]
    unreadable: tuple[str, ...]


class Scanner:
    """Takes in new and changed posts and makes them searchable. Any method may raise StorageError.

    With `strict` an origin whose site configuration is broken is not read; without it, its posts are taken in
    without links to the site until that is repaired. `on_status` is called after each scan of an origin, and for those
    that are silent whenever the index is maintained; `on_change` when articles came in or changed.
    """

    def __init__(
        self,
        origins: Sequence[ConfiguredOrigin],
        stores: ScanStores,
        clock: Clock,
        *,
        strict: bool = False,
        on_status: Callable[[OriginStatus], None] = lambda _status: None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._statuses = {configured.origin.name: OriginStatus(configured) for configured in origins}
        self._locks = {name: asyncio.Lock() for name in self._statuses}
        self._stores = stores
        self._clock = clock
        self._strict = strict
        self._on_status = on_status
        self._on_change = on_change
        self._indexing = asyncio.Lock()
        self._offload: ProcessOffload | None = None
        self._users_of_process = 0
        self._closed = False

    async def scan(self, show: ShowScanStep = show_nothing, *, record: bool = True) -> ScanResult:
        """Read every origin in turn, then bring the search index up to date.

        For a program that does nothing else meanwhile, to which a second process is worth its start and its memory only
        where there is a second processor. An origin that can't be read stops no other. `record` False: the scan says
        nothing about the bot's origins, so `doctor` is not to know of it; nor is it of one that could read none.
        """
        total, statuses = IngestReport(), list(self._statuses.values())
        with self._second_process() if processors() > 1 else contextlib.nullcontext(IN_THREAD) as offload:
            with show(ScanStep.READING) as progress:
                for status in statuses:
                    report = await self._read(status, offload, progress)
                    total = total if report is None else total.plus(report)
            errors = tuple(status.error for status in statuses if status.error is not None)
            if record and len(errors) < len(statuses):
                await self._record()
            with show(ScanStep.INDEXING) as progress:
                await self._update_index(offload, progress)
        return ScanResult(total, errors, tuple(unreadable_folders(status.configured.origin for status in statuses)))

    async def scan_origin(self, name: str) -> None:
        """Read one origin, and make searchable what it brought. What keeps it from being read is in its status."""
        with self._second_process() as offload:
            report = await self._read(self._statuses[name], offload)
        if report is None:
            return
        await self._record()
        if report.new or report.changed:
            await self.maintain_index()

    async def maintain_index(self, offload: Offload | None = None) -> None:
        """Bring the search index up to date; make it anew where that was asked for, or where it pays.

        For the running bot alone: nobody else may put another index in place of the one that it has open. `offload` is
        a second process that is there already, so that there is no third.
        """
        with self._second_process() if offload is None else contextlib.nullcontext(offload) as offload:
            await self._rebuild_index(offload)
            await self._update_index(offload, no_progress)
        for status in self._statuses.values():
            if status.is_silent:
                self._on_status(status)

    def close(self) -> None:
        """End what is under way with an error. Blocks for a moment at most."""
        self._closed = True
        for status in self._statuses.values():
            status.configured.origin.close()

    async def _read(
        self, status: OriginStatus, offload: Offload, progress: OnProgress = no_progress
    ) -> IngestReport | None:
        """Return what the scan of an origin came to; None when it can't be read."""
        origin, state = status.configured.origin, status.configured.state
        async with self._locks[status.name]:
            status.begun_at = monotonic()
            try:
                reading = await self._reading(status)
                now = self._clock.now()
                report = await ingest(origin, self._stores.posts, reading, now, progress, offload, state)
                status.report, status.error = report, None
            except OriginError as error:
                status.error, report = error, None
            finally:
                status.begun_at = None
        if not self._closed:
            self._on_status(status)
        if report is not None and (report.new or report.changed):
            self._on_change()
        return report

    async def _reading(self, status: OriginStatus) -> ReadingOptions:
        """Return how the origin's posts are read; raises OriginError where that can't be known, if `strict`."""
        try:
            reading = await in_own_thread(status.configured.reading)
        except OriginError as error:
            if self._strict:
                raise
            status.site_error = error
            return await in_own_thread(status.configured.reading_without_site)
        status.site_error = None
        return reading

    async def _record(self) -> None:
        await record_scan(self._stores.people, list(self._statuses.values()), self._clock.now())

    async def _update_index(self, offload: Offload, progress: OnProgress) -> None:
        async with self._indexing:
            await self._stores.index.update(self._stores.articles, offload, progress)
            await self._stores.index.tidy()

    async def _rebuild_index(self, offload: Offload) -> None:
        stores = self._stores
        async with self._indexing:
            is_asked_for = await stores.people.fact(REINDEX) is not None
            if not is_asked_for and await stores.index.waste() <= _MUCH_WASTE:
                return
            articles = await stores.index.rebuild(stores.articles, offload)
            logger.info("the search index is made anew", extra={"articles": articles})
            if is_asked_for:
                await stores.people.forget_fact(REINDEX)

    @contextlib.contextmanager
    def _second_process(self) -> Iterator[Offload]:
        """Share one second process among all scans of a time; it ends with the last of them."""
        if self._offload is None:
            self._offload = ProcessOffload(_LITTLE)
        self._users_of_process += 1
        try:
            yield self._offload
        finally:
            self._users_of_process -= 1
            if not self._users_of_process:
                self._offload.close()
                self._offload = None
