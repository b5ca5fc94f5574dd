"""Makes mosaics: each once, whoever gets it, those with the most readers first, in the second process.

Deliveries give it a head start of a few seconds, in which those whose mosaic is being made let others go first. What is
not made by then goes out without it. Where several processes draw, each claims a mosaic before it draws it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from digests.errors import StorageError
from digests.isolation.process import ProcessUnavailable, WorkLost
from digests.media.files import PictureFiles, bring_tiles
from digests.media.folder import PictureGoneError, mosaic_name
from digests.media.mosaic_watch import MosaicWatch
from digests.media.work import draw_mosaic
from digests.model.mosaic import Mosaic
from digests.offload import Offload
from digests.ports import Clock
from digests.storage.media.mosaics import MosaicStore

logger = logging.getLogger(__name__)

HEAD_START = 5.0
"""Seconds that a delivery waits for its mosaic at most."""
_MOMENT = timedelta(minutes=15)
"""What counts as one moment at which digests are due."""
_BUDGET_SECONDS = 60.0
_CLAIM = timedelta(seconds=30)
"""How long a process has for a mosaic that it claimed: a call to the second process takes at most 20 s."""
_KNOWN = 20_000


@dataclass(frozen=True, slots=True)
class MosaicOptions:
    """How many are made for one moment at which digests are due, and whether other processes make some too."""

    most: int
    head_start: float = HEAD_START
    is_shared: bool = False


class MosaicMaker:
    """Makes the mosaics that deliveries wait for. Implements `MosaicsToCome`."""

    def __init__(
        self,
        store: MosaicStore,
        files: PictureFiles,
        offload: Offload,
        clock: Clock,
        options: MosaicOptions,
        steady: Callable[[], float] = monotonic,
    ) -> None:
        self._store = store
        self._files = files
        self._offload = offload
        self._clock = clock
        self._options = options
        self._steady = steady
        self._settled: OrderedDict[str, float] = OrderedDict()
        self._making: dict[str, asyncio.Task[None]] = {}
        self._round: set[str] = set()
        self._looking = False
        self._until = 0.0
        self._arrivals: dict[str, asyncio.Event] = {}
        self._trouble = ""
        self._watch = MosaicWatch(store, options.head_start, steady) if options.is_shared else None

    def expect(self) -> None:
        """Let deliveries wait for mosaics that are about to be wanted: digests are being planned."""
        if self._options.most > 0:
            self._looking = True
            self._until = self._steady() + self._options.head_start

    def expect_nothing(self) -> None:
        """Take back `expect`: nothing was planned."""
        self._looking = False
        self._let_go()

    async def make_wanted(self) -> int:
        """Make what deliveries wait for, within the budget, and return how many were made or given up.

        Raises:
            StorageError: The database failed.
        """
        try:
            made_already = await self._store.number_since(self._clock.now() - _MOMENT)
            began = self._steady()
            wanted = await self._store.wanted(self._options.most - made_already, self._lapsed())
            for mosaic in wanted:
                if self._settled.get(mosaic.key, began) < began:
                    # It was made, and its file is gone.
                    del self._settled[mosaic.key]
            self._round = {mosaic.key for mosaic in wanted}
            self._until = self._steady() + self._options.head_start
            self._looking = False
            self._let_go()
            return await self._make_all(wanted)
        finally:
            self._looking = False
            self._round.clear()
            self._let_go()

    async def _make_all(self, wanted: Sequence[Mosaic]) -> int:
        end = self._steady() + _BUDGET_SECONDS
        made = 0
        for number, mosaic in enumerate(wanted):
            if self._steady() > end:
                logger.warning("mosaics take too long", extra={"left out": len(wanted) - number})
                break
            made += await self._make(mosaic)
        return made

    def is_coming(self, key: str) -> bool:
        """Return whether a mosaic may be made within seconds."""
        if key in self._settled or self._options.most <= 0:
            return False
        if self._watch is not None:
            # Any process may be at it, or be about to.
            return self._watch.is_open(key)
        return self._steady() < self._until and (self._looking or key in self._round)

    async def arrive(self, key: str) -> None:
        """Return once a mosaic is made or given up, or the head start is over."""
        if not self.is_coming(key):
            return
        if self._watch is not None:
            if await self._watch.settled(key):
                self._settle(key)
            return
        event = self._arrivals.setdefault(key, asyncio.Event())
        try:
            async with asyncio.timeout(self._options.head_start):
                await event.wait()
        except TimeoutError:
            self._arrivals.pop(key, None)

    async def hurry(self, mosaics: Sequence[Mosaic]) -> None:
        """Make mosaics before all others; return once they are made, or the head start is over."""
        new = {mosaic.key: mosaic for mosaic in mosaics if mosaic.key not in self._settled}
        if not new or self._options.most <= 0:
            return
        try:
            async with asyncio.timeout(self._options.head_start):
                for key in await self._store.settled(new):
                    self._settle(key)
                    del new[key]
                await asyncio.gather(*[self._make(mosaic) for mosaic in new.values()])
                if self._watch is not None:
                    # What another process is at.
                    await asyncio.gather(*[self.arrive(key) for key in new if key not in self._settled])
        except TimeoutError:
            return
        except StorageError as error:
            logger.warning("mosaics can't be looked up", extra={"reason": str(error)})

    async def _make(self, mosaic: Mosaic) -> bool:
        """Make a mosaic, unless that is under way; return whether it is settled. Who waits may be cancelled alone."""
        if mosaic.key in self._settled:
            return True
        task = self._making.get(mosaic.key)
        if task is None:
            task = self._making[mosaic.key] = asyncio.create_task(self._made(mosaic))
            task.add_done_callback(lambda _: self._making.pop(mosaic.key, None))
        await asyncio.shield(task)
        return mosaic.key in self._settled

    async def _made(self, mosaic: Mosaic) -> None:
        """Draw, keep and write down a mosaic. What is not the mosaic's fault is only logged: it stays wanted."""
        now = self._clock.now()
        try:
            if not self._options.is_shared or await self._store.claim(mosaic, now, self._lapsed()):
                await self._make_mine(mosaic, now)
                self._trouble = ""
        except (ProcessUnavailable, StorageError, OSError) as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                logger.warning("mosaics can't be made; digests go on without them", extra={"reason": str(error)})
        finally:
            self._round.discard(mosaic.key)
            self._arrived(mosaic.key)

    async def _make_mine(self, mosaic: Mosaic, claimed_at: datetime) -> None:
        key, is_settled = mosaic.key, False
        try:
            drawn = await self._drawn(mosaic)
            if isinstance(drawn, str):
                logger.warning("a mosaic can't be made", extra={"mosaic": key, "reason": drawn})
                await self._store.failed(mosaic, drawn, self._clock.now())
            else:
                await self._files.put(mosaic_name(key), drawn)
                await self._store.made(mosaic, len(drawn), self._clock.now())
            is_settled = True
            self._settle(key)
        finally:
            if self._options.is_shared and not is_settled:
                # Otherwise nobody else could begin before the claim lapses.
                with suppress(StorageError):
                    await self._store.give_back(key, claimed_at)

    def _lapsed(self) -> datetime:
        return self._clock.now() - _CLAIM

    async def _drawn(self, mosaic: Mosaic) -> bytes | str:
        """Return the mosaic's file, or why there is none and never will be. Raises what is not the mosaic's fault."""
        try:
            await bring_tiles(self._files, mosaic)
            return await self._offload(draw_mosaic, mosaic, self._files.folder)
        except (ProcessUnavailable, StorageError, OSError):
            raise
        except (PictureGoneError, WorkLost) as error:
            return str(error)
        except Exception as error:
            # A fault of ours, or a library's: with the next attempt it would be met again.
            logger.exception("drawing a mosaic failed", extra={"mosaic": mosaic.key})
            return f"{type(error).__name__}: {error}"

    def _settle(self, key: str) -> None:
        self._settled[key] = self._steady()
        if self._watch is not None:
            self._watch.note(key)
        if len(self._settled) > _KNOWN:
            self._settled.popitem(last=False)

    def _arrived(self, key: str) -> None:
        if (event := self._arrivals.pop(key, None)) is not None:
            event.set()

    def _let_go(self) -> None:
        """Release whoever waits for what is not coming."""
        for key in [key for key in self._arrivals if key not in self._round]:
            self._arrived(key)

    async def tidy(self, before: datetime) -> None:
        """Forget mosaics that were not used since then, and delete their files. May raise StorageError."""
        keys = await self._store.forget_unused(before)
        await self._files.remove([mosaic_name(key) for key in keys])
        for key in keys:
            self._settled.pop(key, None)

    async def stop(self) -> None:
        """Abandon what is being made."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._watch is not None:
            await self._watch.stop()
