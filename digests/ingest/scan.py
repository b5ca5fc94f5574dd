"""Looks at the origins of posts, each by itself: one that is slow or silent delays only itself.

After each look that brought something the search index follows.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from digests.errors import OriginError
from digests.ingest.ingest import IngestReport, ingest
from digests.ingest.listing import ScanState
from digests.ingest.looks import note_scan, unreadable_folders
from digests.ingest.parsing import ReadingOptions
from digests.offload import Offload, ProcessOffload, in_own_thread
from digests.ports import Clock, Origin
from digests.storage.articles.read import ArticleStore
from digests.storage.articles.write import IngestStore
from digests.storage.people import PeopleStore
from digests.storage.search.index import SearchIndex

logger = logging.getLogger(__name__)

REINDEX = "reindex"
SILENT_SECONDS = 300.0
"""A look that takes longer is said to an operator: its origin may never answer."""
_LITTLE = 8
_MOST_NAMED = 20
_MUCH_WASTE = 0.3


class OriginToScan(Protocol):
    """An origin with how its posts are read."""

    @property
    def origin(self) -> Origin: ...

    @property
    def scan_state(self) -> ScanState: ...

    def reading(self) -> ReadingOptions:
        """Blocks. Raises OriginError when the site's configuration can't be used."""
        ...

    def reading_without_site(self) -> ReadingOptions:
        """What is left to go on with when `reading` raised."""
        ...


@dataclass(slots=True)
class _OriginState:
    """What is known of an origin in this process."""

    configured: OriginToScan
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    begun_at: float | None = None
    report: IngestReport | None = None
    trouble: OriginError | None = None
    said: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.configured.origin.name

    @property
    def is_silent(self) -> bool:
        return self.begun_at is not None and monotonic() - self.begun_at > SILENT_SECONDS

    def say(self, about: str, text: str) -> None:
        """Logs an error once, not at every look."""
        if self.said.get(about) != text:
            self.said[about] = text
            logger.error(text)

    def say_unreadable(self) -> None:
        """Names the folders that the last look could not look into, once."""
        if folders := unreadable_folders([self.configured.origin]):
            named = ", ".join(folders[:_MOST_NAMED])
            self.say("folders", f"{len(folders)} folders of posts can't be read: {named}. Give the bot the right.")
        else:
            self.said.pop("folders", None)


class Scanner:
    """Brings posts in and makes them searchable. `changed` is called when articles came in."""

    def __init__(
        self,
        origins: Sequence[OriginToScan],
        posts: IngestStore,
        articles: ArticleStore,
        index: SearchIndex,
        people: PeopleStore,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._origins = {configured.origin.name: _OriginState(configured) for configured in origins}
        self._posts = posts
        self._articles = articles
        self._index = index
        self._people = people
        self._clock = clock
        self._changed = changed
        self._indexing = asyncio.Lock()
        self._offload: ProcessOffload | None = None
        self._looking = 0
        self._closed = False

    async def scan(self) -> IngestReport:
        """Looks at every origin once, side by side, and brings the search index up to date.

        An origin that can't be read stops no other. Raises OriginError, of the first, when none can be read.
        """
        looks = await asyncio.gather(*map(self._scan_origin, self._origins.values()), return_exceptions=True)
        total, is_read = IngestReport(), False
        for look in looks:
            if isinstance(look, BaseException):
                raise look
            if look is not None:
                total, is_read = total.plus(look), True
        await self.index()
        if not is_read:
            troubles = [state.trouble for state in self._origins.values() if state.trouble is not None]
            raise troubles[0]
        await self._note()
        return total

    async def scan_origin(self, name: str) -> None:
        """Looks at one origin. What keeps it from being read is logged, once."""
        if await self._scan_origin(self._origins[name]) is not None:
            await self._note()

    async def index(self) -> None:
        """Brings the search index up to date; makes it anew where that was asked for or pays."""
        with self._one_process() as offload:
            async with self._indexing:
                await self._bring_up_to_date(offload)
        for state in self._origins.values():
            if state.is_silent:
                state.say("silent", f"The origin {state.name} has not answered for {SILENT_SECONDS / 60:.0f} minutes.")

    def close(self) -> None:
        """Ends what is under way with an error. Blocks for a moment at most."""
        self._closed = True
        for state in self._origins.values():
            state.configured.origin.close()

    async def _scan_origin(self, state: _OriginState) -> IngestReport | None:
        """What the look came to; None when the origin can't be read."""
        async with state.turn:
            state.begun_at = monotonic()
            try:
                with self._one_process() as offload:
                    state.report = await self._take_in(state, offload)
            except OriginError as error:
                state.trouble = error
                if not self._closed:
                    state.say("origin", str(error))
                return None
            finally:
                state.begun_at = None
            state.said.pop("silent", None)
            if state.trouble is not None:
                state.trouble = None
                state.said.pop("origin", None)
                logger.info("the origin can be read again", extra={"origin": state.name})
        state.say_unreadable()
        if state.report.new or state.report.changed:
            self._changed()
            await self.index()
        return state.report

    async def _take_in(self, state: _OriginState, offload: Offload) -> IngestReport:
        configured = state.configured
        reading = await self._reading(state)
        report = await ingest(
            configured.origin,
            self._posts,
            reading,
            self._clock.now(),
            offload=offload,
            scan_state=configured.scan_state,
        )
        if report.new or report.changed or report.quarantined:
            logger.info(
                "posts read",
                extra={
                    "origin": state.name,
                    "new": report.new,
                    "changed": report.changed,
                    "duplicates": report.duplicates,
                    "aside": report.quarantined,
                },
            )
        return report

    async def _reading(self, state: _OriginState) -> ReadingOptions:
        try:
            reading = await in_own_thread(state.configured.reading)
        except OriginError as error:
            # Posts are read all the same, without links to the site.
            state.say("site", str(error))
            return await in_own_thread(state.configured.reading_without_site)
        state.said.pop("site", None)
        return reading

    async def _note(self) -> None:
        """Writes down how it stands with the origins, for `doctor`."""
        states = self._origins.values()
        total = IngestReport()
        for state in states:
            total = total if state.report is None else total.plus(state.report)
        troubles = sum(state.trouble is not None for state in states)
        silent = [state.name for state in states if state.is_silent]
        origins = [state.configured.origin for state in states]
        await note_scan(self._people, total, origins, troubles, self._clock.now(), silent)

    async def _bring_up_to_date(self, offload: Offload) -> None:
        asked = await self._people.fact(REINDEX) is not None
        if asked or await self._index.waste() > _MUCH_WASTE:
            articles = await self._index.rebuild(self._articles, offload)
            logger.info("the search index is made anew", extra={"articles": articles})
            if asked:
                await self._people.forget_fact(REINDEX)
        await self._index.update(self._articles, offload)
        await self._index.tidy()

    @contextlib.contextmanager
    def _one_process(self) -> Iterator[Offload]:
        """The second process is one for all looks of a time, and ends with the last of them."""
        if self._offload is None:
            self._offload = ProcessOffload(_LITTLE)
        self._looking += 1
        try:
            yield self._offload
        finally:
            self._looking -= 1
            if not self._looking:
                self._offload.close()
                self._offload = None
